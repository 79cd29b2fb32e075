"""A town's walks as text: what is told is what happened, and nothing else can be told."""

from __future__ import annotations

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import DataError, ModelError
from causalcourse.lm.town import BUMPED, MOVED, MOVES, NORTH, START, WORDS, Town

TOWNS = [
    Town.random(rng(f"test town {k}"), size, walled) for k, (size, walled) in enumerate([(6, 0.25), (4, 0.5), (3, 1)])
]
STEPS = {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}


def walked(town: Town, words: list[str]) -> list[int]:
    """Where a walker goes, by rows and columns and the list of walls alone: a second way to know."""
    row, column = divmod(town.start, town.size)
    squares = [town.start]
    for k in range(1, len(words) - 1, 2):
        r, c = row + STEPS[words[k]][0], column + STEPS[words[k]][1]
        inside = 0 <= r < town.size and 0 <= c < town.size
        pair = tuple(sorted((row * town.size + column, r * town.size + c)))
        open_ = inside and pair not in town.walls
        assert words[k + 1] == ("." if open_ else "x")
        row, column = (r, c) if open_ else (row, column)
        squares.append(row * town.size + column)
    return squares


@pytest.mark.parametrize("town", TOWNS, ids=lambda t: t.size)
def test_positions_are_those_of_a_walker_with_a_map(town):
    walks = town.walks(50, MOVES, rng("test walks"))
    assert walks.shape == (50, 1 + 2 * MOVES) and walks.dtype == np.int64
    expected = [walked(town, WORDS.decode(row)) for row in walks]
    assert town.positions(walks).tolist() == expected


@pytest.mark.parametrize("town", TOWNS, ids=lambda t: t.size)
def test_every_square_can_be_reached_and_is_on_some_long_walk(town):
    assert set(town.positions(town.walks(500, 60, rng("far"))).flat) == set(range(town.size**2))


@pytest.mark.parametrize("town", TOWNS, ids=lambda t: t.size)
def test_a_wall_stands_on_both_sides_and_all_round(town):
    for square in range(town.size**2):
        for d in range(4):
            there = town.leads[square, d]
            assert town.bumps[square, d] == (there == square)
            assert town.bumps[square, d] or town.leads[there, (d + 2) % 4] == square
    border = town.bumps.reshape(town.size, town.size, 4)
    assert border[0, :, 0].all() and border[:, -1, 1].all() and border[-1, :, 2].all() and border[:, 0, 3].all()


def test_a_quarter_of_the_inner_edges_is_walled():
    assert {len(Town.random(rng(f"town {k}")).walls) for k in range(5)} == {15}


def test_walls_on_all_edges_that_can_bear_one_leave_a_tree():
    assert len(Town.random(rng("tree"), 5, 1).walls) == 2 * 5 * 4 - (5 * 5 - 1)


def test_the_same_stream_gives_the_same_town_and_another_another():
    assert Town.random(rng("one")) == Town.random(rng("one")) != Town.random(rng("two"))


def test_directions_are_drawn_evenly_walls_or_not():
    town = TOWNS[0]
    walks = town.walks(5_000, MOVES, rng("even"))
    shares = [(walks[:, 1::2] == NORTH + d).mean() for d in range(4)]
    assert np.allclose(shares, 1 / 4, atol=5 * np.sqrt(3 / 16 / walks[:, 1::2].size))
    squares = town.positions(walks)[:, :-1]
    walled = town.bumps[squares].sum(axis=-1)  # of the square that the walker leaves
    assert abs(((walks[:, 2::2] == BUMPED) - walled / 4).mean()) < 0.01


@pytest.mark.parametrize("moves", [0, 1, 5])
def test_text_and_back_is_the_same_walk(moves):
    walks = TOWNS[0].walks(7, moves, rng("text"))
    assert np.array_equal(TOWNS[0].read(TOWNS[0].text(walks)), walks)
    unfinished = walks[:, : max(1, 2 * moves)]
    assert np.array_equal(TOWNS[0].read(TOWNS[0].text(unfinished)), unfinished)


def test_the_oracle_is_what_happens():
    town = TOWNS[1]
    walks = town.walks(300, 6, rng("oracle"))
    for length in range(1, walks.shape[1]):
        chances = town.oracle(walks[:, :length])
        assert chances.shape == (300, 7) and np.allclose(chances.sum(axis=1), 1)
        expected = 1.0 if length % 2 == 0 else 1 / 4
        assert (chances[np.arange(300), walks[:, length]] == expected).all()
        possible = (MOVED, BUMPED) if length % 2 == 0 else range(NORTH, NORTH + 4)
        assert chances[:, list(possible)].sum() == pytest.approx(300)


def test_two_squares_of_the_shipped_town_are_never_the_same_state():
    """Some walk tells any two squares apart: else no reader of texts could hold a position."""
    town = Town.random(rng("town"))
    classes = np.unique(town.bumps, axis=0, return_inverse=True)[1].reshape(-1)
    for _ in range(town.size**2):
        signature = np.column_stack([classes, classes[town.leads]])
        classes = np.unique(signature, axis=0, return_inverse=True)[1].reshape(-1)
    assert len(set(classes.tolist())) == town.size**2


def test_a_walk_through_a_wall_is_refused_with_its_move():
    town = TOWNS[0]
    walks = town.walks(3, 5, rng("wrong"))
    walks[1, 8] = MOVED + BUMPED - walks[1, 8]
    with pytest.raises(DataError, match=r"Walk 1 is not one of this town: its move 4, .* from square \d+"):
        town.positions(walks)
    with pytest.raises(DataError, match="Walk 1"):
        town.oracle(walks)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([[NORTH, MOVED]], "A walk is '\\^'"),
        ([[START, NORTH, NORTH]], "by turns"),
        ([[START, MOVED]], "by turns"),
        ([START, NORTH], "shape \\(n, tokens\\)"),
        ([[0.5]], "whole numbers"),
        (np.zeros((2, 0), int), "shape"),
    ],
)
def test_what_is_no_walk_is_refused(wrong, said):
    with pytest.raises(DataError, match=said):
        TOWNS[0].oracle(np.array(wrong))


@pytest.mark.parametrize("text", ["", "   ", None, "^ Q.", "^ N.\n^ N. N."])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(DataError):
        TOWNS[0].read(text)


@pytest.mark.parametrize(
    ("size", "walls", "start", "said"),
    [
        (1, set(), 0, "2 to 30"),
        (3, set(), 9, "fountain stands"),
        (3, {(0, 4)}, 0, "no neighbours"),
        (2, {(0, 1), (0, 2)}, 0, "Nobody can reach square 1"),
        (3, 5, 0, "pairs"),
        (3, {5}, 0, "pairs"),
    ],
)
def test_a_town_that_cannot_be_is_refused(size, walls, start, said):
    with pytest.raises(ModelError, match=said):
        Town(size, walls, start)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ModelError, match="share"):
        Town.random(rng("x"), walled=2)
    with pytest.raises(ModelError, match="generator"):
        Town.random(7)
    with pytest.raises(ModelError, match="whole number"):
        TOWNS[0].walks(-1, 3, rng("x"))
    with pytest.raises(ModelError, match="generator"):
        TOWNS[0].walks(1, 3, None)


@pytest.mark.parametrize("given", [{"size": True}, {"size": 3.0}, {"size": 1_000}, {"size": None}, {"walled": True}])
def test_sizes_and_shares_that_are_none_are_refused_before_anything_is_drawn(given):
    with pytest.raises(ModelError):
        Town.random(rng("x"), **given)


@pytest.mark.parametrize("number", [True, 2.0, None, 10**12, 10**30])
def test_walks_have_a_number_that_fits_in_memory(number):
    for given in ({"n": number, "moves": 3}, {"n": 3, "moves": number}):
        with pytest.raises(ModelError, match="whole number"):
            TOWNS[0].walks(rng=rng("x"), **given)
    with pytest.raises(ModelError, match="Try n=2000 or fewer"):
        TOWNS[0].walks(10_000, 10_000, rng("x"))


@pytest.mark.parametrize("directions", [[[-1]], [[4]], [[0.0]], [[True]], [["N"]], [0, 1], None, [[0], [0, 1]]])
def test_directions_that_are_none_are_refused(directions):
    with pytest.raises(DataError):
        TOWNS[0].told(directions)


def test_tokens_of_any_whole_type_are_the_same_walk():
    walks = TOWNS[0].walks(20, 5, rng("types"))
    for kind in (np.uint8, np.int8, np.uint64):
        assert np.array_equal(TOWNS[0].positions(walks.astype(kind)), TOWNS[0].positions(walks))
    with pytest.raises(DataError, match="one length"):
        TOWNS[0].positions([[0, 1], [0]])


def test_a_towns_numbers_are_plain_whatever_they_were_written_with():
    town = Town(np.int64(3), np.array([[0.0, 1.0]]), np.int64(4))
    assert town == Town(3, frozenset({(0, 1)}), 4) and repr(town) == "Town(size=3, walls=frozenset({(0, 1)}), start=4)"
    with pytest.raises(ModelError, match="fountain"):
        Town(3, set(), True)
