"""Chapter 12 at reduced size, from the first step of training: its conclusions do not hang on the weights that ship.

Not every small model has one map for all moves. Two things favour it: long walks, and learning from outcomes alone,
since the directions, which nobody can predict, are only noise to learn from.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.lm.coherence import legality
from causalcourse.lm.ngram import ngram
from causalcourse.lm.town import Town

torch = pytest.importorskip("torch")

from causalcourse.lm.edit import square_means, success  # noqa: E402
from causalcourse.lm.model import GPT, Shape  # noqa: E402
from causalcourse.lm.probe import controls  # noqa: E402
from causalcourse.lm.train import loss, train  # noqa: E402

pytestmark = pytest.mark.slow
SIZE, MOVES, STEPS, BATCH, RATE = 4, 20, 1_600, 64, 6e-3
MIDDLE = 1.5  # attention of the second layer has brought what it brings


@pytest.fixture(scope="module")
def village() -> SimpleNamespace:
    """A town of 16 squares, and a model of 2 layers that was trained on walks through it."""
    town, stream = Town.random(rng("village of chapter 12a"), size=SIZE), rng("small towna")
    model = GPT(Shape(7, 1 + 2 * MOVES, layers=2, heads=4, width=48), stream)
    outcomes = torch.arange(1 + 2 * MOVES) % 2 == 0
    train(
        model,
        lambda n: town.walks(n, MOVES, stream),
        STEPS,
        batch=BATCH,
        rate=RATE,
        rng=stream,
        objective=lambda m, texts: loss(m, texts, counted=outcomes),
    )
    return SimpleNamespace(town=town, model=model, fresh=town.walks(400, MOVES, rng("small town, fresh")))


def test_it_is_right_far_more_often_than_counting(village):
    counted = ngram(village.town.walks(10_000, MOVES, rng("small town, counted")), 4, 7)
    right, counts = (legality(p, village.town, village.fresh).value for p in (village.model.predict, counted))
    assert right > 0.95 and 1 - right < (1 - counts) / 4


def test_a_probe_reads_the_square_far_above_its_controls(village):
    moves = np.array([10, 17, 19])
    squares = village.town.positions(village.fresh)[:, moves]
    read = controls(village.model, village.fresh, squares, 1 + 2 * moves, rng=rng("small probes"), layers=[1, MIDDLE])
    found = read.loc[MIDDLE]
    assert found["probe"] > 0.75 and found["probe"] > 0.25 + max(found["untrained"], found["control task"])
    assert read.loc[1, "probe"] < found["probe"] - 0.25


def test_moved_on_its_map_it_answers_from_the_new_square(village):
    walks, known = (village.town.walks(n, MOVES - 2, rng(f"{n} small walks")) for n in (150, 800))
    means = square_means(village.model, village.town, known, MIDDLE)
    rates = success(village.model, village.town, walks, MIDDLE, means, rng("small edits"))["all four"]
    assert rates["one shift"] > 5 * max(rates["random directions"], 0.01)
    assert rates["south and east"] > 5 * max(rates["random directions"], 0.01)
    assert rates["no edit"] < 0.05
