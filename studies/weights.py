"""Train the small models that come with the course, and store them with recipes: `python -m studies.weights town`.

A model reads fresh walks of 24 moves through the town that `rng("town")` draws, and never a coordinate. It takes about
ten minutes on one core. Training again, or on another machine, gives other weights that do the same.
"""

from __future__ import annotations

import sys

import numpy as np

from causalcourse import rng
from causalcourse.lm.model import GPT, Shape
from causalcourse.lm.ngram import Predictor
from causalcourse.lm.town import MOVES, WORDS, Town
from causalcourse.lm.train import train
from causalcourse.lm.weights import FOLDER, save

SHAPE = Shape(vocab=len(WORDS.words), length=1 + 2 * MOVES, layers=4, heads=4, width=64)
STEPS, BATCH, RATE = 8_000, 32, 3e-3
WALKS = 2_000  # that are held out


def town() -> None:
    """Train the model of chapter 12, and write its weights, its recipe and what it reached."""
    world, seed = Town.random(rng("town")), "weights town"
    stream = rng(seed)
    model = GPT(SHAPE, stream)
    held_out = world.walks(WALKS, MOVES, rng("weights town held out"))
    history = train(
        model, lambda n: world.walks(n, MOVES, stream), STEPS, batch=BATCH, rate=RATE, rng=stream, held_out=held_out
    )
    right = outcomes_right(model.predict, held_out)
    made = {
        "command": "python -m studies.weights town",
        "seed": seed,
        "steps": len(history.losses),
        "steps planned": STEPS,
        "batch": BATCH,
        "rate": RATE,
        "tokens": history.tokens,
        "seconds": round(history.seconds),
        "loss": round(history.held_out[-1][1], 5),
        "outcomes right": round(float(right.mean()), 5),
    }
    save("town", model, world, made, FOLDER)
    print(history, f"Outcomes right: {right.mean():.2%}; by move: {np.round(right, 4).tolist()}")


def outcomes_right(predict: Predictor, walks: np.ndarray) -> np.ndarray:
    """The share of walks in which what comes of a move is the likeliest word, shape (moves,)."""
    lengths = range(2, walks.shape[1], 2)
    return np.array([(predict(walks[:, :t]).argmax(axis=1) == walks[:, t]).mean() for t in lengths])


MODELS = {"town": town}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODELS:
        sys.exit(f"Say which model to train: python -m studies.weights {' | '.join(MODELS)}")
    MODELS[sys.argv[1]]()
