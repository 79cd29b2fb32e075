"""Chapter 13's second figure: error against the number of records, with a drawing in the attention and without."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import torch

from causalcourse import rng
from causalcourse.lm.causal import CausalTransformer
from causalcourse.lm.corpus import Corpus
from causalcourse.lm.family import NAMES, Question, Worlds, questions
from studies.places import first_apart
from studies.record import run

SEEDS, VARIABLES, SIZES, GAP = 10, 5, (100, 400, 1_600, 6_400, 25_600), 0.05
ALL_ARROWS = "; ".join(f"{a} -> {b}" for a, b in itertools.combinations(NAMES[:VARIABLES], 2))


def world(seed: int) -> Worlds:
    """One random world of five variables with nothing hidden, in which seeing and doing differ by `GAP` on average."""
    drawn = Worlds.draw(2_000, rng(f"efficiency world {seed}"), VARIABLES, arrow=0.5)
    return first_apart(drawn, questions(VARIABLES), GAP)


def counts(seen: np.ndarray, asked: list[Question]) -> np.ndarray:
    """P(effect = 1 | cause = value) by counting, as if each value of the effect had been seen once more."""
    among = [seen[seen[:, q.cause] == q.value, q.effect] for q in asked]
    return np.array([(y.sum() + 1) / (len(y) + 2) for y in among])


def errors(seed: int, units: int) -> list[dict]:
    """The mean errors on rungs 1 and 2, over every pair of variables of one world."""
    torch.set_num_threads(1)
    worlds, stream, corpus = world(seed), rng(f"efficiency {seed} {units}"), Corpus(VARIABLES)
    seen = worlds.sample(0, units, stream)
    texts = np.concatenate([corpus.records(seen, stream) for _ in range(4)])
    plain = corpus.learn(texts, stream, steps=1_600)
    drawings = {"right drawing": worlds.graph(0), "all arrows": ALL_ARROWS}
    causal = {name: CausalTransformer(drawing, rng=stream) for name, drawing in drawings.items()}
    for network in causal.values():
        network.fit(pd.DataFrame(seen, columns=list(NAMES[:VARIABLES])), rng=stream)
    rows = []
    for rung in (1, 2):
        asked = questions(VARIABLES, rung)
        answers = {"counting": counts(seen, asked), "no drawing": corpus.ask(plain, asked, nearest=True)}
        answers |= {name: np.array([network.ask(str(q)) for q in asked]) for name, network in causal.items()}
        truth = np.array([worlds.answers(q)[0] for q in asked])
        for model, found in answers.items():
            error = np.abs(found - truth).mean()
            rows.append({"seed": seed, "records": units, "model": model, "rung": rung, "error": error})
    return rows


if __name__ == "__main__":
    run("efficiency", errors, [(seed, units) for seed in range(SEEDS) for units in SIZES])
