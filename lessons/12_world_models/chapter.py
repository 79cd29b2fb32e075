# ---
# title: Does a language model learn a world model?
# question: Is there a map inside, or only statistics?
# minutes: 80
# extras: [engines]
# ---

# %% [markdown]
# Somebody walks through a town with walls and tells of it in a language of seven words: `N E S W` for a direction, then `.` if the step went through, `x` if there was a wall. `^` begins a
# walk, always at the fountain. A network reads many such walks. It never sees the town, a square or a number.

# %%
import itertools

import numpy as np
import pandas as pd

import causalcourse as cc
from causalcourse import claim, predict, say, show
from causalcourse.errors import DataError
from causalcourse.hierarchy import furthest_apart
from causalcourse.lm.coherence import coherence, detour_walks, legality
from causalcourse.lm.edit import ask, asked, interchange, plane, square_means, success, swapped_step
from causalcourse.lm.model import GPT, Shape
from causalcourse.lm.ngram import ngram
from causalcourse.lm.probe import controls, probe
from causalcourse.lm.stream import stream
from causalcourse.lm.text import Records, records
from causalcourse.lm.town import MOVES, WORDS
from causalcourse.lm.train import train
from causalcourse.lm.weights import load, recipe
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

# %%
gpt, town = load("town")
walk = town.walks(1, 10, cc.rng("a walk"))
print(town.text(walk))

# %%
# alt: A town of six by six squares from above, with a wall all round and fifteen walls inside. A circle with an F marks the fountain; a line is the walk, its dot the end, crosses are walls it met.
show.town(town, "What we see and the network does not: the town of that walk", walk=walk[0])

# %% [markdown]
# On walks that it has never read the network says of every step whether it will go through, and is right. *What will we find when we look inside it?*

# %%
predict(
    "12.map",
    None,  # write "a", "b", "c" or "d" here, with the quotation marks
    options={
        "a": "No map: statistics of which words follow which, over long stretches.",
        "b": "A map that it does not use: we can read the square off it; its answers come from elsewhere.",
        "c": "A map that it uses: move it on the map, and it answers from the new square.",
        "d": "One cannot know: a network is a black box.",
    },
)

# %% [markdown]
# ## What you will be able to do
#
# In about eighty minutes you will be able to
#
# 1. say what a language model learns from, and test whether it does more than count;
# 2. read what a network holds with a probe, with the controls without which a probe says little;
# 3. act on a network: change what it holds, against changes that should do nothing;
# 4. find a map that passes such tests and does not hang together;
# 5. say why a model of text can be perfect and still be silent on what acting does.
#
# You need chapters 00 (the ladder) and 07 (counterfactuals), and 08 for the last part.

# %% [markdown]
# ## A model of text
#
# A **language model** gets a text and gives the probability of each possible next word. The words it knows are its **tokens**. That is all it is trained on: a text, and its next token, again and again.

# %%
texts = [walk[:, :k] for k in (6, 7)]  # the walk above, before and after its third outcome
rows = {f"the network, after {town.text(text)}": gpt.predict(text)[0] for text in texts}
rows |= {f"the truth, after {town.text(text)}": town.oracle(text)[0] for text in texts}
pd.DataFrame(rows, index=WORDS.words).T.round(2)

# %% [markdown]
# After a direction it is sure of what comes of it. Before one it gives each of the four a quarter: the walker throws a die, and nothing in the text tells what it will show. Both are as they should be.
#
# This network is small: a GPT (the kind of network behind today's language models) with four layers. It ships with the course, with the recipe that made it, and with a checksum of its weights, so that you know which network you have.
#
# Set `TRAIN = True` to train one yourself, in a minute or two. It will get some nine in ten steps right *and have next to no map*: nearly all claims about its inside below will fail, and each that fails stops the run, so go on by hand. Think of that when you hear of a network that is right nine
# times in ten.

# %%
TRAIN = False  # True: read walks for about ninety seconds, in place of loading weights
if TRAIN:
    luck = cc.rng("mine")
    gpt = GPT(gpt.shape, luck)
    print(train(gpt, lambda n: town.walks(n, MOVES, luck), steps=1_600, batch=24, rng=luck))

made = recipe("town")
size = sum(weights.numel() for weights in gpt.parameters())
n = 1_600 * 24 if TRAIN else made["steps"] * made["batch"]
say(f"{size:,} weights. It has read {n:,} walks of {MOVES} moves. There are {4.0**MOVES:.0e} such walks.")
if not TRAIN:
    say(f"Made by `{made['command']}`, seed: `{made['seed']}`; SHA-256 checksum: {made['sha256'][:8]}...")

# %% [markdown]
# So it cannot have learned the walks by heart: after some ten moves nearly every walk is one that nobody has walked. Could it have counted what follows what? Here is counting: in twenty thousand walks, which word came most often after the last $n-1$ words (an *n-gram*).
#
# *How far will counting get? And does a longer stretch always help?*

# %%
fresh = town.walks(200, MOVES, cc.rng("fresh"))
counted = town.walks(20_000, MOVES, cc.rng("counted"))
found = {f"{n}-gram": legality(ngram(counted, n, len(WORDS.words)), town, fresh) for n in (2, 4, 8, 12, 16)}
found["GPT"] = legality(gpt.predict, town, fresh)
legal = pd.DataFrame({"right (%)": {name: 100 * share.value for name, share in found.items()}})
legal.round(0).astype(int)

# %%
claim("the network is right on all but one step in a thousand", found["GPT"].value > 0.999)
claim("no stretch that was counted gets 95 % right", max(found[n].value for n in found if n != "GPT") < 0.95)
gain = found["16-gram"].value - found["12-gram"].value
claim("from twelve words to sixteen next to nothing is gained", gain < 0.03)

# %% [markdown]
# Counting stalls: long stretches are too many to have been seen. To be right after any walk one must know where it led.
#
# That the network is *right* is a fact about what it says. It makes a map likely. Is there one? We can look, since a network is a system whose every part can be read, changed and exchanged. In the words of this course, **we can study it
# on all three rungs.**

# %% [markdown]
# ## Seeing: read what it holds
#
# At each token the network holds a list of 64 numbers, its *activations* there. It starts as the word and its place in the text. Then each layer adds to it, twice: first *attention* brings something over from the tokens before, then a small network works on the
# token alone. This list is called the **residual stream**. We write 0 for the start, 1, 2, 3, 4 for what it is after each layer, and 1.5 for half-way through the second, when attention has brought what it brings.
#
# Take the token of a move, such as the last one in `^ N. E. S. W`. To know what comes of `W` one needs the square on which the walker stands. *Is the square in these 64 numbers?* Train a **probe**: a plain linear classifier, from the 64 numbers to the 36 squares; and try it on walks it was not trained on.

# %%
read = town.walks(500, MOVES, cc.rng("read"))
moves = np.array([12, 16, 20, 23])  # how many steps the walker has taken, at the four places we look at
places, squares = 1 + 2 * moves, town.positions(read)[:, moves]
held = stream(gpt, read, 2)[:, places]
first = probe(held, squares, rng=cc.rng("first probe"))
held.shape

# %% tags=["nbval-ignore-output"]
say(f"The probe names the square for {first.accuracy:.0%} of the moves.")
claim("a linear probe reads the square off what it holds", first.accuracy > 0.9)

# %% [markdown]
# *Does this show that there is a map? Think of what else could make a probe succeed.*
#
# - The walk itself: perhaps any network, even an untrained one, keeps enough of its text for the probe to work it out.
# - The probe: with 64 numbers for each of 36 squares it has much freedom. How well does it learn labels that mean nothing? (A **control task**: each ending of four tokens gets a square drawn by a die. There are few such endings, so this shows how much the probe can learn by heart.)
# - The squares: some are visited more often. Always naming the commonest would be right now and then.
#
# So the probe is never shown alone.

# %%
layers = [0, 1, 1.5, 2, 4]
control = controls(gpt, read, squares, places, rng=cc.rng("controls"), layers=layers)

# %%
# alt: Accuracy of the probe against layer. The trained network is near 5 % at layer 0, below a quarter at layer 1, and near 100 % from 1.5 on. Lines of the untrained network, the control task and the commonest square stay below 45 %.
title = "From the middle of layer 2 on, a linear probe reads the square"
fig, ax = show.figure(title, "layer (halves: after attention)", "squares named rightly (%)")
names = {"untrained": ":", "control task": "--", "majority": "-."}
for name, style in names.items():
    ax.plot(layers, 100 * control[name], style, color="black", lw=1.2)
wide = 100 * np.abs(control[["low", "high"]].to_numpy().T - control["probe"].to_numpy())
ax.errorbar(layers, 100 * control["probe"], yerr=wide, fmt="o-", color=show.COLOURS["treatment"], capsize=3)
labels = {"untrained": "untrained network", "majority": "commonest square"}
for name in ("probe", *names):
    ax.text(4.1, 100 * control[name].iloc[-1], labels.get(name, name), fontsize=10, va="center")
ax.set(ylim=(0, 105), xlim=(-0.1, 5.6))
ax.set_xticks([0, 1, 1.5, 2, 3, 4])

# %%
late, early = control.loc[[1.5, 2]], control.loc[1]
claim("half-way through layer 2 the probe is right on more than 90 %", late["probe"].min() > 0.9)
claim("after layer 1 on less than 35 %", early["probe"] < 0.35)
claim("an untrained network, or labels that mean nothing: below half", late[list(names)].max().max() < 0.5)

# %% [markdown]
# A linear probe cannot read the square off the text's surface (layer 0), nor off an untrained network, and it did not make it up. After the second layer's attention it can.
#
# ### The map on paper
#
# A town has two directions. Has the map? Average the 64 numbers over walks that end on one square; find the two directions, one for a step south and one for a step east, that come closest to these averages. Then place *new* walks in this plane, each as a dot (the mean over the four moves one may ask about). The plane
# was fitted with squares; no dot knows its own.

# %%
N = 12  # moves
known = town.walks(1_500, N, cc.rng("known"))
new = town.walks(300, N, cc.rng("new"))


def on_paper(net, walks, seen):
    """Where the walks `seen` lie in the plane that `walks` span: steps east and south of the corner."""
    means = square_means(net, town, walks, 1.5, fewest=3).mean(axis=1)
    flat = plane(means)
    axes = np.stack([flat[1] - flat[0], flat[town.size] - flat[0]], axis=1)
    holds = stream(net, asked(seen), 1.5)[:, -1].reshape(len(seen), 4, -1).mean(axis=1)
    return np.linalg.lstsq(axes, (holds - flat[0]).T, rcond=None)[0].T

# %%
def on_spot(at, walks):
    """The share of the dots that lie nearest to their own square."""
    there = np.stack(np.divmod(town.positions(walks)[:, -1], town.size)[::-1], axis=1)  # columns, rows
    return (np.rint(at) == there).all(axis=1).mean()

# %%
def draw_maps(title, papers):
    """A panel of dots for each map, steps east and south."""
    fig, left = show.figure(title)
    left.remove()
    for ax, (name, at) in zip(fig.subplots(1, 2, sharey=True), papers.items(), strict=True):
        ax.plot(*at.T, "o", ms=3.5, color="black", alpha=0.5, mew=0)
        ax.set(title=name, xlabel="steps east", xlim=(-2.5, 7.5), ylim=(7.5, -2.5))
        ax.set(aspect="equal", xticks=range(6), yticks=range(6))
        ax.grid(lw=0.5)
    fig.axes[0].set_ylabel("steps south")

# %%
untrained = GPT(gpt.shape, cc.rng("untrained"))
papers = {"trained network": on_paper(gpt, known, new), "untrained network": on_paper(untrained, known, new)}

# %%
# alt: Two panels of dots. On the left, the trained network, three hundred dots fall on a neat grid of six by six; on the right, the untrained network, they are a cloud.
draw_maps("The map inside: each dot is a walk, where the network has it", papers)

# %%
spots = [on_spot(at, new) for at in papers.values()]
say(f"Nearest to their own square: {spots[0]:.0%} of the dots (trained), {spots[1]:.0%} (untrained).")
claim("nine in ten walks lie nearest to their own square", spots[0] > 0.9)
claim("in the untrained network fewer than four in ten", spots[1] < 0.4)

# %% [markdown]
# *What does this show about how the network answers?*
#
# Nothing. It is rung 1. Two things go together, what the network holds and where the walker is; and what goes together need not act. A thermometer on the outside of an engine reads its heat, and no part of the engine reads the thermometer. Perhaps the network holds the square
# as a thing on the side.

# %% [markdown]
# ## Doing: change what it holds
#
# Who wants to know whether the map is used must act: set what the network holds to something else while it reads, leave all else as it is, and see what it says. This is an **edit** of the activation. It is $do(\cdot)$, with a network in place of the clinic.
#
# Take a walk and another square. Add to the 64 numbers, half-way through layer 2, the difference between the averages of the two squares. *If the map is used, what should the network now say of the four moves? And if it is not?*

# %%
means = square_means(gpt, town, known, 1.5)
one = means.mean(axis=1)  # one list for each square, whichever move is asked about
ends = town.positions(new)[:, -1]
walk, here = new[:1], ends[0]
apart = (town.bumps != town.bumps[here]).sum(axis=1) * np.isfinite(one).all(axis=1)
other = apart.argmax()  # of the squares that have an average, one with as many other walls as can be
answers = {
    f"walls of square {here}, where it is": town.bumps[here],
    "the network says": ask(gpt, walk)[0] > 0.5,
    "edited, the network says": ask(gpt, walk, 1.5, (one[other] - one[here])[None])[0] > 0.5,
    f"walls of square {other}, where it was put": town.bumps[other],
}
pd.DataFrame(answers, index=["north", "east", "south", "west"]).T.replace({True: "wall", False: "open"})

# %% [markdown]
# One walk and one square prove little. Now some two hundred, each moved to a square drawn among those with other walls, beside what the edit must be compared with. *Which of these would fool you if you did not compare?*
#
# - **one shift**: the difference of two averages, the same for all four moves; **south and east**: the same along the two directions of the map alone;
# - **random directions** of the same length: perhaps any push of that size upsets the answers;
# - **answer alone**: push what it says from "open" to "wall", or back, where that is what should change. Its square plays no part in it. An edit that does no better has changed the answer and not the place. We try it at two strengths and keep the better.

# %%
walks = town.walks(200, N, cc.rng("edited"))
places_of = {1.5: means, 2: square_means(gpt, town, known, 2)}
edited, strong = {}, {}
for layer, averages in places_of.items():
    edited[layer] = success(gpt, town, walks, layer, averages, cc.rng("edits"))
    strong[layer] = success(gpt, town, walks, layer, averages, cc.rng("edits"), scale=2)
    both = pd.concat([edited[layer].loc[["answer alone"]], strong[layer].loc[["answer alone"]]])
    edited[layer].loc["answer alone"] = both.sort_values("all four").iloc[-1]

# %%
# alt: Bars of the share of walks whose four answers are those of the other square. At layer 1.5 one shift, and south and east, reach about 80 %, answer alone less, random directions almost nothing. At layer 2 one shift does little, and answer alone a lot.
title = "Moved in the middle of layer 2, it answers from the new square"
fig, ax = show.figure(title, "walks with all four answers of the other square (%)")
kinds = ["one shift", "south and east", "answer alone", "random directions", "no edit"][::-1]
for up, layer, colour in ((0.19, 1.5, "treatment"), (-0.19, 2, "muted")):
    table = 100 * edited[layer].loc[kinds, ["all four", "low", "high"]].to_numpy()
    wide = np.abs(table[:, 1:].T - table[:, 0])
    at = np.arange(len(kinds)) + up
    ax.barh(at, table[:, 0], 0.36, xerr=wide, color=show.COLOURS[colour], ec="black", capsize=2)
    ax.text(max(table[-1, 2] + 2, 2), at[-1], f"layer {layer}", va="center", fontsize=9)
ax.set_yticks(range(len(kinds)), kinds)
ax.set(xlim=(0, 100))

# %%
rate = edited[1.5]["all four"]
say(f"South and east: {rate['south and east']:.0%}. Random directions: {rate['random directions']:.0%}.")
claim("two directions of 64 move it, all four walls right, on most walks", rate["south and east"] > 0.65)
times = rate["south and east"] / max(rate["random directions"], 0.005)
claim("that is over five times as often as random ones", times > 5)
claim("a push of the answer alone does less well", rate["one shift"] > rate["answer alone"] + 0.08)
late_rate = edited[2]["all four"]
claim("at layer 2 one shift does little", late_rate["one shift"] < 0.35)
claim("and a push of the answer alone does more", late_rate["answer alone"] > late_rate["one shift"] + 0.2)

# %% [markdown]
# The answers follow the map. So the network *uses* it: set the square, and on most walks it says what is true there. (The size of the step matters, as on any map: shifted twice as far, it is right on far fewer.)
#
# At layer 2 the probe still reads the square as well as ever, and moving it there does little. **The probe could not tell the two layers apart. The edit does.** By then the walls have been looked up, so there a push of the answer does it, and what is left of the square is not much more than a thermometer.

# %%
twice = strong[1.5].loc["one shift", "all four"]
say(f"Shifted twice as far: {twice:.0%}.")
claim("twice the shift moves it much less often to that square", twice < rate["one shift"] - 0.2)

# %% [markdown]
# ## Imagining: what would it have said?
#
# An edit adds what *we* think the map looks like. Rung 3 asks of one run: this network has read this walk and said this. *What would it have said, had it held at one place what it held when it read another walk?* Exchange it and see: an **interchange intervention**.
#
# It is the nested counterfactual $Y_{x, M_{x'}}$ of chapter 07, the walk being $x$ and what is held at one place $M$. There we could hardly ever have it for a patient, for lack of the equations and of the patient's luck. Of a network we have all equations, and there is no luck in it.
#
# We take pairs of walks to squares with different walls and exchange what is held at the token of the move. *From which layer on will the answers be those of the other walk?*

# %%
base, source = (town.walks(150, N, cc.rng(name)) for name in ("base", "source"))
mine, yours = (town.bumps[town.positions(w)[:, -1]] for w in (base, source))
differ = (mine != yours).any(axis=1)
rows = {}
for layer in (1, 1.5, 2, 3.5):
    said = interchange(gpt, base[differ], source[differ], layer) > 0.5
    follow, stay = ((said == walls[differ]).all(axis=1).mean() for walls in (yours, mine))
    rows[layer] = 100 * follow, 100 * stay
swaps = pd.DataFrame(rows, ["of the walk put in (%)", "of its own walk (%)"]).T.rename_axis("layer")
swaps.round(0).astype(int)

# %%
claim("up to layer 1 the move's token holds nothing of the walk that decides", swaps.loc[1].iloc[1] > 99)
claim("from 1.5 on it holds nearly all that decides", swaps.loc[1.5].iloc[0] > 85)

# %% [markdown]
# And before that, where is the walk kept? Exchange **one step**: what is held at the token that tells what came of the sixth move. If the network adds up steps, its answers should be those of a place nobody has been: *where the walker would be, had that one step been
# the other's*.

# %%
would = swapped_step(town, base, source, move=6)  # -1: outside the town
now = town.positions(base)[:, -1]
differ = (would >= 0) & (town.bumps[would] != town.bumps[now]).any(axis=1)
rows = {}
for layer in (0, 0.5, 1, 1.5):
    said = interchange(gpt, base[differ], source[differ], layer, token=2 * 6) > 0.5
    follow, stay = ((said == town.bumps[q[differ]]).all(axis=1).mean() for q in (would, now))
    rows[layer] = 100 * follow, 100 * stay
steps = pd.DataFrame(rows, ["of where it would be (%)", "of where it is (%)"]).T.rename_axis("layer")
steps.round(0).astype(int)

# %%
claim("after layer 1's attention, exchanging one step moves it by that step", steps.loc[0.5].iloc[0] > 75)
gain = steps.loc[0.5].iloc[0] - steps.loc[0].iloc[0]
claim("before it, where only the word . or x is exchanged, it does so less often", gain > 15)
claim("half a layer later nobody reads that token any more", steps.loc[1.5].iloc[1] > 98)

# %% [markdown]
# (At layer 0 some follow too: where both walkers went the same way and only one met a wall, the word `.` or `x` is the step.)
#
# With that we can say how it works. The first three lines were tested by interventions; the last is a guess.
#
# ```
#              ^    N  .    E  x    S  .    W
# layer 1:            north   none    south      attention writes each step into the token that tells of it
# layer 2:                                sum    attention adds the steps up at the move: the square
#                                        wall?   the network behind it looks up what is west of there
# layers 3, 4:                                   and bring the answer out
# ```
#
# That is a world model, a small one: a state, kept apart from the words that led to it, and a rule that says what follows from it. It was found by climbing the ladder: **probes see, edits act, interchanges imagine.**
#
# It is the map of *this* network. What one network does is no law for the next: trained more briefly, one can be right on nine steps in ten without it. Look each time.

# %% [markdown]
# ## A map that does not hang together
#
# Legal answers, a good probe: is that enough? Vafa and colleagues (2024) ask for more. If a model has a map, then
#
# - **compression**: after two walks to *one* square it must allow the same continuations. They are one state. (It *allows* a continuation, here up to five words, if it gives each word of it more than one per cent);
# - **distinction**: after walks to *two* squares it must allow what tells them apart, and only that. *Precision*: of what it would tell them apart by, how much is true; *recall*: of the truth, how much it uses.
#
# Another network, the *commuter*, has read of the same town. It saw only walkers in a hurry, who go from corner to corner on nearly shortest ways. Before you run on: *what will it know?*

# %%
def hurry(n, moves, rng):
    """Walks of the kind that the commuter has read."""
    return detour_walks(town, rng, 0.9, "across", n, moves)


commuter, _ = load("commuter")
hurried = hurry(100, MOVES, cc.rng("hurried"))
print(town.text(hurried[:2]))
own = legality(commuter.predict, town, hurried)
always = (hurried[:, 2::2] == WORDS.ids["."]).mean()
say(f"On walks like those it read, it is right on {own.value:.1%}. Always saying '.': {always:.1%}.")

# %% tags=["nbval-ignore-output"]
more = hurry(500, MOVES, cc.rng("more"))
more_squares = town.positions(more)[:, moves]
reads = {}
for name, net in (("commuter", commuter), ("untrained", untrained)):
    reads[name] = probe(stream(net, more, 1.5)[:, places], more_squares, rng=cc.rng("commute")).accuracy
say(f"A probe reads its square on {reads['commuter']:.0%} of the moves; untrained: {reads['untrained']:.0%}.")

# %%
claim("it passes the first test: over 99 % of the steps", own.value > 0.99)
margin = reads["commuter"] - reads["untrained"]
claim("and the second: a probe reads the square far above the control", margin > 0.15)

# %%
nets = {"random walks": gpt.predict, "commuter": commuter.predict}
nets["4-gram"] = ngram(counted, 4, len(WORDS.words))
whole = {name: coherence(net, town, cc.rng("pairs"), pairs=40) for name, net in nets.items()}
at_home = coherence(commuter.predict, town, cc.rng("home"), pairs=40, walks=hurry)
judged = {**whole, "commuter, on walks like its own": at_home}
measures = pd.DataFrame({n: [c.compression.value, c.precision, c.recall] for n, c in judged.items()})
(100 * measures.T).round(0).astype(int).set_axis(["compression (%)", "precision (%)", "recall (%)"], axis=1)

# %%
claim("the first network's map hangs together", whole["random walks"].compression.value > 0.9)
claim("the commuter's does not, on random walks", whole["commuter"].compression.value < 0.45)
claim("nor quite on walks like those it read", at_home.compression.value < 0.8)
claim("counting tells least apart", whole["4-gram"].recall < whole["commuter"].recall)

# %% [markdown]
# The commuter passes both tests and fails this one, even on its own roads: two ways to one square often leave it in two states. (Counting takes two ways for one state about as often as the commuter does off its roads, and for a bad reason: it has forgotten both. That is why distinction is asked for as well.)
#
# *Who would notice? When?* Not the hurried. Send the commuter on **detours**: random walks through the same town, and walkers who push against one wall again and again. First its map, on its own roads and off them.

# %%
roads, trips = hurry(1_500, N, cc.rng("roads")), hurry(300, N, cc.rng("trips"))
papers = {
    "the commuter on its own roads": on_paper(commuter, roads, trips),
    "the commuter on random walks": on_paper(commuter, known, new),
}

# %%
# alt: Two panels of dots from the commuter. On the left, walks like those it read, the dots gather near the crossings of the grid; on the right, random walks, they are a cloud.
draw_maps("On its roads the commuter has a map. Off them it dissolves", papers)

# %%
spots = [on_spot(at, w) for at, w in zip(papers.values(), (trips, new), strict=True)]
say(f"Nearest to their own square: {spots[0]:.0%} of the dots on its roads, {spots[1]:.0%} off them.")
claim("on its roads most dots lie on their square", spots[0] > 0.75)
claim("off them fewer than half", spots[1] < 0.5)

# %%
tried = {"as it read": hurried, "random walks": fresh[:100]}
tried["pushing"] = detour_walks(town, cc.rng("pushing"), 1, "again", 100)
rows = {w: [legality(nets[n], town, tried[w]).value for n in ("random walks", "commuter")] for w in tried}
on = pd.DataFrame(rows, ["random walks", "commuter"]).T
(100 * on).round(0).astype(int).rename_axis("walks").add_suffix(" (% of steps right)")

# %%
off = on.loc[["random walks", "pushing"], "commuter"].max()
claim("off its roads the commuter is wrong on a step in ten, and more", off < 0.9)
claim("the first network is right everywhere", on["random walks"].min() > 0.98)

# %% [markdown]
# **What a network learns depends on what was done in the text it read.** The random walker tries every move on every square; the commuter's text seldom shows a wall. Keep this thought for a page.

# %% [markdown]
# ## Published, beside ours
#
# This small town repeats what was found at larger sizes. Othello is a board game in which two players place and turn pieces. There the state is the board, and the text a list of moves.

# %% tags=["nbval-ignore-output"]
best, map_moved = late["probe"].iloc[0], rate["south and east"]
averages = square_means(commuter, town, roads, 1.5)
moved = hurry(150, N, cc.rng("moved"))
shifts = success(commuter, town, moved, 1.5, averages, cc.rng("shifts")).loc["south and east", "all four"]
ours = f"{found['GPT'].value:.1%} of steps", f"{best:.0%} (linear)", f"{map_moved:.0%} (linear)"
theirs = f"{own.value:.1%} of its own", f"{reads['commuter']:.0%} (linear)", f"{shifts:.0%} (linear)"
published = pd.DataFrame(
    {
        "ours, random walks": (*ours, f"compression {whole['random walks'].compression.value:.0%}"),
        "ours, commuter": (*theirs, f"compression {at_home.compression.value:.0%} of its own"),
        "Othello-GPT (Li et al. 2023)": ("about 99.99 % legal", "needs a hidden layer", "they work", "-"),
        "the same (Nanda et al. 2023)": ("-", "linear, for mine/theirs", "linear ones work", "-"),
        "6 x 6 Othello (Wong 2025)": ("99.97 % legal", "over 98 % (linear)", "-", "-"),
        "taxi rides (Vafa et al. 2024)": ("near perfect", "near perfect", "-", "incoherent; lost on detours"),
    },
    index=["next token", "probe", "edits", "coherence"],
)
published.T

# %% [markdown]
# Vafa and colleagues trained on shortest ways as well, on noisy ones, and on random walks. Nanda's finding is a lesson of its own: asked for *black* and *white*, a linear probe fails; asked for *mine* and *theirs* it succeeds, since the network sees the board with the eyes of the player whose turn it is. **A probe answers the
# question you ask, in the words you ask it in.** That one fails shows only that these words fail.
#
# When must a map be there? Richens and Everitt (2024): an agent that does well under a large set of *changes* of its world must have learned an approximate causal model of it. Doing well on one distribution of text, as the commuter does, asks for less. Rohekar and colleagues (2025) read
# causal structures off the attention of a GPT trained on Othello and chess, and found that on random legal games its legal moves go with clear structures, and its illegal ones do not.

# %% [markdown]
# ## A model of patients
#
# Now the clinic of chapter 00: severity `Z`, treatment `X`, recovery `Y`. Doctors treat the severe more often, and treating adds one recovery in ten. Write its records down and let a small GPT read them.

# %%
hospital = clinic.model()
form = Records.of(hospital)
patients = records(hospital, 200_000, cc.rng("patients"))
print(*(" ".join(form.vocabulary.decode(row)) for row in patients[:3]), sep="\n")

# %% tags=["nbval-ignore-output"]
luck = cc.rng("reader")
reader = GPT(Shape(vocab=len(form.vocabulary.words), length=4, layers=1, heads=2, width=32), luck)
train(reader, lambda n: luck.choice(patients, n), steps=800, batch=256, rng=luck)

# %% [markdown]
# It has three next words to give: `Z`, then `X`, then `Y`. Multiplied, they are the probability it gives to a record, and from those follow all its answers on rung 1. *How well will it know them?*

# %%
def told(model):
    """The probability that a model gives to each of the eight records."""
    every = pd.DataFrame(itertools.product((0, 1), repeat=3), columns=list(form.variables))
    tokens, p = form.write(every), 1.0
    for k in (1, 2, 3):
        p = p * model.predict(tokens[:, :k])[np.arange(8), tokens[:, k]]
    return every.assign(p=p / p.sum()).set_index(list(form.variables))["p"]


def recovery(p, x):
    """P(Y = 1 | X = x)."""
    return float(p.xs((x, 1), level=("X", "Y")).sum() / p.xs(x, level="X").sum())

# %% tags=["nbval-ignore-output"]
p, q = hospital.joint(), told(reader)
pd.DataFrame({"truth": p, "the model says": q}).round(2).T

# %%
excess = float((p * np.log(p / q)).sum())  # how much its loss is above the lowest there is, nats a record
claim("no record's probability is off by more than three points in a hundred", (p - q).abs().max() < 0.03)
claim("there is next to nothing left to learn: under a hundredth of a nat a record", excess < 0.01)

# %% [markdown]
# As a model of its text it is as good as perfect. Now ask it what the director asks: *what if we treat everybody?*

# %%
try:
    form.vocabulary.encode(["^", "do(X=1)"])
except DataError as why:
    print(why)

# %% [markdown]
# It has no word for it: no text it read speaks of it. The nearest that one can ask: among the records it would write with `X=1`, how many say `Y=1`?

# %% tags=["nbval-ignore-output"]
effect = hospital.do(X=1).joint().xs(1, level="Y").sum()
says, seen = recovery(q, 1), recovery(p, 1)
say(f"The model: {says:.0%} recover. The records: {seen:.0%}. Treating everybody: {effect:.0%}.")
claim("the answer to the nearest question is off by a tenth, and more", abs(says - effect) > 0.1)

# %% [markdown]
# It is not a mistake of the model: $P(Y \mid X=1)$ *is* that number. It is the answer to another question (chapter 00).
#
# *But it knows severity too. Can it not adjust?* We can, with its probabilities: $\sum_z P(z)\, P(Y \mid z, X=1)$. That is right if severity comes *before* treatment. Here is another hospital (the harsh one of chapter 00): there `Z` comes about *after* the treatment, and is what the treatment did. Its clerks fill in the same form, in the same order.

# %%
die = [0.1] * 10
equations = {
    "X": lambda U_X: U_X,
    "Z": lambda X, U_Z: 2 + 6 * X > U_Z,
    "Y": lambda X, Z, U_Y: 8 - 5 * Z + X > U_Y,
}
second = SCM({"U_X": [0.5, 0.5], "U_Z": die, "U_Y": die}, equations)
other_effect = second.do(X=1).joint().xs(1, level="Y").sum()
say(f"Seen, the two hospitals differ by {furthest_apart(hospital, second, 1):.3f} at most.")
say(f"Treat everybody: {effect:.0%} recover in the first, {other_effect:.0%} in the second.")

# %%
claim("their records are the same, to the last digit", furthest_apart(hospital, second, 1) < 1e-12)
claim("what treating does is not", abs(effect - other_effect) > 0.1)

# %% [markdown]
# One text, two hospitals, two answers. The model read that text, so it is the model of both. From its probabilities either answer can be made, by whoever says which drawing holds:

# %%
by_z = {z: float(q[z, 1, 1] / (q[z, 1, 0] + q[z, 1, 1])) for z in (0, 1)}
common = {z: float(q.xs(z, level="Z").sum()) for z in (0, 1)}
adjusted = sum(common[z] * by_z[z] for z in (0, 1))
claim("with the drawing Z -> X the model's numbers give the first answer", abs(adjusted - effect) < 0.04)
claim("with X -> Z they give the second", abs(says - other_effect) < 0.04)

# %% [markdown]
# This is one of chapter 08's pairs, with a language model in it. The model is a fine table of rung 1. The drawing is knowledge of rung 2, and it came from you.
#
# ### Then why could the town's model answer?
#
# "What if I go north?" is a question of rung 2, and the network of the town answers it for any walk. *What does the town's text have that the clinic's has not?* Look at who chose.

# %%
def goes_north(walks):
    """How often the walker goes north where there is a wall to the north, and where there is none."""
    at, north = town.positions(walks)[:, :-1].ravel(), walks[:, 1::2].ravel() == WORDS.ids["N"]
    wall = town.bumps[at, 0]
    return north[wall].mean(), north[~wall].mean()


severe, treated = (patients[:, k] == form.vocabulary.ids[word] for k, word in ((1, "Z=1"), (2, "X=1")))
rows = {
    "town, random walks: goes north": goes_north(counted),
    "town, the commuter's walks: goes north": goes_north(more),
    "clinic: is treated": (treated[severe].mean(), treated[~severe].mean()),
}
pd.DataFrame(rows, ["wall ahead, or severe", "open, or mild"]).T.round(2)

# %%
by_die, by_choice, doctors = (abs(np.diff(pair)[0]) for pair in rows.values())
claim("the random walker's choice does not depend on the walls", by_die < 0.02)
claim("the commuters' choice does", by_choice > 0.15)
claim("the doctors' choice depends on the patient", doctors > 0.5)

# %% [markdown]
# The random walker throws a die. **Each move is a small randomised trial**, and the text reports its result. So "what came of `N` after such a walk" and "what would come of it, were we to go north" are one number, and a model of the first is a model of the second.
#
# That is one way. The commuters do choose, and seldom walk into walls. Still, what came of `N` after a walk is what would come of going north, since the walk fixes the square, and nothing else acts on both the choice and the outcome. The text tells everything that does. What it lacks is
# *trying*: of moves that nobody makes it tells nothing (chapter 04 called it overlap). So the commuter knows its roads.
#
# The clinic's text has neither. No die was thrown; and whether what it tells stood behind the choice, or came after it, is nowhere said.
#
# **For either way somebody must vouch.** No text proves that a die was thrown, or that nothing hidden acts on both. That is knowledge of rung 2, and here it is ours: we built the town.
#
# So the question of this chapter has two halves. *Is there a map inside?* There can be, and we can find out, since the network lies open. *A map of what?* **Of what the text speaks of.** If the text reports what was seen, the best model of it is perfect on rung 1, and silent on rung 2 until somebody says
# what stood behind the choices.
#
# Chapter 13 asks what happens when trials, or a drawing, are put in.

# %% [markdown]
# ## What we asked, what we assumed
#
# | rung | we asked | we assumed |
# |---|---|---|
# | 1 seeing | does what the network holds go with the square? | nothing beyond walks held out; controls for what the probe brings along |
# | 2 doing | do its answers follow when we move it on the map? | that our edit changes the place and not the answer: compared with random ones and with the answer alone |
# | 3 imagining | what would it have said, had it held this there? | nothing: all equations are known, and there is no luck in them |
# | 2 doing | what comes of going north? (asked of the town's model) | that the walker's directions are drawn by a die, or that the walk tells all that acts on both |
# | 2 doing | what does treating everybody do? (asked of the clinic's) | a drawing; each of two gives another answer |

# %% [markdown]
# ## What to take away
#
# - **A network is a system one can study on the ladder**: probes see, edits act, interchanges imagine.
# - **A probe alone shows little.** It needs an untrained network and labels that mean nothing beside it; and even then, what is read may be read by the probe alone.
# - **An edit needs controls too**: random directions, and a push of the answer.
# - **Legal answers and a good probe can hide a broken map.** Ask for compression and distinction, and go on detours.
# - **A model of text knows what the text speaks of.** If actions were drawn at random, or all that stood behind them is told, it can know what acting does, where it was tried. That this is so somebody must say: the text does not.
#
# Your prediction: c, for the network that read random walks. For the commuter: a map of its roads, and a blur off them.
#
# Now the exercises: open `exercises/12_world_models.ipynb`.

# %% [markdown]
# ## Further reading
#
# - Kenneth Li, Aspen Hopkins, David Bau, Fernanda Viégas, Hanspeter Pfister and Martin Wattenberg (2023). Emergent world representations: exploring a sequence model trained on a synthetic task. *ICLR*. arXiv 2210.13382. Othello-GPT.
# - Neel Nanda, Andrew Lee and Martin Wattenberg (2023). Emergent linear representations in world models of self-supervised sequence models. *BlackboxNLP*. arXiv 2309.00941.
# - Alfred Wong (2025). A small Othello-GPT, in posts on alfredclwong.github.io: a replication that fits a class.
# - Keyon Vafa, Justin Chen, Ashesh Rambachan, Jon Kleinberg and Sendhil Mullainathan (2024). Evaluating the world model implicit in a generative model. *NeurIPS*. arXiv 2406.03689. Compression and distinction.
# - Charles Jin and Martin Rinard (2024). Emergent representations of program semantics in language models trained on programs. *ICML*. arXiv 2305.11169. With a control for what a probe learns by itself.
# - John Hewitt and Percy Liang (2019). Designing and interpreting probes with control tasks. *EMNLP*.
# - Atticus Geiger, Hanson Lu, Thomas Icard and Christopher Potts (2021). Causal abstractions of neural networks. *NeurIPS*. Interchange interventions.
# - Jonathan Richens and Tom Everitt (2024). Robust agents learn causal world models. *ICLR*. arXiv 2402.10877.
# - Raanan Rohekar, Yaniv Gurwicz, Sungduk Yu, Estelle Aflalo and Vasudev Lal (2025). A causal world model underlying next token prediction: exploring GPT in a controlled environment. *ICML*. arXiv 2412.07446.
