# ---
# title: do-calculus
# question: Can this data answer this question at all?
# minutes: 100
# extras: [engines, dowhy, referees]
# ---

# %% [markdown]
# A simulated town keeps three columns on everybody: who smokes, whose lungs hold tar, who is ill. Among smokers *fewer* are ill
# than among the others. The tobacco company is delighted.
#
# There is also a gene. It makes people like smoking, and it protects their lungs. Nobody has ever measured it, and nobody will.

# %%
import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.adjustment import minimal_adjustment_sets
from causalcourse.docalculus import Derivation, Proof, StepRefused, identify
from causalcourse.engines.referees import formulas
from causalcourse.expression import P, parse
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete
from causalcourse.scm import SCM
from causalcourse.separation import separated

# %% [markdown]
# With the gene in no column, what can the town's records say about what smoking *does*?

# %%
predict(
    "05.town",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "Nothing: a common cause that nobody measured spoils every estimate.",
        "b": "Nothing with these numbers of people; with enough of them, the truth.",
        "c": "Its effect, exactly, if the drawing is right.",
        "d": "Only whether it is harmful, not how much.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about a hundred minutes you will be able to
#
# 1. find an effect through the front door, by hand and from data, where no adjustment works;
# 2. state the three rules of do-calculus, each as a picture;
# 3. prove an identification step by step, with every step checked;
# 4. say "never" with evidence: two worlds with the same data and opposite advice;
# 5. have a machine do all this, check its proof, and know which libraries to trust with which graphs.
#
# You need chapters 02 to 04: separation, `do`, back doors.

# %% [markdown]
# ## The idea in pictures: a front door
#
# The drawing: smoking `X` leaves tar `M`, tar makes ill `Y`, and the gene is a **hidden common cause** of `X` and `Y`, a dashed arc.

# %%
# alt: X points to M, M points to Y, and a dashed arc joins X and Y.
town = CausalGraph.parse("X -> M -> Y; X <-> Y")
words = {"X": "smoking X", "M": "tar M", "Y": "illness Y"}
title = "Where adjustment cannot help: the gene is the arc"
show.graph(town, treatment="X", outcome="Y", labels=words, title=title)

# %%
sets = list(minimal_adjustment_sets(town, "X", "Y"))
say(f"Adjustment sets for the effect of X on Y: {sets or 'none'}.")
claim("no set of measured variables closes the back door", not sets)

# %% [markdown]
# Yet look at the two arrows one at a time. *Which of them can you get from the records, and how?*
#
# - **`X -> M`.** The only other path, `X <-> Y <- M`, is blocked by the collider `Y`. So what we see is what smoking does:
#   $P(m \mid do(x)) = P(m \mid x)$.
# - **`M -> Y`.** There is a back door, `M <- X <-> Y`. `X` stands on it, and `X` is measured. Adjust for it:
#   $P(y \mid do(m)) = \sum_{x'} P(y \mid m, x')\, P(x')$.
#
# Smoking acts on illness *only* through tar. So chain the two:
#
# $$P(y \mid do(x)) = \sum_m P(m \mid x) \sum_{x'} P(y \mid m, x')\, P(x')$$
#
# in words: how much tar would there be if everybody smoked `x`; and how ill does that much tar make people, whoever they are. This is the
# **front-door formula** (Pearl 1995). The prime on $x'$ matters: the inner sum is over everybody's smoking, not over the `x` we set.

# %% [markdown]
# ## The idea in code: by hand, then from data
#
# Here is the town itself, gene and all. *What does smoking do in it? And what do the records seem to say?*

# %%
twenty = [0.05] * 20
model = SCM(
    {"gene": [0.5, 0.5], "U_X": twenty, "U_M": twenty, "U_Y": twenty},
    {
        "X": lambda gene, U_X: 4 + 12 * gene > U_X,
        "M": lambda X, U_M: 2 + 16 * X > U_M,
        "Y": lambda M, gene, U_Y: 11 + 6 * M - 10 * gene > U_Y,
    },
)
p = model.joint(["X", "M", "Y"]).to_numpy().reshape(2, 2, 2)  # p[x, m, y]

# %%
seen = p[:, :, 1].sum(axis=1) / p.sum(axis=(1, 2))  # P(ill | x)
tar = p.sum(axis=2) / p.sum(axis=(1, 2))[:, None]  # P(m | x)
ill = p[:, :, 1] / p.sum(axis=2)  # P(ill | x, m)
does = tar @ (p.sum(axis=(1, 2)) @ ill)  # sum over m of P(m | x), times sum over x' of P(x') P(ill | x', m)
truth = np.array([model.do(X=x).joint("Y")[1] for x in (0, 1)])
say(f"Seen: {100 * (seen[1] - seen[0]):+.0f} points. Front door: {100 * (does[1] - does[0]):+.0f} points.")

# %%
claim("the front door gives what acting gives, to the last digit", np.allclose(does, truth))
claim("what is seen has the wrong sign", (seen[1] - seen[0]) * (truth[1] - truth[0]) < 0)

# %% [markdown]
# Nobody measured the gene, and the answer is exact. That took the drawing: no arrow from gene to tar, none from smoking straight to
# illness. Now from records. The formula is a value in this course: write it as papers do, and evaluate it on a table.

# %%
formula = parse("Σ_M P(M | X) Σ_X' P(Y | M, X') P(X')")
formula

# %%
records = model.sample(20_000, cc.rng("town"))
formula.evaluate(records, Y=1).round(1).rename("P(ill given do(X))").to_frame()


# %%
def points(units: pd.DataFrame, e) -> float:
    """The effect of X on Y in points, by the formula `e`."""
    risk = e.evaluate(units, Y=1)
    return 100 * (risk[1] - risk[0])


ways = {"seen": P("Y | X"), "given tar": parse("Σ_M P(Y | X, M) P(M)"), "front door": formula}
draw = cc.rng("again")
samples = [records.sample(len(records), replace=True, random_state=draw) for _ in range(200)]
drawn = {name: [points(units, e) for units in samples] for name, e in ways.items()}

# %%
# alt: Three estimates with intervals. The front door's holds the true effect; what is seen, and what is seen given tar, lie below zero.
low, value, high = (pd.Series({k: np.percentile(v, q) for k, v in drawn.items()}) for q in (2.5, 50, 97.5))
table = pd.DataFrame({"value": value, "low": low, "high": high})
actual = 100 * (truth[1] - truth[0])
title = "Only the front door finds the effect (simulated; line: truth)"
show.effects(table, title, truth=actual, xlabel="effect (points)")

# %%
claim("the front door is within five points of the truth", abs(value["front door"] - actual) < 5)
claim("the intervals of the two others lie below zero", (high[["seen", "given tar"]] < 0).all())

# %% [markdown]
# ## The three rules
#
# That argument was clever. Must you be clever each time? No: Pearl (1995) wrote down three rules, and it was proved later (Huang and
# Valtorta 2006; Shpitser and Pearl 2006) that they are **complete**: whatever a drawing identifies, these rules and the laws of
# probability derive. Each rule lets you change one thing in $P(y \mid do(x), w)$, *if* a separation holds in a drawing with
# some arrows cut. A drawing with arrows cut is a **mutilated graph**: here the cut ones are dotted.
#
# **Rule 1: leave out, or put in, something seen.** Allowed when `Y` and `Z` are separated, given the rest, once the arrows
# **into** what we set are cut.

# %%
# alt: The chain Z, X, Y with the arrow from Z to X dotted: X is set, and Z reaches Y no more.
chain = CausalGraph.parse("Z -> X -> Y")
first = separated(chain.cut_into("X"), "Y", "Z", ["X"])
title = "Rule 1: once X is set, Z says nothing more of Y"
show.graph(chain, cut=chain.cut_into("X"), conditioned=["X"], outcome="Y", title=title)

# %% [markdown]
# $$P(y \mid do(x), z, w) = P(y \mid do(x), w)$$
#
# in words: whoever sets `X` makes it deaf to `Z`; then `Z` says nothing more about `Y` (`w` is whatever else is seen).
#
# **Rule 2: seeing becomes setting, or the other way round.** Allowed when `Y` and `Z` are separated, given the rest, once the arrows
# **out of** `Z` are cut, and those into what else we set. What is left then are the back doors of `Z`. Here `Z` is smoking, and
# `Y` is tar. *Is a back door open?*

# %%
# alt: The front-door drawing with the arrow from X to M dotted. The path from X by the arc to Y and on to M is drawn heavy; Y, a collider, blocks it.
second = separated(town.cut_out_of("X"), "M", "X")
doors = [path for path, _ in second.blocked]
title = "Rule 2: no back door is open from X to M"
show.graph(town, cut=town.cut_out_of("X"), path=doors, treatment="X", outcome="M", title=title)

# %%
say(f"P(M | do(X)) = P(M | X)? {second}")
say(f"P(Y | do(X)) = P(Y | X)? {separated(town.cut_out_of('X'), 'Y', 'X')}")

# %% [markdown]
# $$P(y \mid do(x), do(z), w) = P(y \mid do(x), z, w)$$
#
# in words: when no back door is open, seeing `z` and setting it come to the same.
#
# **Rule 3: leave out, or put in, something set.** Allowed when `Y` and `Z` are separated, given the rest, once the arrows **into**
# `Z` are cut, and those into what else we set. Here `Z` is tar, and `Y` is smoking.

# %%
# alt: The front-door drawing with the arrows into M dotted. The path from M to Y and over the arc to X is drawn heavy; Y, a collider, blocks it.
third = separated(town.cut_into("M"), "X", "M")
after = [path for path, _ in third.blocked]
title = "Rule 3: setting tar does nothing to smoking"
show.graph(town, cut=town.cut_into("M"), path=after, treatment="M", outcome="X", title=title)

# %% [markdown]
# $$P(y \mid do(x), do(z), w) = P(y \mid do(x), w)$$
#
# in words: when nothing leads from `Z` to `Y`, setting `Z` does nothing to it. One fine point: where something *given* lies below `Z`,
# the arrows into `Z` stay, since what is given then tells something of how `Z` came about.

# %%
claim("rule 1 holds in the chain", bool(first))
claim("rule 2 holds for M and X, rule 3 for X and M", bool(second) and bool(third))

# %% [markdown]
# ## A proof by hand, with a watchful assistant
#
# `Derivation` starts from a question. Each method takes one step and refuses a wrong one. The rules are `rule1`, `rule2`, `rule3`; the
# laws of probability `sum_over`, `chain` and `condition_on`. *First the shortest way one might hope for: just read it off.*

# %%
start = Derivation(town, "Y | do(X)")
try:
    start.rule2("X")
except StepRefused as why:
    refusal = why
    print(why)

# %%
# alt: The drawing without the arrow out of X, which is dotted. The arc from X to Y is heavy: the open path that refuses the step.
refusal.draw()

# %% [markdown]
# The gene. In your own notebook the drawing appears with the refusal; here we caught it. So bring in tar, in two small steps.

# %%
step2 = start.sum_over("M").chain("Y", "M")
step2

# %% [markdown]
# Two factors, one about tar, one about illness. Tar first: rule 2, as in the second picture. `at` says which factor is meant.

# %%
step3 = step2.rule2("X", at="P(M | do(X))")
step3.formula

# %% [markdown]
# Now $P(y \mid do(x), m)$. *Seeing tar* would be *setting tar* if no back door were open between the two; with smoking set,
# none is. And once tar is set, setting smoking does nothing more: rule 3.

# %%
step5 = step3.rule2("M", at="P(Y | do(X), M)").rule3("X", at="P(Y | do(X, M))")
say(f"Are we there? {step5.goal}")
say(step5.suggest())

# %% [markdown]
# $P(y \mid do(m))$ is an adjustment for smoking: four more steps. *Predict which rules, then run the cell.*

# %%
done = step5.sum_over("X", at="P(Y | do(M))").chain("Y", "X", at="P(Y, X' | do(M))")
done = done.rule2("M", at="P(Y | do(M), X')").rule3("M", at="P(X' | do(M))")
done

# %%
say(str(done.goal))
say(str(done.proof.verify()))
claim("it is the front-door formula", done.formula == formula)

# %% [markdown]
# `verify()` is a separate checker of fewer than 150 lines. It knows the rules and nothing of how the proof was found. It looks at
# every separation again, and tries every step on random models with this drawing. *Would it notice a forged step?*

# %%
other = CausalGraph.parse("X -> M -> Y; X <-> Y; X <-> M")  # the gene reaches tar as well
broken = Proof(other, done.query, done.steps, done.formula).verify()
say(f"The same proof where the gene reaches tar: {broken}")
claim("the checker names a step that fails", not broken and broken.step is not None)

# %% [markdown]
# ## The machine
#
# `identify` finds such proofs by itself: the **ID algorithm** (Tian and Pearl 2002; Shpitser and Pearl 2006). It cuts the question into
# **c-components**, sets of variables that hidden causes hold together, and asks for each whether the data determine its factor. It is
# complete: an answer whenever there is one.
#
# The **napkin** is a graph that defeats every adjustment and every front door. *Do you see a way in?*

# %%
# alt: W points to Z, Z to X, X to Y; dashed arcs join W with X and W with Y.
napkin = CausalGraph.parse("W -> Z -> X -> Y; W <-> X; W <-> Y")
show.graph(napkin, treatment="X", outcome="Y", title="The napkin: no back-door set, no front door")

# %%
found = identify(napkin, "Y | do(X)")
found.estimand

# %%
found.proof

# %%
say(str(found.proof.verify()))

# %% [markdown]
# In words: `Z` is like a lot for the pair (`X`, `Y`), once we adjust for `W`. So find what setting `Z` does to both, and divide:
# $P(y, x \mid do(z)) / P(x \mid do(z))$. The formula has a `Z` in it that the question has not: any value of `Z` gives the same.

# %%
hidden_strong = random_discrete(napkin, cc.rng("napkin"))
by_z = found.estimand.evaluate(hidden_strong, X=1, Y=1)
say(f"With Z = 0 and Z = 1: {by_z[0]:.3f} and {by_z[1]:.3f}.")
claim("both are the truth", np.allclose(by_z, P("Y | do(X)").evaluate(hidden_strong, X=1, Y=1)))

# %% [markdown]
# The oldest identification of all, the back door, has four steps. *Which drawings do its two rules look at?*

# %%
adjustment = identify("Z -> X -> Y; Z -> Y", "Y | do(X)").proof
adjustment

# %%
# alt: Z points to X and Y; the arrow from X to Y is dotted. The path from Y over Z to X is heavy, and Z, with a double frame, blocks it.
adjustment.draw(3)

# %%
# alt: Z points to X and Y; the arrow from Z to X is dotted. The path from Z to Y and X is heavy, and the collider Y blocks it.
adjustment.draw(4)

# %% [markdown]
# In your own notebook, `adjustment.show()` tells the whole proof, step by step, with these drawings in their places.

# %% [markdown]
# ## When the answer is no
#
# The smallest question without an answer is the **bow**: `X -> Y; X <-> Y`. Back to the clinic, in years when nobody
# wrote severity down. Two doctors have the same records of treatment `X` and recovery `Y`, of as many patients as you like, and each
# has a full model of the ward. *Nobody doubts P(x, y). Can they still disagree on what to do?*

# %%
ten, forty = [0.1] * 10, [0.025] * 40
noise = {"U": [0.5, 0.5], "U_X": ten, "U_Y": forty}


def listens(U, U_X):
    return np.where(U_X == 0, 1 - U, U)


helps = SCM(noise, {"X": listens, "Y": lambda X, U, U_Y: 17 + 16 * X - 10 * U > U_Y})
harms = SCM(noise, {"X": listens, "Y": lambda X, U, U_Y: 14 - 8 * X + 20 * U > U_Y})
pd.DataFrame({"first world": helps.joint(), "second world": harms.joint()}).round(3)

# %%
advice = {}
for name, world in {"first world": helps, "second world": harms}.items():
    risk = P("Y | do(X)").evaluate(world, Y=1)
    advice[name] = 100 * (risk[1] - risk[0])
say("Treating everybody: " + ", ".join(f"{v:+.0f} points in the {k}" for k, v in advice.items()) + ".")
claim("the records are the same, cell by cell", np.allclose(helps.joint(), harms.joint(), atol=1e-12))
claim("the advice is opposite", advice["first world"] > 10 and advice["second world"] < -10)

# %%
# alt: Two pairs of lines. Left, what is seen: recovery goes from 40 percent untreated to 60 treated, in both worlds alike. Right, what acting does: from 30 up to 70 in the first world, from 60 down to 40 in the second.
fig, ax = show.figure("The same records, opposite advice", "", "patients who recover (%)")
for k, (name, world) in enumerate({"first": helps, "second": harms}.items()):
    marker = "o" if k == 0 else "s"
    for at, e in ((0, P("Y | X")), (3, P("Y | do(X)"))):
        rates = 100 * e.evaluate(world, Y=1)
        places = [at + 0.1 * k, at + 1 + 0.1 * k]
        ax.plot(places, rates, "-" + marker, color="black", mfc="white" if k else "black")
        ax.annotate(name if at else "both" if k else "", (at + 1.1, rates[1]), (at + 1.2, rates[1] - 1))
ax.set_xticks([0, 1, 3, 4], ["X = 0", "X = 1", "do(X = 0)", "do(X = 1)"])
ax.set(xlim=(-0.4, 5), ylim=(0, 100))

# %% [markdown]
# No sample is large enough to choose between the two, because there is nothing to see that differs. Any method that gets only `P(x, y)`
# and this drawing gives both doctors the same answer, and one of them a wrong one. **More data never lifts you.**
#
# The machine says no, and why: it returns a **hedge**, two sets of variables that hidden causes hold together, with the action cutting
# through one and not the other (Shpitser and Pearl 2006). And it builds two worlds for *any* such question.

# %%
never = identify("X -> M -> Y; X <-> Y; X <-> M", "Y | do(X)")
say(str(never))

# %%
worlds = never.counterexample()
print(worlds)

# %%
claim("they agree on all data to rounding", worlds.agreement <= 1e-12)
claim("and differ on the answer", worlds.gap >= 0.05)

# %% [markdown]
# ## What would help: other data, other people
#
# "Never" was said of *these* data. An experiment on something else can open the way. In `Z -> X -> Y; X <-> Z; Z <-> Y` the effect
# of `X` is not identifiable. Suppose you may set `Z` (Bareinboim and Pearl 2012 call it a surrogate experiment).

# %%
surrogate = "Z -> X -> Y; X <-> Z; Z <-> Y"
say(f"Seen only: {bool(identify(surrogate, 'Y | do(X)'))}.")
with_trial = identify(surrogate, "Y | do(X)", data=["P(v)", "P(v | do(Z))"])
with_trial.estimand

# %% [markdown]
# Or the experiment was made on other people, who differ in age `Z` and in nothing else (**transport**; Pearl and Bareinboim 2014).

# %%
ages = "Z -> X -> Y; Z -> Y; X <-> Y"
abroad = identify(ages, "Y | do(X)", data=["P(v)", "P^trial(v | do(X))"], differs={"trial": ["Z"]})
abroad.estimand

# %% [markdown]
# In words: take the effect in each age group from the trial, and weigh it by how common the age is here.

# %%
claim("both come with a proof that holds", bool(with_trial.proof.verify()) and bool(abroad.proof.verify()))

# %% [markdown]
# ## Who is right?
#
# The same six graphs, the same question, put to y0, to DoWhy and to pgmpy. Right means: the formula is $P(y \mid do(x))$ in ten
# random models of the graph, to nine digits; or "none", where there is none. *On which graphs do you expect trouble?*

# %%
graphs = {
    "back door": "Z -> X -> Y; Z -> Y",
    "front door": "X -> M -> Y; X <-> Y",
    "napkin": "W -> Z -> X -> Y; W <-> X; W <-> Y",
    "bow": "X -> Y; X <-> Y",
    "mediator with a hidden cause": "X -> M -> Y; X <-> M",
    "two mediators": "X -> A -> B -> Y; X <-> Y; X <-> B",
}


# %%
def verdict(graph: str, offered) -> str:
    """Whether an offered formula is the effect, or its absence justified."""
    known = bool(identify(graph, "Y | do(X)"))
    if offered is None:
        return "none, right" if not known else "none, though there is one"
    models = [random_discrete(graph, cc.rng(f"{graph} {k}")) for k in range(10)]
    ratio = [(offered / P("Y | do(X)")).evaluate(m) for m in models]
    return "right" if all(np.allclose(r, 1, atol=1e-9) for r in ratio) else "wrong"


# %%
said = {name: formulas(g, "X", "Y") for name, g in graphs.items()}
table = {name: {who: verdict(graphs[name], e) for who, e in row.items()} for name, row in said.items()}
table = pd.DataFrame(table).T
ours = {name: identify(g, "Y | do(X)") for name, g in graphs.items()}
right = [verdict(graphs[name], i.estimand if i else None) for name, i in ours.items()]
table.insert(0, "this course", right)
table

# %%
say(f"y0 on the napkin: {said['napkin']['y0']}.")
say(f"pgmpy on the mediator: {said['mediator with a hidden cause']['pgmpy']}.")
claim("the course is right on all six", table["this course"].isin(["right", "none, right"]).all())

# %% [markdown]
# y0's *verdicts* are right, and two of its formulas are not (issues 372 and 404 of its repository). DoWhy stays silent where neither
# a back door nor a front door helps, which is honest. pgmpy adjusts for the mediator. These are good libraries, and this table is
# computed when you run it: a newer version may do better. What none of them gives is a proof. `docs/identification.md` has times.

# %% [markdown]
# ## The published case: a signalling pathway
#
# A growth factor binds to a cell, and a cascade of proteins hands the message on to Erk, which makes the cell divide. This drawing is the
# one of Mohammad-Taheri and colleagues (2022). Two growth factors, EGF and IGF, act on SOS and on PI3K, and were not measured. The
# question of a drug developer: *what would setting SOS do to Erk?*

# %%
# alt: SOS to Ras; Ras to PI3K and Raf; PI3K to AKT; AKT to Raf; Raf to Mek; Mek to Erk; and an arc between SOS and PI3K.
pathway = CausalGraph.parse("SOS -> Ras -> PI3K -> AKT -> Raf -> Mek -> Erk; Ras -> Raf; SOS <-> PI3K")
show.graph(pathway, treatment="SOS", outcome="Erk", title="The pathway: growth factors hidden in the arc")

# %%
drug = identify(pathway, "Erk | do(SOS)")
drug.estimand

# %%
say(str(drug.proof.verify()))
sets = list(minimal_adjustment_sets(pathway, "SOS", "Erk"))
say(f"The proof has {len(drug.proof)} steps. Adjustment sets: {sets or 'none'}.")

# %% [markdown]
# No adjustment set, and yet an answer: a front door again. Ras carries all of it. *And if the growth factors reached Ras as
# well?*

# %%
worse = CausalGraph.parse(f"{pathway}; SOS <-> Ras")
say(str(identify(worse, "Erk | do(SOS)")))
claim("one more arc ends it", bool(drug) and not identify(worse, "Erk | do(SOS)"))

# %% [markdown]
# That is the worth of the exercise: before a single cell is bought, you know which biological claim the whole analysis hangs on.
# The next chapter fits this very model with a probabilistic program, and asks why that works exactly when do-calculus says yes.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | P(v), from records | a fair sample |
# | 2 doing | P(y given do(x)), from P(v) | the drawing: every missing arrow and every missing arc |
# | 2 doing | the same, from experiments on other variables or other people | the drawing, and what does not differ between the people |
# | 3 imagining | would *this* smoker have stayed well? | not asked here |

# %% [markdown]
# ## What to take away
#
# - **A missing arrow is worth more than a million rows.** The front door identifies an effect that no adjustment finds.
# - **Three rules and the laws of probability are enough**, always: do-calculus is complete.
# - **A proof can be checked.** Do not trust a formula because a program printed it, ours included.
# - **"Never" has evidence**: a hedge, and two worlds with the same data and different answers.
# - **Other data can turn never into yes**: experiments on other variables, or on other people.
#
# Now the exercises: open `exercises/05_do_calculus.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Judea Pearl (1995). Causal diagrams for empirical research. *Biometrika* 82(4), 669–688. The three rules, and the front door.
# - Judea Pearl (2009). *Causality*, 2nd edition, chapter 3. Cambridge University Press.
# - Judea Pearl and Dana Mackenzie (2018). *The Book of Why*, chapter 7. Basic Books. The napkin.
# - Jin Tian and Judea Pearl (2002). A general identification condition for causal effects. *AAAI* 18.
# - Ilya Shpitser and Judea Pearl (2006). Identification of joint interventional distributions in recursive semi-Markovian causal
#   models. *AAAI* 21. And: Identification of conditional interventional distributions. *UAI* 22.
# - Yimin Huang and Marco Valtorta (2006). Pearl's calculus of intervention is complete. *UAI* 22.
# - Elias Bareinboim and Judea Pearl (2012). Causal inference by surrogate experiments: z-identifiability. *UAI* 28.
# - Judea Pearl and Elias Bareinboim (2014). External validity: from do-calculus to transportability across populations. *Statistical
#   Science* 29(4), 579–595.
# - Sara Mohammad-Taheri, Jeremy Zucker, Charles Tapley Hoyt, Karen Sachs, Vartika Tewari, Robert Ness and Olga Vitek (2022). Do-calculus
#   enables estimation of causal effects in partially observed biomolecular pathways. *Bioinformatics* 38.
