"""The truths behind chapter 12's exercises, each beside a second way to find them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from causalcourse.checks import ch12, following, laboratories, walks
from causalcourse.checks.unheard import not_apart
from causalcourse.docalculus import identify
from causalcourse.lm.coherence import accepted, legality
from causalcourse.lm.ngram import ngram
from causalcourse.lm.town import WORDS, Town
from causalcourse.random_models import Table
from causalcourse.randomness import rng
from causalcourse.scm import SCM

SEEDS = range(5)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_walk_ends_where_its_steps_do_not_lead(seed):
    draw = rng(f"walk {seed}")
    town = Town.random(draw)
    for _ in range(20):
        size, start, text = walks.walk(draw, town)
        row, column = divmod(start, size)
        row, column = row + text.count("S.") - text.count("N."), column + text.count("E.") - text.count("W.")
        assert walks.ends_in(town)(size, start, text) == row * size + column


def test_counting_in_a_great_many_walks_gets_as_many_right_as_the_best_that_counting_can():
    town = Town.random(rng("counted"), size=4)
    evenly = np.full(16, 1 / 16)  # each square has four ways in, so a walker who may be anywhere stays so
    starts = [Town(4, town.walls, square) for square in range(16)]

    def fresh(name):
        return np.concatenate([each.walks(1_500, 2, rng(f"{name} {each.start}")) for each in starts])

    texts, tried = fresh("read"), fresh("tried")
    for order, best in zip((2, 4), walks.counted(evenly, town.leads), strict=True):
        predictor = ngram(texts, order)
        right = (predictor(tried[:, :4])[:, [5, 6]].argmax(1) == tried[:, 4] - 5).mean()
        assert right == pytest.approx(best, abs=0.015)


def test_whoever_knows_the_square_is_always_right_and_counting_is_not():
    town = Town.random(rng("known"), size=4)
    assert legality(town.oracle, town, town.walks(50, 10, rng("known walks"))).value == 1
    assert walks.counted(np.full(16, 1 / 16), town.leads)[1] < 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_a_longer_text_never_makes_the_best_bet_worse(seed):
    draw = rng(f"longer {seed}")
    town = Town.random(draw, size=3, walled=0.4)
    for _ in range(20):
        short, long = walks.counted(*walks.crowd(draw, town))
        assert 1 / 2 <= short <= long <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_edits_pass_whatever_is_added_that_neither_probe_nor_answers_notice(seed):
    draw = rng(f"edits {seed}")
    probe, readout = draw.normal(size=8), draw.normal(size=(3, 8))
    rows = np.vstack([probe, readout])
    wanted = np.array([[1, 0, 0, 0], [0, 1, 1, 1]])
    silent = np.linalg.svd(rows)[2][4:]
    for _ in range(10):
        made = wanted @ np.linalg.pinv(rows).T + draw.normal(size=(2, 4)) @ silent
        assert not_apart(made, probe, readout) == ""
        noticed = made + draw.normal(scale=1e-3, size=(2, 8))
        assert not_apart(noticed, probe, readout) != ""


@pytest.mark.parametrize(("rates", "slip"), laboratories.LABORATORIES)
def test_the_first_slip_of_a_laboratory_is_the_one_it_was_made_for(rates, slip):
    for seed in SEEDS:
        data = laboratories.laboratory(rates, rng(f"laboratory {seed}"))
        assert laboratories.first_unshown(*data) == slip


@pytest.mark.parametrize("seed", SEEDS)
def test_laboratories_near_a_threshold_fall_where_they_were_meant_to(seed):
    draw = rng(f"near {seed}")
    for rates, slip in laboratories.near(draw):
        assert laboratories.first_unshown(*laboratories.laboratory(rates, draw)) == slip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("far", "half"), [(0.17, 0.5), (0.23, 0.5), (0.2, 0.47), (0.2, 0.53)])
def test_no_other_threshold_passes(far, half, seed):
    draw = rng(f"threshold {seed}")
    labs = [laboratories.laboratory(rates, draw) for rates, _ in laboratories.near(draw)]
    judge = laboratories._judged(far, half)
    assert [judge(*data) for data in labs] != [laboratories.first_unshown(*data) for data in labs]


def test_the_laboratories_tell_all_mistakes_from_the_truth_and_from_each_other():
    every = (*laboratories.LABORATORIES, *laboratories.near(rng("near")))
    labs = [laboratories.laboratory(rates, rng("labs")) for rates, _ in every]
    judges = [laboratories.first_unshown, *(mistake.answer for mistake in laboratories.RELEASE_MISTAKES)]
    judged = [[judge(*data) for data in labs] for judge in judges]
    assert all(a != b for a, b in combinations(judged, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_truly_follows_is_what_a_predictor_without_an_error_accepts(seed):
    draw = rng(f"follows {seed}")
    town = Town.random(draw, size=4)
    outcomes = following._outcomes(town)
    texts = town.walks(10, 4, draw)
    for square, suffixes in zip(town.positions(texts)[:, -1], accepted(town.oracle, texts), strict=True):
        said = {"".join(WORDS.words[t] for t in suffix) for suffix in suffixes}
        assert following._follow(outcomes, int(square)) == said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_set_of_continuations_holds_all_their_beginnings(seed):
    draw = rng(f"beginnings {seed}")
    town = Town.random(draw, size=4)
    for texts in following.continuations(draw, town):
        assert all(text[:k] in texts for text in texts for k in range(1, len(text)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_refused_direction_tells_two_walks_apart_by_itself(seed):
    draw = rng(f"refused {seed}")
    a, b, true_a, true_b = following.continuations(draw, Town.random(draw, size=4), refused=True)
    assert [len(text) for text in following._tells(a, b)].count(1) == 1
    assert all(text[:k] in b for text in b for k in range(1, len(text)))
    assert set("NESW") <= true_a & true_b


@pytest.mark.parametrize("seed", SEEDS)
def test_the_three_doctors_answer_as_models_with_their_drawings_do(seed):
    draw = rng(f"doctors {seed}")
    case = ch12._text(draw)
    p = ch12._joint(*case)
    assert p.sum() == pytest.approx(1)
    kinds = {"U": p.ravel()}
    for drawing, given in zip(ch12.DRAWINGS, ch12.by_drawings(*case), strict=True):
        # records alone: which model they come from does not matter to the formula of a drawing
        records = SCM(kinds, {name: Table(("U",), row) for name, row in zip("ZXY", bits(), strict=True)}).joint()
        found = identify(drawing, "Y | do(X)").estimand
        assert given == pytest.approx(found.evaluate(records, **{s.node: 1 for s in found.free}))


def bits():
    return np.indices((2, 2, 2)).reshape(3, 8)


def test_edits_of_other_kinds_than_numbers_are_refused_whatever_their_real_part():
    draw = rng("kinds of edits")
    probe, readout = draw.normal(size=8), draw.normal(size=(3, 8))
    made = np.array([[1, 0, 0, 0], [0, 1, 1, 1]]) @ np.linalg.pinv(np.vstack([probe, readout])).T
    assert not_apart(made, probe, readout) == ""
    for wrong in (made + 1j, made.astype(str), made.astype(object), [[None] * 8, made[1]]):
        assert "array of numbers" in not_apart(list(wrong), probe, readout)
