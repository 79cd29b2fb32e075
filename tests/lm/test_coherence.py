"""Legality, compression, distinction and detours: what the truth, the blind and the half-blind reach."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.coherence import (
    DETOURS,
    accepted,
    boundary,
    coherence,
    detour_walks,
    detours,
    legality,
    right,
)
from causalcourse.lm.ngram import ngram
from causalcourse.lm.town import BUMPED, MOVED, NORTH


def no_idea(texts):
    """Directions by turns with outcomes, and of an outcome no idea."""
    chances = np.zeros((len(texts), 7))
    if texts.shape[1] % 2:
        chances[:, NORTH : NORTH + 4] = 1 / 4
    else:
        chances[:, [MOVED, BUMPED]] = 0.6, 0.4
    return chances


def certain_of(outcome):
    def predict(texts):
        chances = no_idea(texts)
        if texts.shape[1] % 2 == 0:
            chances[:, [MOVED, BUMPED]] = outcome == MOVED, outcome == BUMPED
        return chances

    return predict


def lost_after(town, moves):
    """The truth for so many moves, and then that of one square, wherever the walker is."""

    def predict(texts):
        if texts.shape[1] % 2:
            return no_idea(texts)
        if texts.shape[1] <= 2 * moves:
            return town.oracle(texts)
        chances = np.zeros((len(texts), 7))
        bumped = town.bumps[town.start, texts[:, -1] - NORTH]
        chances[np.arange(len(texts)), np.where(bumped, BUMPED, MOVED)] = 1
        return chances

    return predict


def followed(town, square, suffix):
    """Whether a walker on a square may live through these tokens, by walking."""
    for k, token in enumerate(suffix):
        if k % 2 == 0:
            if not NORTH <= token < NORTH + 4:
                return False
            direction = token - NORTH
        else:
            if token != (BUMPED if town.bumps[square, direction] else MOVED):
                return False
            square = town.leads[square, direction]
    return True


def test_the_truth_is_right_and_hangs_together(town):
    found = coherence(town.oracle, town, cc.rng("truth"), pairs=40, moves=10)
    assert (found.compression.value, found.precision, found.recall, found.told_apart.value) == (1, 1, 1, 1)
    assert "compression 100.0%" in str(found)
    walks = town.walks(50, 24, cc.rng("legal"))
    assert legality(town.oracle, town, walks).value == 1
    assert all(detours(town.oracle, town, kind=kind, n=20).value == 1 for kind in DETOURS)


def test_what_the_truth_accepts_is_what_walking_finds(town):
    walks = town.walks(6, 5, cc.rng("accepted"))
    for walk, found in zip(walks, accepted(town.oracle, walks, length=4), strict=True):
        square = town.positions(walk[None])[0, -1]
        every = {s for length in range(1, 5) for s in product(range(7), repeat=length) if followed(town, square, s)}
        assert found == every


def test_a_boundary_is_the_shortest_of_what_tells_apart():
    first = frozenset({(1,), (1, 5), (1, 5, 1), (2,), (2, 6)})
    second = frozenset({(1,), (1, 6), (1, 6, 1), (2,), (2, 6)})
    assert boundary(first, second) == {(1, 5)}
    assert boundary(second, first) == {(1, 6)}
    assert boundary(first, first) == frozenset()
    assert boundary(first, frozenset()) == {(1,), (2,)}


def test_who_knows_no_walls_compresses_all_and_tells_nothing_apart(town):
    found = coherence(no_idea, town, cc.rng("blind"), pairs=20, moves=6)
    assert (found.compression.value, found.precision, found.recall, found.told_apart.value) == (1, 1, 0, 0)


def test_a_predictor_that_forgets_is_coherent_for_short_walks_only(town):
    early = coherence(lost_after(town, 9), town, cc.rng("forgets"), pairs=20, moves=6)
    assert (early.compression.value, early.precision, early.recall) == (1, 1, 1)
    late = coherence(lost_after(town, 0), town, cc.rng("forgets"), pairs=20, moves=6)
    assert (late.compression.value, late.recall, late.precision) == (1, 0, 1)


def test_short_memory_breaks_one_square_into_several_states(town):
    counted = ngram(town.walks(2_000, 24, cc.rng("counted")), 4, vocab=7)
    found = coherence(counted, town, cc.rng("ngram"), pairs=40)
    assert found.recall < 0.5 and found.compression.value < 0.5


def test_distinction_is_what_counting_by_hand_finds(town):
    """Who knows the walls to the north alone tells squares apart by them, and by all of them."""

    def north(texts):
        known = (texts[:, -1:] == NORTH) | (texts.shape[1] % 2 == 1)
        return np.where(known, town.oracle(texts), no_idea(texts))

    found = coherence(north, town, cc.rng("north"), pairs=400, moves=8, length=2)
    assert (found.compression.value, found.precision) == (1, 1)
    # two tokens are a move and what comes of it: of the moves whose outcomes differ, north is told or is not among them
    differ = [town.bumps[p] != town.bumps[q] for p, q in product(range(36), repeat=2)]
    shares = [row[0] / row.sum() for row in differ if row.any()]
    told = [bool(row[0]) for row in differ if row.any()]
    assert abs(found.recall - np.mean(shares)) < 5 * found.recall_error + 0.05  # squares are not drawn quite evenly
    assert abs(found.told_apart.value - np.mean(told)) < 0.15


def test_what_is_true_of_both_squares_tells_nothing_apart(town):
    """Who gives up after walks that began to the north rejects what is true, and that is no distinction."""

    def gives_up(texts):  # the truth is asked about true walks only
        lost = texts[:, 1] == NORTH
        chances = np.tile(np.eye(7)[0], (len(texts), 1))
        if not lost.all():
            chances[~lost] = town.oracle(texts[~lost])
        return chances

    found = coherence(gives_up, town, cc.rng("gives up"), pairs=300, moves=8, length=2)
    # both began so, or neither did: no error; one did: nothing it is told by is true of one square alone
    assert found.recall < 1 and 0.5 < found.precision < 0.75


def test_distinction_has_a_direction(town):
    """Whoever accepts both outcomes accepts all that is true, and four first outcomes that are not."""
    walks = town.walks(1, 3, cc.rng("one way"))
    true, guessed = (accepted(p, walks, 2)[0] for p in (town.oracle, no_idea))
    assert boundary(true, guessed) == frozenset() and len(boundary(guessed, true)) == 4


def test_legality_is_the_share_of_moves_of_that_kind(town):
    walks = town.walks(300, 12, cc.rng("shares"))
    bumped = (walks[:, 2::2] == BUMPED).mean()
    assert legality(certain_of(BUMPED), town, walks).value == pytest.approx(bumped)
    assert legality(certain_of(MOVED), town, walks).value == pytest.approx(1 - bumped)
    late = right(lost_after(town, 4), walks)
    assert late[:, :4].all() and not late[:, 4:].all()


@pytest.mark.parametrize("kind", DETOURS)
def test_detours_are_walks_of_the_town_and_share_0_is_a_random_walk(town, kind):
    walks = detour_walks(town, cc.rng(kind), 1.0, kind, n=60)
    town.positions(walks)  # raises for what is no walk
    moves = detour_walks(town, cc.rng(kind), 0.0, kind, n=500)[:, 1::2]
    assert np.abs(np.bincount(moves.ravel(), minlength=5)[1:] / moves.size - 1 / 4).max() < 0.02


def test_each_detour_does_what_it_says(town):
    again, back, across = (detour_walks(town, cc.rng(kind), 1.0, kind, n=60) for kind in DETOURS)
    assert (again[:, 3::2] == again[:, 1:-2:2]).all()
    assert ((back[:, 3::2] - back[:, 1:-2:2]) % 4 == 2).all()
    assert not (across == BUMPED).any()  # a shortest way meets no wall
    squares = town.positions(across)
    corners = [0, 5, 30, 35]
    assert np.isin(squares, corners).any(1).mean() > 0.9  # 24 moves suffice for most corners


def test_a_habit_breaks_under_a_detour(town):
    """That a move mostly succeeds is true of random walks, and not of a walker who pushes against a wall."""
    counted = ngram(town.walks(2_000, 24, cc.rng("counted")), 2, vocab=7)
    usual = legality(counted, town, town.walks(200, 24, cc.rng("usual")))
    assert detours(counted, town, cc.rng("push"), kind="again").high < usual.low


def test_mistakes_are_refused_with_a_way_out(town):
    walks = town.walks(3, 4, cc.rng("mistakes"))
    with pytest.raises(DataError, match=r"not one of this town"):
        legality(town.oracle, town, np.where(walks == MOVED, BUMPED, walks))
    with pytest.raises(DataError, match="at least one move"):
        right(town.oracle, walks[:, :1])
    with pytest.raises(CourseError, match="again, back, across"):
        detours(town.oracle, town, kind="agian")
    with pytest.raises(CourseError, match="share of the moves"):
        detours(town.oracle, town, share=2)
    with pytest.raises(CourseError, match="1 to 8"):
        accepted(town.oracle, walks, length=9)
    with pytest.raises(CourseError, match="epsilon"):
        accepted(town.oracle, walks, epsilon=1)
    with pytest.raises(CourseError, match="whole number from 2"):
        coherence(town.oracle, town, pairs=1)


def no_numbers(texts):
    return np.full((len(texts), 7), np.nan)


@pytest.mark.parametrize(
    "predictor",
    [
        None,
        type("Model", (), {"predict": no_idea, "__call__": lambda self, texts: no_idea(texts)})(),
        no_numbers,
        lambda texts: np.log(no_idea(texts) + 1e-9),
        lambda texts: no_idea(texts)[:, :5],
        lambda texts: np.full((len(texts), 9), 1 / 9),
        lambda texts: no_idea(texts)[:1],
        lambda texts: no_idea(texts) > 0,
        lambda texts: no_idea(texts)[0],
        lambda texts: "x",
        lambda texts: None,
    ],
)
def test_what_gives_no_probabilities_is_refused_and_never_called_coherent(town, predictor):
    """NaN is above no epsilon: nothing would be accepted anywhere, and all of it compressed to one state."""
    with pytest.raises(DataError, match="predictor"):
        coherence(predictor, town, pairs=2)
    with pytest.raises(DataError, match="predictor"):
        legality(predictor, town, town.walks(3, 4, cc.rng("x")))


def test_probabilities_may_be_lists():
    one, two = (accepted(p, np.array([[0]]), 2) for p in (no_idea, lambda texts: no_idea(texts).tolist()))
    assert one == two


@pytest.mark.parametrize("number", [None, True, 2.0, "2", -1, 10**12])
def test_numbers_that_are_none_are_refused(town, number):
    for given in ({"n": number}, {"moves": number}):
        with pytest.raises(CourseError, match="whole number"):
            detours(town.oracle, town, **given)
    for given in ({"pairs": number}, {"moves": number}):
        with pytest.raises(CourseError, match="whole number from 2"):
            coherence(town.oracle, town, **given)


@pytest.mark.parametrize("given", [{"length": 1}, {"epsilon": 0.25}])
def test_where_the_truth_itself_would_tell_nothing_apart_there_is_no_answer(town, given):
    with pytest.raises(CourseError, match="1/4"):
        coherence(town.oracle, town, pairs=2, **given)


def test_more_continuations_than_fit_are_refused(town):
    with pytest.raises(CourseError, match="no idea accepts nearly all"):
        accepted(lambda texts: np.full((len(texts), 7), 1 / 7), np.array([[0]]), 8)


def test_what_is_no_town_no_text_and_no_set_is_refused(town):
    for ask in (coherence, detours):
        with pytest.raises(CourseError, match="needs a town"):
            ask(town.oracle, None)
    for texts in (None, "N", [0, 1], [[0], [0, 1]], [[0.0]]):
        with pytest.raises(DataError):
            accepted(town.oracle, texts, 2)
    for first, second in ((None, None), ({(1,)}, [(2,)]), ({1}, {2})):
        with pytest.raises(DataError, match="two sets"):
            boundary(first, second)
    with pytest.raises(DataError, match="by turns"):
        right(town.oracle, np.array([[0, 1, 1]]))


def test_walks_of_a_kind_are_compared_where_they_are_asked_for(town):
    drawn = []

    def across(n, moves, stream):
        drawn.append(detour_walks(town, stream, 0.9, "across", n, moves))
        return drawn[-1]

    found = coherence(town.oracle, town, cc.rng("across"), pairs=4, moves=6, length=3, walks=across)
    assert found.compression.value == found.precision == found.recall == 1 and len(drawn) >= 2


def test_walks_that_never_meet_are_refused(town):
    with pytest.raises(CourseError, match="end on one square"):
        coherence(town.oracle, town, pairs=2, length=3, walks=lambda n, k, stream: town.told(np.zeros((n, k), int)))
