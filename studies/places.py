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
from studies.record import run

DRAWINGS = {
    "nothing hidden": ("A -> B; A -> C; B -> C", 1, 2),
    "hidden, identified": ("A -> B -> C; A <-> C", 0, 2),
    "hidden, not identified": ("A -> B -> C; B <-> C", 1, 2),
}
"""Three drawings, each with the cause and the effect asked about. Taught in chapter 13."""

FORGETS = {
    "nothing hidden": "A -> B -> C",
    "hidden, identified": "A -> B; A -> C; B -> C",
    "hidden, not identified": "A -> B; A -> C; B -> C",
}
"""Wrong drawings: an arrow that confounds is left out; a hidden cause is left out, or taken for an arrow."""

SEEDS, UNITS, GAP = 5, 20_000, 0.1
WORLDS, READ = 20_000, 4_000  # that a reader meets, and the steps of its training


def world(kind: str, seed: int) -> tuple[Worlds, list[Question]]:
    """One world of that kind in which seeing and doing differ by a tenth at least, and the eight questions about it."""
    drawing, cause, effect = DRAWINGS[kind]
    drawn = Worlds.of(drawing, 200, rng(f"places {kind} {seed}"))
    seen, done = (
        np.stack([drawn.answers(Question(rung, cause, effect, value)) for value in (0, 1)], 1) for rung in (1, 2)
    )
    first = int(np.argmax(np.abs(seen - done).mean(axis=1) >= GAP))
    asked = [q for q in questions(drawn.n) if (q.cause, q.effect) == (cause, effect)]
    return drawn.take(slice(first, first + 1)), asked


def from_texts(worlds: Worlds, asked: list[Question], seed: int) -> Iterator[tuple[str, str, np.ndarray]]:
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


def from_drawings(kind: str, worlds: Worlds, asked: list[Question], seed: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """The second place: causal transformers, trained on records of this one world."""
    stream = rng(f"places drawings {seed}")
    records = counted(worlds, UNITS, stream)[0].reshape((2,) * worlds.n) / UNITS
    for name, drawing in (("right drawing", worlds.graph(0)), ("drawing that forgets", FORGETS[kind])):
        model = CausalTransformer(drawing, rng=stream)
        model.fit(records, rng=stream)
        yield "architecture", name, np.array([model.ask(str(q)) for q in asked])


def from_prompts(
    kind: str, readers: dict[str, GPT], worlds: Worlds, asked: list[Question], seed: int
) -> Iterator[tuple[str, str, np.ndarray]]:
    """The third and the fourth place: models of thousands of worlds, which meet this one in their prompt."""
    prompts = Prompts(worlds.n)
    records = np.repeat(counted(worlds, UNITS, rng(f"places prompts {seed}")), len(asked), axis=0)
    right = worlds.take([0] * len(asked))
    wrong = Worlds.of(FORGETS[kind], len(asked), rng("wrong"))
    for place, row, reader, told in (
        ("parameters", "nothing hidden in training", "parameters", None),
        ("parameters", "hidden causes in training", "prompt", None),
        ("prompt", "right drawing", "prompt", right),
        ("prompt", "drawing that forgets", "prompt", wrong),
    ):
        yield place, row, middle(prompts.believed(readers[reader], prompts.write(records, asked, told)))


def reader(name: str, seed: int, worlds: int = WORLDS, steps: int = READ) -> GPT:
    """A model of thousands of worlds: "parameters", with nothing hidden and no drawing told; or "prompt"."""
    stream = rng(f"reader {name} {seed}")
    drawn = Worlds.draw(worlds, stream, arc=0.0 if name == "parameters" else 0.3)
    return learn(Prompts(), drawn, stream, steps, told=0.0 if name == "parameters" else 0.6)


def errors(seed: int) -> list[dict]:
    """The mean error of every model on each rung, in one world of each kind."""
    torch.set_num_threads(1)
    readers = {name: reader(name, seed) for name in ("parameters", "prompt")}
    rows = []
    for kind in DRAWINGS:
        worlds, asked = world(kind, seed)
        truth, rungs = np.array([worlds.answers(q)[0] for q in asked]), np.array([q.rung for q in asked])
        texts = from_texts(worlds, asked, seed)
        drawings = from_drawings(kind, worlds, asked, seed)
        prompts = from_prompts(kind, readers, worlds, asked, seed)
        for place, model, answers in itertools.chain(texts, drawings, prompts):
            for rung in (1, 2, 3):
                off = np.abs(answers - truth)[rungs == rung].mean()
                rows.append({"seed": seed, "world": kind, "place": place, "model": model, "rung": rung, "error": off})
    return rows


if __name__ == "__main__":
    run("places", errors, [(seed,) for seed in range(SEEDS)])
