"""What an action may be, what it leaves alone, and exact joints without listing the noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.errors import ModelError
from causalcourse.noise import Finite, Normal
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM
from causalcourse.worlds import clinic


def linear() -> SCM:
    return SCM(
        {"U_Z": Normal(), "U_X": Normal(0, 2), "U_Y": Normal()},
        {
            "Z": lambda U_Z: U_Z,
            "X": lambda Z, U_X: 2 * Z + U_X,
            "Y": lambda X, Z, U_Y: 3 * X - Z + U_Y,
        },
    )


def models(count, seed):
    draw = np.random.default_rng(seed)
    for _ in range(count):
        yield draw, random_discrete(random_graph(4, draw, 0.5, 0.3), draw)


def test_the_joint_is_what_listing_every_world_gives():
    for _, model in models(20, 0):
        variables = list(model.equations)
        listed = model.worlds().groupby(variables)["p"].sum()
        assert np.allclose(model.joint(), listed, atol=1e-12)
        assert (model.joint().index == listed.index).all()
        for some in (variables[:1], variables[2:0:-1]):
            assert np.allclose(model.joint(some), listed.groupby(some).sum(), atol=1e-12)
            assert list(model.joint(some).index.names) == some


def test_a_joint_of_many_variables_needs_no_list_of_worlds():
    draw = np.random.default_rng(1)
    chain = random_discrete("; ".join(f"X{i} -> X{i + 1}" for i in range(60)), draw)
    with pytest.raises(ModelError, match="too many"):
        chain.worlds()
    table = np.eye(2)
    for i in range(1, 61):
        pair = chain.joint([f"X{i - 1}", f"X{i}"]).unstack().to_numpy()
        table = table @ (pair / pair.sum(1, keepdims=True))
    ends = chain.joint(["X0", "X60"]).unstack().to_numpy()
    assert np.allclose(ends / ends.sum(1, keepdims=True), table, atol=1e-12)


def test_a_coin_mixes_the_two_hard_interventions():
    for _, model in models(20, 2):
        coin = model.do(V1=Finite([0.3, 0.7])).joint()
        hard = [model.do(V1=v).joint().reindex(coin.index, fill_value=0) for v in (0, 1)]
        assert np.allclose(coin, 0.3 * hard[0] + 0.7 * hard[1], atol=1e-12)


def test_a_conditional_action_is_each_hard_one_where_its_condition_holds():
    model = clinic.random_model(rng("conditional"))
    acted = model.do(X=lambda Z: 1 - Z).worlds()
    for z in (0, 1):
        hard = model.do(X=1 - z).worlds()
        where = acted["Z"] == z
        assert acted[where].equals(hard[where])


def test_a_shift_adds_to_what_would_have_been():
    model = linear()
    units = model.draw_noise(1_000, rng("units"))
    before, after = model.solve(units), model.do(X=lambda X: X + 1).solve(units)
    assert np.allclose(after["X"] - before["X"], 1)
    assert np.allclose(after["Y"] - before["Y"], 3)
    assert (after["Z"] == before["Z"]).all()


def test_a_shift_may_look_at_other_variables():
    units = linear().draw_noise(1_000, rng("units"))
    before, after = linear().solve(units), linear().do(X=lambda X, Z: np.where(Z > 0, 2 * X, X)).solve(units)
    assert np.allclose(after["X"], np.where(before["Z"] > 0, 2 * before["X"], before["X"]))


def test_actions_add_up_in_their_order():
    units = linear().draw_noise(100, rng("units"))
    natural = linear().solve(units)["X"]
    twice = linear().do(X=lambda X: X + 1).do(X=lambda X: 2 * X)
    assert np.allclose(twice.solve(units)["X"], 2 * (natural + 1))
    assert (twice.do(X=5).solve(units)["X"] == 5).all()
    assert (linear().do(X=5).do(X=lambda X: X + 1).solve(units)["X"] == 6).all()


def test_an_array_gives_each_unit_its_own_value():
    dose = np.arange(10.0)
    acted = linear().do(X=dose)
    dose[:] = 0  # the model has its own copy
    assert (acted.sample(10, rng("dose"))["X"] == np.arange(10)).all()
    with pytest.raises(ModelError, match=r"do\(X=...\) gave shape \(10,\)"):
        acted.sample(11, rng("dose"))


def test_the_noise_of_a_coin_goes_when_another_action_replaces_it():
    model = clinic.model()
    tossed = model.do(X=Finite([0.5, 0.5]))
    assert set(tossed.noise) - set(model.noise) == {"do_X"}
    assert set(tossed.do(X=1).noise) == set(model.noise)
    assert set(tossed.do(X=Finite([0.1, 0.9])).noise) == set(tossed.noise)
    assert tossed.do(X=lambda X: 1 - X).joint("X")[1] == pytest.approx(0.5)


@pytest.mark.parametrize("kind", ["hard", "coin", "shift"])
def test_an_action_changes_nothing_that_is_not_below_it(kind):
    for draw, model in models(10, 3):
        name = str(draw.choice(list(model.equations)))
        action = {"hard": 1, "coin": Finite([0.5, 0.5]), "shift": eval(f"lambda {name}: 1 - {name}")}[kind]
        untouched = [v for v in model.equations if v not in model.graph.descendants(name)]
        if untouched:
            assert np.allclose(model.do(**{name: action}).joint(untouched), model.joint(untouched), atol=1e-12)


def test_the_graph_of_an_acted_on_model_has_no_edge_into_what_was_set():
    for _, model in models(20, 4):
        name = model.graph.order[-1]
        assert set(model.do(**{name: 1}).graph.directed) == set(model.graph.cut_into(name).directed)
        assert set(model.do(**{name: 1}).graph.bidirected) == set(model.graph.cut_into(name).bidirected)


def test_latents_are_the_noise_that_several_variables_hear():
    model = random_discrete("X -> Y; X <-> Y; Y <-> Z", np.random.default_rng(5))
    assert set(model.latents) == {"U_X_Y", "U_Y_Z"}
    assert clinic.model().latents == ()


def test_the_truncated_factorisation_gives_the_same_as_acting():
    for draw, model in models(20, 6):
        if model.latents:
            continue
        variables = list(model.equations)
        x = variables[int(draw.integers(4))]
        joint = model.joint()
        table = joint.reset_index()
        parents = list(model.graph.parents(x))
        share = table.groupby([*parents, x])["p"].transform("sum")
        share /= table.groupby(parents)["p"].transform("sum") if parents else 1
        truncated = (table["p"] / share)[table[x] == 1].to_numpy()
        assert np.allclose(truncated, model.do(**{x: 1}).joint(), atol=1e-12)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda m: m.do(X=lambda Y: Y), ["circle", "X -> Y"]),
        (lambda m: m.do(X=lambda Q: Q), ["do(X=...)", "'Q'"]),
        (lambda m: m.do(X="high").sample(3, rng("s")), ["do(X=...)", "not a finite number"]),
        (lambda m: m.do(X=None).sample(3, rng("s")), ["do(X=...)", "not a finite number"]),
        (lambda m: m.do(X=[1, [2]]).sample(3, rng("s")), ["do(X=...)", "different lengths"]),
        (lambda m: m.do(X=float("nan")).sample(3, rng("s")), ["do(X=...)", "not a finite number"]),
        (lambda m: m.joint(), ["'U_Z'", "Normal", "finite noise"]),
        (lambda m: m.worlds(), ["'U_Z'", "Normal"]),
        (lambda m: m.joint("Q"), ["'Q'", "not there"]),
        (lambda m: m.solve({"U_Z": np.zeros(3)}), ["'U_X'", "draw_noise"]),
        (lambda m: m.solve({"U_Z": np.zeros(3), "U_X": np.zeros(2), "U_Y": np.zeros(3)}), ["one shape"]),
        (lambda m: m.solve({"U_Z": np.zeros((3, 1)), "U_X": np.zeros(3), "U_Y": np.zeros(3)}), ["one shape"]),
    ],
)
def test_an_action_that_makes_no_sense_is_answered_kindly(act, words):
    with pytest.raises(ModelError) as refused:
        act(linear())
    assert all(word in str(refused.value) for word in words), str(refused.value)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_units_concerned_are_counted_and_the_first_is_named():
    model = SCM({"U": Normal()}, {"X": lambda U: np.sqrt(U)})
    units = {"U": np.array([1.0, -1, 4, -4])}
    with pytest.raises(ModelError, match=r"'X' gave .* for 2 of 4 units \(the first is unit 1\)"):
        model.solve(units)


def test_a_sampled_model_may_be_changed_without_changing_the_next_one():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda U: U})
    table = model.sample(100, rng("copy"))
    table["X"] += 1
    table.loc[0, "Y"] = 9
    assert (table["X"] - 1)[1:].equals(table["Y"][1:])
    assert set(model.sample(100, rng("copy"))["Y"]) == {0, 1}


@pytest.mark.parametrize("natural", [lambda U: U > 0, lambda U: list(U), lambda U: U])
def test_a_shift_is_handed_the_numbers_that_every_other_equation_is_handed(natural):
    model = SCM({"U": [0.5, 0.5]}, {"X": natural, "Y": lambda X: X})
    assert model.do(X=lambda X: X + X).joint("Y").to_dict() == {0: 0.5, 2: 0.5}
    assert model.do(X=True).do(X=lambda X: X + X).joint("Y").to_dict() == {2: 1.0}


def test_a_shift_of_an_equation_that_fails_names_that_equation():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: 1 / 0})
    with pytest.raises(ModelError, match=r"^The equation for 'X' failed"):
        model.do(X=lambda X: X + 1).joint()


def test_a_coin_never_takes_the_name_of_the_models_own_noise():
    model = SCM({"do_X": [0.5, 0.5]}, {"X": lambda do_X: do_X, "Y": lambda do_X: do_X})
    coin = Finite([0.9, 0.1])
    for acted in (model.do(X=coin), model.do(X=0).do(X=coin), model.do(X=coin).do(X=coin)):
        assert acted.joint().to_numpy() == pytest.approx([0.45, 0.45, 0.05, 0.05])
    assert model.do(X=1).do(X=0).joint(["X", "Y"]).to_dict() == {(0, 0): 0.5, (0, 1): 0.5}
    assert list(SCM({"U": [1]}, {"X": lambda U: U, "do_X": lambda X: X}).do(X=coin).joint("do_X")) == [0.9, 0.1]


def test_a_variable_may_be_called_self():
    assert SCM({"U": [0.5, 0.5]}, {"self": lambda U: U}).do(**{"self": 1}).joint().to_dict() == {1: 1.0}


@pytest.mark.parametrize(
    "ask",
    [
        lambda m: m.joint([]),
        lambda m: m.joint(3),
        lambda m: m.solve(None),
        lambda m: m.solve([1, 2]),
        lambda m: m.solve({"U": [[1], [1, 2]]}),
    ],
)
def test_a_question_without_sense_is_answered_in_words(ask):
    with pytest.raises(ModelError, match=r"needs|asks for what is not there"):
        ask(SCM({"U": [0.5, 0.5]}, {"X": lambda U: U}))


@pytest.mark.parametrize("call", [lambda m: m.do("X", 1), lambda m: m.do({"X": 1})])
def test_an_action_without_an_equals_sign_is_told_how_to_write_it(call):
    with pytest.raises(ModelError, match=r"such as do\(X=1\)"):
        call(linear())


def test_a_series_in_another_order_than_the_units_is_refused():
    ages = pd.Series([3.0, 1.0, 2.0])
    assert list(linear().do(X=ages).sample(3, rng("series"))["X"]) == [3, 1, 2]
    with pytest.raises(ModelError, match="by position"):
        linear().do(X=ages.sort_values())
