# ---
# title: The hierarchy theorem
# question: Can more data lift me a rung?
# minutes: 75
# extras: [engines]
# ---

# %% [markdown]
# Imagine a hospital that lacks nothing. It keeps records without an error, of all patients there will ever be. It trains a network on them, as large as it likes, until
# nothing is left to learn: the network gives every record exactly the probability it has.

# %%
import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.counterfactual import bounds, counterfactual
from causalcourse.docalculus import is_identifiable
from causalcourse.errors import CannotAnswer
from causalcourse.hierarchy import exact_share, furthest_apart, pair, shares
from causalcourse.neural import BENCHMARK, train
from causalcourse.random_models import random_discrete

# %% [markdown]
# The network is asked how many would recover, were everybody treated. Now think of all the hospitals there could be. *For how many of them do perfect records settle the answer, to
# within one point in a hundred?*

# %%
predict(
    "08.perfect",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "For all: perfect knowledge of the records leaves nothing open.",
        "b": "For most: a large network finds the mechanism, as the simplest explanation.",
        "c": "For almost none.",
        "d": "It depends on how many records there are.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about seventy-five minutes you will be able to
#
# 1. make two models that agree on everything that can be seen, and not on what acting does; and two that agree on all that can be seen and done, and not on what would have been;
# 2. state the causal hierarchy theorem in plain words and exactly, and say what it does not say;
# 3. measure how rare the exceptions are;
# 4. show what a neural network can and cannot know from records, with a drawing and without;
# 5. name four places where assumptions of rungs 2 and 3 can live in a model trained on text.
#
# You need chapters 05 (identification) and 07 (counterfactuals).

# %% [markdown]
# ## A pair for the second rung
#
# In chapter 00 two hospitals had the same records and opposite effects. Was that a contrived case? Here is a machine that makes such pairs, for any drawing with an arrow and up to six yes-or-no variables. First the
# bow: treatment `X`, recovery `Y`, and an arc for what nobody wrote down.

# %%
seen = pair("X -> Y; X <-> Y", rung=1, rng=cc.rng("seen"))
seen

# %% [markdown]
# Do not believe it; compare. `furthest_apart` takes the largest difference in the probability of any event: on rung 1 any event about what is seen, on rung 2 under any action as well.

# %%
gap = {rung: furthest_apart(seen.first, seen.second, rung) for rung in (1, 2)}
say(f"Seeing: they differ by {gap[1]:.3f} at most. Doing: by {gap[2]:.3f}.")
claim("no record of any kind tells the two apart", gap[1] < 1e-12)
claim("acting does", gap[2] > 0.1)

# %% [markdown]
# ## A pair for the third rung
#
# Now the drawing `X -> Y` without an arc. The records give the effect, and so does any trial. *Is there anything left for two models to disagree on?*

# %%
done = pair("X -> Y", rung=2, rng=cc.rng("done"))
done

# %%
# alt: Two panels of paired bars. Left, the pair for rung 2: seeing agrees, doing differs. Right, the pair for rung 3: seeing and doing agree, imagining differs.
def bars(ax, found, questions):
    told = zip(("seeing", "doing", "imagining"), questions, strict=False)
    names = [f"{rung}\n{q}".replace(" | ", " |\n") for rung, q in told]
    for shift, model, style in ((-0.2, found.first, "treatment"), (0.2, found.second, "muted")):
        heights = [100 * counterfactual(model, q).value for q in questions]
        drawn = ax.bar(np.arange(len(names)) + shift, heights, 0.36, color=show.COLOURS[style], ec="black")
        ax.bar_label(drawn, fmt="%.0f")
    ax.set_xticks(range(len(names)), names, fontsize=7.5)


fig, left = show.figure("Each pair agrees up to a rung, and no further", ylabel="probability (%)")
left.remove()
left, right = fig.subplots(1, 2, sharey=True, width_ratios=[2, 3])
bars(left, seen, ["P(Y=1 | X=1)", seen.question])
bars(right, done, ["P(Y=1 | X=1)", "P(Y=1 | do(X=1))", done.question])
left.set(title="a pair for rung 2", ylabel="probability (%)", ylim=(0, 115))
right.set(title="a pair for rung 3 (dark: the first model)")

# %%
claim("all that is seen or done is the same", furthest_apart(done.first, done.second, 2) < 1e-12)
claim("what would have been differs", abs(done.answers[0] - done.answers[1]) > 0.1)

# %% [markdown]
# How are they made? For rung 2: where the drawing leaves an effect open, a hidden cause imitates it. For rung 3, as in chapter 00: in the first model one die decides what `Y` is with `X` and without; in the second there is a die for each. Any one world looks
# the same. Only how worlds hang together differs, and no table has two worlds of one unit in a row.

# %% [markdown]
# ## Any drawing
#
# Try it on others. *For which of these do you expect that a pair for rung 2 cannot be made?*

# %%
drawings = {
    "chain": "X -> M -> Y",
    "back door": "Z -> X -> Y; Z -> Y",
    "front door": "X -> M -> Y; X <-> Y",
    "instrument": "Z -> X -> Y; X <-> Y",
    "napkin": "W -> Z -> X -> Y; W <-> X; W <-> Y",
}
rows = []
for name, text in drawings.items():
    for rung in (1, 2):
        p = pair(text, rung, cc.rng(f"{name} {rung}"))
        agree = furthest_apart(p.first, p.second, rung)
        rows.append([name, rung, agree < 1e-12, str(p.question), *p.answers, p.same_graph])
columns = ["drawing", "agree on rung", "to 1e-12", "question above", "first", "second", "same drawing"]
pairs = pd.DataFrame(rows, columns=columns)
pairs.round(2)

# %%
claim("there is a pair for each of these five drawings and either rung", pairs["to 1e-12"].all())
claim("and its answers are apart", ((pairs["first"] - pairs["second"]).abs() > 0.1).all())
lifts = pairs[pairs["agree on rung"] == 1].set_index("drawing")["same drawing"]
say("Two models with *one* drawing, one P(v) and two effects: " + ", ".join(lifts.index[lifts]) + ".")

# %% [markdown]
# Look at the last column. Where do-calculus says yes for the effect of every one variable on every other, no two models *with this drawing* have different effects: the pair needs a second drawing, here one without arrows, with one hidden
# cause behind everything. This is how chapters 04 to 06 fit in. **The drawing is knowledge of the second rung. It comes from you.** Records and drawing together reach rung 2 where do-calculus says yes.
#
# On the way from rung 2 to rung 3 a drawing never settles everything: all these pairs for rung 3 have one drawing. Some questions it does settle, such as the direct effect of chapter 07.
#
# Is there a drawing without a pair? Only those without any arrow: there nothing acts on anything, and the three rungs say the same.

# %%
try:
    pair("X <-> Y", rung=2)
except CannotAnswer as why:
    print(why)

# %% [markdown]
# ## The theorem
#
# These pairs could be rare accidents. The **causal hierarchy theorem** (Bareinboim, Correa, Ibeling and Icard 2022) says that it is the other way round.
#
# *In plain words*: pick a causal model of two or more variables at random. Almost surely there is another that agrees with it on a whole rung, and not on the next.
#
# *Exactly*: say that a rung **collapses** for a model when every model that agrees with it on this rung agrees with it on the next as well. Models are points of a space, up to
# those that agree on all three rungs. The set of points for which rung 1 or rung 2 collapses has Lebesgue measure zero.
#
# "Measure zero" is said of sets that a dart never hits, such as a line on a board, or no point at all.
#
# *Can one see a set that is never hit?* One can make it thicker. Let `X` and `Y` be binary, and anything hidden behind both. All that the three rungs say of such a model is how common each of eight kinds
# of unit is: two for `X`, times the four ways in which `Y` may follow it. We draw a million of them evenly, and ask in how many the rung below leaves an interval narrower than ε.
#
# We ask for one question of the rung above. For rung 2 it must be one. What records leave open about $do(X=1)$ is $P(X=0)$, since nobody with $X=0$ shows what $X=1$ would have done; what they leave open about $do(X=0)$ is $P(X=1)$. The
# two add up to 1. So rung 1 never fixes *both*: the set where it collapses is not thin here, it is empty. For rung 3 the question is the share whom `X` helps, given records and both trials.

# %%
tolerances = np.array([0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05])
found = shares(tolerances, n=1_000_000, rng=cc.rng("shares"))
(100 * found).round(3).rename_axis("narrower than ε").add_suffix(" (% of models)")

# %%
# alt: Two lines on logarithmic axes, straight and parallel where the tolerance is small, steeply falling; circles and squares from counting lie on them. The upper one is for rung 3.
def exact(e):
    """The share with an interval narrower than e, for the first question; the second has it at 2e."""
    return 35 * e**4 - 84 * e**5 + 70 * e**6 - 20 * e**7


title = "How rarely a rung fixes even one question of the next"
fig, ax = show.figure(title, "tolerance ε", "share of models")
places = ((0.035, 3e-6, 1, "o"), (0.009, 5e-3, 2, "s"))
for column, (x, y, times, marker) in zip(found, places, strict=True):
    e = np.geomspace(0.01, 0.5, 80)
    ax.plot(e, exact(np.minimum(times * e, 1)), "-", color="black", lw=1)
    ax.plot(found.index, found[column], marker, color="black", mfc="white")
    ax.text(x, y, column, fontsize=9)
ax.set(xscale="log", yscale="log", xlim=(0.008, 0.6), ylim=(1e-7, 2))
ax.set_xticks([0.01, 0.1, 0.5], ["0.01", "0.1", "0.5"])
ax.minorticks_off()

# %%
thin = shares([0.1, 0.05], n=1_000_000, rng=cc.rng("thin"))
halved = thin.loc[0.1] / thin.loc[0.05]
claim("half the tolerance, less than a tenth of the models", (halved > 10).all())

# %% [markdown]
# The marks are counted, the lines calculated. Towards ε = 0 both fall with the fourth power. At zero nothing is left.
#
# A computer has no continuum. *What if all luck is one coin with k equal sides, and `X` and `Y` are drawn evenly among all functions of it?* Then such a question is fixed exactly in a share of the models, whatever luck their rivals may have, and
# one can count.

# %%
small = exact_share([2, 3, 4, 6, 8, 12], n=200_000, rng=cc.rng("small"))
(100 * small).round(2).rename_axis("sides").add_suffix(" (%)")

# %%
counted, formula = small.iloc[:, ::2].to_numpy(), small.iloc[:, 1::2].to_numpy()
claim("counting and formula agree to half a point", np.abs(counted - formula).max() < 0.005)
claim("from 2 sides to 12 both shares fall at least two hundredfold", (formula[0] / formula[-1] > 200).all())

# %% [markdown]
# ### What it does not say
#
# - Not that causal questions have no answer. With an assumption of the right rung they have: a drawing, a trial, monotonicity.
# - Not that *every* question stays open. For a treatment of two values, records and an experiment give the effect on the treated (chapter 07).
# - Not that nothing is known. There are bounds, and some are narrow.
#
# ### And what it does
#
# That no cleverer method gets round it. Any method, a table, a network, a person, is a function of its data (and of its start and its luck, which know nothing of the world). So its answers from the records are the same for both models
# of a pair. Take the pair for rung 2: in one of the two the answer is off by half their distance at least.

# %%
a, b = seen.answers
guesses = np.linspace(0, 1, 10_001)
worst = np.maximum(np.abs(guesses - a), np.abs(guesses - b))
say(f"The best answer is off by {worst.min():.3f} in one of the two. Their distance: {abs(a - b):.3f}.")
claim("no answer is nearer than half the distance to both", abs(worst.min() - abs(a - b) / 2) < 1e-3)

# %% [markdown]
# ## And networks?
#
# One hears that a network, with enough records, finds the mechanism. Let us see. A world of treatment `X`, mediator `M`, outcome `Y`, and a hidden cause of `X` and `Y`. Eight networks with a hidden layer learn
# its records, given as the exact $P(x, m, y)$. They know of no drawing. Each draws its variables one after the other, in some order, with a hidden variable that every variable hears.
#
# All are *pushed* early on: half are rewarded for a large effect, half for a low one, which may be negative. Then the push fades, and all are trained to fit, until none is off by more than a thousandth. Now and then a search does not quite arrive; such a network is no witness, and is left out. Where the records leave freedom, the push
# shows it. (Act on a network as on any model: put a value in place of a variable.) This takes some seconds, and the picture below up to a minute.

# %%
town = random_discrete(BENCHMARK["front door"], cc.rng("town"))
EFFECT = "E[Y_{X=1} - Y_{X=0}]"
truth = counterfactual(town, EFFECT).value
free = train(None, town.joint(), rng=cc.rng("free"))


def witnesses(networks):
    """The effects of those networks that match the records to a thousandth; sometimes one has not arrived."""
    return np.sort(networks.effects[networks.misfit < 1e-3])

# %%
say(f"{len(witnesses(free))} of {len(free.effects)} match every record's probability to a thousandth.")
say(f"Their effects: {', '.join(f'{e:+.2f}' for e in witnesses(free))}. The truth: {truth:+.2f}.")
claim("most match the records to a thousandth", len(witnesses(free)) > 4)
claim("their effects are nine tenths of a unit apart, and more", np.ptp(witnesses(free)) > 0.9)

# %% [markdown]
# Some say that `X` does nothing at all: in their order `Y` comes before `X`. *What would you change: more layers, more records, a longer training?* The records are exact, these all fit to a thousandth, and a better fit would not choose among them.
#
# Now give the same kind of network the **drawing**: each variable hears its parents, and each arc becomes a hidden variable of its own. (Such networks are called neural causal models; Xia, Lee, Bengio and Bareinboim 2021.)
# They are pushed as before.

# %%
drawn = train(BENCHMARK["front door"], town.joint(), rng=cc.rng("drawn"))
say(f"Their effects: {', '.join(f'{e:+.2f}' for e in witnesses(drawn))}. The truth: {truth:+.2f}.")
claim("most match the records as well", len(witnesses(drawn)) > 4)
claim("and pushing does not part them by more than 0.02", np.ptp(witnesses(drawn)) < 0.02)

# %% [markdown]
# The drawing has done what no record could. Now the eight drawings on which Xia and colleagues tried it. *For which four will the networks agree?*

# %%
results = {}
for name, text in BENCHMARK.items():
    world = random_discrete(text, cc.rng(f"world {name}"))
    networks = train(text, world.joint(), rng=cc.rng(f"networks {name}"))
    results[name] = networks, counterfactual(world, EFFECT).value, bounds(text, EFFECT, world)

# %%
# alt: Eight rows. In the four identifiable drawings eight circles lie on one spot, at the cross of the truth. In the bow, the extended bow and the instrument they sit in two clumps near the ends of a thin bar, the bounds; in bad m they lie apart inside it.
title = "Where do-calculus says yes, networks agree. Elsewhere, pushed, they part"
fig, ax = show.figure(title, "effect of X on Y (cross: the truth; bar: the bounds)")
for y, (networks, exact, allowed) in enumerate(reversed(results.values())):
    ax.plot([allowed.low, allowed.high], [y, y], "|-", color="black", lw=1, ms=10)
    ax.plot(effects := witnesses(networks), np.full(len(effects), y), "o", mfc="none", color="black")
    ax.plot(exact, y, "x", color="black")
ax.set_yticks(range(len(results)), reversed(results))

# %%
gaps = {name: np.ptp(witnesses(networks)) for name, (networks, *_) in results.items()}
yes = [name for name, text in BENCHMARK.items() if is_identifiable(text, "Y | do(X)")]
no = [name for name in BENCHMARK if name not in yes]
say(f"Do-calculus says yes for: {', '.join(yes)}.")
claim("in each drawing most match their records", min(len(witnesses(n)) for n, *_ in results.values()) > 4)
filled = min(gaps[name] / (results[name][2].high - results[name][2].low) for name in no)
claim("where do-calculus says yes, none are 0.02 apart", max(gaps[name] for name in yes) < 0.02)
claim("where it says no, they fill more than half of the bounds", filled > 0.5)

# %% [markdown]
# ("bad m" has the bar that the data and a hidden cause of all three would allow. It is perhaps wider than it need be: that `X` and `Y` share nothing is not fully used.)
#
# *Why push at all? Would eight networks from eight random starts not show it as well?* Take the instrument, without a push.

# %%
world = random_discrete(BENCHMARK["instrument"], cc.rng("world instrument"))
quiet = train(BENCHMARK["instrument"], world.joint(), push=0, rng=cc.rng("quiet"))
allowed = results["instrument"][2]
apart, pushed, wide = np.ptp(witnesses(quiet)), gaps["instrument"], allowed.high - allowed.low
say(f"Unpushed, their effects are {apart:.2f} apart; pushed, {pushed:.2f}. The bounds are {wide:.2f} wide.")
claim("unpushed, they cover less of what is possible", apart < pushed)

# %% [markdown]
# Training has its own habits: from random starts networks end nearer to each other than the records ask, at times very near. **That they agree is no evidence.** An ensemble that agrees says as little as a single network.
#
# Read the picture once more. The networks of one row have the same architecture and records, and fit them equally well; only start and push differ. Whether they must agree was known before the first step of training: a graph and a theorem decide
# it, for networks large enough and records that hold every combination.

# %% [markdown]
# ## What this means for anything trained on text
#
# Write the records of the two hospitals of a pair down, a sentence for each patient, and let a language model read them. *What is the most that it can say about the effect?*

# %%
def corpus(model, n, rng):
    """n sentences, one for each patient."""
    patients = model.sample(n, rng)
    treated = patients["X"].map({0: "was not treated", 1: "was treated"})
    return treated + " and " + patients["Y"].map({0: "died", 1: "recovered"})


hospitals = {"first hospital": seen.first, "second hospital": seen.second}
texts = {name: corpus(model, 200_000, cc.rng(name)) for name, model in hospitals.items()}
counts = pd.DataFrame({name: text.value_counts(normalize=True) for name, text in texts.items()})
counts.round(2)

# %%
off = (counts["first hospital"] - counts["second hospital"]).abs().max()
claim("the two texts say the same, but for the luck of the draw", off < 0.01)

# %% [markdown]
# The two texts have one distribution. So whatever is made of them, by counting or by training, has one distribution of answers to "what if we treat everybody", and in one of the two hospitals they are wrong.
#
# But people do not only write records. They write "the trial showed", "because", "had she not". Such sentences are about rungs 2 and 3, and a text that holds them is more than records. Then the theorem does not forbid an answer; it asks **where the
# assumption came from**. There are four places to look, and this course tries each:
#
# | place | what it would be | then the assumption is that | tried in |
# |---|---|---|---|
# | the data | text about trials, causes, and what would have been | those who wrote it knew, and it speaks of *this* world | chapters 12, 13, 15 |
# | the architecture | a graph built into who hears whom, as in the networks above | the graph is right | chapters 10, 11, 13 |
# | the learned parameters | weights that learned, over thousands of worlds, how worlds are made | this world is of that kind | chapter 13 |
# | the prompt | you say what causes what | you are right, and the model uses it | chapters 13, 14, 16 |
#
# In each row stands the word "right", or one like it. Nothing in the records can put it there. Ask of every model that answers a causal question: *in which of the four places did its assumption live, and who vouches for it?*

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | do two models agree on all records? | nothing: both are open, and all was listed |
# | 2 doing | do they agree on all experiments? | the same |
# | 2 doing | the effect, from networks and records | where it has one answer: the drawing, and that do-calculus says yes |
# | 3 imagining | whom `X` helps | nothing was enough: a pair exists for every drawing with an arrow |

# %% [markdown]
# ## What to take away
#
# - **Two models can agree on a whole rung and not on the next.** You can make such a pair for any drawing with an arrow.
# - **Almost every model has such a twin**: that is the theorem. The models in which one question of the next rung is fixed to within ε are like ε⁴ here.
# - **Any method is a function of its data**, so for one of the twins it is wrong by half their distance.
# - **A drawing is second-rung knowledge.** With it networks must agree where do-calculus says yes; elsewhere they need not, and that they happen to is no evidence.
# - **Assumptions can live in the data, the architecture, the parameters or the prompt.** Ask where, and who vouches for them.
#
# Your prediction: c. With two variables, all models drawn evenly, it is about 35 · 0.01⁴ of the hospitals, less than one in a million.
#
# Now the exercises: open `exercises/08_hierarchy.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Elias Bareinboim, Juan Correa, Duligur Ibeling and Thomas Icard (2022). On Pearl's hierarchy and the foundations of causal inference. In *Probabilistic and Causal Inference:
#   The Works of Judea Pearl*, ACM Books. The theorem.
# - Duligur Ibeling and Thomas Icard (2021). A topological perspective on causal inference. *NeurIPS* 34. The same with open sets in place of measure.
# - Kevin Xia, Kai-Zhan Lee, Yoshua Bengio and Elias Bareinboim (2021). The causal-neural connection: expressiveness, learnability, and inference. *NeurIPS* 34.
# - Kevin Xia, Yushu Pan and Elias Bareinboim (2023). Neural causal models for counterfactual identification and estimation. *ICLR*. The same on the third rung.
# - Jin Tian and Judea Pearl (2000). Probabilities of causation: bounds and identification. *Annals of Mathematics and Artificial Intelligence* 28, 287–313.
