# %% [markdown]
# Six exercises on the ladder. The first takes three minutes. The last one is worth talking about at lunch.
#
# Each cell holds a function with a blank, and a `check`. Fill the blank, run the cell, read what the check says. It tries your
# function on worlds drawn freshly each time, so any right answer passes, however it is written. If you are stuck, the cell below
# each exercise gives a hint.

# %%
import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import check, hint
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

# %% [markdown]
# ### 00.1 Which rung? · level 1 of 3 · 3 min
#
# Sort these six questions onto the ladder: 1 seeing, 2 doing, 3 imagining.
#
# - A: Do patients who take vitamins live longer than patients who do not?
# - B: If the city bans cars from the centre, how many people will take the bus?
# - C: I took an aspirin and my headache went away. Would it have gone without the aspirin?
# - D: An e-mail contains the word "prize". How likely is it spam?
# - E: The loan was refused. Would it have been granted to the same person, with another postcode?
# - F: What happens to sales if we cut the price by a tenth?
#
# Return the six rungs in order.

# %%
def rungs():
    """The rungs of questions A to F: a list of six whole numbers, each 1, 2 or 3."""
    # solution
    return [1, 2, 3, 1, 3, 2]
    # end


check("00.1", rungs)

# %% [markdown] tags=["solution"]
# **Why.** A and D compare groups as they are found: nobody acts, so rung 1. (A *sounds* like advice to take vitamins. It is not:
# people who take them may differ in other ways.) B and F ask what an action will bring, for people in general: rung 2. C and E
# ask about a case that already ended one way, and what it would have been otherwise: rung 3.

# %% [markdown]
# ### 00.2 What the records say · level 1 of 3 · 5 min
#
# Rung 1. From a hospital's records, compute the recovery rate among patients whose treatment was `x`: $P(Y = 1 \mid X = x)$.

# %%
def seen(records, x):
    """P(Y = 1 | X = x), a number from 0 to 1.

    records: a DataFrame with columns X and Y, both 0 or 1.
    """
    # solution
    return records.loc[records["X"] == x, "Y"].mean()
    # end


check("00.2", seen)

# %% [markdown] tags=["solution"]
# **Why.** The bar in $P(Y \mid X = x)$ means: look only at the patients with $X = x$. So first select, then take the share that
# recovered. Dividing by *all* patients would give $P(Y = 1, X = x)$, the share who were both.

# %% [markdown]
# ### 00.3 Treat everybody · level 2 of 3 · 10 min
#
# Rung 2. You have the exact joint table of a hospital whose graph you know: `Z -> X`, `Z -> Y`, `X -> Y`, and nothing hidden.
# Every kind of patient has some treated and some untreated.
#
# Compute $P(Y = 1 \mid do(X = x))$: the share who would recover if **everybody** got $X = x$.

# %%
def done(p, x):
    """P(Y = 1 | do(X = x)), a number from 0 to 1.

    p: joint table P(z, x, y) as an array p[z, x, y], shape (2, 2, 2), sums to 1.
    """
    # solution
    p_z = p.sum(axis=(1, 2))
    p_recover = p[:, x, 1] / p[:, x, :].sum(axis=1)
    return (p_z * p_recover).sum()
    # end


check("00.3", done)

# %% [markdown] tags=["solution"]
# **Why.** Acting cuts the arrow `Z -> X`, and leaves the other equations as they were. So each kind of patient keeps its recovery
# rate under $x$, and each kind is as common as it is in the hospital: $\sum_z P(y \mid x, z)\,P(z)$. Had we weighted by
# $P(z \mid x)$, we would have got back $P(y \mid x)$: the kinds as they are among those who *happened* to get $x$.

# %% [markdown]
# ### 00.4 Spot the mistake: the consultant's simulator · level 2 of 3 · 8 min
#
# A consultant writes: "Your hospital's model is known. So I find the effect of treatment by simulation. I draw 20,000 patients,
# look at the simulated patients who are treated and at those who are not, and subtract. The model is right and the sample is
# large, so the answer must be right."
#
# ```python
# def effect(model, rng):
#     patients = model.sample(20_000, rng)
#     return patients[patients["X"] == 1]["Y"].mean() - patients[patients["X"] == 0]["Y"].mean()
# ```
#
# The model *is* right, and the sample *is* large. The answer is wrong. Write the function as it should be.

# %%
def effect(model, rng):
    """P(Y = 1 | do(X = 1)) - P(Y = 1 | do(X = 0)), within 0.025.

    model: an SCM with binary X and Y; rng: a NumPy Generator.
    """
    # solution
    treated = model.do(X=1).sample(20_000, rng)
    untreated = model.do(X=0).sample(20_000, rng)
    return treated["Y"].mean() - untreated["Y"].mean()
    # end


check("00.4", effect)

# %% [markdown] tags=["solution"]
# **Why.** Picking out simulated patients who happen to be treated is still seeing: in the simulation, too, the sick are treated
# more often. Knowing the right model does not help if you ask it a rung-1 question. To act in a simulation, replace the equation
# with `do`, then sample.

# %% [markdown]
# ### 00.5 One patient, two worlds · level 3 of 3 · 12 min
#
# Rung 3. `happened` lists every kind of patient in a hospital, with its probability `p` and what became of `X` and `Y`. `imagined`
# lists the *same* patients, row for row, in the world where nobody is treated.
#
# Of the patients who were treated and died, what share would have recovered untreated? $P(Y_{X=0} = 1 \mid X = 1, Y = 0)$.

# %%
def would_have_lived(happened, imagined):
    """P(Y_{X=0} = 1 | X = 1, Y = 0), a number from 0 to 1.

    happened, imagined: DataFrames with columns p, X, Y, whose rows are the same patients.
    """
    # solution
    like_her = (happened["X"] == 1) & (happened["Y"] == 0)
    p = happened["p"][like_her]
    return (p * imagined["Y"][like_her]).sum() / p.sum()
    # end


check("00.5", would_have_lived)

# %% [markdown] tags=["solution"]
# **Why.** Three steps, which chapter 07 will name. *Abduction*: what happened tells us which kinds of patient she can be; keep these
# rows and their probabilities. *Action*: give the same rows the other treatment. *Prediction*: read off the outcome, weighted by
# the probabilities that are left.

# %% [markdown]
# ### 00.6 Any correlation you like, and no effect · level 3 of 3 · 12 min
#
# Somebody shows you a table of $P(x, y)$ with a strong correlation. Show them a world in which `X` has **no effect at all** on `Y`,
# and whose records are *exactly* that table.
#
# Return an `SCM` with the two variables `X` and `Y`. Noise can have any number of states: `noise={"U": [...]}` takes one
# probability for each state 0, 1, 2, ...

# %%
def no_effect(p):
    """An SCM whose joint P(x, y) is p and where X does nothing to Y.

    p: array p[x, y], shape (2, 2), sums to 1.
    """
    # solution
    return SCM(
        noise={"U": p.ravel()},
        equations={"X": lambda U: U // 2, "Y": lambda U: U % 2},
    )
    # end


check("00.6", no_effect)

# %% [markdown] tags=["solution"]
# **Why.** One hidden cause with four states, one for each cell of the table: state 0 makes $x = 0, y = 0$, state 1 makes
# $x = 0, y = 1$, and so on. Both variables listen to `U`, and neither to the other. Any table at all can be made this way. So no table
# of two variables, however strong its correlation and however many its rows, proves an effect.
#
# *For lunch:* can you also build a world with the same table in which the effect is as large as it can be? How large is that?
# (Compare what you find with $P(x = 0, y = 0) + P(x = 1, y = 1)$.)
