"""Chapter 13's table: four places where assumptions of rungs 2 and 3 may live, two controls, and their errors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import torch

from causalcourse import rng
from causalcourse.lm.causal import CausalTransformer
from causalcourse.lm.corpus import Corpus
from causalcourse.lm.family import Question, Worlds, questions
from causalcourse.lm.in_context import Prompts, counted, learn, middle
from causalcourse.lm.model import GPT
from causalcourse.lm.weights import model as shipped
from studies.record import run

DRAWINGS = {
    "nothing hidden": ("A -> B; A -> C; B -> C", 1, 2),
    "hidden, identified": ("A -> B -> C; A <-> C", 0, 2),
    "hidden, not identified": ("A -> C; B -> C; B <-> C", 1, 2),
    "four variables, hidden, identified": ("A -> B -> C -> D; A -> D; B <-> D", 1, 3),
    "five variables, nothing hidden": ("A -> B; A -> C; B -> D; C -> D; C -> E; D -> E", 3, 4),
}
"""Five drawings, each with the cause and the effect asked about. Taught in chapter 13."""

WRONG = {
    "nothing hidden": "A -> B -> C",
    "hidden, identified": "A -> B; A -> C; B -> C",
    "hidden, not identified": "A -> C; B -> C",
    "four variables, hidden, identified": "A -> B -> C -> D; A -> D; B -> D",
    "five variables, nothing hidden": "A -> B; A -> C; B -> D; C -> D; D -> E",
}
"""Wrong drawings: what confounds is left out, or taken for an arrow."""

OFTEN = ("A -> B; A -> C; B -> C", "A -> B -> C; A <-> C", "A -> C; B -> C; B <-> C", "A -> B -> C; B <-> C")
"""Drawings that a reader of drawings meets more often than chance would have it. Taught in chapter 13."""

SEEDS, UNITS, GAP = 5, 20_000, 0.1
WORLDS, MORE = 20_000, 5_000  # that a reader meets, and that it meets of each of OFTEN
STEPS = {"parameters": 5_000, "prompt": 10_000}  # of its training


Found = tuple[str, str, np.ndarray]  # the place, the model, and its answers


def first_apart(drawn: Worlds, asked: list[Question], gap: float) -> Worlds:
    """The first of these worlds in which seeing and doing differ by `gap` at least, on average over what is asked."""
    seen, done = (np.stack([drawn.answers(q) for q in asked if q.rung == rung]) for rung in (1, 2))
    return drawn.take([np.flatnonzero(np.abs(seen - done).mean(axis=0) >= gap)[0]])


def world(kind: str, seed: int) -> tuple[Worlds, list[Question]]:
    """One world of that kind in which seeing and doing differ by a tenth at least, and the eight questions about it."""
    drawing, cause, effect = DRAWINGS[kind]
    drawn = Worlds.of(drawing, 1_000, rng(f"places {kind} {seed}"))
    asked = [q for q in questions(drawn.n) if (q.cause, q.effect) == (cause, effect)]
    return first_apart(drawn, asked, GAP), asked


def from_texts(worlds: Worlds, asked: list[Question], seed: int) -> Iterator[Found]:
    """The controls and the first place: plain GPTs, trained on texts about this one world."""
    corpus, stream = Corpus(worlds.n), rng(f"places texts {seed}")
    records = corpus.learn(corpus.mixed(worlds, 0, UNITS, 0, stream), stream)
    yield "control", "records", corpus.ask(records, asked, nearest=True)
    more = corpus.learn(corpus.mixed(worlds, 0, 10 * UNITS, 0, stream, copies=1), stream, 1_000, 3, 64)
    yield "control", "ten times the records, a larger model", corpus.ask(more, asked, nearest=True)
    for share in (0.01, 0.1, 0.5):
        model = corpus.learn(corpus.mixed(worlds, 0, UNITS, share, stream), stream, 1_200)
        yield "data", f"{share:.0%} trials and pairs", corpus.ask(model, asked)
    never = corpus.learn(corpus.mixed(worlds, 0, UNITS, 0.5, stream, never=asked[0].cause), stream, 1_200)
    yield "data", "50% trials and pairs, of other causes", corpus.ask(never, asked)


def from_drawings(kind: str, worlds: Worlds, asked: list[Question], seed: int) -> Iterator[Found]:
    """The second place: causal transformers, trained on records of this one world."""
    stream = rng(f"places drawings {seed}")
    records = counted(worlds, UNITS, stream)[0].reshape((2,) * worlds.n) / UNITS
    for name, drawing in (("right drawing", worlds.graph(0)), ("wrong drawing", WRONG[kind])):
        model = CausalTransformer(drawing, rng=stream)
        model.fit(records, rng=stream)
        yield "architecture", name, np.array([model.ask(str(q)) for q in asked])


def from_prompts(
    kind: str, readers: dict[str, GPT], worlds: Worlds, asked: list[Question], seed: int
) -> Iterator[Found]:
    """The third and the fourth place: models of thousands of worlds, which meet this one in their prompt."""
    prompts = Prompts(worlds.n)
    records = np.repeat(counted(worlds, UNITS, rng(f"places prompts {seed}")), len(asked), axis=0)
    right = worlds.take([0] * len(asked))
    wrong = Worlds.of(WRONG[kind], len(asked), rng("wrong"))
    for place, row, reader, told in (
        ("parameters", "nothing hidden in training", "parameters", None),
        ("parameters", "hidden causes in training", "prompt", None),
        ("prompt", "right drawing", "prompt", right),
        ("prompt", "wrong drawing", "prompt", wrong),
    ):
        yield place, row, middle(prompts.believed(readers[reader], prompts.write(records, asked, told)))


def reader(name: str, seed: int) -> GPT:
    """A model of thousands of worlds: "parameters", with nothing hidden and no drawing told; or "prompt"."""
    stream = rng(f"reader {name} {seed}")
    if name == "parameters":
        return learn(Prompts(), Worlds.draw(WORLDS, stream), stream, STEPS[name])
    lots = [Worlds.draw(WORLDS, stream, arrow=0.6, arc=0.4), *(Worlds.of(drawing, MORE, stream) for drawing in OFTEN)]
    return learn(Prompts(), lots, stream, STEPS[name], told=0.75)


def from_readers(seed: int) -> Iterator[tuple[str, Found]]:
    """The third and the fourth place, in worlds of three variables. The readers of seed 0 come with the package."""
    readers = {name: shipped(name) if seed == 0 else reader(name, seed) for name in ("parameters", "prompt")}
    for kind in DRAWINGS:
        worlds, asked = world(kind, seed)
        if worlds.n == Prompts().n:
            yield from ((kind, found) for found in from_prompts(kind, readers, worlds, asked, seed))


def from_one_world(kind: str, seed: int) -> Iterator[tuple[str, Found]]:
    """The controls, the first and the second place."""
    worlds, asked = world(kind, seed)
    found = itertools.chain(from_texts(worlds, asked, seed), from_drawings(kind, worlds, asked, seed))
    yield from ((kind, each) for each in found)


def errors(seed: int, part: str) -> list[dict]:
    """The mean error on each rung, of the models of one part: "readers", or those of one kind of worlds."""
    torch.set_num_threads(1)
    rows = []
    for kind, (place, model, answers) in from_readers(seed) if part == "readers" else from_one_world(part, seed):
        worlds, asked = world(kind, seed)
        off, rungs = np.abs(answers - [worlds.answers(q)[0] for q in asked]), np.array([q.rung for q in asked])
        for rung in (1, 2, 3):
            error = off[rungs == rung].mean()
            rows.append({"seed": seed, "world": kind, "place": place, "model": model, "rung": rung, "error": error})
    return rows


if __name__ == "__main__":
    run("places", errors, itertools.product(range(SEEDS), (*DRAWINGS, "readers")))
