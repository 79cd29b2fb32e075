# %% [markdown]
# Seven exercises on what a network holds, what it uses, and what its text can never tell it. The first takes three minutes. NumPy is enough: no network is
# trained here, and none is needed.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 12.1 Where is the walker? · level 1 of 3 · 3 min
#
# A town has `size * size` squares. They are numbered from 0, row by row from the north-west, so that one square further east is `+ 1`, and one further south is
# `+ size`. You have a walk as text, such as `^ N. E. Sx`: it begins, then come a direction and its outcome, `.` for moved and `x` for bumped, and so on. You
# have no map, and you see no wall. The walk began on the square `start`. Where does it end?

# %%
def where(size, start, text):
    """The number of the square where the walk ends, 0 to size * size - 1.

    size: squares along each side. start: the square where it began. text: such as "^ N. E. Sx".
    """
    # solution
    steps = {"N": -size, "E": 1, "S": size, "W": -1}
    for direction, outcome in text.split()[1:]:
        if outcome == ".":
            start += steps[direction]
    return start
    # end


check("12.1", where)

# %% [markdown] tags=["solution"]
# **Why.** The text tells what came of each move, so adding up is enough. No wall had to be known. Walls are needed for something else: to say what will come of the *next* move. So a network that
# predicts outcomes has two things to learn: to add up steps, and to look up walls. The first is the same in any town. The second is this town's map.

# %% [markdown]
# ### 12.2 Seeing, doing, imagining · level 1 of 3 · 5 min
#
# A network is a world that one can study, so the three rungs are there as well:
#
# 1. **seeing**: one looks at what it holds and what it says, as it reads. Nothing in it is touched;
# 2. **doing**: something inside is set or changed, on many walks, and one counts what it then says;
# 3. **imagining**: one and the same reading is taken up again. What would have come out, had this one thing been what it would be in another reading, and all else what it was?
#
# On which rung is each of these findings?
#
# | | finding |
# |---|---|
# | A | Off layer 2 of the trained network a probe reads the square in nearly all walks; off an untrained one, in few. |
# | B | With the second layer's attention switched off, the network calls fewer outcomes right. |
# | C | Where the probe errs about the square, the network errs more often about the outcome. |
# | D | In this walk it said "wall". Had layer 2 held what it would hold after that other walk, and all else been as it was, it would have said "no wall". |
# | E | Two walks that end on one square leave behind nearly the same numbers in layer 2. |
# | F | Of walks read with a random shift added at layer 2, as many are answered rightly as of walks read without. |
# | G | In so many walks out of a hundred the answer was owed to the third move: had that step been what it would be in another walk, with all else as it was in this one, another answer would have come. |
#
# Answer with seven numbers, 1, 2 or 3.

# %%
def rungs():
    """Seven numbers, 1, 2 or 3, for A to G."""
    # solution
    return [1, 2, 1, 3, 1, 2, 3]
    # end


check("12.2", rungs)

# %% [markdown] tags=["solution"]
# **Why.** A compares two networks and touches neither. C is the one that misleads most: errors that go together look like use, and they are seen, not made. Both may come from long walks. B and F set something, and that
# nothing came of it, in F, is a finding of rung 2 too. D and G are about two readings at once, one for what is put in and one for the rest, as $E[Y_{1, M_0}]$ in chapter 07. In a patient nobody can do that. In a network one can: it has no luck
# of its own, so the same reading can be had again.

# %% [markdown]
# ### 12.3 How far counting goes · level 2 of 3 · 10 min
#
# A walker stands on square `s` with probability `p[s]`. It makes two moves. Each direction is drawn evenly from N, E, S, W, whatever happened before. `leads[s, d]` is the square
# where the move `d` from `s` ends: `s` itself, if there is a wall.
#
# Somebody who only counts is to say whether the *second* move bumps. They have counted so many walks that they know how often each short text occurs. How often can they be right, at best,
#
# 1. if they are shown the second direction only, as in `E`,
# 2. if they are shown the whole text before the outcome, as in `N. E`?

# %%
def counting(p, leads):
    """[best share right when shown the second direction, best share when shown `N. E`].

    p[s]: where the walker stands before the first move, shape (squares,), sums to 1.
    leads[s, d]: where each move ends, whole numbers, shape (squares, 4).
    """
    # solution
    told = np.zeros((4, 2, 4, 2))  # first direction, bumped or not, second direction, bumped or not
    for s in range(len(p)):
        for first in range(4):
            t = leads[s, first]
            for second in range(4):
                told[first, int(t == s), second, int(leads[t, second] == t)] += p[s] / 16
    short = told.sum(axis=(0, 1))  # how often each text of the last move occurs
    return [short.max(axis=-1).sum(), told.max(axis=-1).sum()]
    # end


check("12.3", counting)

# %% [markdown] tags=["solution"]
# **Why.** What is shown sorts all walks into heaps. In each heap the best bet is the outcome that is commoner there; add up what these bets win. A longer text makes smaller heaps, so the share never
# falls. But a heap may still hold several squares, and some of them bump. Whoever knows the square and the walls is always right. This is the bar that a network must clear before anybody
# speaks of a map: not a coin, but the best that counting can do.

# %% [markdown]
# ### 12.4 A map that nobody reads · level 2 of 3 · 8 min
#
# After a walk a network holds `n` numbers, `h`. A probe reads off them how far east the walker is: it is `probe @ h`. The network's own answers are `readout @ h`, `k` numbers: where
# one is large, the network says "wall". Nobody sees anything else of `h`.
#
# An *edit* is added to `h`, whatever `h` is. Make two edits:
#
# 1. `unheard`: the probe reads exactly one square further east, and no answer changes,
# 2. `unseen`: the probe reads what it read before, and every answer rises by exactly 1.

# %%
def edits(probe, readout):
    """(unheard, unseen), two edits, each of shape (n,).

    probe: shape (n,). readout: shape (k, n), k + 1 < n. None of these k + 1 rows is made up of the others.
    """
    # solution
    rows = np.vstack([probe, readout])
    k = len(readout)
    unheard = np.linalg.pinv(rows) @ np.array([1] + [0] * k)
    unseen = np.linalg.pinv(rows) @ np.array([0] + [1] * k)
    return unheard, unseen
    # end


check("12.4", edits)

# %% [markdown] tags=["solution"]
# **Why.** There are `k + 1` demands on `n` numbers, so there is room for both edits. The first: a probe can be right in every walk about something that no answer listens to. It tells what *is there*, and not
# what is *used*. The second: answers can be changed behind the probe's back. So a probe is of rung 1 and an edit of rung 2, and neither replaces the other. An edit that changes what is
# said has not yet shown that the map was changed: look at what the probe reads as well, and at answers that should *not* have changed.

# %% [markdown]
# ### 12.5 Spot the mistake: the press release · level 2 of 3 · 8 min
#
# A laboratory writes about its network, which has read walks of one town:
#
# 1. From what the network holds, a probe reads the walker's square in more than half of the walks.
# 2. Training put it there: off an untrained network a probe of the same kind reads it far less often.
# 3. It is not the probe that has learned it by heart: at labels that mean nothing it is right far less often.
# 4. And the network uses it: shifted along the probe's directions to another square, it gives that square's answers far more often than after a random shift as long, and far more often
#    than after a push of the answer alone.
# 5. So it has learned what a town is: in a town whose walls stand elsewhere it would do as well, without reading a word about it.
#
# Write a function that reads a laboratory's data and gives the number of the *first sentence that the data do not show*. *Far more* and *far less* mean by more than 0.2, as shares. Each
# array holds 1 for right and 0 for wrong, for each walk tried; `None` means that nobody tried. You get several laboratories. All wrote the same five sentences.

# %%
def first_slip(probe, untrained, control, edited, random, pushed):
    """The number of the first sentence that is not shown, 1 to 5.

    probe, untrained, control: whether the probe was right, on the network, on an untrained one, and at labels
    that mean nothing. edited, random, pushed: whether the other square's answers came, after a shift along
    the probe's directions, after a random one, and after a push of the answer alone. Each: an array of
    1 and 0, or None.
    """
    # solution
    def far(more, less):
        return more is not None and less is not None and more.mean() - less.mean() > 0.2

    shown = [
        probe is not None and probe.mean() > 0.5,
        far(probe, untrained),
        far(probe, control),
        far(edited, random) and far(edited, pushed),
    ]
    return shown.index(False) + 1 if False in shown else 5
    # end


check("12.5", first_slip)

# %% [markdown] tags=["solution"]
# **Why.** Each control takes away one other explanation: that any network would do, that the probe did it, that any push would do, that the edit wrote the answer and moved nobody. A control that nobody tried takes away nothing. Where all went well the release still goes wrong, at the
# fifth sentence: all data are about one town, and 12.1 says why that matters. To add up steps may well carry over. This town's walls do not. *At lunch:* which experiment would show
# sentence 5? And the last release that you read, about a larger network: which of the five would have been its first slip?

# %% [markdown]
# ### 12.6 One place, one state · level 3 of 3 · 12 min
#
# A predictor has read two walks, which end on two squares. After the first it accepts the continuations in the set `a`, after the second those in `b`. What can truly follow is in
# `true_a` and `true_b`. A continuation is text such as `"N.Ex"`, a character for each token, at most five. If one is in a set, all its beginnings are.
# (The empty beginning counts as in every set, though none lists it.)
#
# What **tells a from b** are the shortest continuations that are in `a` and not in `b`: without the last token each is in both. And in the same way what tells `true_a` from
# `true_b`. Give
#
# - *precision*: of what tells `a` from `b`, the share that is right: in `true_a` and not in `true_b`;
# - *recall*: of what tells `true_a` from `true_b`, the share that the predictor knows: in `a` and not in `b`.

# %%
def distinction(a, b, true_a, true_b):
    """[precision, recall], two shares.

    a, b: sets of texts that the predictor accepts after the first walk and after the second.
    true_a, true_b: sets of texts that can follow. Neither share is a share of nothing.
    """
    # solution
    def telling(one, other):
        return {text for text in one - other if len(text) == 1 or text[:-1] in other}

    found, true = telling(a, b), telling(true_a, true_b)
    right = len(found & (true_a - true_b))
    known = len(true & (a - b))
    return [right / len(found), known / len(true)]
    # end


check("12.6", distinction)

# %% [markdown] tags=["solution"]
# **Why.** Once two sets differ, everything that follows differs too. So only the first difference is counted; otherwise one missing wall would be counted again with each thing that may come after it. This is
# how Vafa and colleagues (2024) ask whether two states are two. (Whether one square is one state is asked in the same way: then nothing should tell two walks to it apart.) A predictor
# may get nearly every next token right and fail here. Most tokens are right on any map, and what tells two squares apart is rare.

# %% [markdown]
# ### 12.7 One text, three answers · level 3 of 3 · 10 min
#
# A language model has read a clinic's records, each in the order `Z`, `X`, `Y`: severity, treatment, recovery, each 0 or 1. It has learned them perfectly. Asked what comes next, it says
#
# - `pz[z]`, how often a record begins with `Z = z`,
# - `px[z]`, how often `X = 1` follows on `z`,
# - `py[z, x]`, how often `Y = 1` follows on `z` and `x`.
#
# How many would recover, were everybody treated? The model has no drawing. Three doctors have one each, and nothing is hidden in any of them:
#
# 1. `Z -> X -> Y; Z -> Y`
# 2. `X -> Z -> Y; X -> Y`
# 3. `Z -> Y -> X; Z -> X`
#
# Give $P(Y = 1 \mid do(X = 1))$ by each of the three.

# %%
def answers(pz, px, py):
    """P(Y=1 | do(X=1)) by the drawings 1, 2 and 3: three numbers.

    pz[z]: shape (2,), sums to 1. px[z] = P(X=1 | z): shape (2,). py[z, x] = P(Y=1 | z, x): shape (2, 2).
    """
    # solution
    given_treated = pz * px / (pz @ px)  # P(z | X=1)
    treated = np.stack([1 - px, px], axis=1)  # [z, x]
    return [pz @ py[:, 1], given_treated @ py[:, 1], pz @ (treated * py).sum(axis=1)]
    # end


check("12.7", answers)

# %% [markdown] tags=["solution"]
# **Why.** In the first drawing severity comes before treatment, so it stays as it is: `P(z)`. In the second treatment acts on severity, so acting on it does what seeing it shows: `P(z | X=1)`, and the answer is
# $P(Y = 1 \mid X = 1)$. In the third treatment comes last, after recovery: acting on it changes nothing, and the answer is $P(Y = 1)$. All three drawings fit *any* table of three variables, this text among them. That the
# model writes `Z` first says how records are written, not what acts on what. It is perfect on rung 1, and there is no sentence in its text that tells the three doctors apart. In the
# town it was otherwise. There each direction was drawn by lot, so the text was a long experiment, and acting was what it spoke of.
