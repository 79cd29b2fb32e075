"""Train the small models that come with the course, and store them with recipes: `python -m studies.weights town`.

A model reads fresh walks of 24 moves through the town that `rng("town")` draws, and never a coordinate. `town` takes
about ten minutes on one core, `commuter` about five. Training again, or on another machine, gives other weights that
do the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from causalcourse import rng
from causalcourse.lm.coherence import detour_walks
from causalcourse.lm.model import GPT, Shape
from causalcourse.lm.ngram import Predictor
from causalcourse.lm.town import MOVES, WORDS, Town
from causalcourse.lm.train import train
from causalcourse.lm.weights import FOLDER, save

SHAPE = Shape(vocab=len(WORDS.words), length=1 + 2 * MOVES, layers=4, heads=4, width=64)
BATCH, RATE = 32, 3e-3
WALKS = 2_000  # that are held out
HASTE = 0.9  # share of the commuter's moves that are the next step of a shortest way to a corner

Walks = Callable[[Town, np.random.Generator, int], np.ndarray]


def town() -> None:
    """Train the model of chapter 12 that reads random walks."""
    made("town", lambda world, stream, n: world.walks(n, MOVES, stream), steps=8_000)


def commuter() -> None:
    """Train the model of chapter 12 that reads of the same town on nearly shortest ways between its corners alone."""
    made("commuter", lambda world, stream, n: detour_walks(world, stream, HASTE, "across", n, MOVES), steps=3_000)


def made(name: str, walks: Walks, steps: int) -> None:
    """Train a model on fresh walks through the town, and write its weights, its recipe and what it reached."""
    world, seed = Town.random(rng("town")), f"weights {name}"
    stream = rng(seed)
    model = GPT(SHAPE, stream)
    held_out = walks(world, rng(f"{seed} held out"), WALKS)
    history = train(
        model, lambda n: walks(world, stream, n), steps, batch=BATCH, rate=RATE, rng=stream, held_out=held_out
    )
    right = outcomes_right(model.predict, held_out)
    recipe = {
        "command": f"python -m studies.weights {name}",
        "seed": seed,
        "steps": len(history.losses),
        "steps planned": steps,
        "batch": BATCH,
        "rate": RATE,
        "tokens": history.tokens,
        "seconds": round(history.seconds),
        "loss": round(history.held_out[-1][1], 5),
        "outcomes right": round(float(right.mean()), 5),
    }
    save(name, model, world, recipe, FOLDER)
    print(history, f"Outcomes right: {right.mean():.2%}; by move: {np.round(right, 4).tolist()}")


def outcomes_right(predict: Predictor, walks: np.ndarray) -> np.ndarray:
    """The share of walks in which what comes of a move is the likeliest word, shape (moves,)."""
    lengths = range(2, walks.shape[1], 2)
    return np.array([(predict(walks[:, :t]).argmax(axis=1) == walks[:, t]).mean() for t in lengths])


MODELS = {"town": town, "commuter": commuter}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODELS:
        sys.exit(f"Say which model to train: python -m studies.weights {' | '.join(MODELS)}")
    MODELS[sys.argv[1]]()
