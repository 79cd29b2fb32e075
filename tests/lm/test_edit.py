"""Edits move what holds the square and nothing else; what is put in is what the other text had there."""

from __future__ import annotations

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.edit import ask, asked, interchange, moved, plane, square_means, success, swapped_step
from causalcourse.lm.stream import adding, stream
from causalcourse.lm.town import BUMPED, MOVED, NORTH, Town
from causalcourse.lm.weights import load

torch = pytest.importorskip("torch")

from causalcourse.lm.model import GPT, Shape  # noqa: E402


@pytest.fixture(scope="module")
def gpt():
    """A small model with large weights, so that what changes shows."""
    made = GPT(Shape(7, 11, layers=2, heads=2, width=16), cc.rng("edited"))
    with torch.no_grad():
        for weights in made.parameters():
            weights *= 8 if weights.ndim > 1 else 1
    return made


def walks_of(town, n, moves, name="walks"):
    return town.walks(n, moves, cc.rng(name))


def others(town, squares, name="others"):
    rng = cc.rng(name)
    return np.array([rng.choice(np.flatnonzero((town.bumps != town.bumps[q]).any(1))) for q in squares])


def test_every_walk_is_asked_four_times(town):
    walks = walks_of(town, 3, 2)
    texts = asked(walks)
    assert texts.shape == (12, 6) and (texts[:, :5] == np.repeat(walks, 4, axis=0)).all()
    assert texts[:4, 5].tolist() == [NORTH, NORTH + 1, NORTH + 2, NORTH + 3]


def test_without_a_change_the_answers_are_those_of_predict(town, gpt):
    walks = walks_of(town, 200, 4)
    chances = gpt.predict(asked(walks))
    expected = chances[:, BUMPED] / (chances[:, BUMPED] + chances[:, MOVED])
    assert np.allclose(ask(gpt, walks), expected.reshape(-1, 4), atol=1e-6)
    assert np.allclose(ask(gpt, walks, 1.5, np.zeros((200, 16))), ask(gpt, walks), atol=1e-6)


def test_a_network_that_holds_the_square_can_be_moved_there_and_no_later(town, mapped):
    walks = walks_of(town, 60, 6)
    ends = town.positions(walks)[:, -1]
    assert ((ask(mapped, walks) > 0.5) == town.bumps[ends]).all()
    to, means = others(town, ends), np.eye(36, mapped.shape.width)
    assert ((moved(mapped, walks, 1, means, ends, to, scale=1.5) > 0.5) == town.bumps[to]).all()
    # once the square was looked up it does not matter any more
    assert ((moved(mapped, walks, 2, means, ends, to, scale=1.5) > 0.5) == town.bumps[ends]).all()


def test_the_means_of_a_code_are_the_code(town, mapped):
    means = square_means(mapped, town, walks_of(town, 400, 8), 1)
    known = np.isfinite(means).all((1, 2))
    assert means.shape == (36, 4, 45) and 15 < known.sum() <= 36
    assert np.allclose(means[known][:, :, :36], np.eye(36)[known][:, None])
    assert not np.isfinite(square_means(mapped, town, walks_of(town, 400, 8), 1, fewest=10_000)).any()


def test_edits_succeed_where_the_square_is_held_and_random_ones_do_not(town, mapped):
    means = square_means(mapped, town, walks_of(town, 400, 8), 1)
    table = success(mapped, town, walks_of(town, 150, 8, "edited"), 1, means, scale=1.5)
    assert table.loc["one shift", "all four"] == table.loc["a shift for each move", "all four"] == 1
    assert table.loc["random directions", "all four"] < 0.2
    # a map of one unit a square is no plane, and the answer is not written here
    assert table.loc["south and east", "all four"] < 0.5 and table.loc["answer alone", "all four"] < 0.8
    assert table.loc["no edit"][["all four", "changed", "stays"]].tolist() == [0, 0, 1]
    assert ((table["low"] <= table["all four"]) & (table["all four"] <= table["high"])).all()


def test_an_edit_of_the_answer_does_as_well_where_only_the_answer_is_held(town, mapped):
    walks = walks_of(town, 150, 8, "edited")
    table = success(mapped, town, walks, 2, square_means(mapped, town, walks_of(town, 400, 8), 2), scale=1.5)
    assert table.loc["answer alone", "all four"] == table.loc["a shift for each move", "all four"] == 1
    assert table.loc["one shift", "all four"] < 0.3


def test_nothing_moves_a_network_that_holds_nothing(town, blind):
    walks = walks_of(town, 100, 8)
    for layer in (0, 1, 2):
        table = success(blind, town, walks, layer, square_means(blind, town, walks, layer, fewest=1))
        assert (table["all four"] == 0).all() and (table["stays"] == 1).all()


def test_interchange_gives_the_sources_answers_where_they_are_decided(town, mapped, blind):
    base, source = walks_of(town, 80, 6, "base"), walks_of(town, 80, 6, "source")
    here, there = (town.bumps[town.positions(w)[:, -1]] for w in (base, source))
    for layer, expected in ((0, here), (1, there), (2, there)):
        assert ((interchange(mapped, base, source, layer) > 0.5) == expected).all()
    # the square is looked up at the token of the move, so the last outcome does not matter
    assert ((interchange(mapped, base, source, 1, token=12) > 0.5) == here).all()
    assert ((interchange(blind, base, source, 1) > 0.5) == here).all()


@pytest.mark.parametrize("layer", [0, 0.5, 1, 1.5, 2])
@pytest.mark.parametrize("token", [None, 2, 8])
def test_what_is_put_in_is_what_the_source_had_there(town, gpt, layer, token):
    """By hand: one text and question at a time, block by block, the source's vector in the base's place."""
    base, source = walks_of(town, 3, 4, "base"), walks_of(town, 3, 4, "source")
    place = 9 if token is None else token
    by_hand = [
        reading(gpt, b, layer, place, reading(gpt, s)[layer][:, place])
        for b, s in zip(asked(base), asked(source), strict=True)
    ]
    logits = np.array([found["logits"][0, -1] for found in by_hand])
    expected = 1 / (1 + np.exp(logits[:, MOVED] - logits[:, BUMPED]))
    assert np.allclose(interchange(gpt, base, source, layer, token).ravel(), expected, atol=1e-4)


def reading(model, text, layer=None, place=None, put=None):
    """The stream at every half layer, and the logits, with `put` in the place of what is held at one of them."""
    held = {}

    def keep(k, h):
        h = h.clone()
        if k == layer:
            h[:, place] = put
        held[k] = h
        return h

    with torch.no_grad():
        tokens = model.tensor(text[None])
        h = keep(0, model.token(tokens) + model.position.weight[: len(text)])
        for k, block in enumerate(model.blocks):
            h = keep(k + 0.5, h + block.attention(block.before_attention(h), None))
            h = keep(k + 1, h + block.mlp_out(torch.nn.functional.gelu(block.mlp_in(block.before_mlp(h)))))
        held["logits"] = model.unembed(model.norm(h)).numpy()
    return held


def test_the_stream_is_what_the_formulas_give(town, gpt):
    walks = walks_of(town, 4, 4)
    for layer in (0, 0.5, 1, 1.5, 2):
        expected = np.concatenate([reading(gpt, walk)[layer] for walk in walks])
        assert np.allclose(stream(gpt, walks, layer), expected, atol=1e-5)


def test_a_model_is_as_before_once_it_was_looked_at_and_edited(town, gpt):
    walks = walks_of(town, 5, 4)
    before = gpt.predict(walks)
    stream(gpt, walks, 0.5)
    with pytest.raises(DataError), adding(gpt, 1.5, 2, np.ones((5, 16))):
        gpt.predict(walks[:, :0])  # raises while the change is in place
    assert np.array_equal(gpt.predict(walks), before)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in gpt.modules())


def test_a_plane_is_found_through_holes_and_noise():
    row, column = np.divmod(np.arange(36), 6)
    south, east, start = cc.rng("plane").normal(size=(3, 10))
    true = start + row[:, None] * south + column[:, None] * east
    noisy = true + 0.01 * cc.rng("noise").normal(size=true.shape)
    noisy[[3, 20]] = np.nan
    assert np.allclose(plane(noisy), true, atol=0.05)


def test_a_swapped_step_is_the_sum_of_the_others_and_the_sources(town):
    open_town = Town(6, frozenset(), 14)
    base, source = open_town.read("^ N. E. S."), open_town.read("^ W. N. E.")
    # from square 14: north, north, south ends at 8; one row up from the fountain
    assert swapped_step(open_town, base, source, 2).tolist() == [8]
    assert swapped_step(open_town, base, base, 2).tolist() == open_town.positions(base)[:, -1].tolist()
    bumped = Town(6, frozenset({(14, 20)}), 14)
    assert swapped_step(bumped, bumped.read("^ E. N."), bumped.read("^ Sx E."), 1).tolist() == [8]
    edge = Town(2, frozenset(), 0)
    assert swapped_step(edge, edge.read("^ E. Ex"), edge.read("^ Nx E."), 2).tolist() == [-1]


@pytest.fixture(scope="module")
def shipped():
    pytest.importorskip("safetensors")
    return load("town")


def test_the_shipped_model_is_moved_by_two_directions_after_the_second_attention(shipped):
    model, world = shipped
    rng = cc.rng("shipped edits")
    means = square_means(model, world, world.walks(600, 8, rng), 1.5)
    table = success(model, world, world.walks(150, 8, rng), 1.5, means, rng)
    edited, random = table.loc["south and east", "all four"], table.loc["random directions", "high"]
    assert edited > 0.65 and edited > 5 * random
    assert table.loc["no edit", "all four"] == 0


def test_in_the_shipped_model_the_square_is_a_sum_of_steps(shipped):
    """Another step, before steps are added up, moves the walker by the difference; after that it changes nothing."""
    model, world = shipped
    base, source = (world.walks(200, 8, cc.rng(f"steps {name}")) for name in ("base", "source"))
    ends, summed = world.positions(base)[:, -1], swapped_step(world, base, source, 3)
    kept = (summed >= 0) & (world.bumps[summed] != world.bumps[ends]).any(1)
    early, late = (interchange(model, base, source, layer, token=6)[kept] > 0.5 for layer in (1, 1.5))
    assert (early == world.bumps[summed][kept]).all(1).mean() > 0.75
    assert (late == world.bumps[ends][kept]).all(1).mean() > 0.98


def test_mistakes_are_refused_with_a_way_out(town, gpt, mapped):
    walks = walks_of(town, 4, 4)
    with pytest.raises(CourseError, match=r"0\.5, 1"):
        stream(gpt, walks, 0.25)
    with pytest.raises(CourseError, match="2 \\(after the last block\\)"):
        ask(gpt, walks, 3)
    with pytest.raises(DataError, match="whole walks"):
        ask(gpt, walks[:, :-1])
    with pytest.raises(DataError, match="A change has shape"):
        ask(gpt, walks, 1, np.zeros((4, 5)))
    with pytest.raises(DataError, match="number of a token"):
        interchange(gpt, walks, walks, 1, token=10.0)
    with pytest.raises(DataError, match="one shape"):
        interchange(gpt, walks, walks[:3], 1)
    with pytest.raises(DataError, match="move= is 1 to 4"):
        swapped_step(town, walks, walks, 5)
    with pytest.raises(DataError, match="needs a square"):
        moved(gpt, walks, 1, np.zeros((36, 16)), [1, 2, 3, 36], [0, 0, 0, 0])
    with pytest.raises(DataError, match="do not have every square"):
        moved(gpt, walks, 1, np.full((36, 16), np.nan), [1, 2, 3, 4], [0, 0, 0, 0])
    with pytest.raises(DataError, match="as square_means"):
        success(mapped, town, walks, 1, np.zeros((36, 45)))
    with pytest.raises(DataError, match="Take more walks"):
        success(mapped, town, walks, 1, np.full((36, 4, 45), np.nan))


@pytest.mark.parametrize("scale", [np.nan, np.inf, None, "1", True, np.ones(4), 1e300])
def test_a_scale_that_is_no_number_is_refused_and_never_counted(town, mapped, scale):
    """What is no number is not above 1/2, and would count as "does not bump"."""
    walks, means = walks_of(town, 40, 4), cc.rng("means").normal(size=(36, 4, 45))
    with pytest.raises(DataError):
        success(mapped, town, walks, 1, means, scale=scale)
    with pytest.raises(DataError):
        moved(mapped, walks, 1, means, town.positions(walks)[:, -1], np.arange(40) % 36, scale)


@pytest.mark.parametrize("change", [np.nan, np.inf, 1e300, 1j, "a"])
def test_a_change_is_finite(town, gpt, change):
    with pytest.raises(DataError, match="A change is an array of finite numbers"):
        ask(gpt, walks_of(town, 4, 4), 1, np.full((4, 16), change))


def test_a_model_that_says_no_number_has_no_answer(town):
    broken = GPT(Shape(7, 11, layers=1, heads=1, width=8))
    broken.unembed.weight.data *= float("nan")
    with pytest.raises(DataError, match="no number"):
        ask(broken, walks_of(town, 4, 4))


def test_a_model_of_other_words_is_not_asked_about_walks(town):
    with pytest.raises(DataError, match="knows 20 words"):
        ask(GPT(Shape(20, 11, layers=1, heads=1, width=8)), walks_of(town, 4, 4))
    for what in (None, "town", torch.nn.Linear(2, 2)):
        with pytest.raises(CourseError, match="needs a model"):
            stream(what, walks_of(town, 4, 4), 1)


@pytest.mark.parametrize("walks", [None, "N", [[0, 1, 5], [0]], np.zeros((2, 3)), np.zeros((2, 3), bool), 5])
def test_what_are_no_walks_is_refused(town, gpt, walks):
    for look in (lambda w: ask(gpt, w), lambda w: stream(gpt, w, 1), lambda w: interchange(gpt, w, w, 1)):
        with pytest.raises(DataError):
            look(walks)


def test_the_move_asked_about_is_a_token_of_its_own(town, gpt):
    base, source = walks_of(town, 5, 4, "base"), walks_of(town, 5, 4, "source")
    assert np.array_equal(interchange(gpt, base, source, 1, token=9), interchange(gpt, base, source, 1))
    for layer, token in ((0, 9), (0.5, 3), (1, None), (2, 0)):
        assert np.allclose(interchange(gpt, base, base, layer, token), ask(gpt, base), atol=1e-6)


@pytest.mark.parametrize("added", [np.zeros(16), np.zeros((5, 15)), np.zeros((4, 16)), 5, "x"])
@pytest.mark.parametrize("layer", [1, 1.5])
def test_what_is_added_fits_the_texts(town, gpt, added, layer):
    with pytest.raises(DataError, match="What is added"), adding(gpt, layer, 2, added) as edit:
        gpt.predict(walks_of(town, 5, 4), edit=edit)


@pytest.mark.parametrize("rows", [range(0), [7], range(6), range(0, 36, 6)])
def test_no_plane_is_laid_through_squares_in_one_line(rows):
    means = np.full((36, 4), np.nan)
    means[list(rows)] = 1
    with pytest.raises(DataError, match="three squares"):
        plane(means)
    with pytest.raises(DataError, match="a town's squares"):
        plane(np.zeros((35, 4)))


def test_other_mistakes_are_refused_in_words(town, gpt):
    walks = walks_of(town, 4, 4)
    with pytest.raises(DataError, match="for each walk; got 4 and 1"):
        moved(gpt, walks, 1, np.zeros((36, 16)), [1, 2, 3, 4], [0])
    for fewest in (np.nan, True, "3", None):
        with pytest.raises(DataError, match="fewest="):
            square_means(gpt, town, walks, 1, fewest)
    with pytest.raises(CourseError, match="needs a town"):
        square_means(gpt, None, walks, 1)
    with pytest.raises(DataError, match="move= is"):
        swapped_step(town, walks, walks, True)
