# %% [markdown]
# Seven exercises on rungs, and on what lifts you to the next. The first takes three minutes. In two of them you build what the theorem says: models that nothing
# on a rung tells apart. NumPy is enough.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 08.1 Fixed or open? · level 1 of 3 · 5 min
#
# Seven questions, each with what is at hand. *Records* are exact and of everybody: the joint distribution of what they hold. A *trial on X* gives the rate of `Y = 1` had everybody
# `X = 0`, and had everybody `X = 1`. A question is **fixed** if all models with all that at hand give the same answer. It is **open** if two of them disagree. `X`, `Y`
# and `Z` are yes or no, and all combinations occur.
#
# | | question | at hand |
# |---|---|---|
# | A | how common is `Y = 1` among those with `X = 1`: P(Y=1 given X=1) | records of `X` and `Y` |
# | B | how common would `Y = 1` be, had everybody `X = 1`: P(Y=1 given do(X=1)) | records of `X` and `Y` |
# | C | the same as B | records of all three, and the drawing `Z -> X -> Y; Z -> Y` |
# | D | the same as B | records of `X` and `Y`, and the drawing `X -> Y; X <-> Y` |
# | E | the share whom `X` helps: `Y = 0` without `X`, and `Y = 1` with it | records of `X` and `Y`, and a trial on `X` |
# | F | the same as E | the same as E, and that `X` harms nobody |
# | G | the effect of `X` on those who had `X = 1` | records of `X` and `Y`, and a trial on `X` |
#
# Answer with seven numbers: 1 for fixed, 0 for open.

# %%
def fixed():
    """Seven numbers, 1 or 0, for A to G."""
    # solution
    return [1, 0, 1, 0, 0, 1, 1]
    # end


check("08.1", fixed)

# %% [markdown] tags=["solution"]
# **Why.** A asks what the records hold. B asks a rung higher, and nothing of that rung is at hand. C has it: a drawing in which the back door can be closed. D has a drawing too,
# and that drawing says that something is hidden: a drawing is not enough, it must be one to which do-calculus says yes. E asks a rung above its trial. F has an assumption of the third
# rung. And G is the exception of chapter 07: it speaks of two worlds, and still records and a trial fix it.

# %% [markdown]
# ### 08.2 A twin in which nothing acts · level 2 of 3 · 8 min
#
# You get the records of `X` and `Y` as a table `p[x, y]`: the share of patients with `X = x` and `Y = y`. Everybody thinks that `X` acts on `Y`. Build a model with exactly these records in
# which acting on `X` changes nothing: P(Y=1 | do(X=0)) = P(Y=1 | do(X=1)).
#
# Your model has kinds of patients, numbered k = 0, 1, 2, and so on. How many is up to you. Say of each kind how common it is, which `X` it has by itself, and how often it has
# `Y = 1` if `X` is 0 and if `X` is 1. Nobody sees the kind, and no record holds it.

# %%
def twin(p):
    """The model as (u, x, y), with K kinds; p: joint table p[x, y], shape (2, 2), sums to 1.

    u[k]: how common the kind k is, shape (K,).
    x[k]: the X that the kind k has by itself, 0 or 1, shape (K,).
    y[x, k]: P(Y=1 | x, k), the rate of Y=1 in the kind k when X is x, shape (2, K).
    """
    # solution
    u = p.sum(axis=1)  # two kinds: those who take X and those who do not
    rate = p[:, 1] / u  # how often each of them has Y=1, whatever X is
    return u, np.array([0, 1]), np.stack([rate, rate])
    # end


check("08.2", twin)

# %% [markdown] tags=["solution"]
# **Why.** The kind decides both: who has `X`, and how often `Y` follows. Then `Y` need not listen to `X` at all. This works for *every* table `p`, also for that of a drug that cures. So no
# table of records, however long, shows that anything acts on anything.

# %% [markdown]
# ### 08.3 One die, two dice · level 1 of 3 · 5 min
#
# A trial gives two rates: `zero` = P(Y=1 | do(X=0)) and `one` = P(Y=1 | do(X=1)). Two hospitals have these same rates. A *die* here shows a number from 0 to 1, all equally likely, and
# `Y` is 1 if the die falls below the rate.
#
# - In the first hospital each patient has one die. It decides in both worlds.
# - In the second each patient has two dice: one for the world with `X = 0`, another for the world with `X = 1`.
#
# Whom does `X` help? Those with `Y = 0` in the world without `X`, and `Y = 1` in the world with it: P(Y_0 = 0, Y_1 = 1). Write their share in either hospital. `X` may also lower the rate.

# %%
def helped(zero, one):
    """[share helped with one die, share helped with two dice].

    zero, one: P(Y=1 | do(X=0)) and P(Y=1 | do(X=1)), between 0 and 1.
    """
    # solution
    return [max(0, one - zero), (1 - zero) * one]
    # end


check("08.3", helped)

# %% [markdown] tags=["solution"]
# **Why.** With one die you are helped if it falls between the two rates: not below `zero`, but below `one`. If `one` is the smaller, there is no such place. Two dice
# are independent, so multiply: not below `zero`, *and* below `one`. No trial sees the difference, for it shows each patient in one world.

# %% [markdown]
# ### 08.4 How open is it? · level 2 of 3 · 6 min
#
# Here is a whole world: `q[x, a, b]` is the share of patients who have `X = x` by themselves, `Y = a` if `X` is set to 0, and `Y = b` if `X` is set to 1. You know `q`. Whoever has only this
# world's records knows less: of each patient, the `X` they had, and the `Y` that came with it.
#
# Ask for P(Y=1 | do(X=1)), the rate of `Y = 1` had everybody `X = 1`. Give its true value, and the smallest and the largest value that the records leave possible.

# %%
def how_open(q):
    """[P(Y=1 | do(X=1)), smallest, largest].

    q[x, a, b]: share with X=x, Y=a under do(X=0), Y=b under do(X=1); shape (2, 2, 2), sums to 1.
    """
    # solution
    truth = q[:, :, 1].sum()
    seen = q[1, :, 1].sum()  # had X=1, so the records show what X=1 did
    unseen = q[0].sum()  # had X=0: with X=1, any of them might have Y=1, or none
    return [truth, seen, seen + unseen]
    # end


check("08.4", how_open)

# %% [markdown] tags=["solution"]
# **Why.** Those who had `X = 1` show what `X = 1` does to them. Those who had `X = 0` do not, so they may all be one way or the other. The rate is open by P(X=0). It is closed only in a
# world in which everybody has `X = 1`, and a dart thrown at all worlds does not hit such a one. That is the theorem, for one question.

# %% [markdown]
# ### 08.5 As far apart as can be · level 3 of 3 · 12 min
#
# You have a trial, and it is perfect: `zero` = P(Y=1 | do(X=0)) and `one` = P(Y=1 | do(X=1)) are known exactly. How far can two models with these same rates be apart on whom `X` helps?
#
# Describe a model by a table `t[a, b]`: the share of patients with `Y = a` under do(X=0) and `Y = b` under do(X=1). So `t[0, 1]` are those whom `X` helps, `t[1, 0]` those whom it harms.
# Build two tables. Both have the rates of the trial. Their shares `t[0, 1]` are as far apart as any two tables with these rates can have them.

# %%
def far_apart(zero, one):
    """Two tables t[a, b] = P(Y_0 = a, Y_1 = b), each of shape (2, 2) and with sum 1.

    zero, one: P(Y=1 | do(X=0)) and P(Y=1 | do(X=1)), between 0 and 1.
    """
    # solution
    t = np.outer([1 - zero, zero], [1 - one, one])  # two dice: one table with these rates
    # one helped and one harmed, for one who never and one who always has Y=1: no rate notices
    trade = np.array([[1, -1], [-1, 1]])
    fewest = t + min(t[0, 1], t[1, 0]) * trade
    most = t - min(t[0, 0], t[1, 1]) * trade
    return fewest, most
    # end


check("08.5", far_apart)

# %% [markdown] tags=["solution"]
# **Why.** Four shares, and the trial fixes three sums of them: both rates and the total. So there is one thing left to move: give up one patient who is helped and one who is harmed, for one who never
# recovers and one who always does. Trade until some share is 0, in either direction. The ends are max(0, one − zero) and min(one, 1 − zero), the bounds of Fréchet. If both rates are one
# half, `X` touches nobody in the first world, and in the second it decides everybody's fate. The trial is the same.

# %% [markdown]
# ### 08.6 One answer for two hospitals · level 2 of 3 · 7 min
#
# Two kinds of hospital have the same records. Ask what treating everybody would do: in the first kind the true answer is `a`, in the second `b`. Your network reads a hospital's records
# and answers with one number. It is the same number for both, for it reads the same.
#
# Of all hospitals with these records a share `w` is of the first kind, and `1 - w` of the second. The *error* in a hospital is the distance of your answer from its truth. Give
#
# 1. the answer whose worse error, over the two kinds, is smallest,
# 2. how large that error is,
# 3. the answer whose *mean squared* error, over all hospitals, is smallest.

# %%
def best(a, b, w):
    """[answer with the smallest worst error, that error, answer with the smallest mean squared error].

    a, b: the true answers in the first and the second kind. w: share of hospitals of the first kind.
    """
    # solution
    return [(a + b) / 2, abs(a - b) / 2, w * a + (1 - w) * b]
    # end


check("08.6", best)

# %% [markdown] tags=["solution"]
# **Why.** The middle is as far from one as from the other, and every step away from it is a step away from one of them. So half the distance is what *every* method risks, however good. The mean is smaller for an answer
# near the more common kind. But where does `w` come from? Not from the records: they are the same in both. It is a belief about which worlds are common. A network trained on many worlds
# has such a belief in its parameters. An average over worlds is a prior, not knowledge of this world.

# %% [markdown]
# ### 08.7 Spot the mistake: it has read everything · level 2 of 3 · 6 min
#
# A hospital has a language model of its own. A colleague argues:
#
# 1. About this hospital the model has read every record ever written, and nothing else. It predicts records as well as anything can.
# 2. So it has learned P(v): how common every kind of record is.
# 3. The records are as they are because the hospital works as it does. So the model has learned how the hospital works, the treatment included.
# 4. Whoever knows how a hospital works can say what would happen there if everybody were treated.
# 5. So we can trust its answer to "what if we treat everybody?"
#
# A second colleague sees the mistake, and repairs it. The model can also read plain text, and compute with what it is told. She leaves it as it is. Before each question she writes: "Severity is in the records. It decides who is treated, it acts on recovery,
# and nothing hidden acts on both treatment and recovery." Now the model answers well.
#
# Return two numbers. First the sentence that does not follow. Then the place where the assumption lives after the repair: 1 the data, 2 the architecture, 3 the learned
# parameters, 4 the prompt.

# %%
def first_slip():
    """[number of the sentence, number of the place]."""
    # solution
    return [3, 4]
    # end


check("08.7", first_slip)

# %% [markdown] tags=["solution"]
# **Why.** The first half of 3 is true, and the second does not follow: *other* hospitals, which work otherwise, would have left the very same records. 08.2 builds one. The repair is a drawing, and it
# stands in the prompt. She has lifted the model a rung, and she answers for it: if something hidden acts on both after all, nothing in the records will say so. To talk about at
# lunch: in the model that you used last, where did the assumption live, and who vouched for it?
