"""Chapter 13's second figure: error against the number of records, with the drawing in the attention and without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from causalcourse import rng
from causalcourse.lm.causal import CausalTransformer
from causalcourse.lm.corpus import Corpus
from causalcourse.lm.family import NAMES, Worlds, questions
from studies.record import run

SEEDS, VARIABLES, SIZES, GAP = 5, 5, (100, 400, 1_600, 6_400, 25_600), 0.06


def world(seed: int) -> Worlds:
    """One random world of five variables with nothing hidden, in which seeing and doing differ by `GAP` on average."""
    drawn = Worlds.draw(200, rng(f"efficiency world {seed}"), VARIABLES)
    seen, done = (np.stack([drawn.answers(q) for q in questions(VARIABLES, rung)]) for rung in (1, 2))
    return drawn.take([np.flatnonzero(np.abs(seen - done).mean(axis=0) >= GAP)[0]])


def errors(seed: int, units: int) -> list[dict]:
    """The mean errors on rungs 1 and 2, over every pair of variables of one world."""
    torch.set_num_threads(1)
    worlds = world(seed)
    stream = rng(f"efficiency {seed} {units}")
    seen, corpus = worlds.sample(0, units, stream), Corpus(VARIABLES)
    texts = np.concatenate([corpus.records(seen, stream) for _ in range(4)])
    plain = corpus.learn(texts, stream, steps=1_600)
    drawn = CausalTransformer(worlds.graph(0), rng=stream)
    drawn.fit(pd.DataFrame(seen, columns=list(NAMES[:VARIABLES])), rng=stream)
    rows = []
    for rung in (1, 2):
        asked = questions(VARIABLES, rung)
        truth = np.array([worlds.answers(q)[0] for q in asked])
        for model, answers in (
            ("plain", corpus.ask(plain, asked, nearest=True)),
            ("causal", np.array([drawn.ask(str(q)) for q in asked])),
        ):
            off = np.abs(answers - truth).mean()
            rows.append({"seed": seed, "records": units, "model": model, "rung": rung, "error": off})
    return rows


if __name__ == "__main__":
    run("efficiency", errors, [(seed, units) for seed in range(SEEDS) for units in SIZES])
