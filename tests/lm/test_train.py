"""Training makes the loss small, is the same for the same streams, and stops where nothing is left to learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import CourseError, DataError

torch = pytest.importorskip("torch")

from causalcourse.lm.model import GPT, Shape  # noqa: E402
from causalcourse.lm.town import Town  # noqa: E402
from causalcourse.lm.train import loss, train  # noqa: E402

TINY = Shape(vocab=7, length=9, layers=1, heads=2, width=16)
SMALL = Shape(vocab=7, length=9, layers=2, heads=2, width=24)
VILLAGE = Town.random(rng("village"), size=2, walled=0.25)


def trained(steps: int, name: str = "a", shape: Shape = TINY, **how: object) -> tuple[GPT, object]:
    model, stream = GPT(shape, rng(f"weights {name}")), rng(f"walks {name}")
    return model, train(model, lambda n: VILLAGE.walks(n, 4, stream), steps, rate=0.01, rng=stream, **how)


def test_loss_is_the_mean_surprise_of_each_next_token():
    model, tokens = GPT(TINY, rng("surprise")), VILLAGE.walks(6, 4, rng("loss"))
    surprise = np.array([-np.log(model.predict(tokens[:, :t])[np.arange(6), tokens[:, t]]) for t in range(1, 9)])
    assert loss(model, model.tensor(tokens)).item() == pytest.approx(surprise.mean(), rel=1e-4)
    outcomes = torch.arange(9) % 2 == 0  # the first token is one of them, and is never predicted
    counted = loss(model, model.tensor(tokens), counted=outcomes).item()
    assert counted == pytest.approx(surprise[1::2].mean(), rel=1e-4)
    one = torch.zeros(6, 9, dtype=torch.bool)
    one[4, 3] = True
    assert loss(model, model.tensor(tokens), counted=one).item() == pytest.approx(surprise[2, 4], rel=1e-4)


def test_a_small_model_learns_a_small_town():
    model, history = trained(300, shape=SMALL)
    walks = VILLAGE.walks(300, 4, rng("new walks"))
    right = [(model.predict(walks[:, :t]).argmax(axis=1) == walks[:, t]).mean() for t in (2, 4, 6, 8)]
    floor = math.log(4) / 2  # the directions cannot be known
    assert np.mean(right) > 0.95
    assert history.losses[0] > 1.5 and floor - 0.03 < history.losses[-20:].mean() < floor + 0.06
    assert history.tokens == 300 * 32 * 8 and history.speed == history.tokens / history.seconds


def test_the_same_streams_give_the_same_weights():
    (one, first), (two, second) = trained(10), trained(10)
    assert np.array_equal(first.losses, second.losses)
    assert all(torch.equal(p, q) for p, q in zip(one.parameters(), two.parameters(), strict=True))
    assert not np.array_equal(first.losses, trained(10, "b")[1].losses)


def test_training_ends_early_where_nothing_is_left_to_learn():
    stream = rng("noise")
    noise = lambda n: stream.integers(7, size=(n, 9))  # noqa: E731
    history = train(GPT(TINY, stream), noise, 2_000, batch=8, rate=0.003, held_out=noise(64))
    assert history.stopped and len(history.losses) < 2_000
    assert abs(history.held_out[-1][1] - math.log(7)) < 0.1 and "stopped early" in str(history)


def test_held_out_texts_are_looked_at_and_never_learned():
    walks = VILLAGE.walks(200, 4, rng("held out"))
    one, history = trained(40, held_out=walks)
    two, _ = trained(40)
    assert all(torch.equal(p, q) for p, q in zip(one.parameters(), two.parameters(), strict=True))
    assert [step for step, _ in history.held_out] == list(range(2, 41, 2))
    assert history.held_out[-1][1] == pytest.approx(loss(one, one.tensor(walks)).item(), rel=1e-5)


def test_a_training_leaves_threads_and_torchs_own_randomness_as_they_were():
    model, threads, state = GPT(TINY), torch.get_num_threads(), torch.get_rng_state()
    train(model, lambda n: VILLAGE.walks(n, 4, rng("x")), 2)
    assert torch.get_num_threads() == threads and torch.equal(torch.get_rng_state(), state)


def test_another_objective_is_what_is_made_small():
    outcomes = torch.arange(9) % 2 == 0
    _, history = trained(200, objective=lambda model, tokens: loss(model, tokens, counted=outcomes))
    assert history.losses[-20:].mean() < 0.2


def test_texts_of_several_lengths_can_be_drawn():
    stream = rng("lengths")
    history = train(GPT(TINY, stream), lambda n: VILLAGE.walks(n, int(stream.integers(1, 5)), stream), 5, batch=8)
    assert len(history.losses) == 5


@pytest.mark.parametrize("how", [{"steps": 0}, {"batch": 1.5}, {"rate": 0}, {"rate": "x"}, {"rng": 7}])
def test_numbers_that_are_none_are_refused(how):
    arguments = {"steps": 1, "batch": 2, "rate": 0.01, **how}
    with pytest.raises(CourseError):
        train(GPT(TINY), lambda n: VILLAGE.walks(n, 4, rng("x")), arguments.pop("steps"), **arguments)


@pytest.mark.parametrize("counted", [torch.ones(9), torch.ones(8, dtype=torch.bool), torch.zeros(9, dtype=torch.bool)])
def test_positions_that_do_not_fit_are_refused(counted):
    model = GPT(TINY)
    with pytest.raises(DataError):
        loss(model, model.tensor(VILLAGE.walks(3, 4, rng("x"))), counted=counted)


@pytest.mark.parametrize("worth", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_training_and_spares_the_weights(worth):
    model = GPT(TINY, rng("spared"))
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(CourseError, match="smaller rate="):
        train(model, lambda n: VILLAGE.walks(n, 4, rng("x")), 3, objective=lambda m, tokens: loss(m, tokens) * worth)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))


@pytest.mark.parametrize(
    "how",
    [
        {"draw": None},
        {"draw": np.zeros((2, 9), int)},
        {"draw": lambda n: np.zeros(9, int)},
        {"objective": 5},
        {"objective": lambda m, tokens: 1.0},
        {"objective": lambda m, tokens: m(tokens)},
        {"objective": lambda m, tokens: loss(m, tokens).detach()},
        {"held_out": np.zeros(9, int)},
        {"held_out": 5},
        {"rate": True},
        {"model": torch.nn.Linear(2, 2)},
    ],
)
def test_what_cannot_be_trained_on_is_refused(how):
    arguments = {"model": GPT(TINY), "draw": lambda n: VILLAGE.walks(n, 4, rng("x")), "steps": 1, **how}
    with pytest.raises(CourseError):
        train(**arguments)


def test_a_loss_takes_arrays_and_refuses_what_does_not_fit():
    model, tokens = GPT(TINY), VILLAGE.walks(3, 4, rng("x"))
    assert loss(model, tokens, counted=np.ones(9, bool)).item() == loss(model, model.tensor(tokens)).item()
    for wrong in (torch.ones(2, 9).bool(), torch.ones(2, 3, 9).bool(), torch.tensor(True), 5, "x"):
        with pytest.raises(DataError, match="counted="):
            loss(model, tokens, counted=wrong)
    with pytest.raises(DataError, match="two tokens"):
        loss(model, tokens[0])
    with pytest.raises(CourseError, match="needs a model"):
        loss(None, tokens)
