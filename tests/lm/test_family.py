"""A family of small worlds: its quick answers are those of the engine, and its drawings say what they may."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.counterfactual import counterfactual
from causalcourse.errors import CourseError, GraphError, NoSuchUnit
from causalcourse.graph import as_graph
from causalcourse.lm.family import DICE, NAMES, Question, Worlds, questions

DRAWINGS = ("A -> B -> C; A <-> C", "A -> C; B -> C; A <-> B", "A -> B; A -> C; B -> C", "A -> B; C; B <-> C; A <-> C")
FOUR = ("A -> B -> C -> D; A <-> D; B <-> C", "A -> B; A -> C; B -> D; C -> D", "A -> C; B -> C; A -> D; B <-> D")


def some(n: int = 3, arc: float = 0.4, worlds: int = 40) -> Worlds:
    return Worlds.draw(worlds, rng(f"some worlds {n} {arc}"), n, arc=arc)


def states(n: int) -> np.ndarray:
    return np.array(list(itertools.product((0, 1), repeat=n)))


def listed(series, n: int) -> np.ndarray:
    """An engine's P(v) as an array, shape (2**n,)."""
    series = series.reorder_levels(list(NAMES[:n])) if n > 1 else series
    return series.reindex([tuple(s) for s in states(n)] if n > 1 else [0, 1], fill_value=0.0).to_numpy()


def assert_as_the_engine(worlds: Worlds, world: int, dice: str) -> None:
    model = worlds.model(world, dice)
    for asked in questions(worlds.n):
        engine = counterfactual(model, str(asked)).value
        assert worlds.answers(asked, dice)[world] == pytest.approx(engine, abs=1e-9), (asked, worlds.graph(world))


@pytest.mark.parametrize("dice", DICE)
@pytest.mark.parametrize("drawing", [*DRAWINGS, *FOUR])
def test_answers_are_those_of_the_engine(drawing, dice):
    assert_as_the_engine(Worlds.of(drawing, 3, rng(f"answers {drawing}")), 1, dice)


@pytest.mark.parametrize(("n", "arc"), [(2, 0.5), (3, 0.0), (3, 0.5), (4, 0.0), (4, 0.3)])
def test_answers_in_worlds_of_many_drawings_are_those_of_the_engine(n, arc):
    worlds = some(n, arc)
    for world in (0, 7, 23):
        assert_as_the_engine(worlds, world, "one")


@pytest.mark.parametrize(("n", "arc"), [(1, 0.0), (3, 0.5), (4, 0.3), (5, 0.0)])
def test_a_joint_sums_to_one_and_is_that_of_the_model(n, arc):
    worlds = some(n, arc, 6)
    for do in (None, (n - 1, 1), (0, 0)):
        assert worlds.joint(do).sum(axis=1) == pytest.approx(1)
        model = worlds.model(3) if do is None else worlds.model(3).do(**{NAMES[do[0]]: do[1]})
        assert worlds.joint(do)[3] == pytest.approx(listed(model.joint(), n), abs=1e-12)


def test_do_on_a_non_ancestor_changes_nothing():
    worlds, v = some(4, 0.4), states(4)
    for (cause, effect), value in itertools.product(itertools.permutations(range(4), 2), (0, 1)):
        apart = [NAMES[cause] not in worlds.graph(w).ancestors([NAMES[effect]]) for w in range(len(worlds))]
        seen, done = worlds.joint() @ v[:, effect], worlds.joint((cause, value)) @ v[:, effect]
        assert done[apart] == pytest.approx(seen[apart], abs=1e-12)
        assert not any(apart) or all(apart) or np.abs(done - seen)[np.invert(apart)].max() > 0.1


def test_seeing_is_doing_where_nothing_confounds():
    worlds = Worlds.of("A -> B -> C; A -> C", 20, rng("no confounder of A"))
    for effect, value in itertools.product((1, 2), (0, 1)):
        seen, done = (worlds.answers(Question(rung, 0, effect, value)) for rung in (1, 2))
        assert seen == pytest.approx(done, abs=1e-12)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_two_kinds_of_dice_agree_on_two_rungs_and_differ_on_the_third(drawing):
    worlds = Worlds.of(drawing, 5, rng(f"dice {drawing}"))
    one, each = (worlds.model(2, dice) for dice in DICE)
    for action in ({}, {"A": 1}, {"B": 0}, {"A": 0, "B": 1}):
        tables = [listed(model.do(**action).joint(), 3) for model in (one, each)]
        assert tables[0] == pytest.approx(tables[1], abs=1e-12)
    gaps = [np.abs(worlds.answers(q, "one") - worlds.answers(q, "each")).max() for q in questions(3, 3)]
    assert max(gaps) > 0.05


@pytest.mark.parametrize("dice", DICE)
def test_an_action_that_has_no_effect_leaves_everyone_as_they_were(dice):
    worlds = Worlds.of("A; B -> C; A <-> C", 10, rng("no effect"))
    for asked in questions(3, 3):
        if asked.cause == 0:
            assert worlds.answers(asked, dice) == pytest.approx(asked.seen, abs=1e-12)


def test_rates_do_not_vary_with_what_is_no_cause():
    worlds, n = some(4, 0.4), 4
    hidden = np.argwhere(worlds.arcs.any(0))
    coins = np.arange(2 ** len(hidden))
    assert not np.tril(worlds.arrows).any() and not np.tril(worlds.arcs).any()
    assert worlds.rates.min() >= 0.05 and worlds.rates.max() <= 0.95
    for k, other in itertools.product(range(n), repeat=2):
        flipped = worlds.rates[:, k, np.arange(2**n) ^ 1 << (n - 1 - other)]
        varies = (flipped != worlds.rates[:, k]).any(axis=(1, 2))
        assert (varies == worlds.arrows[:, other, k]).all()
    for k, (number, pair) in itertools.product(range(n), enumerate(hidden)):
        flipped = worlds.rates[:, k][..., coins ^ 1 << (len(hidden) - 1 - number)]
        varies = (flipped != worlds.rates[:, k]).any(axis=(1, 2))
        assert (varies == (worlds.arcs[:, pair[0], pair[1]] & (k in pair))).all()


def test_drawings_have_the_share_of_arrows_and_arcs_that_was_asked_for():
    worlds = Worlds.draw(2_000, rng("shares"), 4, arrow=0.6, arc=0.2)
    pairs = np.triu_indices(4, 1)
    for drawn, chance in ((worlds.arrows, 0.6), (worlds.arcs, 0.2)):
        z = (drawn[:, *pairs].mean(axis=0) - chance) / np.sqrt(chance * (1 - chance) / len(worlds))
        assert np.abs(z).max() < 5
    assert Worlds.draw(9, rng("full"), 3, arrow=1).arrows[:, *np.triu_indices(3, 1)].all()
    assert not Worlds.draw(9, rng("empty"), 3, arrow=0, arc=0).arrows.any()


@pytest.mark.parametrize("drawing", [*DRAWINGS, *FOUR])
def test_worlds_of_a_drawing_have_that_drawing_and_differ(drawing):
    worlds, wanted = Worlds.of(drawing, 2, rng("of")), as_graph(drawing)
    for graph in (worlds.graph(0), worlds.graph(1), worlds.model(1).graph):
        assert set(graph.directed) == set(wanted.directed)
        assert set(map(frozenset, graph.bidirected)) == set(map(frozenset, wanted.bidirected))
    assert np.abs(np.diff(worlds.joint(), axis=0)).max() > 0.01


def test_the_first_variables_are_there_even_when_a_drawing_names_only_a_later_one():
    worlds = Worlds.of("B -> C", 2, rng("later"))
    assert worlds.n == 3 and worlds.graph(0).nodes == ("A", "B", "C") and not worlds.arrows[:, 0].any()


def test_the_same_stream_gives_the_same_worlds():
    one, two, other = (Worlds.draw(5, rng(name), arc=0.3) for name in ("same", "same", "another"))
    assert (one.rates == two.rates).all() and not np.array_equal(one.joint(), other.joint())


@pytest.mark.parametrize("rows", [4, [4, 2, 2], slice(2, 9), np.arange(40) % 3 == 0, []])
def test_what_is_taken_answers_as_it_did(rows):
    worlds = some(3, 0.4)
    taken, kept = worlds.take(rows), np.atleast_1d(np.arange(40)[rows])
    assert len(taken) == len(kept)
    for asked in questions(3):
        for dice in DICE:
            assert taken.answers(asked, dice) == pytest.approx(worlds.answers(asked, dice)[kept], abs=1e-12)
    for place, world in list(enumerate(kept))[:2]:
        assert taken.graph(place) == worlds.graph(world)
        assert listed(taken.model(place).joint(), 3) == pytest.approx(worlds.joint()[world], abs=1e-12)


def unlikely(found: np.ndarray, p: np.ndarray, n: float) -> float:
    """The largest distance between frequencies and chances, in standard errors."""
    return float((np.abs(found - p) / np.sqrt(np.maximum(p * (1 - p), 1e-6) / n)).max())


@pytest.mark.parametrize("do", [None, (1, 1), (0, 0)])
def test_units_are_as_frequent_as_they_are_likely(do):
    worlds = some(3, 0.4)
    units = worlds.sample(5, 20_000, rng("units"), do)
    assert units.shape == (20_000, 3)
    found = np.bincount(units @ [4, 2, 1], minlength=8) / 20_000
    assert unlikely(found, worlds.joint(do)[5], 20_000) < 5
    assert do is None or (units[:, do[0]] == do[1]).all()


@pytest.mark.parametrize("dice", DICE)
@pytest.mark.parametrize(("cause", "value"), [(0, 1), (1, 0), (2, 1)])
def test_units_in_two_worlds_have_both_joints_and_the_answers_of_rung_three(dice, cause, value):
    worlds, world = some(3, 0.4), 8
    was, had = worlds.had(world, 40_000, rng("two worlds"), cause, value, dice).transpose(1, 0, 2)
    for units, joint in ((was, worlds.joint()), (had, worlds.joint((cause, value)))):
        assert unlikely(np.bincount(units @ [4, 2, 1], minlength=8) / 40_000, joint[world], 40_000) < 5
    for asked in questions(3, 3):
        if (asked.cause, asked.value) == (cause, value):
            fact = (was[:, cause] != value) & (was[:, asked.effect] == asked.seen)
            answer = worlds.answers(asked, dice)[world]
            assert unlikely(had[fact, asked.effect].mean(), answer, fact.sum()) < 5


@pytest.mark.parametrize("dice", DICE)
def test_who_had_that_value_anyway_is_the_same_in_both_worlds(dice):
    worlds = Worlds.of("A -> B; C; B <-> C", 3, rng("anyway"))
    was, had = worlds.had(1, 3_000, rng("anyway units"), 0, 1, dice).transpose(1, 0, 2)
    assert (had[:, 0] == 1).all() and (was[:, 2] == had[:, 2]).all()
    assert (was == had).all(axis=1)[was[:, 0] == 1].all() and not (was[:, 1] == had[:, 1]).all()


def test_questions_are_all_there_are_once_each():
    for n in range(1, 6):
        pairs = n * (n - 1) // 2
        assert [len(questions(n, rung)) for rung in (1, 2, 3)] == [2 * pairs, 2 * pairs, 4 * pairs]
        assert len({str(q) for q in questions(n)}) == 8 * pairs
    assert str(Question(3, 0, 2, 1, 0)) == "P(C_{A=1}=1 | A=0, C=0)"


def test_where_nobody_is_as_asked_there_is_no_answer():
    none = np.zeros((1, 2, 2), bool)
    worlds = Worlds(none, none, np.zeros((1, 2, 4, 1)))
    assert worlds.answers(Question(1, 0, 1, 0)) == 0
    for asked, given in ((Question(1, 0, 1, 1), "A=1"), (Question(3, 0, 1, 1, 1), "A=0, B=1")):
        with pytest.raises(NoSuchUnit, match=f"world 0 nobody has {given}"):
            worlds.answers(asked)


NAN = float("nan")
NO_QUESTIONS = [
    (4, 0, 1, 1), (0, 0, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 0, 7, 1), (1, -1, 1, 1), (1, 0, 1, 2), (3, 0, 1, 1),
    (1, 0, 1, 1, 1), (3, 0, 1, 1, NAN), (NAN, 0, 1, 1), (1, "A", "B", 1), (1, 0, 1, True), (1.0, 0, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("given", NO_QUESTIONS)
def test_what_is_no_question_is_refused(given):
    with pytest.raises(CourseError, match=r"A question has a rung from 1 to 3.*questions\(3\)"):
        Question(*given)


@pytest.mark.parametrize("given", [(0,), (6,), ("3",), (NAN,), (True,), (3, 4), (3, "2")])
def test_questions_about_no_number_of_variables_or_no_rung_are_refused(given):
    with pytest.raises(CourseError, match="needs a whole number"):
        questions(*given)


NO_WORLDS = [
    (dict(worlds=0), "worlds= needs"), (dict(worlds=-3), "worlds= needs"), (dict(worlds=2.5), "worlds= needs"),
    (dict(n=9), "n= needs"), (dict(n=0), "n= needs"), (dict(arrow=NAN), "probabilities"), (dict(arc="x"), "probab"),
    (dict(n=5, arc=0.1), "Try arc=0"), (dict(rng=7), "rng= needs"), (dict(worlds=10**6, n=4, arc=0.9), "Try fewer"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), NO_WORLDS)
def test_worlds_that_cannot_be_drawn_are_refused(given, said):
    with pytest.raises(CourseError, match=said):
        Worlds.draw(**{"worlds": 3, "rng": rng("refused"), **given})


@pytest.mark.parametrize(
    ("drawing", "kind", "said"),
    [
        ("B -> A", CourseError, "forward in time; got B -> A"),
        ("A -> C; C -> B", CourseError, "got C -> B"),
        ("X -> Y", CourseError, "variables among A, B, C, D, E.*got X, Y"),
        ("A -> F", CourseError, "got F"),
        ("A -> B; B -> A", CourseError, None),
        ("", CourseError, "got none"),
        ("A => B", GraphError, None),
        (3, CourseError, None),
    ],
)
def test_drawings_against_time_or_of_other_variables_are_refused(drawing, kind, said):
    with pytest.raises(kind, match=said):
        Worlds.of(drawing, 2, rng("refused"))


def test_arrays_that_are_no_worlds_are_refused():
    none, half = np.zeros((1, 2, 2), bool), np.full((1, 2, 4, 1), 0.5)
    for given in (
        (none, none, half * NAN), (none, none, half * 3), (none, none, half[0]), (none, none[:0], half), ([], [], []),
        (none, none.astype(int), half), (none, none, half.astype(str)), (none, none, np.full((1, 2, 4, 2), 0.5)),
    ):  # fmt: skip
        with pytest.raises(CourseError, match=r"Try Worlds\.draw"):
            Worlds(*given)


REFUSED = {
    "answers": [("P(C=1)",), (Question(1, 0, 4, 1),), (questions(3)[0], "two"), (questions(3)[0], None)],
    "joint": [((3, 1),), ((0, 2),), ("A",), ((0, NAN),), ((-1, 0),)],
    "graph": [(40,), (-1,), ("a",), (True,)],
    "model": [(40,), (0, "x")],
    "take": [(40,), ("a",), ([0, 90],), ([[0, 1]],), ([True],), (1.5,), (None,)],
    "sample": [(99, 3, None), (0, -3, None), (0, 2.5, None), (0, 3, 5), (0, 3, None, (5, 1)), (0, 3, None, (0, NAN))],
    "had": [(0, 3, None, 4, 1), (0, 3, None, 0, 2), (0, -1, None, 0, 1), (0, 1, None, 0, 1, "x"), (99, 1, None, 0, 1)],
}


@pytest.mark.parametrize(("name", "given"), [(name, given) for name, all_ in REFUSED.items() for given in all_])
def test_what_worlds_cannot_do_they_refuse_in_words(name, given):
    with pytest.raises(CourseError) as caught:
        getattr(some(3, 0.4), name)(*given)
    assert re.search(r"got|cannot be asked", str(caught.value)), caught.value


def test_no_worlds_have_no_first_one_and_many_dice_no_model():
    with pytest.raises(CourseError, match="one of 0 worlds"):
        some().take([]).sample(0, 1, rng("none"))
    many = Worlds.of("A -> E; B -> E; C -> E; D -> E; A <-> E", 1, rng("many dice"))
    with pytest.raises(CourseError, match=r"32 dice.*16 at most"):
        many.model(0, "each")
    assert 0 < many.answers(Question(3, 0, 4, 1, 0), "each")[0] < 1


ODD = [np.zeros(3), np.zeros(0), np.zeros((2, 2)), ["one"], {"one"}, {}, None, NAN, 1j, object()]


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_given_for_dice_or_a_question_is_refused_in_words(odd):
    worlds, asked = some(), questions(3, 3)[0]
    for ask in (
        lambda: worlds.answers(asked, odd), lambda: worlds.model(0, odd), lambda: worlds.had(0, 1, rng("x"), 0, 1, odd),
        lambda: Question(odd, 0, 1, 1), lambda: Question(3, 0, 1, 1, odd if odd is not None else 2),
    ):  # fmt: skip
        with pytest.raises(CourseError):
            ask()


def test_worlds_have_arrows_and_arcs_forward_in_time_and_rates_that_hang_on_causes_alone():
    worlds = Worlds.of("A -> B; B <-> C", 2, rng("made by hand"))
    arrows, arcs, rates = worlds.arrows, worlds.arcs, worlds.rates
    assert (Worlds(arrows, arcs, rates).rates == rates).all()
    itself = np.broadcast_to(np.eye(3, dtype=bool), (2, 3, 3))
    for given in ((arrows.swapaxes(1, 2), arcs), (arrows | itself, arcs), (arrows, arcs.swapaxes(1, 2))):
        with pytest.raises(CourseError, match=r"goes back in time.*Try Worlds\.draw"):
            Worlds(*given, rates)
    for place in ((1, 0, 3, 1), (1, 1, 3, 1), (1, 1, 6, 0), (1, 2, 7, 0)):
        varies = rates.copy()
        varies[place] = 0.5
        with pytest.raises(CourseError, match="varies with what is no cause"):
            Worlds(arrows, arcs, varies)


def test_worlds_have_one_to_five_variables():
    for n in (0, 6):
        none = np.zeros((1, n, n), bool)
        with pytest.raises(CourseError, match=r"Try Worlds\.draw"):
            Worlds(none, none, np.full((1, n, 2**n, 1), 0.5))


@pytest.mark.parametrize("kind", ["float32", "float16"])
def test_rates_of_fewer_digits_make_worlds_as_exact_as_any(kind):
    drawn = some(4, 0, 200)
    worlds = Worlds(drawn.arrows, drawn.arcs, drawn.rates.astype(kind))
    assert worlds.joint().sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert_as_the_engine(Worlds(drawn.arrows, drawn.arcs, drawn.rates.astype(kind)), 3, "one")


def test_numbers_of_numpy_are_chances_as_well():
    worlds, same = (Worlds.draw(9, rng("chances"), 3, *chance) for chance in ((0.5, 1), (np.float32(0.5), np.int64(1))))
    assert (worlds.rates == same.rates).all()


def test_a_tuple_takes_the_worlds_that_a_list_takes():
    worlds = some()
    assert len(worlds.take(())) == 0
    assert (worlds.take((3, 1)).rates == worlds.take([3, 1]).rates).all()


@pytest.mark.parametrize("dice", DICE)
def test_answers_in_all_worlds_at_once_are_those_in_a_few_at_a_time(monkeypatch, dice):
    worlds = some(3, 0.4, 7)
    at_once = [worlds.answers(q, dice) for q in questions(3, 3)]
    monkeypatch.setattr("causalcourse.lm.family._MOST_PAIRS", 2 * 4**3 * worlds.rates.shape[-1])
    for q, found in zip(questions(3, 3), at_once, strict=True):
        assert worlds.answers(q, dice) == pytest.approx(found, abs=1e-15)
    assert worlds.take([]).answers(questions(3, 3)[0], dice).shape == (0,)
