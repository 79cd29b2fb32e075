# ---
# title: Where the third rung can live
# question: Data, architecture, parameters or prompt?
# minutes: 80
# extras: [engines]
# ---

# %% [markdown]
# A hospital has let a language model read its records: severity, treatment, recovery, a short text for each patient. The model knows all that records say (chapter 12), and it answers "what if we treat everybody" with
# what is seen among the treated. Five people come, each with a proposal.
#
# - *Read more*: ten times as many records, and a larger model.
# - *Read other text*: mix in some reports of trials.
# - *Build differently*: draw what causes what, and let the network look along the arrows alone.
# - *Read of other hospitals*: thousands of them, real or invented, with their trials.
# - *Tell it*: write into the prompt what causes what.

# %%
import numpy as np
import pandas as pd
from scipy.stats import t

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.counterfactual import bounds
from causalcourse.docalculus import is_identifiable
from causalcourse.lm.causal import CausalTransformer
from causalcourse.lm.corpus import Corpus
from causalcourse.lm.family import Question, Worlds, questions
from causalcourse.lm.in_context import BINS, Prompts, counted, interval, learn, middle
from causalcourse.lm.weights import model, recipe
from causalcourse.worlds.studies import study

# %% [markdown]
# Take the first proposal: ten times the records, a larger network, a longer training. *By how much does its error about the effect of treating fall?*

# %%
predict(
    "13.more",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "To a tenth.",
        "b": "To about a third, as standard errors do.",
        "c": "A little.",
        "d": "Not at all.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about eighty minutes you will be able to
#
# 1. name the place where the assumption behind a model's causal answer lives: data, architecture, parameters or prompt;
# 2. build a causal transformer, prove what it guarantees, and say where the guarantee ends;
# 3. show that a model which has read of thousands of worlds answers with its prior where records cannot decide, and test whether it is as unsure as it should be;
# 4. read the table of places and rungs: what each place buys, and at what price.
#
# You need chapters 07 (counterfactuals), 08 (the hierarchy) and 12 (language models).

# %% [markdown]
# ## Small worlds with exact answers
#
# Three variables, yes or no, in the order of time: `A` how severe, `B` treated, `C` recovered. Each has a **die** of its own, a number between 0 and 1: the variable is 1 where the die falls below a rate, which depends on the variable's causes. A hidden cause, where there is one, is a fair coin that two variables hear.
#
# We draw such worlds at random, and take the first in which seeing and doing are far apart. The names are only names: in a random world treatment may harm.

# %%
def gaps(worlds, question):
    """How far what is seen lies from what doing brings, in each world."""
    seen = Question(1, question.cause, question.effect, question.value)
    return np.abs(worlds.answers(seen) - worlds.answers(question))


def far_apart(drawing, question, gap):
    """The first of 300 random worlds where what is seen lies further than gap from what doing brings."""
    drawn = Worlds.of(drawing, 300, cc.rng(f"worlds {drawing}"))
    return drawn.take([np.argmax(gaps(drawn, question) > gap)])

# %%
DRAWING = "A -> B; A -> C; B -> C"
treat = Question(2, 1, 2, 1)
world = far_apart(DRAWING, treat, 0.25)
asked = sorted((q for q in questions(3) if (q.cause, q.effect) == (1, 2)), key=lambda q: q.rung)
truth = pd.Series([world.answers(q)[0] for q in asked], index=map(str, asked), name="truth")
truth.round(2).to_frame()

# %% [markdown]
# Eight questions about treatment `B` and recovery `C`, on three rungs: seen, done, and had it been otherwise. The fifth reads: of those who had `B=1` and `C=0`, how many would have had `C=1`, had `B` been 0?
#
# All eight answers are exact, by listing everything. So every error below is measured, and none is guessed.

# %%
def errors(answers):
    """The mean distance to the truth on each rung."""
    off = np.abs(np.asarray(answers) - truth.to_numpy())
    return pd.Series(off).groupby([q.rung for q in asked]).mean().rename_axis("rung")

# %% [markdown]
# ## The control: records alone
#
# The text: 20,000 patients, each a record in random order, so that the model can be asked for any variable given any others.

# %%
corpus = Corpus(3)
texts = corpus.mixed(world, 0, 20_000, share=0, rng=cc.rng("records"))
for text in texts[:3]:
    print(" ".join(corpus.vocabulary.decode(text)))

# %%
control = corpus.learn(texts, cc.rng("control"))

# %% [markdown]
# How do we ask it what *doing* brings? It has never read the word `do`. The nearest that it has text for is "patients with `B=1`". So we ask all eight questions as if they were of rung 1. *How far off can it be at best?*

# %%
table = truth.to_frame().assign(control=corpus.ask(control, asked, nearest=True))
table.round(2)

# %%
off = errors(table["control"])
say(f"Errors on the three rungs: {off[1]:.2f}, {off[2]:.2f}, {off[3]:.2f}.")
best = errors([world.answers(Question(1, 1, 2, q.value))[0] for q in asked])
say(f"Had it learned P(C given B) exactly, they would be {best[1]:.2f}, {best[2]:.2f}, {best[3]:.2f}.")
claim("it knows what is seen, to a few hundredths", off[1] < 0.04)
claim("it does not know what doing brings", off[2] > 0.08)
claim("nor does P(C given B), learned exactly", best[2] > 0.08)

# %% [markdown]
# Would more help? Ten times the records and a larger network take too long for a chapter, so a study has done it, five times over, with other random worlds each time; we come to its table. First the four places.

# %% [markdown]
# ## First place: the data
#
# A **trial** is written as `^ do B=1`, then what came of it. A **counterfactual pair** tells what was of a patient, then `had B=0`, and what would have been. Nobody can write such pairs of real patients; here the world is ours, and we can. Below, half of the units are records, a quarter trials, a quarter pairs. (The network is trained for twice as long, since it has three kinds of text to learn.)

# %%
texts = corpus.mixed(world, 0, 20_000, share=0.5, rng=cc.rng("trials"))
words = [" ".join(w for w in corpus.vocabulary.decode(text) if w != "_") for text in texts[:400]]
print(next(text for text in words if "do" in text))
print(next(text for text in words if "had" in text))

# %%
taught = corpus.learn(texts, cc.rng("taught"), steps=1_200)
table["data"] = corpus.ask(taught, asked)
errors(table["data"]).round(3).to_frame("error")

# %%
off, before = errors(table["data"]), errors(table["control"])
claim("trials in the text bring the error on rung 2 to less than half", off[2] < before[2] / 2)
claim("pairs bring down the error on rung 3", off[3] < before[3])

# %% [markdown]
# So text can hold the second rung, and the third. Then the assumption is that whoever wrote it knew, and that it speaks of *this* world. What of an intervention that no text tells of? Leave out all trials and pairs in which `B` is acted on, and keep those of
# `A` and `C`. The word `do` is known then, and so is `B=1`. *Will it put the two together?*

# %%
texts = corpus.mixed(world, 0, 20_000, share=0.5, rng=cc.rng("others"), never=1)
others = corpus.learn(texts, cc.rng("others taught"), steps=1_200)
table["data, other causes"] = corpus.ask(others, asked)
errors(table["data, other causes"]).round(3).to_frame("error")

# %%
off = errors(table["data, other causes"])
tried = errors(table["data"])
say(f"Error on rung 2: {off[2]:.2f}; with trials of B {tried[2]:.2f}, with no trials {before[2]:.2f}.")
claim("half as much again as with trials of B, or more", off[2] > 1.5 * tried[2])

# %% [markdown]
# Trials of `A` show how `B` follows from `A`, with its consequences for `C`. None shows `C` where `B` no longer follows `A`, and the model does not work it out.

# %% [markdown]
# ## Second place: the architecture
#
# Now nothing but records again, and the drawing is built in. A **causal transformer** reads a word for the value of each variable, and has a **query** for each: `?C` asks how likely `C=1` is. What may a query look at? Its parents' values, and itself.
# What it says is a rate: `C` is 1 where its die falls below. So the network can also be asked what would have been, with the same die.
#
# In chapter 12 each token could look at all before it; that rule was a mask, a table of who sees whom. Here the drawing is the mask.

# %%
causal = CausalTransformer(DRAWING, rng=cc.rng("causal"))
form = causal.form
names = list(form.places)
pd.DataFrame(form.mask(), names, names).replace({True: "sees", False: ""})

# %%
# alt: Two grids, rows look at columns. Left, the query of B sees A and itself, that of C sees A, B and itself. Right, under do(B=1), the query of B sees itself alone; that of C sees what it saw.
fig, ax = show.figure("Acting on B cuts what its query looks at")
ax.remove()
for ax, do in zip(fig.subplots(1, 2, sharey=True), ([], ["B"]), strict=True):
    ax.imshow(form.mask(do), cmap="Greys", vmax=1.4)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="is looked at", title="as trained" if not do else "do(B=1)")
fig.axes[0].set_ylabel("who looks")

# %%
records = counted(world, 20_000, cc.rng("counted"))[0].reshape(2, 2, 2) / 20_000
causal.fit(records, rng=cc.rng("fit"))
table["architecture"] = [causal.ask(str(q)) for q in asked]
errors(table["architecture"]).round(3).to_frame("error")

# %%
off, before = errors(table["architecture"]), errors(table["control"])
claim("from records alone, a fifth of the control's error on rung 2, or less", off[2] < before[2] / 5)

# %% [markdown]
# ### Why it must be so
#
# **Theorem.** Suppose (1) the drawing is right and nothing is hidden, (2) every state of a variable's parents occurs, (3) the network's P(v) is that of the world. Then what it says under `do` is what the world does.
#
# *Proof.* What it says at ?V depends on V's parents alone: no path in the attention leads from another word to ?V. So its P(v) is a product, one factor $q_V(v \mid pa)$ for each variable, by construction, whatever its weights are. The world's P(v) is such a product too, with factors
# $P(v \mid pa)$, by (1). Equal products have equal factors where the parents' states occur, by (2), since each factor is a conditional probability of the product. To act on B is to replace one factor, in the network (cut, and put the value in) as in the world (truncated factorisation,
# chapter 03). The other factors are equal, so the answers are. ∎
#
# Nowhere did we need that the network is a transformer, or small: only that each query depends on its parents alone. Nowhere do weights matter, once (3) holds. That is what an architecture can give: not a tendency, a guarantee. And all of it hangs on (1), which no record can vouch for.
#
# In practice (3) is never quite true. Where a state of the parents is rare, a network may fit the records to a hundredth and still err by much: that state weighs little in the fit, and it may weigh much under `do`.

# %% [markdown]
# ### Where it ends
#
# *First, a drawing that forgets.* Leave out `A -> C`. *Which of the three conditions will fail, and could we notice?*

# %%
forgets = CausalTransformer("A -> B -> C", rng=cc.rng("forgets"))
forgets.fit(records, rng=cc.rng("fit forgets"))
table["architecture, forgets"] = [forgets.ask(str(q)) for q in asked]
off = errors(table["architecture, forgets"])
say(f"Errors on the three rungs: {off[1]:.2f}, {off[2]:.2f}, {off[3]:.2f}.")
claim("what is seen of B and C is still right", off[1] < 0.04)
claim("what doing brings is as wrong as the control was", off[2] > 0.6 * before[2])
behind = 20_000 * (records * np.log(causal.joint() / forgets.joint())).sum()
say(f"With this drawing the 20,000 records are {behind:,.0f} nats less likely than with the right one.")
claim("so it does not fit all three variables together", behind > 20)

# %% [markdown]
# It breaks (1), and here (3) breaks with it: the drawing says that `A` and `C` are independent given `B`, they are not, and no weights can say so. Such an error the records show, to whoever looks at the fit. Turn `A -> B` round, or take a hidden cause for an arrow, and they show nothing. (Turned round, the answer for `B` survives, and that for `A` does not.)

# %% [markdown]
# *Second, something hidden.* An arc in the drawing becomes a word of noise, at which both its ends look; in training it is summed out. Two drawings with an arc, both right: the front door, `A -> B -> C; A <-> C`, where do-calculus identifies the effect of `A`, and the bow, where nothing identifies the effect of `B`.
#
# Where do-calculus says yes, every network that fits has the right answer (chapters 06 and 08). *And where it says no? Will four networks with other first weights at least disagree, and so warn us?*

# %%
FRONT_DOOR, BOW = "A -> B -> C; A <-> C", "A -> C; B -> C; B <-> C"
through = Question(2, 0, 2, 1)
rows = []
for drawing, question in {FRONT_DOOR: through, BOW: treat}.items():
    one = far_apart(drawing, question, 0.15)
    p, seen = one.joint()[0], Question(1, question.cause, 2, 1)
    exact = [float(one.answers(q)[0]) for q in (question, seen)]
    for k in range(4):
        network = CausalTransformer(drawing, rng=cc.rng(f"start {k} {drawing}"))
        network.fit(p.reshape(2, 2, 2), rng=cc.rng("fit hidden"))
        misfit = np.abs(network.joint().ravel() - p).max()
        rows.append([drawing, str(question), misfit, network.ask(str(question)), *exact])
networks = pd.DataFrame(rows, columns=["drawing", "question", "misfit", "answer", "truth", "seen"])
networks.round(3)

# %% [markdown]
# The misfit is how far P(A, B, C) is off at most. A network that has not learned the records is no witness; we leave out those that are off by a hundredth or more.

# %%
fitted = networks[networks["misfit"] < 0.01]
say(f"{len(fitted)} of {len(networks)} networks have learned the records.")
door, bow = (fitted[fitted["drawing"] == drawing] for drawing in (FRONT_DOOR, BOW))
claim("do-calculus identifies the first", is_identifiable(FRONT_DOOR, "C | do(A)"))
claim("and not the second", not is_identifiable(BOW, "C | do(B)"))
claim("two or more of each four", min(len(door), len(bow)) >= 2)
claim("identified: right to a few hundredths", (door["answer"] - door["truth"]).abs().max() < 0.05)
claim("not identified: wrong by more than that", (bow["answer"] - bow["truth"]).abs().min() > 0.05)
say(f"Not identified, and their answers lie within {np.ptp(bow['answer']):.2f} of each other.")

# %% [markdown]
# They agree, and are wrong together. Training made them alike: the noise word began by saying little, and learned no more than the records ask for, so they answer nearly what is seen, as if nothing were hidden. In chapter 08 we pushed such networks apart, to show what the records leave open. **Unpushed, they hide it. That seeds agree is no
# evidence.** From records, a guarantee of this one number comes from do-calculus, before any training, and from nowhere else.

# %% [markdown]
# *Third, the third rung.* The network was right there too. *Which assumption of the third rung did it have, and who put it there?*
#
# Its die. For each variable it has one number, the same in the world as it was and in the world as it would have been. Our worlds are made like that. So here is another world, the **twin**: a die for *each* state of the causes. All records and all trials are the same.

# %%
twin = pd.Series([world.answers(q, dice="each")[0] for q in asked], index=truth.index)
apart = errors(twin)
claim("rungs 1 and 2 are the same in the twin", apart[[1, 2]].max() < 1e-12)
claim("rung 3 is not", apart[3] > 0.02)

# %% [markdown]
# One network cannot be right in both. Can it be left to the records? Give each query a word of private noise too, which may take over from the die: then it could learn either world. *Which will it learn?*

# %%
words = CausalTransformer(DRAWING, dice="tokens", rng=cc.rng("noise words"))
words.fit(records, rng=cc.rng("fit noise words"))
thirds = pd.DataFrame({"truth": truth, "twin": twin, "one die": table["architecture"]})
thirds["die and noise words"] = [words.ask(str(q)) for q in asked]
thirds.round(2)

# %%
by_die, by_words = (thirds[column] for column in ("one die", "die and noise words"))
claim("both have learned the first two rungs", (by_words - by_die)[:4].abs().max() < 0.03)
ours, twins = ((by_words - world)[4:].abs().mean() for world in (truth, twin))
say(f"On rung 3, with noise words, it is off by {ours:.2f} in our world, by {twins:.2f} in the twin.")

# %% [markdown]
# Here, and under most random numbers, it keeps to the die that it was built with: no record asks for the noise word, so training leaves it as it was. Under some it ends between the two worlds. No record minds. The third rung is decided by how the network was built, and by where its training began. It is right here because we built the worlds and the network alike.

# %% [markdown]
# ## Third place: the parameters
#
# A model that has read of *this* hospital knows it. Another may have read of thousands of others, with their records and with what acting did there. It meets the new hospital in its **prompt**: what the records say, then a question. It learns of this world **in context**: from the prompt alone, its weights staying as they
# are. What sits in the weights is *how worlds are made*. (Do-PFN and CausalPFN, both 2025, work so, at another scale.)
#
# Ours has read of thousands of random worlds of three variables, and was asked all sorts of questions about them, on three rungs. It answers with a word, such as `answer 0.47`; how likely it holds each of these words we read as its belief. *Nothing was hidden in any of those worlds.* It ships with the course. Set `TRAIN = True` to train one yourself.

# %%
TRAIN = False  # True: read of worlds for about three minutes, in place of loading weights
prompts, reader, made = Prompts(), model("parameters"), recipe("parameters")
if TRAIN:
    reader = learn(prompts, Worlds.draw(20_000, cc.rng("mine")), cc.rng("my reader"), steps=5_000)
else:
    say(f"Made by `{made['command']}` in {made['seconds']} s; SHA-256 checksum: {made['sha256'][:8]}...")
say(f"It read of 20,000 worlds, with {len(questions(3))} questions about each, and knows {BINS} answers.")

# %%
fresh = Worlds.draw(300, cc.rng("fresh"))
text = prompts.write(counted(fresh, 20_000, cc.rng("fresh records")), [treat] * 300)
print(" ".join(prompts.vocabulary.decode(text[0])))

# %% [markdown]
# Three `?`: nobody tells it the drawing. Then percentages, rounded: of `A=1`, of `B=1` where `A` is 0 and where it is 1, of `C=1` in the four states of `A` and `B`. Then the question.
#
# We ask it about worlds like these, which it has never met, and about worlds with a bow. *What will it say of the bow, where no record decides?*

# %%
def judged(reader, worlds, question=treat, drawing=None):
    """Means over worlds: its error, how wide its 90 % intervals are, how often the truth is inside."""
    records = counted(worlds, 20_000, cc.rng("judged"))
    told = drawing and Worlds.of(drawing, len(worlds), cc.rng("told"))
    believed = prompts.believed(reader, prompts.write(records, [question] * len(worlds), told))
    exact, (low, high) = worlds.answers(question), interval(believed).T
    inside = (low <= exact) & (exact <= high)
    row = [np.abs(middle(believed) - exact).mean(), (high - low).mean(), inside.mean()]
    return pd.Series(row, ["error", "width", "truth inside"])


bows = Worlds.of(BOW, 600, cc.rng("bows"))
found = pd.DataFrame({"nothing hidden": judged(reader, fresh), "bow": judged(reader, bows)}).T
found.round(3)

# %%
claim("worlds it never met: off by a few hundredths", found.loc["nothing hidden", "error"] < 0.04)
held = found["truth inside"]
claim("its 90 % intervals hold the truth about as often as they say, or more", held["nothing hidden"] > 0.85)
claim("in the bow they hold it much less often", held["bow"] < 0.65)

# %% [markdown]
# In worlds like those it has read of, it is right about what acting does, from records and no drawing. Has it climbed the hierarchy? No. That nothing is hidden, and that a cause comes before its effect, is in its parameters, put there by whoever chose the worlds. Where it does not hold, the model
# is wrong, and as sure as before.
#
# A **careful reader** has read of worlds with hidden causes too, of front doors and bows among them, and for twice as long. Some prompts told it the drawing, and some did not. *What should it say of the bow, if nobody tells it the drawing?*

# %%
careful = model("prompt")
found.loc["bow, careful reader"] = judged(careful, bows)
found.round(3)

# %%
width, held = found["width"], found["truth inside"]
wider = width["bow, careful reader"] / width["bow"]
say(f"In the bow, its intervals are {wider:.1f} times as wide as those of the first reader.")
claim("it is less sure there", wider > 1.5)
claim("and its intervals hold the truth more often", held["bow, careful reader"] - held["bow"] > 0.2)

# %% [markdown]
# It is less sure, as it should be. How unsure should it be? Where do-calculus says no, the records and the drawing leave an interval, the sharp bounds of chapter 07. Within them, nothing in the records prefers one answer to another.

# %%
few = bows.take(slice(40))
inside = [bounds(BOW, str(treat), few.model(k)) for k in range(40)]
bound, width = np.mean([b.high - b.low for b in inside]), judged(careful, few)["width"]
say(f"In 40 of these worlds the bounds are {bound:.2f} wide on average, its 90 % intervals {width:.2f}.")
claim("it is surer than somebody who knows no more than the records", width < 0.9 * bound * 0.75)

# %% [markdown]
# It is surer than somebody to whom all answers within the bounds are alike. The rest comes from the worlds it has read of: in them, some ways of hiding are commoner than others. That is a **prior**: what is believed before any record comes in. In worlds made in another way the prior is wrong, and no record says so. Take those bows in which what is
# hidden is strong. (We pick them by their truth, so even the best belief does worse there. The point is that a hospital does not know whether it is one of them.)

# %%
strongly = gaps(bows, treat) > 0.2
strong = judged(careful, bows.take(strongly))
say(f"In {strongly.sum()} such worlds the truth was inside {strong['truth inside']:.0%} of the time.")
claim("where hiding is strong, it is inside much less often than it says", strong["truth inside"] < 0.6)

# %% [markdown]
# This is the hierarchy theorem (chapter 08) seen from inside a network: what the records leave open, its prior fills in. No size mends that. Do-PFN is given no drawing; CausalPFN, as its authors describe it, takes the treatment for ignorable given what was measured, as our first reader does. Of a bow each can say only what the worlds it was trained on have taught it.

# %% [markdown]
# ## Fourth place: the prompt
#
# The three `?` have a meaning: what is drawn between A and B, A and C, B and C. The careful reader has also read prompts in which the drawing was told. Back to the front door, and to the effect of `A` on `C`. Tell it the right drawing; tell it nothing; tell it a wrong one, in which the hidden cause of `A` and `C` is an arrow. No record contradicts that one: with an arrow between each two, a drawing fits any records.

# %%
doors = Worlds.of(FRONT_DOOR, 300, cc.rng("doors"))
told = {"right drawing": FRONT_DOOR, "no drawing": None, "wrong drawing": DRAWING}
drawn = pd.DataFrame({name: judged(careful, doors, through, drawing) for name, drawing in told.items()}).T
drawn.round(3)

# %%
off, width, held = drawn["error"], drawn["width"], drawn["truth inside"]
claim("the right drawing: less than half the error", off["right drawing"] < off["no drawing"] / 2)
claim("a wrong one is no better than none", off["wrong drawing"] > 0.9 * off["no drawing"])
claim("but the reader is surer with it", width["wrong drawing"] < 0.8 * width["no drawing"])
claim("and the truth is less often inside", held["wrong drawing"] < held["no drawing"] - 0.15)

# %% [markdown]
# With the wrong drawing it is no better than with none, and much surer. It took your word. *And a wrong drawing that the records contradict?* Take worlds of `A -> B; A -> C; B -> C`, and tell it `A -> B -> C`.

# %%
clinics = Worlds.of(DRAWING, 600, cc.rng("told clinics"))
gap = gaps(clinics, treat)
clinics, gap = clinics.take(gap > 0.1), gap[gap > 0.1]
told = {"right drawing": DRAWING, "no drawing": None, "contradicted": "A -> B -> C"}
against = pd.DataFrame({name: judged(careful, clinics, drawing=drawing) for name, drawing in told.items()}).T
against.round(3)

# %%
off, width = against["error"], against["width"]
say(f"Who believes that drawing is {gap.mean():.2f} off. The reader is {off['contradicted']:.2f} off.")
claim("it errs more than with no drawing", off["contradicted"] > 2 * off["no drawing"])
claim("and less than one who believes the drawing", off["contradicted"] < 0.8 * gap.mean())
claim("it is less sure", width["contradicted"] > 1.5 * width["no drawing"])

# %% [markdown]
# Here it is of two minds: the prompt says one thing, the records another. It believes a drawing in full only where no record objects. And where a drawing says that records cannot decide, as that of the bow does? *Is it as unsure as it should be, if it is told so?*

# %%
telling = {"told the bow": BOW, "told nothing": None, "told that nothing is hidden": DRAWING}
bow = pd.DataFrame({name: judged(careful, bows, drawing=drawing) for name, drawing in telling.items()}).T
bow.loc["told the bow, strong hiding"] = judged(careful, bows.take(strongly), drawing=BOW)
bow.round(3)

# %%
width, held = bow["width"], bow["truth inside"]
claim("told the bow, it is less sure than told nothing", width["told the bow"] > width["told nothing"])
claim("and the truth is inside about as often as it says", held["told the bow"] > 0.85)
claim("but not where hiding is strong", held["told the bow, strong hiding"] < 0.8)
claim("told that nothing is hidden, it is surest", width.idxmin() == "told that nothing is hidden")

# %% [markdown]
# Told the bow, the reader still answers from its prior. In bows made as those that it has read of, its intervals hold the truth as often as they say; they are narrower than the bounds, and where hiding is strong they fail again.
#
# That is the good thing about this place: the assumption is yours now, in the open, where somebody can argue with it. And that is all: no drawing in a prompt turns an open question into a closed one.

# %% [markdown]
# ## One table
#
# Now the study: for each of several seeds, one random world of each of five kinds, in which seeing and doing are a tenth apart or more; every model trained anew, the two readers as well; eight questions about one cause and one effect. First the kind we know, `A -> B; A -> C; B -> C`, with `A -> B -> C` as the wrong drawing. Rows are models by place, columns are rungs, numbers are mean errors with
# 95 % intervals over the seeds (Student's t).

# %%
stored = study("places")
seeds = stored["seed"].nunique()


def half_width(off, n):
    """Half the width of the 95 % interval of a mean of n errors, or of the mean of each group of n."""
    return t.ppf(0.975, n - 1) * off.sem()


def summary(kind):
    """Mean error and half the width of its 95 % interval: a row for each model, a column for each rung."""
    rows = stored[stored["world"] == kind]
    grouped = rows.groupby(["place", "model", "rung"], sort=False)["error"]
    return grouped.mean().unstack(), half_width(grouped, seeds).unstack()

# %%
say(f"{seeds} seeds.")
mean, half = summary("nothing hidden")
(mean.map("{:.3f}".format) + " ± " + half.map("{:.3f}".format)).rename_axis(columns="rung")

# %%
# alt: Three panels of dots with bars, a row for each model. On rung 1 all are near zero. On rung 2 the controls, the architecture with the wrong drawing, 1 % trials and trials of other causes lie beyond 0.1, the prompt with the wrong drawing between, all others near zero. On rung 3 only the architecture with the right drawing is near zero.
fig, ax = show.figure("Rung 1 is free; the others cost an assumption")
ax.remove()
panels = fig.subplots(1, 3, sharey=True)
places = np.arange(len(mean))[::-1]
for ax, rung in zip(panels, (1, 2, 3), strict=True):
    ax.errorbar(mean[rung], places, xerr=half[rung], fmt="o", color="black", ms=4, capsize=2, lw=1)
    ax.axvline(0, color="black", lw=0.5)
    ax.set(title=f"rung {rung}", xlim=(-0.05, 0.6))
panels[0].set_yticks(places, [f"{place}: {name}" for place, name in mean.index], fontsize=7)
panels[1].set_xlabel("mean error of a probability (bars: 95 % intervals)")

# %%
second = mean[2]
control_off, causal_off = second["control", "records"], second["architecture", "right drawing"]
claim("on rung 2 the causal transformer errs at most a fifth as much", causal_off < control_off / 5)
wrong_off = second["architecture", "wrong drawing"]
claim("a wrong drawing makes it about as bad as the control", wrong_off > control_off / 2)

# %%
controls = stored[(stored["place"] == "control") & (stored["rung"] == 2)]
controls = controls.pivot_table("error", ["world", "seed"], "model")
change = controls["ten times the records, a larger model"] - controls["records"]
width = half_width(change, len(change))
say(f"Ten times the records, rung 2, all {len(change)} worlds: {change.mean():+.3f} ± {width:.3f}.")
claim("less than a tenth of the error", abs(change.mean()) + width < controls["records"].mean() / 10)

# %% [markdown]
# Your prediction: d. More records can bring the model nearer to what is seen, which was not the question.
#
# Read rung 3 with care. The architecture has it because our worlds have one die per variable, and it was built with one. The readers have most of it, because they have read of such worlds. In twins of these worlds all of them would be wrong, and nothing they have read could tell.
#
# And in other worlds? A front door, and a bow, among three variables, with the hidden cause taken for an arrow, or left out, in the wrong drawing; a front door among four variables, and again an arrow in its place; five variables with nothing hidden, and an arrow forgotten. (The readers know three variables.)

# %%
wide = pd.DataFrame({kind: summary(kind)[0][2] for kind in stored["world"].unique()}).loc[mean.index]
wide.columns = ["none hidden", "front door", "bow", "front door of four", "five variables"]
wide.round(3).astype(object).where(wide.notna(), "").rename_axis(columns="error on rung 2")

# %%
seen = wide.loc["architecture", "right drawing"]
doors = seen[["front door", "front door of four"]]
claim("hidden, but identified: the drawing gets round it", doors.max() < 0.03)
claim("hidden and not identified: the right drawing is not enough", seen["bow"] > 0.05)
by_trials = wide.loc["data", "50% trials and pairs"]["bow"]
claim("trials of the right cause do not mind what is hidden", by_trials < seen["bow"] / 2)

# %% [markdown]
# There is no best place. Trials answer where drawings cannot, for the cause that was tried. A drawing answers for every cause, where do-calculus says yes. Parameters answer at once, with their makers' prior. A prompt answers for whoever writes it, and is believed where no record contradicts it.

# %% [markdown]
# ## From fewer samples
#
# People say that causal models let algorithms learn from fewer samples. Is it so? Take worlds of five variables with nothing hidden and about half of the ten arrows, chosen so that seeing and doing differ, and ask of every pair of variables. The plain model; the causal transformer with the right drawing; and one with *all* ten arrows, which is told no more than the order of time and
# that nothing is hidden. *How will their errors on rung 2 fall with the number of records?*

# %%
# alt: Three lines of the error on rung 2 on logarithmic axes. Without a drawing it flattens out. With all arrows it falls in a straight line, and with the right drawing in another, lower one.
falls = study("efficiency")
title = "Without a drawing a floor; with the right one fewer records"
fig, ax = show.figure(title, "records", "mean error on rung 2")
for name, style, shift in (("no drawing", "s-", 0), ("all arrows", "o--", 6), ("right drawing", "o-", -6)):
    rows = falls[(falls["model"] == name) & (falls["rung"] == 2)].groupby("records")["error"]
    spread = half_width(rows, rows.size().iloc[0])
    fill = "black" if name == "right drawing" else "white"
    sizes, off = rows.mean().index, rows.mean()
    ax.errorbar(sizes, off, spread, fmt=style, color="black", mfc=fill, capsize=2, lw=1)
    ax.annotate(name, (sizes[-1], off.iloc[-1]), (6, shift), textcoords="offset points", va="center")
ax.set(xscale="log", yscale="log", xlim=(70, 150_000))

# %%
off = falls.groupby(["rung", "model", "records"])["error"].mean().unstack()
off.round(4).rename_axis(columns="mean error, records")

# %%
drawn, arrows, none = (off.loc[(2, name)] for name in ("right drawing", "all arrows", "no drawing"))
claim("without a drawing, rung 2 ends at ten times the error with one", none.iloc[-1] > 10 * drawn.iloc[-1])
claim("the order of time, and nothing hidden: the error falls tenfold", arrows.iloc[-1] < arrows.iloc[0] / 10)
claim("the right drawing errs less at every size", (drawn < arrows).all())
less = (drawn / arrows).mean()
say(f"The right drawing leaves {less:.0%} of that error, as {1 / less**2:.1f} times the records would.")

# %% [markdown]
# Two things are gained on rung 2. That nothing is hidden, and the order of time, take away the floor. And each arrow that is *not* there saves records, since a query then learns a smaller table. (An error falls as one over the root of the number of records, so half the error is worth four times the records.) Both are assumptions: with a wrong one the network learns fast what is not so.
#
# On rung 1 the drawing gains little. The plain model needs more records than all others there, but so it does beside plain counting, which has no drawing either: that is the price of learning to read, not of lacking a drawing.

# %% [markdown]
# ## What this says about large models, and what it does not
#
# A large language model has something in three of the four places. Its text tells of trials, and of what would have been. Its weights may hold something of how worlds usually are. You may write a drawing in the prompt. Only the second place is empty: nothing in its attention is bound to a graph of your world. So
#
# - its causal answers can be right, and the theorem of chapter 08 does not forbid it;
# - none of them is *guaranteed*, and how sure it sounds need not tell: our first reader was as sure where its prior was wrong;
# - asking it ten thousand more questions of rung 1 tests nothing of rung 2;
# - the question to ask is chapter 08's: in which place did the assumption live, and who vouches for it?
#
# What it does *not* say: how large models behave. Ours are small, and know of three to five variables. That a small one takes at its word a wrong drawing that no record contradicts does not show that a large one does; it shows what to test, and how: against worlds whose answers are known. Chapter 14 asks a real one.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed, and where |
# |---|---|---|
# | 1 seeing | P(C given B) in this world | enough records |
# | 2 doing | the effect of B on C | data: that trials were marked and are of this world; architecture: that the drawing is right and do-calculus says yes; parameters: that this world is like those read of; prompt: that you are right |
# | 3 imagining | what would have been, for those with B=1, C=0 | data: that somebody saw both worlds, which nobody can; architecture and parameters: one die per variable |

# %% [markdown]
# ## What to take away
#
# - **More of the same text does not move the floor.** The error on rung 2 stays where confounding put it.
# - **Data**: trials in the text teach the interventions that were tried, and little of others.
# - **Architecture**: with the right drawing as a mask and nothing hidden, any network whose P(v) is the world's answers rung 2 rightly, if every state of the parents occurs. That is a theorem.
# - **Parameters**: a model of many worlds answers with its prior where records cannot decide. Test how often its intervals hold the truth, also in worlds made otherwise than those it has read of.
# - **Prompt**: a drawing that no record contradicts is believed, right or wrong; one that the records contradict is believed in part. It is in the open, at least.
#
# Now the exercises: open `exercises/13_four_places.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Elias Bareinboim, Juan Correa, Duligur Ibeling and Thomas Icard (2022). On Pearl's hierarchy and the foundations of causal inference. In *Probabilistic and Causal Inference: The Works of Judea Pearl*, ACM Books.
# - Kevin Xia, Kai-Zhan Lee, Yoshua Bengio and Elias Bareinboim (2021). The causal-neural connection: expressiveness, learnability, and inference. *NeurIPS* 34.
# - Sara Mohammad-Taheri, Jeremy Zucker, Charles Tapley Hoyt, Karen Sachs, Vartika Tewari, Robert Ness and Olga Vitek (2022). Do-calculus enables estimation of causal effects in partially observed biomolecular pathways. *Bioinformatics* 38, i350–i358.
# - Manqing Liu, David Bellamy and Andrew Beam (2024). DAG-aware transformer for causal effect estimation. arXiv 2410.10044. A drawing as an attention mask.
# - Do-PFN (2025), arXiv 2506.06039, and CausalPFN (2025), arXiv 2506.07918: models of many worlds, which meet a new one in context.
# - Jonathan Richens and Tom Everitt (2024). Robust agents learn causal world models. *ICLR*, arXiv 2402.10877.
