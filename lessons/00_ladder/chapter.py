# ---
# title: The ladder
# question: Why can a model that predicts perfectly not tell me what to do?
# minutes: 60
# extras: []
# ---

# %% [markdown]
# A hospital has kept records for years. They are clear, and they are many: the patients it treated recovered *less often* than
# those it did not treat.
#
# The director asks you one question: **should we stop treating?**
#
# Decide now, before you read on. There is no penalty for a wrong guess; there is one for not guessing, because you will not
# notice what surprised you.

# %%
import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

# %%
predict(
    "00.stop",
    None,  # write "a", "b" or "c" here, with the quotation marks
    options={
        "a": "Yes: patients do better without the treatment.",
        "b": "No: something else must explain the difference.",
        "c": "The records alone cannot decide it.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about an hour you will be able to
#
# 1. sort any question into one of three kinds: **seeing**, **doing**, **imagining**;
# 2. show, by running code, that an excellent predictor gives the wrong answer to a question about acting;
# 3. say which assumption was missing, and why more data does not supply it;
# 4. work out what would have happened to one patient, and see what that answer rests on.
#
# You need Python, a little pandas, and the idea of a conditional probability: $P(Y \mid X)$ is read "the probability of $Y$
# among those with $X$".

# %% [markdown]
# ## The idea in one picture
#
# Judea Pearl sorts causal questions onto the three rungs of a ladder. Each rung asks for more than the one below.
#
# Never mind the formulas yet; each will be said in words. *Look at the ladder: on which rung does the director's question stand?*

# %%
# alt: A ladder with three rungs. Rung 1, seeing: what is Y among those with X. Rung 2, doing: what is Y if I set X. Rung 3, imagining: what would Y have been, had X been different.
show.ladder("Each rung asks for more than the one below")

# %% [markdown]
# The director asked about **doing** something. The records show what was **seen**. The rest of this chapter is about the
# gap between those two words, and about the next gap, above it.

# %% [markdown]
# ## Rung 1: seeing
#
# Here are the records of 10,000 patients. We made them with a computer, and later we will open the machine that made them.
# For now you have what a hospital has: a table.
#
# `X` is the **treatment** (1 treated, 0 not). `Y` is the **outcome** (1 recovered, 0 died).

# %%
records = clinic.model().sample(10_000, cc.rng("records"))[["X", "Y"]]
records.head()

# %% [markdown]
# The simplest prediction: look up how often patients like this one recovered. With one yes-or-no input, no model, however
# deep, can predict better than this table does.

# %%
predictor = records.groupby("X")["Y"].mean()
say(
    f"Among the treated, {predictor[1]:.0%} recovered. Among the untreated, {predictor[0]:.0%} did. "
    f"The difference is {100 * (predictor[1] - predictor[0]):+.0f} percentage points."
)

# %% [markdown]
# Is it a good predictor? A fair test uses patients it has never seen. We draw 10,000 new ones from the same hospital and
# compare.

# %%
# alt: Two pairs of bars. Predicted and actual recovery nearly coincide, at about 70 percent for untreated and 50 percent for treated new patients.
new = clinic.model().sample(10_000, cc.rng("new patients"))
actual = new.groupby("X")["Y"].mean()

title = "On new patients, the predictor is right (simulated)"
fig, ax = show.figure(title, ylabel="patients who recover (%)")
both = [(-0.2, records, "predicted", "muted"), (0.2, new, "happened", "observed")]
for shift, patients, name, style in both:
    rates = patients.groupby("X")["Y"].mean()
    margin = 196 * patients.groupby("X")["Y"].sem()  # 95 % interval, in percentage points
    look = {"color": show.COLOURS[style], "ec": "black", "capsize": 4}
    bars = ax.bar(np.arange(2) + shift, 100 * rates, 0.38, yerr=margin, **look)
    ax.bar_label(bars, [f"{name}\n{rate:.0%}" for rate in rates], padding=2)
ax.set_xticks([0, 1], ["not treated", "treated"])
ax.set_ylim(0, 100)

# %%
off = (predictor - actual).abs().max()
claim("on new patients the predictor is off by less than five points", off < 0.05)

# %% [markdown]
# So we have a model that predicts well, on patients it never saw. It cannot say *who* recovers; it gives the right rates. This is
# rung 1, and it is a real achievement: it tells a patient's family what usually happens to people like them.
#
# Now the director turns the same model to another use. "If we treated nobody, recovery would go up to the higher bar. So:
# stop treating." **Is that the same kind of prediction?**

# %% [markdown]
# ## Rung 2: doing
#
# It is not. Nobody in the records was left untreated *because the hospital decided to stop treating*. To see what that
# would do, we need more than these records. The plainest way is to open the machine that makes them.
#
# Here it is, complete. It has a third variable that was not in our table: `Z`, how **severe** the illness is (1 severe,
# 0 mild). The names that start with `U` are luck (in the code: `noise`): a coin for severity, and a ten-sided die each for the
# doctor's decision and for the patient's constitution. They are thrown independently.
#
# At the end we compare its `joint()` with the one of the clinic: the exact probability of every record that can occur.

# %%
die = [0.1] * 10  # ten faces, numbered 0 to 9, equally likely

hospital = SCM(
    noise={"U_Z": [0.5, 0.5], "U_X": die, "U_Y": die},
    equations={
        "Z": lambda U_Z: U_Z,  # half of the patients are severe
        "X": lambda Z, U_X: U_X < 2 + 6 * Z,  # treated: 2 in 10 of the mild, 8 in 10 of the severe
        # recovered: severity costs 5 in 10, treatment adds 1 in 10
        "Y": lambda X, Z, U_Y: U_Y < 8 - 5 * Z + X,
    },
)
same = np.allclose(hospital.joint(), clinic.model().joint())
claim("these three equations are the clinic that made our records", same)

# %% [markdown]
# Such a list of equations, with the probabilities of the luck, is a **structural causal model**, SCM for short. Each equation
# says what one variable *listens to*. Drawn as arrows, from what is listened to, to what listens, it is a **causal graph**.

# %%
# alt: A causal graph. Severity Z points to treatment X and to recovery Y; treatment X points to recovery Y.
show.graph(
    hospital.graph,
    treatment="X",
    outcome="Y",
    labels={"Z": "severity Z", "X": "treatment X", "Y": "recovery Y"},
    title="Severity acts on both: who is treated and who recovers",
)

# %% [markdown]
# Read the equation for `Y` again: `8 - 5 * Z + X`. What does the treatment do, to a mild patient and to a severe one?
#
# It adds one recovery in ten, **to either kind**: one more face of the patient's die now means recovery, and none less. In this
# world the treatment harms nobody.
# And the records say that the treated do worse. Both are true.

# %% [markdown]
# ### Acting
#
# To act is to *replace an equation*. If the hospital treats everybody, the doctor's die no longer matters: the equation for
# `X` becomes `X = 1`. Everything else stays as it was. This is written $do(X = 1)$.

# %%
treat_all = hospital.do(X=1)
treat_all.sample(4, cc.rng("treated"))

# %% [markdown]
# Four patients from that world: mild or severe, all treated. But nobody needs to be sampled here. The noise has finitely many
# states, so we can list every kind of patient there can be, with its probability `p`, and add up. The answer is exact.

# %%
def recovery(model: SCM, among: int | None = None) -> float:
    """P(Y = 1) in this model, exactly; or P(Y = 1 | X = among)."""
    every = model.worlds()
    if among is not None:
        every = every[every["X"] == among]
    return float((every["p"] * every["Y"]).sum() / every["p"].sum())


seen = {x: recovery(hospital, among=x) for x in (0, 1)}
done = {x: recovery(hospital.do(X=x)) for x in (0, 1)}
pd.DataFrame({"seen: P(Y=1 | X=x)": seen, "done: P(Y=1 | do(X=x))": done}).rename_axis("x").round(2)

# %%
today = recovery(hospital)
say(
    f"Seeing: the treated differ from the untreated by {100 * (seen[1] - seen[0]):+.0f} points. "
    f"Doing: treating everybody, instead of nobody, gives {100 * (done[1] - done[0]):+.0f} points. "
    f"Today {today:.0%} recover. The director expects {seen[0]:.0%} after stopping. "
    f"It would be {done[0]:.0%}. "
    f"Of every hundred patients, {100 * (today - done[0]):.0f} would be lost for nothing."
)
claim("seeing and doing differ in sign", (seen[1] - seen[0]) * (done[1] - done[0]) < 0)

# %% [markdown]
# ### Where did the sign go?
#
# Look at who is treated.

# %%
by_arm = hospital.sample(10_000, cc.rng("records")).groupby("X")["Z"].mean()
say(f"Of the untreated, {by_arm[0]:.0%} were severe. Of the treated, {by_arm[1]:.0%} were.")

# %% [markdown]
# Doctors treat the severe more often. So "treated" in the records also means "probably severe", and a predictor uses that, as it should:
# it makes its predictions better. But when *you* decide who is treated, being treated no longer says anything about
# severity. The clue breaks the moment you act on it.
#
# A common cause of treatment and outcome, such as `Z` here, is called a **confounder**.

# %% [markdown]
# ## Would more data help?
#
# The hospital had 10,000 records. Suppose it had a million. *Before you run the cell: will the estimate come closer to the
# truth, move away from it, or neither?* The bars are 95 % intervals: about 95 of 100 such samples have one that holds the
# difference in the whole hospital.

# %%
sizes = [100, 1_000, 10_000, 100_000, 1_000_000]
rows = []
for n in sizes:
    rates = hospital.sample(n, cc.rng(f"{n} records")).groupby("X")["Y"].agg(["mean", "var", "size"])
    rows.append((rates["mean"][1] - rates["mean"][0], 1.96 * np.sqrt((rates["var"] / rates["size"]).sum())))
gap, margin = 100 * np.array(rows).T

# %%
# alt: The difference between treated and untreated against the number of records. Intervals shrink around minus 20 points, far from a line at the true effect, plus 10 points.
fig, ax = show.figure(
    "More data makes you surer of the wrong answer (simulated)",
    xlabel="number of records",
    ylabel="treated minus untreated\n(percentage points)",
)
ax.errorbar(sizes, gap, yerr=margin, fmt="o", color=show.COLOURS["treatment"], capsize=4)
ax.axhline(100 * (done[1] - done[0]), color=show.COLOURS["truth"], linewidth=1)
ax.text(1e6, 100 * (done[1] - done[0]) + 1, "true effect of treating", ha="right", va="bottom")
ax.set_xscale("log")
ax.set_ylim(-50, 20)

# %%
claim("with a million records the whole interval lies on the wrong side of zero", gap[-1] + margin[-1] < 0)
claim("and it is narrower than half a point", 2 * margin[-1] < 0.5)

# %% [markdown]
# The estimate is *excellent*. It is an excellent estimate of something else: of the difference we **see**. Sample size cures
# the luck of the draw. It does not turn seeing into doing.

# %% [markdown]
# ## What would help: an assumption of the right kind
#
# Now suppose the hospital had also written down `Z`. Then we can compare like with like: within the mild, within the severe.
# Among the severe, only the doctor's die decides who is treated, and that die knows nothing of the patient's constitution. So
# among the severe, seeing *is* doing; and the same among the mild.
#
# Then we average over *all* patients, because that is whom we would treat:
#
# $$P(Y = 1 \mid do(X = x)) = \sum_z P(Y = 1 \mid X = x, Z = z)\, P(Z = z)$$
#
# In words: the recovery rate of each kind of patient under treatment $x$, weighted by how common that kind is in the
# hospital. This is called **adjusting** for $Z$.

# %%
def adjusted(table: pd.Series, x: int) -> float:
    """Sum over z of P(Y=1 | x, z) P(z); table: the joint P(z, x, y)."""
    p = table.unstack("Y")  # one row for each (z, x), one column for each y
    p_z = p.sum(axis=1).groupby("Z").sum()
    p_recover = (p[1] / p.sum(axis=1)).xs(x, level="X")
    return float((p_recover * p_z).sum())


off = max(abs(adjusted(hospital.joint(), x) - done[x]) for x in (0, 1))
claim("adjusting for severity gives the effect of acting", off < 1e-9)

# %% [markdown]
# It works. From records alone, plus `Z`, we have answered a question about acting. Have we climbed the ladder by data?
#
# No. We used something that our table does not contain: that treatment does not change severity, and that among patients
# equally ill, who is treated has nothing to do with how they would fare. That is knowledge about how the world works, on rung 2.
# The next cell shows what happens when it is false.

# %% [markdown]
# ### Break the assumption
#
# Here is another hospital. It treats by tossing a coin. Its treatment is harsh: it *brings on* severe illness in many
# patients. In this world `Z` comes after `X`.

# %%
harsh = SCM(
    noise={"U_X": [0.5, 0.5], "U_Z": die, "U_Y": die},
    equations={
        "X": lambda U_X: U_X,
        "Z": lambda X, U_Z: U_Z < 2 + 6 * X,  # treatment makes severe illness more likely
        "Y": lambda X, Z, U_Y: U_Y < 8 - 5 * Z + X,
    },
)
in_harsh = harsh.joint().reorder_levels(["Z", "X", "Y"])
two = pd.DataFrame({"first hospital": hospital.joint(), "harsh hospital": in_harsh})
two.round(3)

# %%
same = float((two["first hospital"] - two["harsh hospital"]).abs().max())
claim("every record, severity included, is equally likely in both hospitals", same < 1e-12)

# %% [markdown]
# So whatever table, plot, test or neural network you compute, no number of records can tell the one hospital from the other.
# *Before you run the cell: is the effect of treating the same?*

# %%
harsh_effect = recovery(harsh.do(X=1)) - recovery(harsh.do(X=0))
say(
    f"First hospital: treating changes recovery by {100 * (done[1] - done[0]):+.0f} points. "
    f"Harsh hospital: by {100 * harsh_effect:+.0f} points. Adjusting for $Z$ gives "
    f"{100 * (adjusted(two['harsh hospital'], 1) - adjusted(two['harsh hospital'], 0)):+.0f} in both."
)
claim("same records, opposite effects", (done[1] - done[0]) * harsh_effect < 0)

# %% [markdown]
# So no method, however clever, can find the effect from these records alone: it would have to give two different answers to
# the same input. What tells the hospitals apart is the *direction of one arrow*. Here you must bring it to the data; these
# records do not hold it. (The director has another way: to let a coin decide who is treated. That is acting. In the harsh
# hospital the coin decides already, so there the plain difference was right, and adjusting made it wrong.)
#
# > To answer a question on a rung, you need knowledge on that rung: an assumption, or, for doing, an experiment. More data from
# > the rung below does not lift you.

# %% [markdown]
# ## Rung 3: imagining
#
# We are back in the first hospital. Ms. A was treated. She died. Her family asks:
#
# **Would she have lived, had she not been treated?**
#
# You have two numbers at hand already. Would you tell them one of these?

# %%
say(
    f"- {seen[0]:.0%}: the share of untreated patients who recovered (seeing)\n"
    f"- {done[0]:.0%}: the share who would recover if nobody were treated (doing)"
)

# %% [markdown]
# Neither is about *her*. She is not any untreated patient, and not any patient: she is one who was treated and died. That
# tells us something about her. She was probably severe, and her constitution was not of the strongest.
#
# The question is about the same person in two worlds: the one that happened and one that did not. It is called a
# **counterfactual**, and it is written
#
# $$P(Y_{X=0} = 1 \mid X = 1, Y = 0)$$
#
# In words: among patients who were treated and died, the share who would have recovered had they not been treated. The
# subscript says in which world the outcome is taken.

# %% [markdown]
# With the machine open, we can answer. List every kind of patient. Keep those who fit what happened to her. Then give the
# *same* patients, with the same luck, no treatment.

# %%
def would_have_lived(model: SCM) -> float:
    """P(Y_{X=0} = 1 | X = 1, Y = 0), exactly: among the treated who died, the share who recover untreated."""
    happened = model.worlds()
    imagined = model.do(X=0).worlds()  # the rows line up: the same noise, so the same patients
    like_her = (happened["X"] == 1) & (happened["Y"] == 0)
    p = happened.loc[like_her, "p"]
    return float((p * imagined.loc[like_her, "Y"]).sum() / p.sum())


chance = would_have_lived(hospital)
say(f"Had she not been treated, the chance that she would have lived is **{chance:.0%}**.")

# %% [markdown]
# Neither of the two numbers, and far from both. In this hospital the treatment only ever adds to a patient's chances. Whoever
# died with it would have died without it. No table told us so. It is built into the equation for `Y`, where one and the same
# die decides both outcomes, in the same direction.

# %%
treated, untreated = hospital.do(X=1).worlds()["Y"], hospital.do(X=0).worlds()["Y"]
claim("nobody in this hospital is harmed by being treated", (treated >= untreated).all())

# %% [markdown]
# ### Could an experiment have told us?
#
# Suppose we ran the best experiment there is: a million patients, treated or not by the toss of a coin. It would show
# both recovery rates under $do$, in the mild and in the severe. Would that settle Ms. A's case?
#
# Here is a third hospital. It differs from the first in one thing. There, one die decided how a patient fares with *and*
# without treatment. Here there are two unrelated dice, one for each.

# %%
two_dice = SCM(
    noise={"U_Z": [0.5, 0.5], "U_X": die, "U_0": die, "U_1": die},
    equations={
        "Z": hospital.equations["Z"],
        "X": hospital.equations["X"],
        "Y": lambda X, Z, U_0, U_1: np.where(X == 1, U_1 < 9 - 5 * Z, U_0 < 8 - 5 * Z),
    },
)

# %%
claim("every record is equally likely in both hospitals", np.allclose(two_dice.joint(), hospital.joint()))
acts = [{"X": 0}, {"X": 1}, {"Z": 0}, {"Z": 1}, *({"X": x, "Z": z} for x in (0, 1) for z in (0, 1))]
alike = all(np.allclose(two_dice.do(**act).joint(), hospital.do(**act).joint()) for act in acts)
claim("and every experiment on treatment, severity or both comes out the same", alike)

# %% [markdown]
# Nothing you can see and nothing you can do tells the two apart. *Does the family get the same answer?*

# %%
def three_answers(model: SCM) -> list[float]:
    """One answer for each rung: P(Y=1 | X=1), P(Y=1 | do(X=1)), P(Y_{X=0}=1 | X=1, Y=0)."""
    return [recovery(model, among=1), recovery(model.do(X=1)), would_have_lived(model)]


# %%
# alt: Three groups of bars, one for each rung. The two hospitals agree on seeing, 50 percent, and on doing, 65 percent, and disagree on imagining, 0 against 32 percent.
title = "Equal in all you can see and do, different in what you imagine"
fig, ax = show.figure(title, ylabel="probability (%)")
both = [(-0.2, hospital, "one die", "observed"), (0.2, two_dice, "two dice", "muted")]
for shift, model, name, style in both:
    heights = 100 * np.array(three_answers(model))
    bars = ax.bar(np.arange(3) + shift, heights, width=0.38, color=show.COLOURS[style], edgecolor="black")
    ax.bar_label(bars, [f"{name}\n{h:.0f}%" for h in heights], padding=2)
ticks = ["1 seeing\nrecover, among\nthe treated", "2 doing\nrecover, if all\nare treated"]
ticks += ["3 imagining\nMs. A lives,\nuntreated"]
ax.set_xticks(range(3), ticks)
ax.set_ylim(0, 90)

# %%
apart = abs(would_have_lived(two_dice) - would_have_lived(hospital))
claim("the two hospitals differ only on the third rung", apart > 0.3)

# %% [markdown]
# In the hospital with one die, the treatment could not have killed her. In the hospital with two dice it may well have. No
# record and no experiment can say in which of them she died. (They can rule some numbers out, as chapter 07 will show. They
# cannot pick one.) To answer for one patient you need an assumption about how a
# person's outcomes in different worlds hang together. That is a third-rung assumption.
#
# It is the same step again, one rung higher. The hospitals of rung 2 shared all that can be seen. These two share all that
# can be done as well.

# %% [markdown]
# ## And a language model?
#
# A language model learns to continue text. Suppose its text is the hospital's records, one sentence for each patient. Here
# is such a model in its plainest form: it looks up how the sentences it has read went on.

# %%
corpus = [
    f"the patient was {'treated' if x else 'not treated'} and {'recovered' if y else 'died'}"
    for x, y in records.to_numpy()
]


def continues(prompt: str, word: str = " recovered") -> str:
    """How often `word` follows `prompt` in the corpus."""
    read = [text for text in corpus if text.startswith(prompt)]
    return f"{np.mean([text.startswith(prompt + word) for text in read]):.0%}" if read else "never read this"


# %%
prompts = ["the patient was treated and", "the patient was not treated and"]
prompts += ["if we treat everybody, a patient"]
pd.DataFrame({"prompt": prompts, "goes on with 'recovered'": [continues(prompt) for prompt in prompts]})

# %% [markdown]
# It has learned rung 1 of its text, exactly. The third prompt asks about doing, and no sentence in the records begins like
# that. A large model, trained on this text alone, would not stay silent: it would go on from the nearest sentences it knows, and
# those speak of patients who *happened* to be treated.
#
# More of the same text does not help, by the same argument as above. So if a language model is to answer "what if" reliably,
# the assumptions have to enter somewhere. There are four places to look for them:
#
# 1. **the data**: text about experiments, or about causes, and not only records;
# 2. **the architecture**: a causal graph built into the network;
# 3. **the learned parameters**: something in the weights that works like the equations above;
# 4. **the prompt**: you write the assumptions down when you ask.
#
# Which of these work, and how we would know, is where this course ends.

# %% [markdown]
# ## The way from here
#
# *Before you run the cell: which rung, do you think, will keep us busiest?*

# %%
# alt: The seventeen chapters of the course in a column, with dots for the rungs each one works on. Chapters 02 to 06 stand on rungs 1 and 2; from chapter 07 on most reach rung 3.
show.course_map("Every chapter, and the rungs it works on")

# %% [markdown]
# Chapter 01 starts from the gap between one patient's two outcomes. Chapters 02 to 04 turn arrows into a language. Chapters 05
# and 06 decide which questions the data can answer, and answer them by fitting a program. Chapters 07 and 08 climb to the third
# rung. From chapter 09 on, people, images and language models are held to the same ladder.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | how many of the treated recover? | the new patients come from the same hospital |
# | 2 doing | how many recover if we treat everybody? | treatment does not change severity; among the equally ill, who is treated has nothing to do with how they would fare |
# | 3 imagining | would Ms. A have lived untreated? | whoever would recover untreated would also recover treated: nobody is harmed |

# %% [markdown]
# ## What to take away
#
# - **Three kinds of question**: seeing, doing, imagining. Ask of every question on which rung it stands.
# - **A predictor answers rung 1**, however good it is. Ours was right about new patients and had the wrong sign for action.
# - **More data makes the wrong answer more precise.** What lifts you is an assumption about how the world works, or, to rung 2,
#   an experiment.
# - **Two worlds can agree on all you can see and differ in what you can do**; two can agree on all you can do and differ in what
#   would have been.
#
# Go back to your guess at the top. If you chose *c*, you were right about the records: alone, they cannot decide. If you chose
# *b*, you were right about this hospital, and you used an assumption. Which one? And *a* would have been right in the harsh
# hospital, with the same records.
#
# Now the exercises: open `exercises/00_ladder.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Judea Pearl and Dana Mackenzie (2018). *The Book of Why.* Basic Books. The ladder, told for everyone; chapter 1.
# - Judea Pearl (2009). *Causality: Models, Reasoning, and Inference*, 2nd edition. Cambridge University Press. Structural models and
#   counterfactuals, exactly; chapters 1, 3 and 7.
# - Judea Pearl (2019). The seven tools of causal inference, with reflections on machine learning. *Communications of the ACM*
#   62(3), 54–60.
# - Elias Bareinboim, Juan D. Correa, Duligur Ibeling and Thomas Icard (2022). On Pearl's hierarchy and the foundations of causal
#   inference. In *Probabilistic and Causal Inference: The Works of Judea Pearl*, ACM Books. Why the rungs almost never collapse.
