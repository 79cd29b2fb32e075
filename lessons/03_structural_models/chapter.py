# ---
# title: Structural models and the do-operator
# question: What changes when I act?
# minutes: 80
# extras: [engines, dowhy]
# ---

# %% [markdown]
# In the 1980s a London hospital had two ways to remove a kidney stone. The old one was open surgery. The new one went through
# the skin with a thin tube; its name is percutaneous nephrolithotomy, and we call it *the tube*. Charig and colleagues counted
# how often each succeeded, in 350 patients each.

# %%
import logging
import warnings

import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.engines import compare, to_pgmpy, why_dashes
from causalcourse.noise import Finite, Normal, Uniform
from causalcourse.scm import SCM
from causalcourse.worlds import kidney

# %%
warnings.filterwarnings("ignore", category=FutureWarning)  # pgmpy announces changes; they concern its authors
logging.getLogger("pgmpy").setLevel(logging.ERROR)

import pgmpy
import pyro
import pyro.distributions as dist
import torch
from pgmpy.factors.discrete import TabularCPD
from pgmpy.inference import CausalInference, VariableElimination
from pgmpy.models import DiscreteBayesianNetwork

# %%
counts = kidney.counts()
size = counts["Z"].map({0: "small stones", 1: "large stones"})
how = counts["X"].map({0: "tube", 1: "open surgery"})
table = counts.assign(stone=size, treatment=how).pivot(index="treatment", columns="stone")
success, patients = table["successes"], table["patients"]
overall = success.sum(axis=1) / patients.sum(axis=1)
overall.map("{:.0%}".format).to_frame("success, all stones")

# %% [markdown]
# The tube wins. Then somebody split the same 700 patients by the size of the stone: smaller than two centimetres, or larger.

# %%
rates = success / patients
(rates.map("{:.0%}".format) + " of " + patients.astype(str))[["small stones", "large stones"]]

# %% [markdown]
# Now open surgery wins, for small stones **and** for large ones. Nothing was miscounted. You have a kidney stone, and nobody
# has measured it yet. Which treatment do you ask for? Commit yourself before you read on.

# %%
predict(
    "03.stones",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "The tube: it succeeds more often over all, and my stone is one of all.",
        "b": "Open surgery: it is better for either kind of stone, so it is better for mine.",
        "c": "Neither table can be trusted; such a contradiction shows that the data are bad.",
        "d": "It depends on something that is in neither table.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about eighty minutes you will be able to
#
# 1. write down a structural model as a textbook does, and run it;
# 2. say what `do` changes in the equations, in the drawing and in the formula, and what it leaves alone;
# 3. compute what an action brings by the truncated factorisation, from a table you could have counted;
# 4. resolve Simpson's paradox, and say why no amount of counting resolves it;
# 5. ask the same question of pgmpy, Pyro, ChiRho and DoWhy, and know when not to trust the answer.
#
# You need chapters 00 and 02: the ladder, and how to read a causal graph.

# %% [markdown]
# ## The idea in pictures: who decides?
#
# Why are the two tables at odds? Look at who got what. Of the patients with a large stone, most had open surgery; of those
# with a small one, most had the tube. The doctors looked at the stone, then chose. And large stones are harder to remove,
# whatever you do.

# %%
# alt: A causal graph. Stone size Z points to treatment X and to success Y; treatment X points to success Y.
labels = {"Z": "stone size Z", "X": "treatment X", "Y": "success Y"}
show.graph(
    "Z -> X -> Y; Z -> Y",
    treatment="X",
    outcome="Y",
    labels=labels,
    title="What happened: the stone decides the treatment",
)

# %% [markdown]
# `X` listens to `Z`. When we *see* open surgery we learn something: the stone was probably large. Now suppose that a new rule
# says: **everybody gets open surgery**. *Which arrow of the picture is gone?*

# %%
# alt: The same graph with the arrow from stone size to treatment removed: Z points to Y, X points to Y, and nothing points to X.
show.graph(
    "Z; X -> Y; Z -> Y",
    treatment="X",
    outcome="Y",
    labels=labels,
    title="What we do: the rule decides, and nobody asks the stone",
)

# %% [markdown]
# The arrow *into* the treatment. The rule decides now, and the rule does not look at the stone. Everything else stays as it
# was: stones have the sizes they had, and success still listens to both.
#
# That is the whole idea of this chapter. **To act is to cut the arrows into what you act on, and to leave everything else
# alone.** Pearl calls it *surgery*, which is odd in a chapter about surgeons.

# %% [markdown]
# ## The idea in code: a model as the textbook writes it
#
# A **structural causal model** (SCM) has four parts: noise variables $U$, variables $V$ that we can see, one equation for
# each of those, and a distribution for the noise. For the stones, in a textbook's notation:
#
# $$Z := [U_Z < 0.49] \qquad X := [U_X < f(Z)] \qquad Y := [U_Y < g(X, Z)]$$
#
# with $U_Z, U_X, U_Y$ drawn independently and uniformly between 0 and 1. The bracket is 1 when what is in it is true, else 0.
# Read $:=$ as "listens to and becomes". It is not an equals sign: the right side *makes* the left side, and not the other way
# round. The noise $U$ stands for all that we do not write down.

# %%
large = patients["large stones"].sum() / patients.to_numpy().sum()
chance_open = (patients.loc["open surgery"] / patients.sum())[["small stones", "large stones"]].to_numpy()
chance_success = rates.loc[["tube", "open surgery"], ["small stones", "large stones"]].to_numpy()  # [x, z]

stones = SCM(
    noise={"U_Z": Uniform(), "U_X": Uniform(), "U_Y": Uniform()},
    equations={
        "Z": lambda U_Z: U_Z < large,
        "X": lambda Z, U_X: U_X < chance_open[Z],
        "Y": lambda X, Z, U_Y: U_Y < chance_success[X, Z],
    },
)
stones.sample(5, cc.rng("five patients"))

# %% [markdown]
# Each line is an equation of the textbook, and the names of its arguments are its parents. The model reads its graph off
# them. *Before you run the cell: which graph?*

# %%
say(f"The graph that these equations draw: `{stones.graph}`")
seen = stones.sample(200_000, cc.rng("hospital"))
share = seen.groupby("X")["Y"].mean()
say(f"In 200,000 simulated patients: tube {share[0]:.0%}, open surgery {share[1]:.0%}.")
real = overall[["tube", "open surgery"]]
claim("the simulated hospital shows what the real one counted", np.allclose(share, real, atol=0.01))

# %% [markdown]
# ### From a sample to an exact answer
#
# A sample is never exact, and one more small step removes the need for it. All that matters of $U_Y$ is between which two of
# four success rates it falls. So it need not be any number between 0 and 1: five states are enough. `kidney.model()` is the
# same model with noise cut down like that. Noise with finitely many states can be listed, all of it, and then nothing is left
# to chance.

# %%
hospital = kidney.model()
say(f"P(success | open surgery) = {hospital.joint(['X', 'Y'])[1, 1] / hospital.joint('X')[1]:.4f}, exactly.")
same = np.isclose(hospital.joint(["X", "Y"])[1, 1] / hospital.joint("X")[1], 273 / 350)
claim("that is the published share, 273 of 350", same)

# %% [markdown]
# ## Seeing against doing
#
# Two questions that sound alike:
#
# - $P(Y = 1 \mid X = 1)$, read "the probability of success **given that we see** open surgery": among those who had it;
# - $P(Y = 1 \mid do(X = 1))$, read "the probability of success **if we do** open surgery": on everybody, by rule.
#
# For the first we pick rows out of the model. For the second we change the model: the equation of `X` is replaced by
# $X := 1$. *Before you run the cell: will open surgery look better or worse when we do it than when we see it?*

# %%
def seeing(model: SCM, x: int) -> float:
    """P(Y = 1 | X = x), exactly."""
    joint = model.joint(["X", "Y"])
    return joint[x, 1] / joint[x].sum()


def doing(model: SCM, x: int) -> float:
    """P(Y = 1 | do(X = x)), exactly."""
    return model.do(X=x).joint("Y")[1]


names = ["tube (X = 0)", "open surgery (X = 1)"]
answers = pd.DataFrame({ask.__name__: [ask(hospital, x) for x in (0, 1)] for ask in (seeing, doing)})
answers.set_axis(names).map("{:.1%}".format)

# %%
claim("seeing: the tube looks better", seeing(hospital, 0) > seeing(hospital, 1))
claim("doing: open surgery is better", doing(hospital, 1) > doing(hospital, 0))

# %%
# alt: Two lines from seeing to doing. The tube falls from 83 to 78 percent, open surgery rises from 78 to 83 percent; they cross.
title = "Those who had surgery did worse; surgery does better (published counts)"
fig, ax = show.figure(title, ylabel="success (percent)")
looks = {"tube": ("s", "white", "--"), "open surgery": ("o", show.COLOURS["treatment"], "-")}
for x, (name, (marker, fill, line)) in enumerate(looks.items()):
    ends = 100 * answers.loc[x]
    ax.plot([0, 1], ends, line, marker=marker, mfc=fill, mec="black", color="black", ms=10, lw=1.5)
    ax.text(-0.06, ends["seeing"], f"{name} {ends['seeing']:.1f}", ha="right", va="center")
    ax.text(1.06, ends["doing"], f"{name} {ends['doing']:.1f}", ha="left", va="center")
ax.set_xticks([0, 1], ["seeing:\nthose who had it", "doing:\neverybody, by rule"])
ax.set(xlim=(-0.75, 1.75), ylim=(76, 85))

# %% [markdown]
# Open surgery looked bad because it was given the hard cases. Do it to everybody, and it gets easy cases as well.

# %% [markdown]
# ## The formula: leave one factor out
#
# What did `do` change in the *distribution*? Any model with the graph $Z \to X$, $Z \to Y$, $X \to Y$ makes the data in three
# steps, so their probability is a product of three factors:
#
# $$P(z, x, y) = P(z)\; P(x \mid z)\; P(y \mid x, z)$$
#
# in words: how common such stones are, times how often such a stone gets this treatment, times how often that succeeds. Acting
# replaces the second step. So drop its factor, $P(x \mid z)$, and keep the others:
#
# $$P(z, y \mid do(x)) = P(z)\; P(y \mid x, z) \qquad\text{and so}\qquad P(y \mid do(x)) = \sum_z P(z)\, P(y \mid x, z)$$
#
# in words: stones are as common as they are among **all** patients, and each kind succeeds as it does under treatment $x$. This
# is the **truncated factorisation**, also called the g-formula. In general, for any model whose noise is not shared: write
# the joint as a product, one factor $P(v \mid \text{parents of } v)$ for each variable, and leave out the factors of what you
# set. Now with arrays. *Over which axis does the sum go?*

# %%
p = hospital.joint(["Z", "X", "Y"]).to_numpy().reshape(2, 2, 2)  # p[z, x, y]
p_z = p.sum(axis=(1, 2))
p_y = p / p.sum(axis=2, keepdims=True)  # P(y | z, x)
truncated = np.einsum("z,zxy->xy", p_z, p_y)
acting = [doing(hospital, x) for x in (0, 1)]
claim("the formula is what acting in the model gives", np.allclose(truncated[:, 1], acting))

# %% [markdown]
# Look at what happened. On the left stands something about a world in which we act. On the right there is nothing but shares
# that can be counted in the world where nobody acted. **The drawing lets you compute the one from the other.** If you had
# conditioned in the ordinary way, you would have used $P(z \mid x)$, the stones of those who *had* this treatment:
#
# $$P(y \mid x) = \sum_z P(z \mid x)\, P(y \mid x, z)$$
#
# One letter of difference: $P(z)$ or $P(z \mid x)$.

# %%
p_z_given_x = (p.sum(axis=2) / p.sum(axis=(0, 2))).T  # [x, z]
conditioned = np.einsum("xz,zxy->xy", p_z_given_x, p_y)
looking = [seeing(hospital, x) for x in (0, 1)]
claim("with P(z | x) in place of P(z) it gives seeing", np.allclose(conditioned[:, 1], looking))

# %% [markdown]
# ## Simpson's paradox, resolved
#
# A comparison that turns round when you split the data is called **Simpson's paradox**. So is the rule "always split"? Here
# is the same table of 700 patients with another story. Suppose that `Z` is not the size of the stone, but something written
# down *after* the treatment: say, 1 when fragments were left behind. Then the treatment brings `Z` about.

# %%
# alt: A causal graph. Treatment X points to fragments left Z and to success Y; Z points to Y.
after = kidney.model("after")
show.graph(
    after.graph,
    treatment="X",
    outcome="Y",
    labels={"Z": "fragments left Z", "X": "treatment X", "Y": "success Y"},
    title="Another story for the very same counts",
)

# %%
order = ["Z", "X", "Y"]
same = np.allclose(hospital.joint(order), after.joint(order), atol=1e-12)
claim("both stories give the same 700 patients", same)
advice = {"Z before the treatment": hospital, "Z after the treatment": after}
gain = {story: 100 * (doing(world, 1) - doing(world, 0)) for story, world in advice.items()}
effects = {story: f"{points:+.1f} points" for story, points in gain.items()}
pd.Series(effects, name="effect of open surgery").to_frame()

# %%
before_gain, after_gain = gain.values()
claim("the same numbers, and opposite advice", before_gain > 0 > after_gain)

# %% [markdown]
# If `Z` comes *after*, leaving fragments is part of what the treatment does, and splitting by it takes that part away. Then the
# totals are right, and the tube is better.
#
# So answer *d* at the top was the honest one: what decides is not in either table. It is the direction of one arrow. We know it
# here, because a stone has its size before the surgeon comes. **No statistic of the 700 rows says so**, and none of seven
# million would: both stories give the same rows.

# %% [markdown]
# ## More than one way to act
#
# "Everybody gets open surgery" is one kind of action. Others change the equation of `X` in other ways:
#
# | intervention | the new equation | in code |
# |---|---|---|
# | **hard** | a value: $X := 1$ | `do(X=1)` |
# | **conditional** | a rule that looks at its causes: $X := Z$ | `do(X=lambda Z: Z)` |
# | **stochastic** | a coin: $X := U$ | `do(X=Finite([0.5, 0.5]))` |
# | **shift** | what it would have been, and something more | `do(X=lambda X: X + 1)` |
#
# *Before you run the cell: can any rule beat open surgery for everybody?*

# %%
policies = {
    "as the doctors chose": hospital,
    "tube for everybody": hospital.do(X=0),
    "toss a coin": hospital.do(X=Finite([0.5, 0.5])),
    "open surgery for large stones only": hospital.do(X=lambda Z: Z),
    "open surgery for everybody": hospital.do(X=1),
}
value = {name: world.joint("Y")[1] for name, world in policies.items()}
pd.Series({name: f"{v:.1%}" for name, v in value.items()}, name="success").to_frame()

# %%
claim("no rule here beats open surgery for all", max(value, key=value.get) == "open surgery for everybody")
claim("a coin lands halfway between the two", np.isclose(value["toss a coin"], np.mean(acting)))

# %% [markdown]
# ### The same patients, in two worlds
#
# For a shift we need something that can be more or less. In the clinic of chapter 00 let severity `Z`, the dose `X` and days in
# hospital `Y` be numbers. The sicker get more; being sicker costs days; the dose saves some.

# %%
clinic = SCM(
    noise={"U_Z": Normal(), "U_X": Normal(0, 0.5), "U_Y": Normal(0, 1.5)},
    equations={
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: 5 + Z + U_X,
        "Y": lambda X, Z, U_Y: 20 - 2 * X + 4 * Z + U_Y,
    },
)
units = clinic.draw_noise(400, cc.rng("units"))
as_it_was, one_more = clinic.solve(units), clinic.do(X=lambda X: X + 1).solve(units)

# %% [markdown]
# `draw_noise` makes 400 patients as nature made them, before anything happened: three numbers each. `solve` lets the equations
# run. Solve the *same* noise twice, with and without the action, and you have each patient in two worlds.

# %%
# alt: A cloud of points that rises from left to right: higher doses go with more days. Twelve arrows start at points and all lead one unit to the right and two days down.
title = "Among patients, days rise with the dose; for each patient, they fall (simulated)"
fig, ax = show.figure(title, "dose (units)", "days in hospital")
ax.plot(as_it_was["X"], as_it_was["Y"], ".", color=show.COLOURS["latent"], ms=4)
for i in range(12):
    tail, head = ((world["X"][i], world["Y"][i]) for world in (as_it_was, one_more))
    ax.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.5})
note = "dots: patients as they were\narrows: the same patient, one unit more"
ax.text(0.02, 0.97, note, transform=ax.transAxes, va="top")
ax.set_ylim(0, 22)

# %%
slope = np.polyfit(as_it_was["X"], as_it_was["Y"], 1)[0]
claim("seeing: patients with a larger dose stayed longer", slope > 0)
claim("doing: one unit more saves every patient two days", np.allclose(one_more["Y"] - as_it_was["Y"], -2))

# %% [markdown]
# The arrows are rung 3: one patient, two worlds, the same noise. You can draw them because you wrote the equations. Nobody can
# draw them from data. Chapter 07 asks what it takes.

# %% [markdown]
# ## The same with the libraries people use
#
# ### pgmpy: tables and exact answers
#
# In [pgmpy](https://pgmpy.org) you say the graph, and for each variable a table $P(v \mid \text{parents})$. No equations, no
# noise: so there are rungs 1 and 2, and no rung 3. `do` gives a new network without the arrows into `X`.

# %%
network = DiscreteBayesianNetwork([("Z", "X"), ("Z", "Y"), ("X", "Y")])
network.add_cpds(
    TabularCPD("Z", 2, [[1 - large], [large]]),
    TabularCPD("X", 2, [1 - chance_open, chance_open], ["Z"], [2]),
    TabularCPD("Y", 2, [1 - chance_success.ravel(), chance_success.ravel()], ["X", "Z"], [2, 2]),
)
saw = VariableElimination(network).query(["Y"], evidence={"X": 1}, show_progress=False)
did = VariableElimination(network.do("X")).query(["Y"], evidence={"X": 1}, show_progress=False)
say(f"pgmpy: seeing {saw.get_value(Y=1):.1%}, doing {did.get_value(Y=1):.1%}.")

# %%
claim("pgmpy: seeing is as above", np.isclose(saw.get_value(Y=1), seeing(hospital, 1)))
claim("pgmpy: doing is as above", np.isclose(did.get_value(Y=1), doing(hospital, 1)))

# %% [markdown]
# ### Pyro: a program and two ways to interfere with it
#
# In [Pyro](https://pyro.ai) the model is a program that samples. Two handlers change what it means, and they differ in one
# word. `condition` *keeps* the line that draws `X` and says how it turned out. `do` *replaces* it.

# %%
def program(n: int = 1) -> None:
    """The kidney stones as a Pyro program."""
    open_rate, success_rate = torch.tensor(chance_open), torch.tensor(chance_success)
    with pyro.plate("patients", n):
        z = pyro.sample("Z", dist.Bernoulli(torch.tensor(large))).long()
        x = pyro.sample("X", dist.Bernoulli(open_rate[z])).long()
        pyro.sample("Y", dist.Bernoulli(success_rate[x, z]))


def run(program, n: int = 200_000) -> pyro.poutine.Trace:
    """The program's trace: what it drew, and how likely that was."""
    pyro.set_rng_seed(int(cc.rng("pyro").integers(2**31)))
    return pyro.poutine.trace(program).get_trace(n)


everybody = torch.ones(200_000)
did = run(pyro.poutine.do(program, data={"X": everybody}))
saw = run(pyro.poutine.condition(program, data={"X": everybody}))

# %% [markdown]
# In both traces `Z` and `Y` are drawn in the same way. The difference is in the *weights*: under `condition` each patient counts as
# much as open surgery was likely for a stone like hers. Under `do` that factor is gone. It is the truncated factorisation
# again, in a program.

# %%
weight = saw.nodes["X"]["fn"].log_prob(everybody).exp()  # P(X = 1 | z), the factor that do leaves out
pyro_seeing = ((weight * saw.nodes["Y"]["value"]).sum() / weight.sum()).item()
pyro_doing = did.nodes["Y"]["value"].mean().item()
say(f"Pyro: seeing {pyro_seeing:.0%}, doing {pyro_doing:.0%}.")
exact = [seeing(hospital, 1), doing(hospital, 1)]
claim("Pyro agrees, within a point", np.allclose([pyro_seeing, pyro_doing], exact, atol=0.01))

# %% [markdown]
# ### One model, one table
#
# The course hands one SCM to several libraries and puts the same questions to each: on rung 1, on rung 2, and one of rung 3,
# about patients with a small stone whose tube failed: *would open surgery have
# succeeded?* A dash means that the library has no honest way to the
# answer.

# %%
questions = [
    "P(Y=1 | X=1)",
    "P(Y=1 | do(X=1))",
    "P(Y=1 | do(X=1), Z=1)",
    "P(Y_{X=1}=1 | X=0, Y=0, Z=0)",
]
answers = compare(hospital, questions, n=400_000)
answers

# %%
for row in why_dashes(answers).itertuples():
    say(f"**{row.engine}** on {row.question}: {row.why}")

# %%
within = [
    abs(float(answers.loc[q, engine]) - float(answers.loc[q, "truth"])) <= 0.02
    for q in questions
    for engine in answers.columns[2:]
    if answers.loc[q, engine] != "–"
]
claim("every answer that is given is right, within two points", all(within))

# %% [markdown]
# They agree, because each was given **the same model**. None of them found out that stones come before surgeons. That was
# ours to say.

# %% [markdown]
# ### A case to know
#
# Agreement is not a law of nature. pgmpy has a second way to act, `CausalInference.query(do=...)`. It adjusts for causes of
# the treatment, and takes them as they were *before* the action, even when you also condition on something that the action
# has changed. Let the clinic have a side effect `W`, brought about by treatment and severity. *Among patients who were given the
# treatment by rule, and who show the side effect, how many recover?*

# %%
tenth = [0.1] * 10
side_effect = SCM(
    noise={"U_Z": [0.5, 0.5], "U_X": tenth, "U_W": tenth, "U_Y": tenth},
    equations={
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: 2 + 6 * Z > U_X,
        "W": lambda X, Z, U_W: 1 + 3 * X + 5 * Z > U_W,
        "Y": lambda X, Z, U_Y: 8 - 5 * Z + X > U_Y,
    },
)
acted = side_effect.do(X=1).joint(["W", "Y"])
exact = acted[1, 1] / acted[1].sum()

# %%
engine = CausalInference(to_pgmpy(side_effect))
asked = engine.query(["Y"], do={"X": 1}, evidence={"W": 1}, show_progress=False)
say(f"Truth {exact:.3f}; pgmpy {pgmpy.__version__}'s query says {asked.get_value(Y=1):.3f}.")
differ = abs(asked.get_value(Y=1) - exact) > 0.05
say("More than five points apart." if differ else "Your pgmpy is newer, and has mended it.")

# %% [markdown]
# Cut first, then condition, as in the table above, and pgmpy is right. The lesson is not about one library. **An engine's answer
# is a claim, and you can check it**: act in a model you know, and compare. This course does so in its tests; the page
# `docs/known-errors.md` lists what it found.

# %% [markdown]
# ## Break an assumption and watch it fail
#
# ### A cause nobody wrote down
#
# The formula used $P(z)\,P(y \mid x, z)$: it needs *all* that decides both treatment and success to be in `Z`. Suppose that the
# surgeons also looked at the patient's general health `H`, sent the frail to the tube, and did not write it down.

# %%
frail = SCM(
    noise={"H": [0.6, 0.4], "U_Z": [0.5, 0.5], "U_X": tenth, "U_Y": tenth},
    equations={
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, H, U_X: 5 + 3 * Z - 4 * H > U_X,
        "Y": lambda X, Z, H, U_Y: 8 + X - 2 * Z - 4 * H > U_Y,
    },
)
say(f"The graph: `{frail.graph}`")

# %%
q = frail.joint(["Z", "X", "Y"]).to_numpy().reshape(2, 2, 2)
formula = np.einsum("z,zx->x", q.sum(axis=(1, 2)), q[:, :, 1] / q.sum(axis=2))
truth = [doing(frail, x) for x in (0, 1)]
by_formula, by_acting = 100 * (formula[1] - formula[0]), 100 * (truth[1] - truth[0])
say(f"Effect by the formula {by_formula:+.0f} points, by acting {by_acting:+.0f}.")
claim("with a hidden common cause the formula is wrong", abs(by_formula - by_acting) > 5)

# %% [markdown]
# The drawing shows it: `X <-> Y`, a hidden common cause. A model with such an edge is not a product of
# $P(v \mid \text{parents})$ over what was recorded, and the formula does not apply. What can still be computed, and what cannot,
# is chapter 05.
#
# ### A fat hand
#
# `do(X=1)` replaced *one* equation. That supposes that the others do not notice: each equation is a mechanism of its own and
# goes on working while its neighbour is replaced. This is called **modularity**, or autonomy. Suppose that the new rule makes
# operating rooms so busy that surgeons get hurried: success drops by 8 in 100, whatever is done. The hand that set `X` was
# too fat; it touched `Y` as well.

# %%
busy = SCM({**hospital.noise, "U_hurry": [0.92, 0.08]}, hospital.equations)
busy = busy.do(X=1, Y=lambda Y, U_hurry: Y * (1 - U_hurry))
say(f"The model promised {doing(hospital, 1):.1%}. The busy hospital gets {busy.joint('Y')[1]:.1%}.")
claim("less than the tube promised", busy.joint("Y")[1] < doing(hospital, 0))

# %% [markdown]
# No test on the 700 rows could have warned you: they come from a world without the rule. Modularity is an assumption about
# what your action touches. Say it aloud whenever you write `do`.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | how often did each treatment succeed, over all and by size? | the 700 are a fair sample of such patients |
# | 2 doing | how often would it succeed on everybody? | the arrows: size comes before treatment, and nothing else decides both; modularity: the rule changes one equation; patients like these |
# | 2 doing | which rule is best? | the same |
# | 3 imagining | would *this* patient's stone have gone with open surgery? | all that, and the equations themselves: how one patient's two outcomes hang together |
#
# And the honest note about the real hospital: open surgery was done in 1972–80 and the tube in 1980–85 (Julious and Mullee
# 1994). Patients, doctors and tools may have changed with the years. "Size alone decides both" is an assumption here, and not a
# safe one. The numbers show *how* the paradox works. They do not settle how kidney stones should be treated.

# %% [markdown]
# ## What to take away
#
# - **A structural model is noise, and one equation for each variable.** The graph is read off the equations.
# - **To act is to replace equations**: cut the arrows in, leave the rest alone.
# - **Truncated factorisation**: the same product of factors, without those of what you set. $P(z)$, not $P(z \mid x)$.
# - **Simpson's paradox is settled by arrows, not by rows.** The same counts can call for opposite advice.
# - **Engines agree when they are given the same model.** Checking one against a model you know costs five lines.
# - **Modularity and no hidden common cause** are what you pay. Neither is in the data.
#
# Now the exercises: open `exercises/03_structural_models.ipynb`.

# %% [markdown]
# ## Further reading
#
# - C. R. Charig, D. R. Webb, S. R. Payne and J. E. A. Wickham (1986). Comparison of treatment of renal calculi by open surgery,
#   percutaneous nephrolithotomy, and extracorporeal shockwave lithotripsy. *British Medical Journal* 292, 879–882.
# - Steven A. Julious and Mark A. Mullee (1994). Confounding and Simpson's paradox. *British Medical Journal* 309, 1480–1481. The
#   counts we used, on one page.
# - Judea Pearl (2009). *Causality*, 2nd edition, chapters 1, 3 and 7. Cambridge University Press. Structural models,
#   modularity, the truncated factorisation (section 1.3).
# - James Robins (1986). A new approach to causal inference in mortality studies with a sustained exposure period. *Mathematical
#   Modelling* 7, 1393–1512. The g-formula.
# - Judea Pearl (2014). Understanding Simpson's paradox. *The American Statistician* 68(1), 8–13.
# - Juan D. Correa and Elias Bareinboim (2020). A calculus for stochastic interventions. *AAAI* 34. Conditional, stochastic and
#   other soft interventions.
# - Eli Bingham and others (2019). Pyro: deep universal probabilistic programming. *Journal of Machine Learning Research* 20(28).
# - Ankur Ankan and Johannes Textor (2024). pgmpy: a Python toolkit for Bayesian networks. *Journal of Machine Learning Research*
#   25(265).
