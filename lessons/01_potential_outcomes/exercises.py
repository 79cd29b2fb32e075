# %% [markdown]
# Seven exercises on effects. The first takes two minutes. The last one is worth talking about at lunch.
#
# In some of them you are given what nobody can have: a table with **both** outcomes of every patient. `Y1` is the outcome if
# treated, `Y0` the outcome if not. In the others you have what a trial has. Each check draws new tables, so any right answer
# passes, however it is written.

# %%
from itertools import combinations

import numpy as np
import pandas as pd

from causalcourse import check, hint

# %% [markdown]
# ### 01.1 What the hospital writes down · level 1 of 3 · 2 min
#
# For each patient you know the treatment `x` and both outcomes, `y0` and `y1`. Return the outcomes that end up **in the
# records**.

# %%
def recorded(x, y0, y1):
    """The recorded outcomes, an array of shape (n,).

    x: 1 treated, 0 not; y0, y1: outcomes untreated and treated. All of shape (n,).
    """
    # solution
    return np.where(x == 1, y1, y0)
    # end


check("01.1", recorded)

# %% [markdown] tags=["solution"]
# **Why.** A treated patient shows $Y(1)$ and an untreated one shows $Y(0)$. The formula $x\,y_1 + (1 - x)\,y_0$ says the
# same. This is consistency. Whatever you do with the result, the other half of the table is gone from it.

# %% [markdown]
# ### 01.2 The effect on whom? · level 1 of 3 · 6 min
#
# From the table with both outcomes, compute three averages of the effect: over everybody (ATE), over the treated (ATT), over
# the untreated (ATU).

# %%
def effects(table):
    """[ATE, ATT, ATU], three numbers.

    table: a DataFrame with columns X, Y0, Y1 (0 or 1), one row for each patient.
    """
    # solution
    effect = table["Y1"] - table["Y0"]
    return [effect.mean(), effect[table["X"] == 1].mean(), effect[table["X"] == 0].mean()]
    # end


check("01.2", effects)

# %% [markdown] tags=["solution"]
# **Why.** The effect belongs to a patient: $Y(1) - Y(0)$, both in the same row. Only then comes the average, and the choice
# over whom. ATT and ATU differ when those who get the treatment are those who gain more from it, or less.

# %% [markdown]
# ### 01.3 Draw the lot again · level 2 of 3 · 12 min
#
# In a small trial half of the patients were treated, by lot. `y` is their days in hospital. Could the difference of the two
# means be luck? Suppose the treatment changed **nobody's** days. Then every other lot would have shown the same `y`, divided
# in another way.
#
# Return the p-value: the share of all possible lots, with as many treated as in the real one, whose difference of means is
# **at least as far from zero** as the one observed. There are few enough to list: see `itertools.combinations`.

# %%
def p_value(x, y):
    """The two-sided p-value of the sharp null, from 0 to 1.

    x: 1 treated, 0 not; y: whole numbers of days. Both of shape (n,), n is 8 at most.
    """
    # solution
    def difference(treated):
        return y[treated].mean() - y[~treated].mean()

    everybody = np.arange(len(x))
    lots = [np.isin(everybody, lot) for lot in combinations(everybody, int(x.sum()))]
    observed = abs(difference(x == 1))
    return np.mean([abs(difference(lot)) >= observed for lot in lots])
    # end


check("01.3", p_value)

# %% [markdown] tags=["solution"]
# **Why.** If nobody is affected, `y` is the same whichever lot is drawn, and only `x` could have been another. All lots were
# equally likely, since that is what drawing lots means. So the share of lots that show as much is a probability, and it
# rests on nothing but the lot. The real lot is one of them: a p-value from so few patients can never be 0.

# %% [markdown]
# ### 01.4 Three terms · level 3 of 3 · 12 min
#
# What the records show, treated minus untreated, is a sum of three:
#
# $$\text{ATE} \;+\; \underbrace{E[Y(0) \mid X=1] - E[Y(0) \mid X=0]}_{\text{baseline bias}} \;+\; \underbrace{(1 - p)\,(\text{ATT} - \text{ATU})}_{\text{who gains}}$$
#
# with $p$ the share of the treated. Compute the three.

# %%
def three_terms(table):
    """[ATE, baseline bias, who gains], three numbers.

    table: a DataFrame with columns X, Y0, Y1 (0 or 1), one row for each patient.
    """
    # solution
    effect, treated = table["Y1"] - table["Y0"], table["X"] == 1
    baseline_bias = table["Y0"][treated].mean() - table["Y0"][~treated].mean()
    who_gains = (1 - treated.mean()) * (effect[treated].mean() - effect[~treated].mean())
    return [effect.mean(), baseline_bias, who_gains]
    # end


check("01.4", three_terms)

# %% [markdown] tags=["solution"]
# **Why.** The naive difference is ATT plus baseline bias. And ATE is $p$ ATT $+ (1 - p)$ ATU, so ATT is ATE $+ (1 - p)$(ATT
# − ATU). Put one into the other. The two biases are of different kinds: the first asks where the groups *start*, the second
# how much they *gain*. A hospital may treat those who are ill (first) or those who respond well (second), or both.

# %% [markdown]
# ### 01.5 Spot the mistake: those who never took it · level 2 of 3 · 10 min
#
# An analyst writes: "A coin decided which patients were **offered** our drug. Some of those who were offered it never took
# it. They cannot show what the drug does, so I leave them out, and compare those who took it with those who were not offered
# it. The coin has made the two groups comparable, so the difference is an effect."
#
# ```python
# def effect_of_the_offer(trial):
#     took_it = trial[(trial["offered"] == 1) & (trial["took"] == 1)]
#     control = trial[trial["offered"] == 0]
#     return took_it["recovered"].mean() - control["recovered"].mean()
# ```
#
# The coin *was* fair. Still, the two groups are not comparable. Write the function so that it uses what the coin did give:
# the effect of the **offer** on recovery.

# %%
def effect_of_the_offer(trial):
    """The average effect of being offered the drug, from -1 to 1.

    trial: a DataFrame with columns offered, took, recovered (0 or 1).
    """
    # solution
    rates = trial.groupby("offered")["recovered"].mean()
    return rates[1] - rates[0]
    # end


check("01.5", effect_of_the_offer)

# %% [markdown] tags=["solution"]
# **Why.** The coin made *offered* and *not offered* comparable: whole groups, as they were tossed. Who takes the drug is
# decided by the patients. If the weakest could not swallow it, leaving them out leaves the strong, on one side only. What
# the coin balanced, the analyst unbalanced. Comparing as randomised is called **intention to treat**. It answers a question
# about the offer. To learn about the drug itself from such a trial takes further assumptions, and a coin that works as an
# *instrument*; that is for a later chapter.

# %% [markdown]
# ### 01.6 The same drug in another town · level 2 of 3 · 10 min
#
# A trial tossed a coin in one hospital. You work in a town where the severe are more common, or less: a share `severe` of
# your patients. Use the trial's effect on the mild and on the severe (two CATEs) to say what the average effect would be
# **in your town**.

# %%
def in_my_town(trial, severe):
    """The ATE in a town where P(Z = 1) is `severe` (0 to 1).

    trial: a DataFrame with columns Z (1 severe), X (1 treated), Y (1 recovered).
    """
    # solution
    rates = trial.groupby(["Z", "X"])["Y"].mean().unstack("X")
    cate = rates[1] - rates[0]
    return (1 - severe) * cate[0] + severe * cate[1]
    # end


check("01.6", in_my_town)

# %% [markdown] tags=["solution"]
# **Why.** "The effect of the drug" is not a property of the drug alone. It is an average over people, and your town has
# other people. What you carry from the trial are the effects on each kind; what you bring along is how common each kind is.
# This assumes that a severe patient *there* is like a severe patient *here* in every way that changes the effect. The coin
# says nothing about that.

# %% [markdown]
# ### 01.7 How many did it harm? · level 3 of 3 · 12 min
#
# A large, perfect trial: of the treated a share `a` recovers, of the untreated a share `b`. A patient is **harmed** if she
# would recover untreated and die treated: $Y(0) = 1$ and $Y(1) = 0$.
#
# The trial cannot tell how many are harmed, since nobody shows both outcomes. But it rules some shares out. Return the
# smallest and the largest share of harmed patients that fits `a` and `b`.

# %%
def harmed(a, b):
    """[smallest, largest] possible P(Y0 = 1, Y1 = 0).

    a: P(Y1 = 1), b: P(Y0 = 1), both from 0 to 1.
    """
    # solution
    smallest = max(0, b - a)  # if the treatment loses recoveries on balance, it harms at least that many
    largest = min(b, 1 - a)  # the harmed recover untreated, and die treated
    return [smallest, largest]
    # end


check("01.7", harmed)

# %% [markdown] tags=["solution"]
# **Why.** The harmed are among those who recover untreated (a share `b`) and among those who die treated (a share `1 - a`),
# so they are no more than the smaller of the two. And recoveries change from `b` to `a` by what is gained from the saved,
# less what is lost to the harmed: so harmed = saved + b − a, which is at least `b - a`, and never below 0. Both ends can
# happen: chapter 00 built two hospitals with the same experiments, one that harms nobody and one that harms many.
#
# *For lunch:* a trial shows that treatment raises recovery from 50 to 60 in a hundred. Between which numbers does the share
# of the harmed lie? Would you want to know it before you take the drug? Could any trial tell you? And what would you measure
# if you were asked to find out?
