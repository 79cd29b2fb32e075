"""What a probe reads and what it must not: in codes made by hand, and in networks that hold a square or do not."""

from __future__ import annotations

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.probe import KINDS, control_task, controls, probe
from causalcourse.lm.share import Share

torch = pytest.importorskip("torch")

from causalcourse.lm.model import GPT, Shape  # noqa: E402


def noisy_code(labels, width, noise, name):
    rng = cc.rng(name)
    code = rng.normal(size=(labels.max() + 1, width))
    return (code[labels] + noise * rng.normal(size=(*labels.shape, width))).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_in_a_code_is_read(kind):
    labels = cc.rng("labels").integers(12, size=1_500)
    found = probe(noisy_code(labels, 32, 0.2, "code"), labels, kind)
    assert found.accuracy > 0.98 and found.share.n == 375


def test_what_is_not_written_is_not_read_on_texts_held_out():
    labels = cc.rng("labels").integers(4, size=2_000)
    found = probe(cc.rng("other").normal(size=(2_000, 20)), labels)
    assert found.share.low < 0.28 and found.accuracy < 0.32


def test_a_line_cannot_read_an_exclusive_or_and_a_hidden_layer_can():
    x = cc.rng("xor").normal(size=(3_000, 4))
    labels = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).astype(int)
    assert probe(x, labels, "linear").accuracy < 0.6
    assert probe(x, labels, "mlp").accuracy > 0.9


def test_tokens_of_one_text_stay_on_one_side_of_the_split():
    """Each text has a label and a direction of its own: to know one's fellow tokens is to know it, and nobody may."""
    texts = 300
    labels = np.repeat(cc.rng("labels").integers(3, size=texts)[:, None], 6, axis=1)
    own = np.repeat(5 * cc.rng("own").normal(size=(texts, 1, 400)), 6, axis=1)
    assert probe(own, labels).accuracy < 0.55
    assert probe(own.reshape(-1, 400), labels.ravel()).accuracy > 0.95  # mixed, each text is known by its fellows


def test_predictions_and_directions_are_those_of_the_scores():
    labels = cc.rng("labels").integers(5, size=800)
    rows = noisy_code(labels, 16, 0.1, "directions").astype(float) * np.geomspace(0.1, 10, 16)
    found = probe(rows, labels)
    assert found.predict(rows).shape == (800,) and (found.predict(rows) == labels).mean() > 0.98
    assert found.predict(rows.reshape(200, 4, 16)).shape == (200, 4)
    assert found.directions.shape == (5, 16)
    step = found._scores(rows[1:]) - found._scores(rows[:-1])
    assert np.allclose(step, np.diff(rows, axis=0) @ found.directions.T, atol=1e-6)
    # along a label's direction that label wins
    moved = rows + 50 * found.directions[3] / np.linalg.norm(found.directions[3])
    assert (found.predict(moved) == 3).all()
    assert probe(rows, labels, "mlp").directions is None


def test_the_scale_and_place_of_activations_do_not_matter():
    labels = cc.rng("labels").integers(6, size=900)
    rows = noisy_code(labels, 16, 0.8, "scale").astype(float)
    plain, moved = probe(rows, labels, rng=cc.rng("same")), probe(1_000 * rows - 70, labels, rng=cc.rng("same"))
    assert abs(plain.accuracy - moved.accuracy) < 0.02


def test_the_same_generator_gives_the_same_probe():
    labels = cc.rng("labels").integers(6, size=300)
    rows = noisy_code(labels, 16, 1.5, "same")
    first, second = (probe(rows, labels, "mlp", cc.rng("again")) for _ in range(2))
    assert first.share == second.share


def test_a_control_task_is_a_function_of_the_last_tokens_and_of_nothing_else():
    tokens = cc.rng("tokens").integers(3, size=(400, 9))
    labels = cc.rng("labels").integers(20, size=(400, 2))
    drawn = control_task(tokens, labels, [4, 8], last=2)
    seen = {}
    for row, pair in zip(tokens, drawn, strict=True):
        for place, label in zip((4, 8), pair, strict=True):
            assert seen.setdefault(tuple(row[place - 1 : place + 1]), label) == label
    assert len(seen) == 9 and len(set(seen.values())) > 3


def test_a_network_that_holds_the_square_is_read_and_its_controls_are_not(town, mapped, blind):
    walks = town.walks(300, 10, cc.rng("probed"))
    places = [12, 20]
    table = controls(mapped, walks, town.positions(walks)[:, [6, 10]], places, untrained=blind)
    assert list(table.index) == [0, 1, 2]
    assert table.loc[1, "probe"] > 0.95 and table.loc[0, "probe"] < 0.4
    row = table.loc[1]
    assert max(row["untrained"], row["another text"], row["majority"]) < 0.4
    assert row["selectivity"] == pytest.approx(row["probe"] - row["control task"])
    assert row["low"] < row["probe"] <= row["high"]


def test_halves_of_a_block_have_rows_of_their_own(town):
    walks = town.walks(40, 4, cc.rng("halves"))
    model = GPT(Shape(7, 9, layers=1, heads=2, width=8))
    table = controls(model, walks, town.positions(walks)[:, [4]], [8], layers=[0, 0.5, 1])
    assert list(table.index) == [0, 0.5, 1]


def test_a_share_covers_the_truth_about_as_often_as_it_says():
    rng = cc.rng("wilson")
    for p in (0.02, 0.5, 0.95):
        found = [Share.of(rng.random(60) < p) for _ in range(1_500)]
        covered = np.mean([share.low <= p <= share.high for share in found])
        assert 0.91 < covered < 0.985
    assert (Share.of(np.ones(20, bool)).high, Share.of(np.zeros(20, bool)).low) == (1, 0)
    assert 0.8 < Share.of(np.ones(20, bool)).low < 1 and float(Share.of(np.array([True, False]))) == 0.5
    assert "50.0% of 2" in str(Share.of(np.array([True, False])))


def test_mistakes_are_refused_with_a_way_out(town):
    x, y = np.zeros((10, 3)), np.zeros(10, int)
    with pytest.raises(CourseError, match="Did you mean 'linear'"):
        probe(x, y, "liner")
    with pytest.raises(CourseError, match="held_out"):
        probe(x, y, held_out=1.0)
    with pytest.raises(DataError, match="same shape without the width"):
        probe(x, y[:9])
    with pytest.raises(DataError, match="whole numbers from 0"):
        probe(x, y - 1)
    with pytest.raises(DataError, match="finite"):
        probe(x * np.nan, y)
    walks = town.walks(5, 4, cc.rng("mistakes"))
    with pytest.raises(DataError, match="For walks"):
        control_task(walks, town.positions(walks), [0, 99])
    with pytest.raises(DataError, match="at least one answer"):
        Share.of([])
    with pytest.raises(DataError, match="True or False"):
        Share.of([0.5])


def test_activations_of_16_bits_and_very_large_ones_are_read():
    labels = cc.rng("labels").integers(3, size=300)
    rows = noisy_code(labels, 16, 0.1, "16 bits")
    half = torch.tensor(rows.tolist(), dtype=torch.bfloat16, requires_grad=True)
    assert probe(half, labels).accuracy > 0.98 and probe(1e37 * rows.astype(float), labels).accuracy > 0.98
    with pytest.raises(DataError, match="finite"):
        probe(1e300 * rows.astype(float), labels)


@pytest.mark.parametrize("labels", [np.full(10, 10**9), np.zeros(10), np.array(["a"] * 10), [None] * 10])
def test_labels_that_are_none_are_refused(labels):
    with pytest.raises(DataError, match="Labels are whole numbers"):
        probe(np.eye(10), labels)


def test_a_probe_reads_what_it_was_trained_on():
    found = probe(np.eye(10), np.arange(10) % 2)
    for wrong in (np.zeros((2, 9)), np.full((2, 10), np.nan), "x", 5, None, np.zeros((2, 10), int)):
        with pytest.raises(DataError, match=r"This probe reads"):
            found.predict(wrong)
    with pytest.raises(DataError, match="one length"):
        probe([[1.0], [1.0, 2.0]], [0, 1])
    with pytest.raises(DataError, match="activations of shape"):
        probe(np.zeros((10, 0)), np.zeros(10, int))


def test_more_mistakes_are_refused_with_a_way_out(town):
    walks, model = town.walks(6, 4, cc.rng("more")), GPT(Shape(7, 9, layers=1, heads=2, width=8))
    ends, places = town.positions(walks)[:, [2, 4]], [4, 8]
    for last in (0, -1, 2.0, True, "2", None, 10**12):
        with pytest.raises(DataError, match="last="):
            control_task(walks, ends, places, last=last)
    for labels in (ends.astype(float), ends - 99):
        with pytest.raises(DataError, match="labels whole numbers from 0"):
            controls(model, walks, labels, places)
    with pytest.raises(DataError, match="two texts"):
        controls(model, walks[:1], ends[:1], places)
    with pytest.raises(CourseError, match="layers="):
        controls(model, walks, ends, places, layers=5)
    with pytest.raises(CourseError, match="needs a model"):
        controls(None, walks, ends, places)
    with pytest.raises(DataError, match="the shape of the model"):
        controls(model, walks, ends, places, untrained=GPT(Shape(7, 9, layers=2, heads=2, width=8)))
