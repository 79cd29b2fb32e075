"""What the checks of chapter 02 stand on: two ways to read a drawing agree, and every case set shows every mistake."""

from __future__ import annotations

import numpy as np
import pytest

from causalcourse.checks import drawings
from causalcourse.checks.compare import Mistake
from causalcourse.checks.draw import covering
from causalcourse.separation import Path, separated

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_separation_by_moral_graph_and_by_paths_are_separation(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        parents, x, y, given = drawings.question(rng)
        truth = bool(separated(drawings.graph_of(parents), x, y, given))
        assert drawings.moral_separated(parents, x, y, given) == truth
        assert drawings.every_path_blocked(parents, x, y, given) == truth


@pytest.mark.parametrize("seed", SEEDS)
def test_a_path_given_as_a_list_is_blocked_when_the_path_is(seed):
    rng = np.random.default_rng(seed)
    words, given, below = drawings.path_question(rng)
    # a graph in which the path's own arrows and all that lies below are as they were in the one it was drawn from
    path = Path(_around(words, below), tuple(words[::2]), tuple(words[1::2]))
    assert any(drawings.path_blocked(words, given, below)) == (path.blocked_by(given) is not None)


def _around(words, below):
    """Any graph with the same descendants: an arrow to each of them."""
    return drawings.graph_of({node: [a for a in below if node in below[a]] for node in below})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ends_of_a_drawn_chain_are_independent_given_its_middle(seed):
    p = drawings.chain_joint(np.random.default_rng(seed))
    assert p.sum() == pytest.approx(1)
    np.testing.assert_allclose(p * p.sum((0, 2))[None, :, None], p.sum(2)[:, :, None] * p.sum(0)[None], atol=1e-15)


def test_holding_a_common_effect_fixed_as_well_lowers_what_is_found():
    rng = np.random.default_rng(0)
    for _ in range(5):
        people = drawings.two_illnesses(rng)
        assert drawings.held_fixed(people, "old", "ward") < drawings.held_fixed(people, "old")


def test_covering_cases_show_every_mistake_and_tell_any_two_apart():
    rng = np.random.default_rng(0)
    rare = Mistake("errs at 0 and 1", lambda n: n % 2 == 0 or n == 1, "")
    rarer = Mistake("errs at 0 only", lambda n: n % 2 == 0 and n > 0, "")
    cases = covering(lambda: (int(rng.integers(50)),), lambda n: n % 2 == 0, (rare, rarer), count=4)
    drawn = {n for (n,) in cases}
    assert {0, 1} <= drawn and len(cases) >= 4


def test_covering_says_when_a_mistake_cannot_be_shown():
    never = Mistake("is right", lambda n: n % 2 == 0, "")
    with pytest.raises(RuntimeError, match="gave no 3 cases"):
        covering(lambda: (4,), lambda n: n % 2 == 0, (never,), count=3)
