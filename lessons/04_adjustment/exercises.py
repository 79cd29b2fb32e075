# %% [markdown]
# Six exercises on adjusting. The first takes a few minutes, and the last one says what data can tell when nobody was there to
# compare with.
#
# Where a joint table is given, it is an array of probabilities whose axes are the variables, in the order of the letters:
# `p[z, x, y]`. Each check draws new models.

# %%
import numpy as np

from causalcourse import check, hint
from causalcourse.separation import separated

# %% [markdown]
# ### 04.1 May I control for it? · level 1 of 3 · 4 min
#
# Six drawings. In each you want the effect of X on Y, and somebody suggests to adjust for one variable **and for
# nothing else**. Is that an adjustment set? Answer with six numbers: 1 for yes, 0 for no.
#
# | | drawing | adjust for |
# |---|---|---|
# | A | `Z -> X -> Y; Z -> Y` | Z |
# | B | `X -> M -> Y; X -> Y` | M |
# | C | `X -> Y; A -> X; A -> K; B -> K; B -> Y` | K |
# | D | `X -> Y; P -> Y` | P |
# | E | `X -> Y -> D` | D |
# | F | `H -> Z -> X -> Y; H -> Y`, H hidden | Z |

# %%
def may_i():
    """Six zeros and ones, for the drawings A to F."""
    # solution
    return [1, 0, 0, 1, 0, 1]
    # end


check("04.1", may_i)

# %% [markdown] tags=["solution"]
# **Why.** A: the back door through Z is closed. B: M carries part of the effect. C: K is a collider of two hidden stories; without
# it nothing was open. D: P lies on no path from X, so it does no harm, and narrows the interval. E: D is below the outcome. F: H
# is hidden, and its only way to X goes through Z: one closed door on the path is enough.

# %% [markdown]
# ### 04.2 Two confounders · level 1 of 3 · 8 min
#
# A and B both act on X and on Y. Write the back-door formula for the pair: $P(Y = 1 \mid do(X = x))$ for both `x`.

# %%
def backdoor(p):
    """[P(Y=1 | do(X=0)), P(Y=1 | do(X=1))].

    p: joint table p[a, b, x, y], shape (2, 3, 2, 2), no entry is 0.
    """
    # solution
    weight = p.sum(axis=(2, 3))  # P(a, b)
    recovery = p[..., 1] / p.sum(axis=3)  # P(Y = 1 | a, b, x)
    return np.einsum("ab,abx->x", weight, recovery)
    # end


check("04.2", backdoor)

# %% [markdown] tags=["solution"]
# **Why.** The pair (a, b) is treated as one variable with six values: compare within each of the six kinds, then weigh by
# $P(a, b)$. Note the *joint* share of the pair. $P(a)\,P(b)$ would be right only if A and B were independent.

# %% [markdown]
# ### 04.3 The back-door criterion · level 2 of 3 · 12 min
#
# Pearl's criterion for a set $Z$: (1) no member of $Z$ is a descendant of $X$; (2) $Z$ blocks every path between $X$ and $Y$
# that begins with an arrow into $X$. Write it as a function. You have `separated(graph, x, y, given)` and the methods
# `graph.descendants(x)` and `graph.cut_out_of(x)`, which removes the arrows out of x and leaves the back doors.

# %%
def closes_back_doors(graph, x, y, z):
    """True when z satisfies the back-door criterion for the effect of x on y.

    graph: a CausalGraph; x, y: names of nodes; z: a list of other nodes.
    """
    # solution
    if graph.descendants(x) & set(z):
        return False
    return bool(separated(graph.cut_out_of(x), x, y, z))
    # end


check("04.3", closes_back_doors)

# %% [markdown] tags=["solution"]
# **Why.** Without the arrows out of X, only back doors are left, and m-separation does the rest: it knows about colliders that
# `z` opens. The criterion is sufficient. It is not necessary: the adjustment criterion of the chapter says yes a little more often.

# %% [markdown]
# ### 04.4 Weigh them · level 2 of 3 · 10 min
#
# Inverse probability weighting by hand. Each patient gets the weight 1 / P(the treatment she got). Return the **weighted mean** of
# `y` among the treated minus the weighted mean among the untreated. In a weighted mean the weights are divided by their sum.

# %%
def ipw(x, y, e):
    """The effect, a number.

    x: 1 treated, 0 not; y: outcomes; e: each patient's propensity score P(X = 1 | z), from 0.05 to 0.95.
    All of shape (n,).
    """
    # solution
    weights, treated = np.where(x == 1, 1 / e, 1 / (1 - e)), x == 1
    means = [np.average(y[arm], weights=weights[arm]) for arm in (treated, ~treated)]
    return means[0] - means[1]
    # end


check("04.4", ipw)

# %% [markdown] tags=["solution"]
# **Why.** A treated patient of a kind that is treated one time in five stands for five like her, four of whom were not treated.
# After weighting each arm looks like everybody. Dividing by the sum of the weights (Hajek's form) keeps the means between the
# smallest and the largest outcome, which dividing by n does not.

# %% [markdown]
# ### 04.5 Spot the mistake: everything we have · level 2 of 3 · 8 min
#
# "We measured severity Z before the treatment, and the blood value C a week after it. We adjusted for both, so the effect is as
# clean as it gets."
#
# ```python
# def effect(p):
#     weight = p.sum(axis=(1, 3))                       # P(z, c)
#     recovery = p[..., 1] / p.sum(axis=3)              # P(Y = 1 | z, x, c)
#     return (weight * (recovery[:, 1] - recovery[:, 0])).sum()
# ```
#
# The drawing: `Z -> X; Z -> Y; X -> Y; X -> C; Y -> C`. Return the true effect, $P(Y=1 \mid do(X=1)) - P(Y=1 \mid do(X=0))$.

# %%
def clean_effect(p):
    """The effect of X on Y, a number from -1 to 1.

    p: joint table p[z, x, c, y], shape (2, 2, 2, 2), no entry is 0.
    """
    # solution
    without_c = p.sum(axis=2)  # p[z, x, y]
    recovery = without_c[:, :, 1] / without_c.sum(axis=2)
    return without_c.sum(axis=(1, 2)) @ (recovery[:, 1] - recovery[:, 0])
    # end


check("04.5", clean_effect)

# %% [markdown] tags=["solution"]
# **Why.** C is a collider: treatment and recovery both act on it. Knowing it ties them together by a path that is no effect. Leave it
# out *before* you divide: sum over its axis. Severity stays in; its back door is real.

# %% [markdown]
# ### 04.6 Nobody to compare with · level 3 of 3 · 15 min
#
# In some kinds of patient everybody was treated, or nobody. Severity closes the back door, but in those kinds
# $P(Y = 1 \mid x, z)$ is missing for one `x`. It can be anything from 0 to 1. Return the smallest and the largest effect
# $P(Y=1 \mid do(X=1)) - P(Y=1 \mid do(X=0))$ that the table allows.

# %%
def bounds(p):
    """[smallest effect, largest effect].

    p: joint table p[z, x, y], shape (4, 2, 2). Some p[z, x] are 0 for both y; every z occurs.
    """
    # solution
    arm = p.sum(axis=2)  # P(z, x)
    seen = arm > 0
    rate = np.divide(p[:, :, 1], arm, out=np.zeros_like(arm), where=seen)
    low, high = np.where(seen, rate, 0), np.where(seen, rate, 1)
    weight = arm.sum(axis=1)
    return [weight @ (low[:, 1] - high[:, 0]), weight @ (high[:, 1] - low[:, 0])]
    # end


check("04.6", bounds)

# %% [markdown] tags=["solution"]
# **Why.** Where both arms were seen the difference is known. Where one is missing, put the worst and then the best number in its place.
# The width of the interval is the share of patients in kinds without overlap: no sample size narrows it. *At lunch:* a regression
# would have given you one number for the same table, with a short interval. Where did it come from?
