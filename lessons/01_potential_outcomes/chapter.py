# ---
# title: Potential outcomes
# question: What is an effect, when nobody lives twice?
# minutes: 80
# extras: [dowhy]
# ---

# %% [markdown]
# In the 1970s some American cities tried an idea. People who had great trouble finding work were given a job, for about a
# year, to learn what holding a job takes. Did this training help? Somebody had to put a number on it.
#
# Here are two groups of men. The first were trained in that programme, the National Supported Work Demonstration. The second
# were not: they come from a national survey of the same years.

# %%
from itertools import combinations

import numpy as np
import pandas as pd
from dowhy import CausalModel

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.scm import SCM
from causalcourse.worlds import clinic, lalonde

# %%
men = lalonde.load("observational")
earned = men.groupby("treated")["earnings_1978"].agg(["size", "mean"])
say(
    f"In 1978 the {earned['size'][1]} trained men earned {earned['mean'][1]:,.0f} dollars on average. "
    f"The {earned['size'][0]:,} men of the survey earned {earned['mean'][0]:,.0f}."
)

# %% [markdown]
# What did the training do to the earnings of the men who were trained? Commit yourself before you read on.

# %%
predict(
    "01.training",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "It lowered them, by several thousand dollars a year.",
        "b": "It changed them little, by less than 500 dollars either way.",
        "c": "It raised them, by one or two thousand dollars a year.",
        "d": "It raised them, by more than 5,000 dollars a year.",
    },
)

# %% [markdown]
# We come back to these men at the end, with something rare: a way to know. First we need to say what the question *means*.
# That is harder than it sounds, and it is most of this chapter.
#
# ## What you will be able to do
#
# In about eighty minutes you will be able to
#
# 1. say what an effect is, for one unit and on average (ATE, ATT, ATU, CATE), and why the first can never be seen;
# 2. take a difference between two groups apart into effect and bias, term by term;
# 3. explain why a coin toss removes the bias, and test an effect by tossing the coin again;
# 4. name the assumptions behind such a number, and show what happens when they fail;
# 5. use DoWhy as a practitioner would, and say which of your assumptions it cannot check.
#
# You need chapter 00: its clinic returns here.

# %% [markdown]
# ## The idea in pictures: two outcomes, one seen
#
# We are back in the clinic: severity `Z`, treatment `X`, recovery `Y`. One thing has changed since chapter 00. There the
# treatment helped both kinds of patient. Now it helps the severe, and does nothing for the mild.

# %%
# recover, out of 10: of the mild 8 untreated and 8 treated; of the severe 3 untreated and 5 treated
hospital = clinic.model(recovery=((8, 8), (3, 5)))

# %% [markdown]
# Think of one patient on the day she arrives. Two things can happen: she is treated, or she is not. So there are two
# outcomes in waiting.
#
# - $Y(1)$, read "Y one": whether she recovers **if treated**;
# - $Y(0)$, read "Y nought": whether she recovers **if not treated**.
#
# They are called her **potential outcomes**. (Chapter 00 wrote $Y_{X=1}$ and $Y_{X=0}$. It is the same thing.) Both exist
# before anybody decides. Our machine can list them, since it can run the same patient twice.

# %%
def two_lives(model: SCM) -> pd.DataFrame:
    """Every kind of patient, its probability p, Z, X, Y as they happen, then Y untreated and treated."""
    untreated, treated = model.do(X=0).worlds()["Y"], model.do(X=1).worlds()["Y"]
    return model.worlds()[["p", "Z", "X", "Y"]].assign(Y0=untreated, Y1=treated, effect=treated - untreated)


kinds = two_lives(hospital)
ten = kinds.sample(10, weights="p", replace=True, random_state=cc.rng("waiting room")).reset_index(drop=True)

# %% [markdown]
# Ten patients. On the left is what only the machine knows. On the right is what a hospital can write down. *Before you run
# the cell: how many of the twenty outcomes will be missing on the right?*

# %%
# alt: Ten patients in rows. On the left both outcomes of each, recovered or died; on the right one of the two is a question mark for every patient.
title = "Everybody has two outcomes, and nobody shows both (simulated)"
fig, ax = show.figure(title, "circle: recovered · cross: died", "patient")
looks = {1: ("o", show.COLOURS["outcome"]), 0: ("X", "white")}
for row, (x, *outcomes) in enumerate(ten[["X", "Y0", "Y1"]].to_numpy()):
    for arm, y in enumerate(outcomes):
        marker, fill = looks[y]
        ax.plot(arm, row, marker, ms=11, mfc=fill, mec="black")
        if arm == x:
            ax.plot(arm + 3, row, marker, ms=11, mfc=fill, mec="black")
        else:
            ax.text(arm + 3, row, "?", ha="center", va="center", weight="bold")
ax.set_xticks([0, 1, 3, 4], ["not treated\nY(0)", "treated\nY(1)"] * 2)
ax.set(yticks=range(10), yticklabels=range(1, 11), xlim=(-0.8, 4.8), ylim=(9.6, -1.4))
ax.text(0.5, -1, "what is true", ha="center")
ax.text(3.5, -1, "what is recorded", ha="center")

# %% [markdown]
# Exactly ten, whatever the luck of the draw. One of each pair.
#
# The effect on one patient is the difference of her two outcomes,
#
# $$Y(1) - Y(0)$$
#
# in words: what happens to her if treated, minus what happens to the same her if not. It is 1 for somebody the treatment
# saves, 0 for somebody it makes no difference to, and −1 for somebody it harms. To compute it you need the left half of the
# picture. You will never have it, for anybody. Nobody lives twice.
#
# This is the **fundamental problem of causal inference** (Holland 1986). It is not a shortage of data. A million patients
# have a million question marks.

# %% [markdown]
# ## The idea in code
#
# One assumption has slipped in already. The right half shows $Y(1)$ for the treated and $Y(0)$ for the others. As a formula:
#
# $$Y = X\,Y(1) + (1 - X)\,Y(0)$$
#
# In words: the outcome you see is the potential outcome of the treatment you got. This is **consistency**. It sounds too
# obvious to have a name. Later in the chapter it will fail.

# %%
recorded = kinds["X"] * kinds["Y1"] + (1 - kinds["X"]) * kinds["Y0"]
claim("what is recorded is the outcome of the treatment received", (recorded == kinds["Y"]).all())

# %% [markdown]
# ### Averages we might want
#
# The effect on one is out of reach. An average of effects may not be, since it is a difference of two averages, and each can
# be estimated from *different* patients. The question is only: **averaged over whom?**
#
# | name | over whom | formula |
# |---|---|---|
# | **ATE**, average treatment effect | everybody | $E[Y(1) - Y(0)]$ |
# | **ATT**, … on the treated | those who got it | $E[Y(1) - Y(0) \mid X = 1]$ |
# | **ATU**, … on the untreated | those who did not | $E[Y(1) - Y(0) \mid X = 0]$ |
# | **CATE**, conditional average treatment effect | those of one kind, say the severe | $E[Y(1) - Y(0) \mid Z = z]$ |
#
# $E[\cdot]$ is read "the average of". *Before you run the cell: the treatment helps only the severe, and doctors treat
# mostly the severe. Which is larger, ATT or ATU?*

# %%
def average(kinds: pd.DataFrame, column: str, among: pd.Series | None = None) -> float:
    """The exact average of a column over all kinds of patient, or over those `among` which is true."""
    p = kinds["p"] if among is None else kinds["p"].where(among, 0)
    return float((p * kinds[column]).sum() / p.sum())


treated, severe = kinds["X"] == 1, kinds["Z"] == 1
ate, att, atu = (average(kinds, "effect", among) for among in (None, treated, ~treated))
mild_gain, severe_gain = average(kinds, "effect", ~severe), average(kinds, "effect", severe)
names = ["everybody (ATE)", "the treated (ATT)", "the untreated (ATU)"]
names += ["the mild (CATE)", "the severe (CATE)"]
points = [f"{100 * value:+.0f}" for value in (ate, att, atu, mild_gain, severe_gain)]
pd.DataFrame({"effect, in percentage points": points}, index=names)

# %%
claim("the treated gain more than the untreated would", att > ate > atu)

# %% [markdown]
# Five different numbers, all of them "the effect of the treatment". Which one you want depends on what you are about to
# decide. *Should we go on with what we do?* ATT. *Should we treat the others too?* ATU. *Everybody or nobody?* ATE. *This
# kind of patient?* CATE.
#
# Always ask: the effect **on whom**?

# %% [markdown]
# ## What the records show instead
#
# The hospital cannot average over pairs it does not have. It compares the treated with the untreated. *Before you run the
# cell: the treatment harms nobody. Will the treated do better than the untreated, or worse?*

# %%
def gap(kinds: pd.DataFrame, column: str) -> float:
    """The average of a column among the treated, minus its average among the untreated."""
    return average(kinds, column, kinds["X"] == 1) - average(kinds, column, kinds["X"] == 0)


naive = gap(kinds, "Y")
say(f"Treated minus untreated: {100 * naive:+.0f} points. Effect on the treated: {100 * att:+.0f} points.")

# %% [markdown]
# The wrong sign again. Chapter 00 told you why: doctors treat the sick. Now we can say *how much* of it is effect and how
# much is not. Three lines. Start from what is seen; by consistency it is
#
# $$E[Y \mid X=1] - E[Y \mid X=0] = E[Y(1) \mid X=1] - E[Y(0) \mid X=0]$$
#
# Now subtract and add the same thing, $E[Y(0) \mid X=1]$: how **the treated would have fared without treatment**.
#
# $$= \underbrace{E[Y(1) \mid X=1] - E[Y(0) \mid X=1]}_{\text{effect on the treated (ATT)}} + \underbrace{E[Y(0) \mid X=1] - E[Y(0) \mid X=0]}_{\text{baseline bias}}$$
#
# In words: what you see is the effect on the treated, plus how different the two groups were **to begin with**. The second
# term is called **selection bias**, or baseline bias. It speaks of $Y(0)$ in both groups: no treatment anywhere in it.

# %%
baseline_bias = gap(kinds, "Y0")
adds_up = np.isclose(naive, att + baseline_bias)
claim("the difference in the records is the effect on the treated plus the baseline bias", adds_up)

# %%
# alt: Three bars in percentage points. The effect on the treated goes up from zero, the baseline bias goes down from there and is about twice as long, and their sum, what the records show, is negative.
fig, ax = show.figure("What you see is the effect plus a bias (simulated)", ylabel="percentage points")
ax.bar(0, 100 * att, color=show.COLOURS["treatment"], ec="black")
ax.bar(1, 100 * baseline_bias, bottom=100 * att, color=show.COLOURS["latent"], ec="black", hatch="//")
ax.bar(2, 100 * naive, color=show.COLOURS["observed"], ec="black")
for x, size, y in [(0, att, 18), (1, baseline_bias, 0), (2, naive, -16)]:
    box = {"facecolor": "white", "edgecolor": "none", "pad": 2} if x == 1 else None
    ax.text(x, y, f"{100 * size:+.0f}", ha="center", va="center", bbox=box)
ax.plot([0.4, 1.4], [100 * att] * 2, [0.6, 2.4], [100 * naive] * 2, color="black", lw=0.8, ls=":")
ax.axhline(0, color="black", lw=1)
ax.set_xticks(range(3), ["effect on\nthe treated", "baseline\nbias", "what the\nrecords show"])
ax.set_ylim(-22, 22)

# %% [markdown]
# And if you wanted the ATE? Then there is a third term. Let $p$ be the share of patients who are treated.
#
# Since ATE is $p$ ATT $+ (1 - p)$ ATU, ATT is ATE $+ (1 - p)$(ATT − ATU). Put this in:
#
# $$\text{what you see} = \text{ATE} + \text{baseline bias} + (1 - p)\,(\text{ATT} - \text{ATU})$$
#
# In words: the treated may differ from the others not only in where they start, but also in **how much they gain**. That is
# the last term. It is zero when the effect is the same on both.

# %%
p_treated = average(kinds, "X")
terms = {"ATE": ate, "baseline bias": baseline_bias, "who gains": (1 - p_treated) * (att - atu)}
claim("three terms make up the difference in the records", np.isclose(naive, sum(terms.values())))
points = {name: f"{100 * value:+.0f}" for name, value in {**terms, "what you see": naive}.items()}
pd.Series(points, name="percentage points").to_frame()

# %% [markdown]
# Every term on the right needs an outcome that nobody recorded. So no computer can split *your* records like this from the
# records alone. To get rid of the bias you must either do something (next section) or assume something (the section on DoWhy).

# %% [markdown]
# ## Why a coin works
#
# Now the hospital decides by tossing a coin. The picture first: which arrow is gone?

# %%
coin = SCM(
    noise={**hospital.noise, "U_X": [0.5, 0.5]},
    equations={**hospital.equations, "X": lambda U_X: U_X},
)

# %%
# alt: A causal graph. Severity Z points to recovery Y, and treatment X points to recovery Y. No arrow goes into treatment.
show.graph(
    coin.graph,
    treatment="X",
    outcome="Y",
    labels={"Z": "severity Z", "X": "treatment X", "Y": "recovery Y"},
    title="The coin listens to nobody",
)

# %% [markdown]
# Nothing points into `X`. So the treated are not sicker, not older, not luckier, except by chance. In particular they do not
# differ in their $Y(0)$, nor in their $Y(1)$. In symbols
#
# $$\big(Y(0),\, Y(1)\big) \perp X$$
#
# in words: **which treatment you get says nothing about your two outcomes**. Treatment and *recorded* outcome may well be
# related: $Y = X\,Y(1) + (1-X)\,Y(0)$ has $X$ in it. *Before you run the cell: which of the three terms
# vanish?*

# %%
tossed = two_lives(coin)
claim("baseline bias is gone", np.isclose(gap(tossed, "Y0"), 0))
claim("treated and untreated would gain the same", np.isclose(gap(tossed, "effect"), 0))
claim("what you see is the ATE", np.isclose(gap(tossed, "Y"), average(tossed, "effect")))

# %% [markdown]
# Both biases vanish, and nobody had to measure severity. Nobody had to *know* that severity matters. That is the strength of
# an experiment: it balances what you did not think of.
#
# But this was exact: all patients there could ever be. A real trial has only some of them. So let us run 1,000 trials of 200
# patients each, and beside them 1,000 years of records.

# %%
def difference(patients: pd.DataFrame) -> float:
    """Mean outcome of the treated minus mean outcome of the untreated, in percentage points."""
    rates = patients.groupby("X")["Y"].mean()
    return 100 * (rates[1] - rates[0])


draw = cc.rng("trials")
trials = [coin.sample(200, draw) for _ in range(1000)]
by_coin = np.array([difference(patients) for patients in trials])
by_doctors = np.array([difference(hospital.sample(200, draw)) for _ in range(1000)])

# %%
# alt: Two histograms of estimates. Those of trials are centred on the thin line at the true average effect; those of records are as narrow and centred far below zero.
fig, ax = show.figure(
    "The coin is right on average, not each time (simulated)",
    xlabel="treated minus untreated (percentage points)",
    ylabel="how often, of 1,000",
)
bins = np.arange(-45, 41, 2.5)
ax.hist(by_doctors, bins, color=show.COLOURS["observed"], ec="black", hatch="//", lw=0.6)
ax.hist(by_coin, bins, color=show.COLOURS["treatment"], ec="black", lw=0.6)
ax.axvline(100 * ate, color=show.COLOURS["truth"], lw=1)
ax.text(100 * ate + 1.5, 178, "true ATE", va="center")
ax.text(-38, 110, "doctors\ndecide", ha="center")
ax.text(32, 110, "a coin\ndecides", ha="center")
ax.set_ylim(0, 190)

# %%
claim("trials are right on average, within a point", abs(by_coin.mean() - 100 * ate) < 1)
claim("records are wrong on average, by more than 20 points", by_doctors.mean() < 100 * (ate - 0.20))
claim("the typical trial still misses, by several points", np.std(by_coin) > 4)

# %% [markdown]
# Read the title twice. Randomisation does not make your two groups equal. It makes them unequal **by luck alone**, and luck
# can be computed. How?

# %% [markdown]
# ## Toss the coin again: permutation inference
#
# Six patients, three of them treated by lot. The three treated recover, the three untreated do not. Could that be luck?
#
# Suppose the treatment does *nothing to anybody*: $Y(1) = Y(0)$ for **every** patient. This is Fisher's **sharp null
# hypothesis**. Look at what it does to the question marks: under it each patient's missing outcome equals the recorded one.
# The whole left half of the picture is known!
#
# So we know what any other draw of the lot would have shown. There are only so many ways to choose three of six. We try them
# all.

# %%
y = np.array([1, 1, 1, 0, 0, 0])  # the first three were treated
lots = list(combinations(range(6), 3))
redone = [y[list(lot)].mean() - np.delete(y, lot).mean() for lot in lots]
observed = redone[0]  # the lot that was drawn in fact: patients 0, 1, 2
p_value = np.mean(np.abs(redone) >= abs(observed))
as_large = np.sum(np.abs(redone) >= abs(observed))
say(f"{len(lots)} possible lots; {as_large} show a difference at least as large. $p = {p_value:.2f}$.")

# %% [markdown]
# This number is the **p-value**: the share of lots that would have shown at least as large a difference, in either
# direction, if the treatment did nothing to anybody. No bell curve, no large numbers, no assumption about patients. It rests
# on the lot alone: on what the experimenter *did*.
#
# And see what six patients can tell you: the clearest result there can be still happens by luck one time in ten.

# %% [markdown]
# ### Nobody, or nobody on average?
#
# Fisher's sharp null says: no effect on *anyone*. Neyman asked for less: is the *average* effect zero? These are two
# questions. Here is a treatment that saves half of the patients and kills the other half.

# %%
half = pd.DataFrame({"Y0": [0, 1] * 200, "Y1": [1, 0] * 200})  # saved, killed, saved, killed, ...
claim("it changes everybody's outcome", (half["Y1"] != half["Y0"]).all())
claim("its average effect is zero", (half["Y1"] - half["Y0"]).mean() == 0)

# %% [markdown]
# Fisher's null is false for all of these patients and Neyman's is true. A difference of means cannot see this: it looks at
# averages. For the average effect Neyman gave an interval that does not suppose that everybody reacts alike:
#
# $$\bar y_1 - \bar y_0 \;\pm\; 1.96\sqrt{\frac{s_1^2}{n_1} + \frac{s_0^2}{n_0}}$$
#
# In words: the difference of the two means, give or take about twice its standard error. $n_1$ and $n_0$ are the sizes of
# the groups, $s_1$ and $s_0$ their standard deviations. If you repeated the trial many times, about 95 % of the intervals
# would hold the true ATE.

# %%
def interval(y: pd.Series, x: pd.Series) -> np.ndarray:
    """Low end, difference of means, high end of Neyman's 95 % interval; y: outcomes, x: 1 treated, 0 not."""
    group = y.groupby(x).agg(["mean", "var", "size"])
    difference = group["mean"][1] - group["mean"][0]
    margin = 1.96 * np.sqrt((group["var"] / group["size"]).sum())
    return np.array([difference - margin, difference, difference + margin])


ends = np.array([interval(patients["Y"], patients["X"]) for patients in trials])
holds = np.mean((ends[:, 0] <= ate) & (ate <= ends[:, 2]))
claim("in our 1,000 trials more than 92 intervals in a hundred hold the true average effect", holds > 0.92)

# %% [markdown]
# ## Break an assumption: there are 20 beds
#
# Now a promise from the start of the chapter. We wrote $Y(1)$: *her* outcome if *she* is treated. We never said what the
# others get. As if it made no difference.
#
# The assumption that it makes none, and that there is only one version of the treatment, is called **SUTVA**, the stable
# unit treatment value assumption. Let us break it. A ward has 100 patients. The treatment needs a bed in intensive care, and
# there are 20. Who gets a bed recovers 8 times out of 10; anybody else, 3 times. (The patients are alike, so it does not
# matter who is treated.)

# %%
def ward(number_treated: int, draw: np.random.Generator) -> np.ndarray:
    """Recoveries of 100 patients, the first `number_treated` treated: 20 of those at most find a bed."""
    in_bed = np.arange(100) < min(number_treated, 20)
    return draw.random(100) < np.where(in_bed, 0.8, 0.3)


numbers, draw = [10, 20, 30, 40, 60, 80, 100], cc.rng("wards")


def gain_seen(m: int) -> float:
    return 100 * (ward(m, draw)[:m].mean() - ward(0, draw)[:m].mean())


gain = pd.DataFrame({m: [gain_seen(m) for _ in range(400)] for m in numbers}).agg(["mean", "std"]).T

# %%
# alt: The gain of a treated patient against the number of patients treated: flat near 50 points up to 20 treated, then falling to about 10 points when all 100 are treated.
fig, ax = show.figure(
    "What treatment brings depends on how many are treated (simulated)",
    xlabel="patients treated, of 100 (20 beds)",
    ylabel="recovery of the treated, compared\nwith nobody treated (points)",
)
margin = 1.96 * gain["std"] / np.sqrt(400)
ax.errorbar(numbers, gain["mean"], margin, fmt="o", color=show.COLOURS["treatment"], capsize=4)
exact = np.arange(5, 101)
ax.plot(exact, 50 * np.minimum(1, 20 / exact), color=show.COLOURS["truth"], lw=1, ls="-", zorder=0)
ax.annotate("a small trial\nsees this", (10, 49), (2, 30), arrowprops={"arrowstyle": "->"})
ax.annotate("treating all\nbrings this", (100, 10), (84, 24), arrowprops={"arrowstyle": "->"})
ax.set(ylim=(0, 56), xlim=(0, 104))

# %%
small_trial, everybody = gain["mean"][10], gain["mean"][100]
claim("treating all gains less than a third of what a trial of ten shows", everybody < small_trial / 3)
say(
    "Each patient has not two potential outcomes but one for every way to treat the ward. "
    f"That is a number with {len(str(2**100))} digits."
)

# %% [markdown]
# Each small group was compared with a ward where nobody was treated: fairly, and what it gains is real. Yet it does not carry over to the plan "treat everybody",
# because then the beds run out. There is no such thing as *her* $Y(1)$ here, and so the formula of consistency cannot even
# be written down. When one unit's treatment changes another's outcome, that is **interference**: beds, vaccines, rumours,
# prices, seats at a university.
#
# The other half of the assumption fails as quietly. If "treated" means surgery by an expert for some and by a beginner for
# others, then $Y(1)$ is not *one* number, and the effect you estimate belongs to a mixture that the next hospital will not
# have.

# %% [markdown]
# ## The published case: LaLonde's test
#
# Back to the men of the first page. There is a second group we have not shown you. The programme had more applicants than
# places, and it **drew lots**. Some applicants were trained. Others, by the luck of the draw, were not, and their earnings
# were recorded as well.

# %%
experiment = lalonde.load("experiment")
columns = ["treated", "age", "education", "married", "earnings_1975", "earnings_1978"]
experiment.loc[[1, 2, 185, 187], columns].round(0).astype(int)

# %% [markdown]
# Earnings are in dollars a year, in prices of 1982. (These are the men whose earnings in 1974 are known, as Dehejia and
# Wahba chose them. The choice looked only at the time before the lot.)
#
# Everything you have learned applies: $Y(1)$ is what a man earns in 1978 if he was trained, $Y(0)$ what the same man earns
# if he was not. First Neyman.
#
# *Before you run the cell: recall your guess.*

# %%
benchmark = interval(experiment["earnings_1978"], experiment["treated"])
low, middle, high = benchmark
say(
    f"Training raised earnings by **{middle:,.0f} dollars** a year on average "
    f"(95 % interval from {low:,.0f} to {high:,.0f})."
)

# %% [markdown]
# Then Fisher. There are far too many lots to list them all, so we draw 10,000.

# %%
shuffle, drawn = cc.rng("lots"), experiment["treated"].to_numpy()
outcome = experiment["earnings_1978"].to_numpy()


def by_lot(x: np.ndarray) -> float:
    return outcome[x == 1].mean() - outcome[x == 0].mean()


redone = np.array([by_lot(shuffle.permutation(drawn)) for _ in range(10_000)])
extreme = np.abs(redone) >= abs(by_lot(drawn))
p_value = (1 + extreme.sum()) / (1 + len(extreme))  # the lot that was really drawn counts as one of them

# %%
# alt: A bell-shaped histogram of the differences that other lots would have shown if training did nothing, centred on zero, with a vertical line for the lot that was drawn, far out in the right tail.
fig, ax = show.figure(
    "Had training done nothing, hardly any lot would show this",
    xlabel="trained minus untrained, after drawing the lot again\n(dollars a year, 1982 prices)",
    ylabel="how often, of 10,000",
)
ax.hist(redone, np.arange(-2700, 2701, 150), color=show.COLOURS["muted"], ec="black", lw=0.6)
ax.axvline(by_lot(drawn), color=show.COLOURS["treatment"])
ax.axvline(-by_lot(drawn), color=show.COLOURS["treatment"], lw=1, ls=":")
ax.text(by_lot(drawn) + 80, 650, f"the lot drawn:\n{by_lot(drawn):+,.0f}")
ax.text(-by_lot(drawn) - 80, 650, "as far out\nthe other way", ha="right")
ax.set_xlim(-3300, 3300)

# %%
claim("fewer than 1 lot in 50 shows as large a difference", p_value < 0.02)
say(f"$p = {p_value:.3f}$")

# %% [markdown]
# (We shuffled as if one hat had held all 445 names. The real lots were drawn city by city and month by month; the files do
# not say which man belongs to which.)
#
# So the training helped, on average. Now suppose nobody had drawn lots. You would have the trained men, and you would go and find others
# to compare them with. That is what Robert LaLonde did in 1986. He took the trained men of the experiment, threw its control
# group away, and put men from national surveys in its place. Then he asked: do the methods of my field find the answer that
# we know? Mostly they did not, and nobody could tell beforehand which of them would. (His sample was larger. Our numbers are
# those of Dehejia and Wahba's part of it.)

# %%
# alt: Mean earnings in 1978 of three groups with intervals. Trained men about 6,300 dollars, men not drawn in the lot about 4,600, men of the survey about 14,800.
groups = {
    "trained": experiment.query("treated == 1"),
    "not drawn\nin the lot": experiment.query("treated == 0"),
    "men of the\nsurvey": men.query("treated == 0"),
}
mean = {name: group["earnings_1978"].mean() for name, group in groups.items()}
fig, ax = show.figure("Two comparisons, two signs", ylabel="earnings in 1978\n(dollars a year, 1982 prices)")
for x, (name, role) in enumerate(zip(groups, ["treatment", "muted", "observed"], strict=True)):
    error = 1.96 * groups[name]["earnings_1978"].sem()
    ax.bar(x, mean[name], 0.6, yerr=error, color=show.COLOURS[role], ec="black", capsize=5)
    versus = f"\n(trained minus\nthese: {mean['trained'] - mean[name]:+,.0f})" if x else ""
    ax.text(x, mean[name] + error + 250, f"{mean[name]:,.0f}{versus}", ha="center")
ax.set_xticks(range(3), groups)
ax.set_ylim(0, 20_000)

# %%
wrong = interval(men["earnings_1978"], men["treated"])
bias = mean["not drawn\nin the lot"] - mean["men of the\nsurvey"]
say(
    f"What you see: {wrong[1]:,.0f}. Effect on the trained: {middle:+,.0f}. "
    f"Baseline bias: {bias:,.0f} dollars."
)
claim("the naive comparison has the wrong sign, and its whole interval is below zero", wrong[2] < 0)
claim("what you see is effect plus baseline bias", np.isclose(wrong[1], middle + bias))

# %% [markdown]
# This is the formula of our simulated hospital, on real people. Usually the baseline bias cannot be computed. Here it can,
# because the lot gave us men who tell us, give or take some luck, what the *trained* would have earned *without* training:
# $E[Y(0) \mid X=1]$.
#
# It is huge. Why?

# %%
def gaps(table: pd.DataFrame) -> pd.Series:
    """Trained minus untrained, for each column known before, in standard deviations of the trained."""
    means = table.groupby("treated")[list(lalonde.BEFORE)].mean()
    return (means.loc[1] - means.loc[0]) / table.query("treated == 1")[list(lalonde.BEFORE)].std()


# %%
# alt: For eight facts known before training, the difference between trained and untrained men in standard deviations. In the experiment seven points are close to zero and one, no degree, lies at minus 0.3; against the survey most are far from it, beyond two standard deviations for being black and for earnings.
fig, ax = show.figure(
    "The lot made the groups nearly alike; the survey did not",
    xlabel="trained minus untrained, before training (standard deviations)",
)
rows = np.arange(len(lalonde.BEFORE))
for table, marker, role in [(men, "s", "observed"), (experiment, "o", "treatment")]:
    error = 1.96 * np.sqrt((1 / table["treated"].value_counts()).sum())
    ax.errorbar(gaps(table), rows, xerr=error, fmt=marker, color="black", mfc=show.COLOURS[role], lw=1)
ax.axvline(0, color=show.COLOURS["truth"], lw=1)
ax.set_yticks(rows, [name.replace("_", " ") for name in lalonde.BEFORE])
ax.invert_yaxis()
ax.text(gaps(men).iloc[0] - 0.3, 0, "against the survey", ha="right", va="center")
ax.text(gaps(experiment).iloc[0] + 0.3, 0, "in the experiment", va="center")

# %%
claim("against the survey some gap is above two standard deviations", gaps(men).abs().max() > 2)
claim("in the experiment every gap is below a third of one", gaps(experiment).abs().max() < 1 / 3)
survey = men.query("treated == 0")["earnings_1978"]
say(
    f"One more difference: {(survey == survey.max()).mean():.0%} of the men of the survey have "
    "one and the same earnings in 1978, the highest."
)

# %% [markdown]
# Look at *no degree*: even the lot left a gap, larger than luck usually makes. Among eight rows one may stand out. It may also be
# that not every man could be found again later: a lot protects the groups as drawn, and not those who are left.
#
# Men came into the programme *because* they had no work. The survey is of men in general. And it cuts earnings off at a
# ceiling, which the experiment does not. So even the outcome is not measured in the same way.

# %% [markdown]
# ## The same with the library people use: DoWhy
#
# No lot, then. What can you do with the survey? Compare men who are *alike*: of the same age, schooling, earnings before.
# The assumption you need is
#
# $$\big(Y(0),\, Y(1)\big) \perp X \mid \text{age, schooling, …}$$
#
# in words: among men alike in these respects, who was trained is as good as drawn by lot. This is **ignorability**. It is
# the coin's property, *assumed* instead of made.
#
# DoWhy asks for that assumption first, and for a method last. Four steps: *model* (write down what you assume), *identify* (turn
# the effect into a formula about the records), *estimate* (compute it), *refute* (try to break it).

# %%
facts = ["age", "education", "black", "hispanic", "married", "no_degree"]
model = CausalModel(men.copy(), treatment="treated", outcome="earnings_1978", common_causes=facts)
estimand = model.identify_effect()
say("DoWhy will adjust for: " + ", ".join(sorted(estimand.get_backdoor_variables())) + ".")

# %% [markdown]
# `common_causes` is the assumption. It says: *these six, and nothing else, move both who was trained and what he earns.*
# DoWhy believes you. (It calls the assumption *unconfoundedness*.) The estimate is by linear regression: the difference
# between trained and untrained men after a straight-line allowance for the six. On whom? The line has one slope for training: it
# supposes that training adds the same for every man, so that ATE and ATT are one number. That is one more assumption.
#
# And one more: for every kind of man there must be some who were trained and some who were not. This is **overlap**, or
# positivity. Where it fails there is nobody to compare with, and the straight line fills the gap without a word.

# %%
def with_dowhy(table: pd.DataFrame, outcome: str, causes: list[str]) -> np.ndarray:
    """Low end, estimate, high end in dollars: the effect of training, `causes` adjusted for by regression."""
    model = CausalModel(table.copy(), treatment="treated", outcome=outcome, common_causes=causes)
    estimand = model.identify_effect()
    estimate = model.estimate_effect(estimand, method_name="backdoor.linear_regression")
    low, high = np.ravel(estimate.get_confidence_intervals())
    return np.array([low, estimate.value, high])


longest = [*facts, "earnings_1974", "earnings_1975"]
six = with_dowhy(men, "earnings_1978", facts)
eight = with_dowhy(men, "earnings_1978", longest)

# %%
# alt: Four estimates with 95 percent intervals. Survey as it is: about minus 8,500. Adjusted for six facts: about minus 3,000. Adjusted for earnings before as well: about plus 700, the interval crossing zero. Experiment: about plus 1,800.
answers = {"survey, as it is": wrong, "… adjusted for\nsix facts": six}
answers |= {"… and for\nearnings before": eight, "experiment": benchmark}
unit = "effect of training (dollars a year, 1982 prices)"
fig, ax = show.figure("Each list of causes gives its own answer", unit)
ax.axvspan(low, high, color=show.COLOURS["muted"], alpha=0.5, lw=0)
ax.text(high + 200, 0, "the experiment's\ninterval", va="center")
ax.axvline(0, color=show.COLOURS["truth"], lw=1)
for row, (start, value, end) in enumerate(answers.values()):
    colour = show.COLOURS["treatment" if row == 3 else "observed"]
    error = [[value - start], [end - value]]
    ax.errorbar(value, row, xerr=error, fmt="o", color="black", mfc=colour, capsize=4)
    ax.text(value, row - 0.18, f"{value:+,.0f}", ha="left" if value > 0 else "center", va="bottom")
ax.set_xticks(range(-9000, 3001, 3000))
ax.set_yticks(range(4), answers)
ax.set(ylim=(3.5, -0.7), xlim=(-10_500, 7_000))

# %%
claim("adjusting for the six facts leaves the wrong sign", six[2] < 0)
claim("adding the earnings before training turns the sign", eight[1] > 0)
claim("even then the estimate is less than half of the experiment's", eight[1] < middle / 2)
claim("and its interval holds zero", eight[0] < 0 < eight[2])

# %% [markdown]
# But does the last survey estimate not lie inside the grey band? Do not compare the two intervals by eye: both estimates use the
# same trained men, so part of their luck is shared. Draw all the men again, with replacement, and look at the difference.

# %%
trained, others = men.query("treated == 1"), men.query("treated == 0")
not_drawn = experiment.query("treated == 0")
again = cc.rng("the men again")


def shortfall() -> float:
    """The experiment's estimate minus the longest list's, in dollars, after drawing all men again."""
    tables = (trained, others, not_drawn)
    one, two, three = (table.sample(frac=1, replace=True, random_state=again) for table in tables)
    both = pd.concat([one, two])
    inputs = np.column_stack([np.ones(len(both)), both[["treated", *longest]]])
    line = np.linalg.lstsq(inputs, both["earnings_1978"])[0]
    return one["earnings_1978"].mean() - three["earnings_1978"].mean() - line[1]


larger = np.mean([shortfall() > 0 for _ in range(200)])
claim("in 19 of 20 such draws, or more, the experiment's estimate is the larger", larger >= 0.95)

# %% [markdown]
# Adjustment moved the answer by thousands of dollars, in the right direction. That is what it can do: take out differences
# in what is on the list, as far as straight lines describe them. What is not on the list it touches only as far as it goes along
# with what is. And it did not
# arrive. Somebody with the survey alone and the longest list would have reported: *no clear effect*.
#
# Worse: without the experiment, which of these would you believe? Each interval counts the luck of the sample, **and nothing
# else**. None of them counts the chance that the list of causes is too short, or that a straight line does not fit. To DoWhy
# both lists are the same: the list you gave it was its assumption.

# %% [markdown]
# ### Can an assumption be caught?
#
# Proved, no. Caught, sometimes. This is the fourth step, and we do it by hand. Here is a trap: nobody's earnings in **1975** can be changed by training that came later. So
# take 1975 as the outcome. *If men alike in age, schooling and earnings of 1974 are as good as drawn by lot, what should the
# "effect" be?*

# %%
before = [*facts, "earnings_1974"]
for name, table in [("survey", men), ("experiment", experiment)]:
    start, value, end = with_dowhy(table, "earnings_1975", before)
    say(
        f"{name}: 'effect' of the later training on earnings in 1975: {value:+,.0f} dollars "
        f"(from {start:+,.0f} to {end:+,.0f})"
    )
    misses = start > 0 or end < 0
    if name == "survey":
        claim("survey: the interval misses zero", misses)
    else:
        claim("experiment: the interval holds zero", not misses)

# %% [markdown]
# Zero is what it should be. The survey fails: with this list an effect on the past appears, so ignorability given *these*
# columns, or the straight line, is not credible. The men who came to the programme had fallen behind already, and that is why they came. The
# experiment passes, as a lot should. For the longest list there is no such trap: no earlier year is left to set it with.
#
# A test like this is called a **placebo test**. Passing it proves nothing. Failing it should stop you. What to put on the
# list, and what never to, is chapter 04; there these men return, with the question of whom one can compare at all.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | how do trained and untrained men differ in earnings? | each group is a fair sample of its kind |
# | 2 doing | what does training do on average? (experiment) | lots were drawn, and nobody was lost on the way; consistency; one man's training changes no other man's earnings (SUTVA) |
# | 2 doing | the same, without the lot | all of that, and in place of the lot ignorability given a list of causes; overlap, or a straight line in its stead; the same effect for everybody |
# | 3 imagining | what did training do for *this* man? | not answered: his other outcome is missing, and no lot brings it back |
#
# Notice the second line. The lot removes the need for ignorability. It does not remove the need for SUTVA: if trained men
# took jobs that the others would have had, the experiment is biased too.

# %% [markdown]
# ## What to take away
#
# - **An effect compares two potential outcomes of the same unit**, and one of them is always missing.
# - **Averages can be had**; say on whom: ATE, ATT, ATU, CATE.
# - **What you see = effect on the treated + baseline bias.** The bias is about how the groups would have fared *without*
#   treatment.
# - **A coin removes the bias.** What is left is luck, and luck can be computed: toss it again.
# - **Adjustment assumes what the coin makes.** An interval does not count that assumption.
#
# Your guess at the top: the experiment's estimate says *c*, with an interval wide enough to speak with care. If you chose
# *a*, you did what the records invite everyone to do. Which of the two terms did you read as the other?
#
# Now the exercises: open `exercises/01_potential_outcomes.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Paul W. Holland (1986). Statistics and causal inference. *Journal of the American Statistical Association* 81(396),
#   945–960. The fundamental problem, and its name.
# - Donald B. Rubin (1974). Estimating causal effects of treatments in randomized and nonrandomized studies. *Journal of
#   Educational Psychology* 66(5), 688–701.
# - Jerzy Neyman (1923), translated by D. M. Dabrowska and T. P. Speed (1990). On the application of probability theory to
#   agricultural experiments. *Statistical Science* 5(4), 465–472.
# - Ronald A. Fisher (1935). *The Design of Experiments.* Oliver and Boyd. The lady and her tea: permutation inference in one
#   chapter.
# - Guido W. Imbens and Donald B. Rubin (2015). *Causal Inference for Statistics, Social, and Biomedical Sciences.* Cambridge
#   University Press.
# - Robert J. LaLonde (1986). Evaluating the econometric evaluations of training programs with experimental data. *American
#   Economic Review* 76(4), 604–620.
# - Rajeev H. Dehejia and Sadek Wahba (1999). Causal effects in nonexperimental studies: reevaluating the evaluation of
#   training programs. *Journal of the American Statistical Association* 94(448), 1053–1062. The sample we used, and a more
#   hopeful answer.
# - Jeffrey A. Smith and Petra E. Todd (2005). Does matching overcome LaLonde's critique of nonexperimental estimators?
#   *Journal of Econometrics* 125, 305–353. A less hopeful one.
# - Michael G. Hudgens and M. Elizabeth Halloran (2008). Toward causal inference with interference. *Journal of the American
#   Statistical Association* 103(482), 832–842.
# - Amit Sharma and Emre Kıcıman (2020). DoWhy: an end-to-end library for causal inference. arXiv 2011.04216.
