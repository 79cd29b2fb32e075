# %% [markdown]
# Seven exercises on what would have been. The first takes four minutes. The last one is worth talking about at lunch.
#
# Throughout, $Y_x$ is said "Y, had X been x". Outcomes are 0 or 1, but for the third exercise, where they are measured.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 07.1 Which question is it? · level 1 of 3 · 4 min
#
# Seven questions in everyday words. Each asks for one of these. Here `X = 1` is always the action, and `Y = 1` is what it is thought to bring
# about.
#
# | | | |
# |---|---|---|
# | 1 | seeing | $P(Y = 1 \mid X = 1)$ |
# | 2 | doing | $P(Y = 1 \mid do(X = 1))$ |
# | 3 | necessity, PN | $P(Y_0 = 0 \mid X = 1, Y = 1)$ |
# | 4 | sufficiency, PS | $P(Y_1 = 1 \mid X = 0, Y = 0)$ |
# | 5 | both, PNS | $P(Y_0 = 0, Y_1 = 1)$ |
# | 6 | effect on the treated | $E[Y_1 - Y_0 \mid X = 1]$ |
# | 7 | natural direct effect | $E[Y_{1, M_0} - Y_0]$ |
#
# - A: In court. She worked with the dust, and fell ill. Would she have stayed well, had she not worked with it?
# - B: If the town gave breakfast to every child, how many would pass the year?
# - C: Those who took the loan: how many more of them are out of debt than would be, had they not taken it?
# - D: He was not vaccinated, and did not stay well. Would he have stayed well, had he been vaccinated?
# - E: Of the children who eat breakfast, how many pass the year?
# - F: The drug eases pain, and brings sleep, which eases pain too. How many more would be free of pain with the drug, if everybody slept as they
#   would without it?
# - G: How many of all pupils would pass with a tutor, and fail without?
#
# Return the seven numbers in order. Each is needed once.

# %%
def which_question():
    """The numbers of questions A to G: a list of seven whole numbers, each from 1 to 7."""
    # solution
    return [3, 2, 6, 4, 1, 7, 5]
    # end


check("07.1", which_question)

# %% [markdown] tags=["solution"]
# **Why.** Ask first: *does somebody act, or imagine?* E only looks. B acts, on everybody, and imagines nobody's other past. Then: *what has been seen?* In A
# that it was done and happened; in D that it was not done and did not happen; in G nothing at all, so the share is of everybody. C is an average over those who
# had it. F sets two things in one world: the drug, and the sleep of another world.

# %% [markdown]
# ### 07.2 Three steps by hand · level 2 of 3 · 8 min
#
# Here is a whole model. The luck `u` has a few values, `u` = 0, 1, 2, ..., and value `u` has the probability `p[u]`. It decides the dose, `fx[u]`, which is 0, 1 or 2. And it decides
# what would come of each dose: `fy[x, u]` is the outcome, 0 or 1, of a person with luck `u` if the dose is `x`.
#
# Somebody got dose `x`, and the outcome was `y`. Write the probability that the outcome would have been 1, had the dose been `other`.

# %%
def would(p, fx, fy, x, y, other):
    """P(Y_{X=other} = 1 | X=x, Y=y), a number from 0 to 1.

    p[u]: P(u). fx[u]: the dose of somebody with luck u. fy[x, u]: the outcome, 0 or 1, if the dose is x.
    """
    # solution
    fits = p * (fx == x) * (fy[x] == y)  # abduction: which luck fits what was seen?
    fits = fits / fits.sum()
    return fits @ fy[other]  # action: the other row; prediction: the same luck
    # end


check("07.2", would)

# %% [markdown] tags=["solution"]
# **Why.** *Abduction*: both facts speak about the luck, the dose as well as the outcome. What does not fit gets probability 0, and the rest must sum to 1 again. *Action*: another
# row of `fy`. *Prediction*: the same luck runs through it. Nothing is drawn afresh.

# %% [markdown]
# ### 07.3 One patient, measured · level 1 of 3 · 5 min
#
# A drug `X` (mg) acts on blood pressure `Y` (mmHg) directly, and through weight `M` (kg). Both equations are known:
#
# $$M = a X + U_M \qquad Y = b X + c M + U_Y$$
#
# One patient was measured: `x`, `m`, `y`. What would her pressure have been, had the dose been `new`?

# %%
def pressure(a, b, c, x, m, y, new):
    """Y_{X=new} for the patient with X=x, M=m, Y=y, in mmHg. All arguments are numbers."""
    # solution
    u_m = m - a * x
    u_y = y - b * x - c * m
    m_new = a * new + u_m
    return b * new + c * m_new + u_y
    # end


check("07.3", pressure)

# %% [markdown] tags=["solution"]
# **Why.** Noise that is added is what the equation leaves over: one value for each patient, so there is one answer. She keeps both of her noises. And her weight is not kept: it would have been another, since `X`
# acts on it. Put together: `y + (b + a * c) * (new - x)`, both ways of the effect, times the change.

# %% [markdown]
# ### 07.4 The effect on the treated · level 2 of 3 · 8 min
#
# You have records, `p[x, y]`, in which people chose for themselves. And you have an experiment in which *nobody* was treated: a share `zero` had `Y = 1`, that is
# $P(Y = 1 \mid do(X = 0))$. What did the treatment do to those who chose it?

# %%
def treated(p, zero):
    """E[Y_1 - Y_0 | X=1], a number from -1 to 1.

    p: joint table p[x, y] of the records, shape (2, 2), sums to 1, no entry is 0. zero: P(Y=1 | do(X=0)).
    """
    # solution
    p_treated = p[1].sum()
    with_it = p[1, 1] / p_treated
    without = (zero - p[0, 1]) / p_treated
    return with_it - without
    # end


check("07.4", treated)

# %% [markdown] tags=["solution"]
# **Why.** `zero` is a share of all: everybody with $Y_0 = 1$. Some of these chose no treatment, and the records show how many: `p[0, 1]`. Who is left chose
# the treatment. So $P(Y_0 = 1, X = 1)$ is `zero - p[0, 1]`; given $X = 1$, it is divided by $P(X = 1)$. A counterfactual of the treated, and no equation
# was needed.

# %% [markdown]
# ### 07.5 By which way? · level 2 of 3 · 10 min
#
# In `X -> M -> Y; X -> Y` nothing is hidden. `M` has three values. From the joint table `p[x, m, y]`, give the natural direct and the natural indirect effect of `X`, from 0 to 1:
#
# $$E[Y_{1, M_0} - Y_0] \qquad E[Y_{0, M_1} - Y_0]$$
#
# In words: what does `X` do if `M` stays as it is without `X`? And what does it do if only `M` gets to know of it?

# %%
def by_which_way(p):
    """[NDE, NIE], two numbers from -1 to 1.

    p: joint table p[x, m, y], shape (2, 3, 2), sums to 1, no entry is 0.
    """
    # solution
    m = p.sum(axis=2) / p.sum(axis=(1, 2))[:, None]  # m[x, m] = P(m | x)
    y = p[:, :, 1] / p.sum(axis=2)  # y[x, m] = P(Y=1 | x, m)
    return [(y[1] - y[0]) @ m[0], y[0] @ (m[1] - m[0])]
    # end


check("07.5", by_which_way)

# %% [markdown] tags=["solution"]
# **Why.** Nothing is hidden, so `y[x, m]` is what `Y` does when both are set, and `m[x]` is how `M` falls when `X` is set. For the direct way only the `x` of `Y` changes; for the indirect
# way only the `x` of `M`. Both start from the world with `X = 0`. That is why they need not add up to the total effect: where the two ways help each other, the total is more than their sum.

# %% [markdown]
# ### 07.6 Before the court · level 3 of 3 · 15 min
#
# She took the drug (`X = 1`) and had the harm (`Y = 1`). Would she have been spared without? You have records `p[x, y]` of people who chose for themselves, and the share `zero` who had the
# harm in an experiment where nobody took it. No equation is known, and takers may differ from others in anything.
#
# Give the smallest and the largest probability of necessity, $P(Y_0 = 0 \mid X = 1, Y = 1)$, that fit both.
#
# *It helps to count.* Of the takers, how many would have had the harm anyway? How many of these can be among the takers who *did* have it?

# %%
def necessity(p, zero):
    """[smallest, largest] possible P(Y_0 = 0 | X=1, Y=1).

    p: joint table p[x, y] of the records, shape (2, 2), sums to 1, no entry is 0. zero: P(Y=1 | do(X=0)).
    """
    # solution
    anyway = zero - p[0, 1]  # of all, the takers who would have had it anyway
    most = min(anyway, p[1, 1])  # of these, at most so many had it
    fewest = max(0, anyway - p[1, 0])  # at least so many: the others do not hold more
    return [1 - most / p[1, 1], 1 - fewest / p[1, 1]]
    # end


check("07.6", necessity)

# %% [markdown] tags=["solution"]
# **Why.** As in 07.4, `zero - p[0, 1]` are the takers whom it would have hit anyway. They are spread over two cells that you see: takers with the harm, `p[1, 1]`, and without it,
# `p[1, 0]`. How they are spread you do not see; each cell holds what it holds. Written out, this is what Tian and Pearl (2000) published:
#
# $$\max\left(0, \frac{P(y) - P(y_{x'})}{P(x, y)}\right) \;\leq\; PN \;\leq\; \min\left(1, \frac{P(y'_{x'}) - P(x', y')}{P(x, y)}\right)$$
#
# with $x, y$ for 1 and $x', y'$ for 0. Put the court's two tables into your function: both ends are 1.

# %% [markdown]
# ### 07.7 Spot the mistake: nobody was helped · level 2 of 3 · 6 min
#
# A colleague reports on a trial:
#
# 1. There were a great many patients, and a lot decided who was treated: half of them. In either arm 60 % recovered.
# 2. The lot made the two arms alike, as groups, in all but the treatment.
# 3. So the average effect of the treatment on recovery is zero.
# 4. So the treatment changes nobody's recovery.
# 5. So nobody who was treated and recovered owes it to the treatment: $P(Y_0 = 0 \mid X = 1, Y = 1) = 0$.
#
# Return two numbers: the first sentence that does not follow, and the *largest* value, in percent, that the trial leaves open for the probability in sentence 5. (Exact to a
# whole percent will do.)

# %%
def nobody_helped():
    """[number of the sentence, percent]."""
    # solution
    return [4, 100 * 40 / 60]
    # end


check("07.7", nobody_helped)

# %% [markdown] tags=["solution"]
# **Why.** Zero on average is not zero for each. Of a hundred patients 60 recover if treated, and 40 would not recover if untreated. These 40 may all be among the 60: two in three of those who recovered
# with the treatment then owe it to the treatment. And 40 others are harmed, which is why nobody noticed. (Your function of 07.6 says so too: half of them treated, by lot, `zero` = 0.6.)
#
# *At lunch:* in one town the drug does nothing to anybody. In another it saves 40 in a hundred and harms 40. The two trials are the same, to the last digit. In
# which town would you take it? What could you measure to know where you live? And what would you say to a patient who asks whether it was the drug?
