# %% [markdown]
# Seven exercises on graphs. The first takes two minutes. The last one is worth talking about at lunch.
#
# Drawings come as plain Python here, so that you can build on nothing but what you know. `parents` is a dictionary: each node
# with the list of its parents. `{"X": [], "M": ["X"], "Y": ["M"]}` is `X -> M -> Y`. Each check draws new graphs, so any right
# answer passes, however it is written.

# %%
from itertools import combinations

import numpy as np
import pandas as pd

from causalcourse import check, hint

# %% [markdown]
# ### 02.1 Open or blocked? · level 1 of 3 · 2 min
#
# A path of three nodes: `A left Z right B`. For example `left = "->"` and `right = "<-"` is `A -> Z <- B`. Is the path
# **open**, when `Z` is given, or not given?

# %%
def is_open(left, right, given):
    """True if the path is open, False if it is blocked.

    left, right: "->" or "<-"; given: True if Z is given. Nothing else is given.
    """
    # solution
    collider = left == "->" and right == "<-"
    return given if collider else not given
    # end


check("02.1", is_open)

# %% [markdown] tags=["solution"]
# **Why.** Only where two arrowheads meet is `Z` a collider; then the path is open exactly when `Z` is given. The other three
# (two chains and a fork) are open exactly when it is not. That is all there is to d-separation; the rest is bookkeeping.

# %% [markdown]
# ### 02.2 A whole path · level 2 of 3 · 8 min
#
# Now a path of any length, and the whole rule. The path is a list of names and arrows in turn, such as
# `["A", "->", "B", "<->", "C", "<-", "D"]`. An end of `<->` is an arrowhead.
#
# Return whether the path is **blocked**: whether at least one of its inner nodes blocks it.

# %%
def blocked(path, given, below):
    """True if `given` blocks the path, else False.

    path: names and arrows ("->", "<-", "<->") in turn; given: a set of names;
    below: for each node of the graph the set of its descendants, itself not among them.
    """
    # solution
    for k in range(2, len(path) - 1, 2):
        left, node, right = path[k - 1 : k + 2]
        if left.endswith(">") and right.startswith("<"):  # two arrowheads meet: a collider
            if node not in given and not (below[node] & given):
                return True
        elif node in given:
            return True
    return False
    # end


check("02.2", blocked)

# %% [markdown] tags=["solution"]
# **Why.** One closed door is enough to block a corridor, and a collider's door is closed *until* something at it or below it is
# given. Whether a node is a collider depends on the path: the same node may be a collider on one path and not on another.

# %% [markdown]
# ### 02.3 d-separation · level 3 of 3 · 15 min
#
# Given a drawing without `<->`, two nodes, and a set: does the set separate them? Use 02.2 on every path, or find another way. One
# that needs no paths at all: keep only `x`, `y`, the given nodes and all their ancestors; join any two parents of the same node; forget
# the arrowheads; remove the given nodes. Separated means: no connection is left between `x` and `y`.

# %%
def d_separated(parents, x, y, given):
    """True if `given` separates x and y, else False.

    parents: node -> list of its parents; x, y: two nodes; given: a set of other nodes.
    """
    # solution
    kept, todo = set(), [x, y, *given]
    while todo:  # x, y, given, and all ancestors
        node = todo.pop()
        if node not in kept:
            kept.add(node)
            todo += parents[node]
    joined = {frozenset((a, node)) for node in kept for a in parents[node]}
    joined |= {frozenset(pair) for node in kept for pair in combinations(parents[node], 2)}
    reached, todo = {x}, [x]
    while todo:
        node = todo.pop()
        fresh = {m for edge in joined if node in edge for m in edge} - reached - set(given)
        reached |= fresh
        todo += fresh
    return y not in reached
    # end


check("02.3", d_separated)

# %% [markdown] tags=["solution"]
# **Why.** Joining the parents of a node is what knowing a collider does: it ties its two causes together. And leaving out what is
# not an ancestor is why a collider of which nothing is known does *not* do so: it is no longer there. Lauritzen and others (1990)
# proved that this is d-separation.

# %% [markdown]
# ### 02.4 A set that separates · level 2 of 3 · 8 min
#
# `x` and `y` are not joined by an arrow, in a drawing without hidden causes. Then some set of other nodes separates them: the missing
# arrow makes a claim. Find such a set. Any that works is right.

# %%
def separating_set(parents, x, y):
    """A set of nodes that separates x and y; it may be empty.

    parents: node -> list of its parents; x, y: two nodes, neither a parent of the other.
    """
    # solution
    def ancestors(node):
        return {node}.union(*(ancestors(parent) for parent in parents[node]))

    later = x if y in ancestors(x) else y
    return set(parents[later])
    # end


check("02.4", separating_set)

# %% [markdown] tags=["solution"]
# **Why.** Take the later of the two (if neither is an ancestor of the other, take either), and give its parents. Every path into it
# through a parent is blocked at that parent. Every path that leaves it through a child must turn round at a collider
# that is a descendant of it; none of those is given, nor is anything below them. So *each* missing arrow has its claim.

# %% [markdown]
# ### 02.5 Can data tell them apart? · level 2 of 3 · 10 min
#
# Two drawings on the same nodes, without hidden causes. Do they claim the same independences? They do exactly when they join the
# same pairs, and have the same v-structures (colliders whose two parents are not joined).

# %%
def same_claims(one, other):
    """True if the two drawings are Markov equivalent, else False.

    one, other: node -> list of its parents.
    """
    # solution
    def joined(parents):
        return {frozenset((a, node)) for node in parents for a in parents[node]}

    def v_structures(parents):
        pairs = {(frozenset(pair), node) for node in parents for pair in combinations(parents[node], 2)}
        return {(pair, node) for pair, node in pairs if pair not in joined(parents)}

    return joined(one) == joined(other) and v_structures(one) == v_structures(other)
    # end


check("02.5", same_claims)

# %% [markdown] tags=["solution"]
# **Why.** A missing pair is a claim, so both must miss the same pairs. And a v-structure is where a claim has to leave a node *out* of
# what is given, where a chain or a fork would have to take it *in*. A collider whose parents are joined makes no claim about them, so it does
# not count.

# %% [markdown]
# ### 02.6 Spot the mistake: hold everything fixed · level 2 of 3 · 10 min
#
# Do people with diabetes have arthritis more often, *people of the same age group compared*? An analyst writes: "Age has to do with
# both illnesses, so I hold it fixed. Being on the ward has to do with both as well, so I hold it fixed too. The more I hold fixed, the
# more alike are the people I compare." He knows that age acts on the illnesses, and that the illnesses bring people to the ward.
#
# ```python
# def more_arthritis(people):
#     total = 0
#     for _, alike in people.groupby(["old", "ward"]):
#         rates = alike.groupby("diabetes")["arthritis"].mean()
#         total += len(alike) / len(people) * (rates[1] - rates[0])
#     return total
# ```
#
# Draw his graph. Then write the function so that it answers the question.

# %%
def more_arthritis(people):
    """How much more often people with diabetes have arthritis, age held fixed; from -1 to 1.

    Average over the age groups, each weighted by its share of all people.
    people: a DataFrame of a whole town, columns old, diabetes, arthritis, ward (0 or 1).
    """
    # solution
    total = 0
    for _, alike in people.groupby("old"):
        rates = alike.groupby("diabetes")["arthritis"].mean()
        total += len(alike) / len(people) * (rates[1] - rates[0])
    return total
    # end


check("02.6", more_arthritis)

# %% [markdown] tags=["solution"]
# **Why.** Age is the middle of a fork, and holding it closes a path. The ward is a collider, and holding it opens one: among people on the ward
# who have no diabetes, arthritis is often *why* they are there. "It has to do with both" is true of either. What matters is which way
# the arrows point, and the table does not say. More is not safer.

# %% [markdown]
# ### 02.7 For lunch: three drawings, one table · level 3 of 3 · 12 min
#
# The exact table `p[v, a, s]` of three 0/1 variables is given, and in it `V` and `S` are independent once `A` is known. Three drawings fit it,
# all three perfectly:
#
# 1. `V -> A -> S`   2. `V <- A -> S`   3. `V <- A <- S`
#
# For each, compute $P(S = 1 \mid do(V = 1))$ and $P(V = 1 \mid do(S = 1))$.

# %%
def three_worlds(p):
    """An array of shape (3, 2): a row for each drawing, columns P(S=1 | do(V=1)) and P(V=1 | do(S=1)).

    p: joint table P(v, a, s), shape (2, 2, 2), sums to 1.
    """
    # solution
    vs = p.sum(axis=1)  # P(v, s)
    p_s, p_v = vs[:, 1].sum(), vs[1].sum()
    s_given_v, v_given_s = vs[1, 1] / p_v, vs[1, 1] / p_s
    return np.array([[s_given_v, p_v], [p_s, p_v], [p_s, v_given_s]])
    # end


check("02.7", three_worlds)

# %% [markdown] tags=["solution"]
# **Why.** In the chain, who sets `V` passes something on, and among those with $V = 1$ seeing is doing, since nothing acts on `V`. In the fork `V`
# and `S` have no arrow out: set one, and the other stays as it was. In the third the roles are turned round. Three drawings, one table, three different answers:
# no computation on `p` alone can choose between them.
#
# *For lunch:* suppose you may do one experiment, on one of the three variables. On which, and is it enough to know the drawing? And if
# you may do none: what else, besides records of these three, could tell you?
