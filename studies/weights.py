"""Train the small models that come with the course, and store them with recipes: `python -m studies.weights town`.

A model reads fresh walks of 24 moves through the town that `rng("town")` draws, and never a coordinate. `town` takes
about ten minutes on one core, `commuter` about five. `parameters` and `prompt` are the readers of chapter 13, which
have read of thousands of small worlds; they take about three and six. Training again, or on another machine, gives
other weights that do the same.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from causalcourse import rng
from causalcourse.lm.coherence import detour_walks
from causalcourse.lm.family import Worlds, questions
from causalcourse.lm.in_context import Prompts, counted, middle
from causalcourse.lm.model import GPT, Shape
from causalcourse.lm.ngram import Predictor
from causalcourse.lm.town import MOVES, WORDS, Town
from causalcourse.lm.train import train
from causalcourse.lm.weights import FOLDER, save
from studies.places import STEPS, UNITS, reader

SHAPE = Shape(vocab=len(WORDS.words), length=1 + 2 * MOVES, layers=4, heads=4, width=64)
BATCH, RATE = 32, 3e-3
WALKS = 2_000  # or worlds, that are held out
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


def parameters() -> None:
    """Train the reader of chapter 13 that has met no hidden cause, and no drawing."""
    read("parameters", arc=0.0)


def prompt() -> None:
    """Train the reader of chapter 13 that has met hidden causes, and drawings in prompts."""
    read("prompt", arc=0.4)


def read(name: str, arc: float) -> None:
    """Train the reader of the study's first seed, and write weights, recipe and error in worlds held out."""
    began = time.perf_counter()
    model, seconds = reader(name, 0), time.perf_counter() - began
    stream, prompts = rng(f"reader {name} held out"), Prompts()
    worlds, off = Worlds.draw(WALKS, stream, arrow=0.6, arc=arc), []
    for question in questions(prompts.n):
        told = worlds if name == "prompt" else None
        texts = prompts.write(counted(worlds, UNITS, stream), [question] * len(worlds), told)
        off.append(np.abs(middle(prompts.believed(model, texts)) - worlds.answers(question)).mean())
    recipe = {
        "command": f"python -m studies.weights {name}",
        "seed": f"reader {name} 0",
        "steps": STEPS[name],
        "seconds": round(seconds),
        "error": round(float(np.mean(off)), 5),
    }
    save(name, model, None, recipe, FOLDER)
    print(recipe)


MODELS = {"town": town, "commuter": commuter, "parameters": parameters, "prompt": prompt}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODELS:
        sys.exit(f"Say which model to train: python -m studies.weights {' | '.join(MODELS)}")
    MODELS[sys.argv[1]]()
