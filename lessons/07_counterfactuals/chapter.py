# ---
# title: Counterfactuals
# question: What would have happened to this unit?
# minutes: 90
# extras: [engines, dowhy]
# ---

# %% [markdown]
# A drug is sold against pain. Mr. B bought it, took it, and died. His widow goes to court. The maker brings a good experiment: of a thousand
# people who were *given* the drug, hardly more died than of a thousand who were not. The widow brings records of two thousand others: half of them *chose* the
# drug, and of these almost none died.

# %%
import warnings

import numpy as np
import pandas as pd
import pyro
import torch
from chirho.counterfactual.handlers import MultiWorldCounterfactual
from chirho.indexed.ops import IndexSet, gather
from chirho.interventional.handlers import do
from dowhy import gcm

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.counterfactual import Counterfactual, bounds, counterfactual, imagine, named, path_effect
from causalcourse.counterfactual.fairness import fairness
from causalcourse.counterfactual.worlds import parallel
from causalcourse.engines import compare, to_dowhy, to_gcm, to_pyro, why_dashes
from causalcourse.errors import CannotAnswer
from causalcourse.noise import Normal
from causalcourse.scm import SCM
from causalcourse.worlds import clinic, trials

# %%
counts, court = trials.drug()
counts

# %% [markdown]
# The numbers were made up, by Jin Tian and Judea Pearl (2000), to show a point. Take them as they stand, without any error of sampling, and both tables as being of the same
# people. The court must find whether it is "more probable than not" that Mr. B would be alive, had he not taken the drug. *What do you say?*

# %%
predict(
    "07.court",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "About 0.2 %: the difference that the experiment shows.",
        "b": "About 1 in 8: of 16 deaths with the drug, 14 would have happened anyway.",
        "c": "It is certain that the drug killed him.",
        "d": "Nothing can be said about one man.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about ninety minutes you will be able to
#
# 1. answer a counterfactual question in three steps, by hand, in our package, in Pyro and in ChiRho;
# 2. draw the worlds that a question is about, and say what they share;
# 3. name the usual questions (necessity, sufficiency, effect on the treated, direct and indirect effect, fairness), and what fixes each;
# 4. bound a counterfactual when the model is not known, and show the two models at the ends;
# 5. say which third-rung assumption a library has made for you.
#
# You need chapter 03 (structural models); from chapter 02 d-separation, from 04 the instrument, from 05 what identifiable means, and from 06 Pyro's `do`.

# %% [markdown]
# ## Ms. A, in three steps
#
# We begin with a patient whose world we know. In chapter 00 Ms. A was treated, and died. *Would she have lived untreated?* The hospital, once more:
# severity `Z`, treatment `X`, recovery `Y`; a coin and two ten-sided dice for luck.

# %%
hospital = clinic.model()
hospital.worlds().sample(3, random_state=1)

# %% [markdown]
# Each row of `worlds()` is a kind of patient: its luck (`U_...`), how common it is (`p`), and what becomes of it. All that a
# model knows about *one* person is in her luck. So the first step is to ask which luck fits.
#
# **Step 1, abduction.** Keep the rows that are as she was, and let their probabilities sum to 1 again. *Which faces of the die for
# constitution, `U_Y`, are left? A low face is a strong constitution.*

# %%
kinds = hospital.worlds()
like_her = kinds[(kinds["X"] == 1) & (kinds["Y"] == 0)].copy()
like_her["p"] /= like_her["p"].sum()
before = kinds.groupby("U_Y")["p"].sum()
after = like_her.groupby("U_Y")["p"].sum().reindex(range(10), fill_value=0)

# %%
# alt: Ten pairs of bars, one for each face of the die. Before, all are 10 percent. After, the faces 0 to 3 are gone, 4 to 8 have about 16 percent each, and 9 about 20.
title = "What happened to her says something about her luck"
fig, ax = show.figure(title, "face of the die for constitution (0: strong)", "probability (%)")
ax.bar(np.arange(10) - 0.2, 100 * before, 0.38, color=show.COLOURS["muted"], edgecolor="black")
ax.bar(np.arange(10) + 0.2, 100 * after, 0.38, color=show.COLOURS["treatment"], edgecolor="black")
ax.set_xticks(range(10))
ax.text(-0.4, 10.5, "before (light)")
ax.text(8.5, 17.5, "given that she was treated and died (dark)", ha="right")
ax.set_ylim(0, 24)

# %%
severe = like_her.loc[like_her["Z"] == 1, "p"].sum()
of_all = kinds.loc[kinds["Z"] == 1, "p"].sum()
say(f"She was severe with probability {severe:.0%}; of all patients {of_all:.0%} are.")
claim("the faces 0 to 3 do not fit what happened to her", after[:4].sum() == 0)

# %% [markdown]
# **Step 2, action.** Replace one equation: `X = 0`. Her luck stays hers.
#
# **Step 3, prediction.** Let the new equations run on the luck of step 1.

# %%
imagined = hospital.do(X=0).worlds().loc[like_her.index]  # the same rows: the same patients
by_hand = float(like_her["p"] @ imagined["Y"])
say(f"P(she would have lived, untreated) = {by_hand:.2f}")

# %% [markdown]
# As a formula, with $u$ for all the luck of a unit and $e$ for what was seen (Pearl 2009, theorem 7.1.7):
#
# $$P(Y_{x} = y \mid e) = \sum_u \underbrace{P(u \mid e)}_{\text{abduction}} \; \underbrace{1[\,Y_{x}(u) = y\,]}_{\text{action, prediction}}$$
#
# In words: how likely is each luck, given what was seen; and what would it have led to, had $X$ been $x$? $Y_x(u)$ is said "Y under x, for
# the unit u".
#
# For Ms. A: if she was mild, treated and dead, her face was 9 (`Y = 8 - 5 Z + X > U_Y` failed). Untreated she needed a face below 8. If she was
# severe, her face was 4 or more, and untreated she needed one below 3. Either way she would have died. That is the whole derivation.

# %% [markdown]
# ## The picture: two worlds, one luck
#
# Draw the world that was, and below it the one that was not. They share all that the action does not reach. This is a **twin network** (Balke &
# Pearl 1994). *Which of the things that were seen, `X` and `Y`, tell something about the lower world, and through what?*

# %%
# alt: Upper row: Z to X, Z and X to Y. Lower row: X set to 0, and Y under X=0, which listens to the same Z. Between the rows the noise U_Y with arrows to both Y.
query = Counterfactual.parse("P(Y_{X=0}=1 | X=1, Y=0)")
show.worlds(parallel(hospital, query.variables), "Severity and constitution are the same in both worlds")

# %% [markdown]
# Both tell through `Z`: who is treated is probably severe. `Y` tells through `U_Y` as well. And once `Y` is known, so does `X`, for `Y` is a collider. It is a causal graph like any other: d-separation works in
# it. And what is asked is an
# ordinary conditional probability in this one larger model. That is how our engine answers.

# %%
alone = counterfactual(hospital, "P(Y_{X=0}=1 | X=1, Y=0)")
claim("one line says the same as the three steps", np.isclose(alone.value, by_hand))
two_dice = clinic.model(response="independent")
apart = counterfactual(two_dice, "P(Y_{X=0}=1 | X=1, Y=0)")
say(f"One die: {alone.value:.2f}. Two dice, the third hospital of chapter 00: {apart.value:.2f}.")

# %% [markdown]
# Remember the third hospital? It has one die for the luck with treatment and another for the luck without. Every record and every experiment is as in the first.
# *What will its twin network look like?*

# %%
# alt: The same two rows. Between them now two noise terms, U_0 and U_1, each with an arrow to both Y.
title = "Two dice: both stand in both worlds, and only one counts in each"
show.worlds(parallel(two_dice, query.variables), title)

# %% [markdown]
# Both dice stand in both worlds. But with `X = 1` only `U_1` counts, and with `X = 0` only `U_0`. So how she fared tells nothing about the die that she would
# have needed. The drawing does not show that; the equation does. **That is where the third-rung assumption lives: in how an equation uses its luck.**

# %% [markdown]
# ## Four libraries, and our own engine
#
# The same question, put to the libraries, and three more that will get names below. *Which of them can answer, do you think?*

# %%
ask = ["P(Y_{X=0}=1 | X=1, Y=0)", "P(Y_{X=0}=0 | X=1, Y=1)"]
ask += ["P(Y_{X=0}=0, Y_{X=1}=1)", "E[Y_{X=1} - Y_{X=0} | X=1]"]
table = compare(two_dice, ask, rng=cc.rng("engines"))
table

# %%
for _, engine, reason in why_dashes(table).drop_duplicates("engine").itertuples(index=False):
    print(f"{engine}: {reason}")

# %% [markdown]
# What do they do? In **Pyro** we take the three steps with our own hands. Run the program many times, keep the runs that are as Ms. A was, act, and run again on
# the luck that was kept.

# %%
program = to_pyro(two_dice)
pyro.set_rng_seed(int(cc.rng("pyro").integers(10**6)))
units = program(200_000)
keep = (units["X"] == 1) & (units["Y"] == 0)  # abduction
luck = {name: units[name][keep] for name in two_dice.noise}
acted = pyro.poutine.do(program, {"X": torch.tensor(0)})  # action
runs = pyro.poutine.condition(acted, luck)(int(keep.sum()))  # prediction
pyro_says = float(runs["Y"].double().mean())
say(f"Pyro: {pyro_says:.2f}")

# %% [markdown]
# In **ChiRho** several worlds run at once. Inside `MultiWorldCounterfactual` every `do` splits the world, and a variable is one tensor with an axis for the
# worlds: index 0 is what was, index 1 what would have been. `gather` picks a world.

# %%
pyro.set_rng_seed(int(cc.rng("chirho").integers(10**6)))
with MultiWorldCounterfactual(first_available_dim=-2), do(actions={"X": torch.tensor(0)}):
    units = program(200_000)
    was, would = IndexSet(X={0}), IndexSet(X={1})
    x, y = (gather(units[name], was).flatten() for name in "XY")
    y_0 = gather(units["Y"], would).flatten()
chirho_says = float(y_0[(x == 1) & (y == 0)].double().mean())
say(f"ChiRho: {chirho_says:.2f}")
off = np.abs(np.array([pyro_says, chirho_says]) - apart.value)
claim("both are near the exact answer", off.max() < 0.02)

# %% [markdown]
# Both share the luck because our program makes each noise term a statement of its own. A program that draws `Y` with the probability `(8 - 5 * Z + X) / 10` draws afresh in each
# world, and has then, without a word, assumed two dice.

# %% [markdown]
# ### A library that answers too readily
#
# `dowhy.gcm` learns a model from records. Its mechanisms are additive: the outcome is a function of the causes, plus noise. Two such mechanisms offer themselves here: a straight line, and the one that
# the library's own `gcm.auto` picks for whole numbers, which rounds. Let both learn the first hospital, every variable recorded. *What will they say of an outcome that is 0 or 1?*

# %%
gcm.config.disable_progress_bars()
records = hospital.sample(10_000, cc.rng("records"))
dead, alive = (records[(records["X"] == 1) & (records["Y"] == y)] for y in (0, 1))


def learned(mechanism):
    """A model of dowhy.gcm, fitted to the records."""
    model = gcm.InvertibleStructuralCausalModel(to_dowhy(hospital))
    model.set_causal_mechanism("Z", gcm.EmpiricalDistribution())
    for name in ("X", "Y"):
        model.set_causal_mechanism(name, mechanism(gcm.ml.create_linear_regressor()))
    gcm.fit(model, records)
    return model


# %%
truths = [counterfactual(hospital, f"P(Y_{{X=0}}=1 | X=1, Y={y})").value for y in (0, 1)]
said = {"truth": truths}
with warnings.catch_warnings(record=True) as warned:
    for mechanism in (gcm.AdditiveNoiseModel, gcm.DiscreteAdditiveNoiseModel):
        model, act = learned(mechanism), {"X": lambda x: 0}
        imagined = [gcm.counterfactual_samples(model, act, observed_data=who)["Y"] for who in (dead, alive)]
        said[mechanism.__name__] = [each.mean() for each in imagined]
rows = ["treated and dead: would have lived untreated", "treated and alive: would have lived untreated"]
pd.DataFrame(said, index=rows).round(2)

# %%
claim("the straight line gives a share below zero", said["AdditiveNoiseModel"][0] < -0.05)
unmoved = np.abs(np.array(said["DiscreteAdditiveNoiseModel"]) - [0, 1]).max()
claim("the rounded one says that the treatment changed nobody", unmoved < 0.01)
claim("neither gave a warning", not warned)

# %% [markdown]
# The straight line subtracts the average effect from everybody: a dead patient, less a tenth of a life. The rounded one looks right for Ms. A, and is wrong by a fifth for those who lived. For a measured outcome
# additive noise may be a fair assumption. It is an assumption of the third rung all the same. **Ask of any library: what have you assumed about how outcomes in
# different worlds hang together?**

# %% [markdown]
# ## Measured outcomes: every unit its own answer
#
# Where noise is *added*, what was seen gives it away entirely: noise = value − function of the causes. Then each unit of a table has one answer. A ward
# measures salt `Z`, the dose of a drug `X`, and blood pressure `Y`.

# %%
ward = SCM(
    {"U_Z": Normal(0, 1), "U_X": Normal(0, 0.5), "U_Y": Normal(0, 4)},
    {
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: 2 + 0.8 * Z + U_X,  # who eats more salt gets more
        "Y": lambda Z, X, U_Y: 140 + 9 * Z - (4 + 2 * Z) * X + U_Y,  # and is helped more by each unit of it
    },
)
patients = ward.sample(12, cc.rng("ward"))
without = imagine(ward, patients, X=0)

# %%
# alt: Twelve patients on the horizontal axis. For each a filled circle, the pressure measured, and a hollow one, the pressure without the drug, joined by a line. All hollow circles are above, some by one mmHg, some by nearly twenty.
title = "The drug helped those with more salt more (simulated)"
fig, ax = show.figure(title, "patient, from little salt to much", "blood pressure (mmHg)")
order = patients["Z"].argsort()
was, would = patients["Y"].to_numpy()[order], without["Y"].to_numpy()[order]
ax.vlines(range(12), was, would, color=show.COLOURS["latent"])
ax.plot(range(12), was, "o", color="black")
ax.plot(range(12), would, "o", color="black", mfc="white")
ax.set_xticks(range(12), range(1, 13))
ax.set_title("filled: as measured · hollow: had the dose been 0", fontsize=9)

# %%
again = imagine(ward, without.assign(X=0.0), X=patients["X"].to_numpy())
claim("giving each the old dose back gives the old pressure back", np.allclose(again["Y"], patients["Y"]))

# %% [markdown]
# Here `dowhy.gcm` is at home: every variable seen, noise added. Given these equations, it too solves for the noise.

# %%
given = to_gcm(ward, cc.rng("gcm"))
at_home = gcm.counterfactual_samples(given, {"X": lambda x: 0.0}, observed_data=patients)
claim("dowhy.gcm says the same of every patient", np.allclose(at_home["Y"], without["Y"]))

# %% [markdown]
# *And if less was seen?* Without the salt, many kinds of patient fit, and the answer is an average over them. Where noise cannot be listed, `counterfactual` draws
# it, with weights that say how well it fits. It reports how many **effective units** its answer rests on, that is, how many draws of equal weight would say as much, and refuses when
# they are too few. Here is such a case: a wave. By hand it is easy, since $Y_0$ is $Y - X$. The engine looks for a noise that can be solved for, and a wave has many.

# %%
say(str(counterfactual(ward, "E[Y_{X=0} | X=3, Y=150]", cc.rng("partial"))))
wavy = SCM(ward.noise, ward.equations | {"Y": lambda X, U_Y: X + np.sin(3 * U_Y)})
try:
    counterfactual(wavy, "E[Y_{X=0} | X=3, Y=3.5]", cc.rng("wavy"))
except CannotAnswer as why:
    print(why)

# %% [markdown]
# ## Questions that have a name
#
# Some counterfactuals are asked so often that they have names. Say each aloud before you read the next.
#
# | | in symbols | in words |
# |---|---|---|
# | **PN**, necessity | $P(Y_{0}=0 \mid X=1, Y=1)$ | $X$ was there, and it happened: would it not have, without $X$? |
# | **PS**, sufficiency | $P(Y_{1}=1 \mid X=0, Y=0)$ | $X$ was not there, and it did not happen: would it have, with $X$? |
# | **PNS**, both | $P(Y_{0}=0, Y_{1}=1)$ | how many follow $X$ both ways? |
# | **ETT**, effect on the treated | $E[Y_1 - Y_0 \mid X=1]$ | what did it do to those who had it? (the ATT of chapter 01) |
#
# $Y_0$ is short for $Y_{X=0}$; chapter 01 wrote $Y(0)$. *Which of the four can differ between the hospitals with one die and with two?*

# %%
rows = {"one die": hospital, "two dice": two_dice}
four = (named.necessity, named.sufficiency, named.necessity_and_sufficiency, named.ett)
asked = [quantity("X", "Y") for quantity in four]
values = pd.DataFrame({q.symbol: {name: q.value(model).value for name, model in rows.items()} for q in asked})
values.round(3)

# %%
differ = (values.loc["one die"] - values.loc["two dice"]).abs()
claim("PN, PS and PNS differ by more than five points", (differ[["PN", "PS", "PNS"]] > 0.05).all())
claim("the effect on the treated does not differ at all", differ["ETT"] < 1e-12)

# %% [markdown]
# So not every counterfactual needs a third-rung assumption about luck. Where the treatment has two values, the **effect on the treated** follows from what is seen together with an
# experiment. Why? Those who would do well without treatment are, of all, $P(Y_0 = 1)$: the experiment says. Take away those of them who *were* untreated: the records show them.
# What is left are the treated. Divide by how many were treated, and you have $E[Y_0 \mid X=1]$. $E[Y_1 \mid X=1]$ is in the records.
#
# Necessity and sufficiency ask for both outcomes of the *same* person. No table has such a row.

# %% [markdown]
# ## When the model is not known: bounds
#
# Back to the court. There `X = 1` is taking the drug, and **`Y = 1` is death**. Nobody has equations for Mr. B. There are two tables, and a drawing: `X -> Y; X <-> Y`, for whoever chooses the drug may differ in what else ails him.
# *How far do the tables go?*
#
# Imagine the kinds of people there can be. As to `Y` there are four: who dies anyway, who never does, whom the drug kills, whom it saves. As to `X` there are two: takers and others.
# So eight shares, and each table fixes some sums of them. PN is a ratio of such sums. Its smallest and its largest value are found by a **linear program** (after rescaling, since what is asked is a ratio). That
# is all that `bounds` does; larger drawings have more kinds. Bounds are **sharp** when a model with the drawing reaches either end. Where `bounds` cannot promise that, it says so.

# %%
drawing = "X -> Y; X <-> Y"
experiment = [({"X": x}, court[x]) for x in (0, 1)]
pn = named.necessity("X", "Y")
known = {
    "records": pn.bounds(drawing, court["records"]),
    "experiment": pn.bounds(drawing, None, experiment),
    "both": pn.bounds(drawing, court["records"], experiment),
}

# %%
# alt: Three horizontal bars for the probability of necessity: from 0 to 1 with the records alone, from 0 to 1 with the experiment alone, and a single point at 1 with both.
title = "Neither table says anything about Mr. B. Both settle it"
fig, ax = show.figure(title, "P(alive without the drug | took it and died)")
for y, b in enumerate(known.values()):
    ax.plot([b.low, b.high], [y, y], "|-", color="black", ms=14)
ax.set_yticks(range(3), known)
ax.set(xlim=(-0.05, 1.05), ylim=(-0.6, 2.6))

# %%
for alone_says in ("records", "experiment"):
    b = known[alone_says]
    claim(f"with the {alone_says} alone, anything", b.low < 1e-6 and b.high > 1 - 1e-6)
claim("with both, one", known["both"].low > 1 - 1e-6)

# %% [markdown]
# Is it not just that nobody has found the answer in the records yet? The ends of the interval are models, and you may look at them.

# %%
ends = [known["records"].lowest, known["records"].highest]
say("PN at the two ends: " + " and ".join(f"{pn.value(model).value:.2f}" for model in ends))
theirs = [model.joint(["X", "Y"]).reindex(court["records"].index, fill_value=0) for model in ends]
off = max(np.abs(table - court["records"]).max() for table in theirs)
claim("two models that say so have exactly these records", off < 1e-9)

# %% [markdown]
# If the tables are exact, the answer is c. How can that be? Without the drug 14 in 1,000 die. Of all people in the records, 28 in 2,000 did not take it and died: that is 14 in 1,000 already. So
# nobody is left among the takers who would have died without the drug. Those who choose it are people whom nothing else would kill. Yet two of them died.
#
# The experiment hides this, since it mixes takers and others. The records hide it, since they compare different people. This is what Tian and Pearl (2000) published:
# PN = 1.
#
# *Would you convict?* We took the tables as exact. They are counts. Draw new ones, of the same sizes and of a hundred times as many people, and ask again. The lower end of PN
# has a formula (Tian & Pearl 2000): $\max(0, [P(y) - P(y_{x'})] / P(x, y))$, with $x'$ for "without". And some pairs of tables contradict each other: more die among those
# who did not take it than the experiment allows for everybody.

# %%
def redrawn(times, rng, n=4_000):
    """n pairs of tables as the court's, with `times` as many people: what becomes of the verdict."""
    without = rng.binomial(1_000 * times, 0.014, n) / (1_000 * times)
    cells = rng.multinomial(2_000 * times, [0.001, 0.499, 0.014, 0.486], n) / (2_000 * times)
    taker, _, other, _ = cells.T  # took it and died, ... , did not and died
    fit = (other <= without) & (taker > 0)
    low = np.maximum(0, 1 - (without - other)[fit] / taker[fit])
    return [1 - fit.mean(), (low == 0).mean(), (low > 0.5).mean()]


columns = ["no verdict: they contradict each other", "of the rest: PN may be 0", "of the rest: PN above 1/2"]
again = pd.DataFrame([redrawn(k, cc.rng(f"court {k}")) for k in (1, 100)], columns=columns)
again.set_axis(["as many people", "100 times as many"]).round(2)

# %%
small, large = again.iloc[:, 2]
claim("with counts this small few of the pairs that fit would convict", small < 0.3)
claim("with a hundred times as many more than half of them would", large > 0.6)

# %% [markdown]
# So the argument is right, and the evidence is thin. Half the pairs contradict each other even with many people, since the court's own tables stand at the very edge of what can be. Bounds come from tables. The
# doubt about the tables comes on top, and so does the doubt whether both are of the same people, half of them takers.

# %% [markdown]
# ## A published trial: vitamin A
#
# In Sumatra, villages were drawn by lot to get vitamin A capsules for their children (`Z`). Not every child received them (`X`); nobody outside those villages did. A year
# later one knew who was alive (`Y`; Sommer & Zeger 1991). Who receives a capsule may differ from who does not. But the lot does not depend on them, and acts on survival only through the capsules: it is an
# instrument (chapter 04).

# %%
children = trials.vitamin_a()
by_z = children.groupby("Z").sum()
alive = children.xs(1, level="Y")
lot = {z: alive.xs(z, level="Z").sum() / by_z[z] for z in (0, 1)}
taken = {x: alive.xs(x, level="X").sum() / children.xs(x, level="X").sum() for x in (0, 1)}
iv = "Z -> X -> Y; X <-> Y"
effect = bounds(iv, "E[Y_{X=1} - Y_{X=0}]", children)
say(f"Villages with capsules against without: {1000 * (lot[1] - lot[0]):+.1f} in 1,000 children.")
say(f"Children who received them against who did not: {1000 * (taken[1] - taken[0]):+.1f}.")
say(f"The effect of giving all children capsules, against none: from {effect.low:.4f} to {effect.high:.4f}.")

# %%
published = np.array([-0.1946, 0.0054])
off = np.abs(np.array([effect.low, effect.high]) - published)
claim("the bounds are those that Balke and Pearl published", off.max() < 5e-5)

# %% [markdown]
# The bounds are wide on one side: of the children who never receive capsules, nobody knows what capsules would do to them. *And for those who receive them exactly when their
# village is drawn?* They are called **compliers**, and that is a counterfactual condition: $X_{Z=0} = 0$ and $X_{Z=1} = 1$, two worlds of one child.

# %%
compliers = bounds(iv, "E[Y_{X=1} - Y_{X=0} | X_{Z=0}=0, X_{Z=1}=1]", children)
say(f"Among compliers: {1000 * compliers.low:+.1f} to {1000 * compliers.high:+.1f} alive in 1,000.")
claim("for compliers the tables leave one value", compliers.high - compliers.low < 1e-6)

# %% [markdown]
# One value, since no child outside the villages had a way to the capsules, so nobody defies the lot. Imbens and Angrist (1994) called it the local average treatment effect.
# In the drawn villages they can be pointed out: they are the children who received capsules. In the others nobody can tell them from the rest. Where people outside the lot can get the treatment as well, no single person
# shows whether they are one.

# %% [markdown]
# ### Ms. A, without the equations
#
# Suppose the clinic has its records, severity included, its drawing, and a trial of the treatment; but no equations. Chapter 00 showed two hospitals that agree on all that, and
# not on Ms. A. *Is anything ruled out? And what if somebody adds that the treatment harms nobody?* That is called **monotonicity**.

# %%
clinic_graph = "Z -> X -> Y; Z -> Y"
trial = [({"X": x}, hospital) for x in (0, 1)]
free = bounds(clinic_graph, query, hospital, trial)
sure = bounds(clinic_graph, query, hospital, trial, monotone=[("X", "Y")])
say(f"Records and trial: from {free.low:.2f} to {free.high:.2f}.")
say(f"And nobody is harmed: from {sure.low:.2f} to {sure.high:.2f}.")

# %%
claim("some numbers are ruled out", free.high < 0.9)
both = [alone.value, apart.value]
claim("both hospitals lie within the bounds", free.low - 1e-9 <= min(both) and max(both) <= free.high + 1e-9)
claim("the assumption leaves one value", sure.high - sure.low < 1e-6)
claim("and that is the one of the hospital with one die", abs(sure.low - alone.value) < 1e-6)

# %% [markdown]
# Monotonicity alone would not do. For PN in the bow, with this hospital's tables of `X` and `Y`:

# %%
bow, xy = "X -> Y; X <-> Y", hospital.joint(["X", "Y"])
arms = [({"X": x}, hospital.do(X=x).joint("Y")) for x in (0, 1)]
rows = {}
for name, rises in (("no assumption", []), ("monotone", [("X", "Y")])):
    found = pn.bounds(bow, xy, monotone=rises), pn.bounds(bow, xy, arms, rises)
    rows[name] = [f"{b.low:.2f} to {b.high:.2f}" for b in found]
claim("records and monotonicity leave PN open, from 0 to 1", rows["monotone"][0] == "0.00 to 1.00")
claim("with a trial it has one value", np.ptp([found[1].low, found[1].high]) < 1e-6)
pd.DataFrame.from_dict(rows, orient="index", columns=["records", "records and a trial"])

# %% [markdown]
# ## By which way? Mediation
#
# A treatment `X` works on recovery `Y` directly, and through appetite `M`. *How much of its effect goes through appetite?*

# %%
meals = SCM(
    {"U_X": [0.5, 0.5], "U_M": [0.1] * 10, "U_Y": [0.1] * 10},
    {
        "X": lambda U_X: U_X,
        "M": lambda X, U_M: U_M < 3 + 5 * X,
        "Y": lambda X, M, U_Y: U_Y < 2 + X + 3 * M + 2 * X * M,
    },
)

# %% [markdown]
# To switch one way off, let the other see a different treatment. The **natural direct effect** (Pearl 2001) is $E[Y_{1, M_0} - Y_0]$: treat, but leave everybody the appetite they would have
# had *untreated*. The **natural indirect effect** is $E[Y_{0, M_1} - Y_0]$. One outcome, two worlds inside each other. (For the picture we add that `M = 1` was seen, so that the world as it was is drawn too.)

# %%
# alt: Three rows. The upper one is the world as it is, from X to M to Y. In the middle X is set to 0, with its own M and Y. Below, X is set to 1, and Y listens to it and to the M of the middle row. Between the rows dashed noise, U_M and U_Y, with arrows to each M and each Y.
nested = Counterfactual.parse("E[Y_{X=1, M_{X=0}} - Y_{X=0} | M=1]")
show.worlds(parallel(meals, nested.variables), "Treated, with the appetite of an untreated person")

# %%
total = counterfactual(meals, "E[Y_{X=1} - Y_{X=0}]").value
direct = named.direct_effect("X", "Y", "M").value(meals).value
indirect = named.indirect_effect("X", "Y", "M").value(meals).value
say(f"Total {total:+.2f}, direct {direct:+.2f}, indirect {indirect:+.2f}.")
claim("direct and indirect do not add up: appetite helps the treated more", direct + indirect < total - 0.05)

# %% [markdown]
# Can data say so, without equations? Where nothing is hidden, yes. What `Y` does when both are set is $P(y \mid x, m)$, and how `M` falls when `X` is set is $P(m \mid x)$. So the indirect effect is the **mediation
# formula** (Pearl 2001)
#
# $$\sum_m E[Y \mid X=0, m]\,\big(P(m \mid X=1) - P(m \mid X=0)\big)$$
#
# In words: leave $X$ at 0 for $Y$, and let only the shares of $M$ change. For the direct effect it is $Y$ that hears of the change, and the shares stay. `path_effect` looks at any drawing, and asks along which paths. *Which hidden cause would spoil it?*

# %%
way = path_effect("X -> M -> Y; X -> Y", "X", "Y", "X -> M -> Y")
print(way)
claim("from records alone it is what the equations say", np.isclose(way.evaluate(meals.joint()), indirect))
hidden = path_effect("X -> M -> Y; X -> Y; M <-> Y", "X", "Y", "X -> M -> Y")
print(hidden)

# %%
left = hidden.quantity.bounds("X -> M -> Y; X -> Y; M <-> Y", meals)
claim("from records, with a hidden cause of M and Y, not even the sign is left", left.low < 0 < left.high)
say(f"From {left.low:.2f} to {left.high:.2f}.")

# %% [markdown]
# Here `X` was drawn by lot already. That does not help: those with appetite and those without still differ in the hidden cause. And one more drawing spoils it with no hidden cause at all:

# %%
print(path_effect("X -> W -> M -> Y; W -> Y", "X", "Y", "X -> W -> Y"))

# %% [markdown]
# `W` would have to be told, on one path, that `X` is 1, and on the other that it is 0. Avin, Shpitser and Pearl (2005) call it a recanting witness.

# %% [markdown]
# ## Is it fair?
#
# An insurer sees how people drive, `S`, in classes from 0 to 3: carelessness `U`, from 0 to 2, and one class more in group `A = 1`, which drives faster cars. Carelessness is as common in both groups, and it is what
# the insurer is after. Rule one does not look at the group: pay more from class 2 on. Rule two does: class 2, after `A` is taken off. *Which is fair?*

# %%
insurer = SCM(
    {"U_A": [0.5, 0.5], "U": [0.5, 0.3, 0.2]},
    {
        "A": lambda U_A: U_A,
        "S": lambda A, U: A + U,
        "blind": lambda S: S >= 2,
        "aware": lambda S, A: S - A >= 2,
    },
)
unfair = fairness(insurer, "A", "blind", ["S"])
unfair.round(2)

# %%
fair = fairness(insurer, "A", "aware", ["S"])
claim("the rule that does not see the group would have treated some otherwise", unfair["gap"].max() > 0.9)
claim("the rule that sees it would have treated nobody otherwise", fair["gap"].max() < 1e-12)

# %% [markdown]
# **Counterfactual fairness** (Kusner and colleagues 2017): for this very person, the decision would have been the same in the other group. Leaving `A` out is not enough, for its effects come in
# through `S`. It is enough that the rule can be written with what does not descend from `A`: the second one is `U >= 2`.
#
# Whether that is what fairness *means* is not for mathematics to say. What it needs, mathematics does: a model on the third rung.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 3 imagining | would Ms. A have lived? | all equations, and that one die decides both outcomes |
# | 3 imagining | each patient without the drug | noise is added, so what was seen gives it away |
# | 3 imagining | the effect on the treated | two treatments, records, and an experiment: no more |
# | 3 imagining | did the drug kill Mr. B? | both tables exact, of the same people, half of them takers |
# | 2, 3 | the effect of the capsules; on compliers | the lot acts only through the capsules |
# | 3 imagining | Ms. A again, from tables | the drawing; for one value, that the treatment harms nobody |
# | 3 imagining | direct and indirect effects | nothing hidden behind any two of `X`, `M`, `Y` (for `X` a lottery will do), and no recanting witness |
# | 3 imagining | is the rule fair to this person? | the equations |

# %% [markdown]
# ## What to take away
#
# - **Three steps**: abduction (which luck fits), action (one equation), prediction (the same luck).
# - **A counterfactual is a probability in a larger model**, the twin network. Worlds share their luck; how an equation uses it is the third-rung assumption.
# - **Libraries make that assumption for you**: additive noise, or fresh luck in each world. Ask which.
# - **Without a model there are bounds**, often wide, sometimes a point. Records and experiments together can say more than either.
# - **Some counterfactuals need less than others**: the effect on the treated: records and an experiment; necessity: those, and monotonicity; mediation: the right drawing.
#
# Your prediction for the court: c, if the tables are exact. If you said d, you were right about each table alone.
#
# Now the exercises: open `exercises/07_counterfactuals.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Judea Pearl (2009). *Causality*, 2nd edition. Chapters 7 (structural counterfactuals), 8 (bounds) and 9 (necessity and sufficiency).
# - Alexander Balke and Judea Pearl (1994). Probabilistic evaluation of counterfactual queries. *AAAI*. Twin networks.
# - Alexander Balke and Judea Pearl (1997). Bounds on treatment effects from studies with imperfect compliance. *Journal of the American
#   Statistical Association* 92, 1171–1176.
# - Jin Tian and Judea Pearl (2000). Probabilities of causation: bounds and identification. *Annals of Mathematics and Artificial
#   Intelligence* 28, 287–313.
# - Alfred Sommer and Scott Zeger (1991). On estimating efficacy from clinical trials. *Statistics in Medicine* 10, 45–52.
# - Guido Imbens and Joshua Angrist (1994). Identification and estimation of local average treatment effects. *Econometrica* 62, 467–475.
# - Judea Pearl (2001). Direct and indirect effects. *UAI*.
# - Chen Avin, Ilya Shpitser and Judea Pearl (2005). Identifiability of path-specific effects. *IJCAI*.
# - Ilya Shpitser (2013). Counterfactual graphical models for longitudinal mediation analysis with unobserved confounding. *Cognitive Science* 37, 1011–1035. When an
#   effect along some paths follows from data; this is what `path_effect` decides.
# - Matt Kusner, Joshua Loftus, Chris Russell and Ricardo Silva (2017). Counterfactual fairness. *NeurIPS* 30.
# - Junzhe Zhang, Jin Tian and Elias Bareinboim (2022). Partial counterfactual identification from observational and experimental data. *ICML*.
#   Bounds for any drawing.
