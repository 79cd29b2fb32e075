import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import CourseError, ModelError
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

_SEEDS = range(20)


def _rate(model, among=None):
    every = model.worlds()
    every = every if among is None else every[every["X"] == among]
    return (every["p"] * every["Y"]).sum() / every["p"].sum()


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_joint_of_a_random_clinic_is_a_distribution(seed):
    joint = clinic.random_model(rng(f"joint {seed}")).joint()
    assert joint.index.names == ["Z", "X", "Y"]
    assert (joint >= 0).all()
    assert joint.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("response", ["robust", "independent"])
def test_doing_in_the_clinic_equals_adjusting_for_severity(seed, response):
    model = clinic.random_model(rng(f"adjust {seed}"), response)
    p = model.joint().to_numpy().reshape(2, 2, 2)
    for x in (0, 1):
        adjusted = (p[:, x, 1] / p[:, x].sum(1) * p.sum((1, 2))).sum()
        assert _rate(model.do(X=x)) == pytest.approx(adjusted, abs=1e-12)


@pytest.mark.parametrize("seed", _SEEDS)
def test_consistency_what_happened_is_what_doing_it_would_have_brought(seed):
    model = clinic.random_model(rng(f"consistency {seed}"))
    happened = model.worlds()
    for x in (0, 1):
        took = happened["X"] == x
        assert (model.do(X=x).worlds()["Y"][took] == happened["Y"][took]).all()


@pytest.mark.parametrize("seed", _SEEDS)
def test_doing_leaves_causes_alone(seed):
    model = clinic.random_model(rng(f"causes {seed}"))
    acted = model.do(Y=1).worlds()
    assert (acted[["Z", "X"]] == model.worlds()[["Z", "X"]]).all(axis=None)


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_two_responses_agree_below_the_third_rung(seed):
    one, two = (clinic.random_model(rng(f"rungs {seed}"), response) for response in ("robust", "independent"))
    assert np.allclose(one.joint(), two.joint(), atol=1e-12)
    for x in (0, 1):
        assert np.allclose(one.do(X=x).joint(), two.do(X=x).joint(), atol=1e-12)


def test_a_large_sample_approaches_the_exact_joint():
    model = clinic.model()
    sample = model.sample(200_000, rng("large sample")).value_counts(normalize=True)
    # five standard errors of a proportion at this size
    assert (sample - model.joint()).abs().max() < 5 * 0.5 / np.sqrt(200_000)


def test_do_gives_a_new_model_and_leaves_the_old_one_alone():
    model = clinic.model()
    before = model.joint()
    assert model.do(X=1).do(X=0).worlds()["X"].eq(0).all()
    assert model.joint().equals(before)


def test_the_clinic_teaches_what_chapter_00_says():
    model = clinic.model()
    assert _rate(model, among=1) < _rate(model, among=0)
    assert _rate(model.do(X=1)) > _rate(model.do(X=0))


def test_the_graph_comes_from_argument_names_and_shared_noise():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "M": lambda X: X, "Y": lambda M, U: M * U})
    assert str(model.graph) == "X -> M; M -> Y; X <-> Y"
    assert str(model.do(X=1).graph) == "X -> M; M -> Y"


@pytest.mark.parametrize(
    ("noise", "equations", "words"),
    [
        (
            {"U": [1.0]},
            {"Y": lambda Sevrity: 0, "Severity": lambda U: U},
            ["'Y'", "'Sevrity'", "Did you mean 'Severity'"],
        ),
        ({}, {"A": lambda B: B, "B": lambda A: A}, ["cycle"]),
        ({"U": [0.5, 0.6]}, {"X": lambda U: U}, ["'U'", "sum to 1"]),
        ({"U": [float("nan"), 1]}, {"X": lambda U: U}, ["'U'"]),
        ({"U": []}, {"X": lambda U: U}, ["'U'"]),
        ({"X": [1.0]}, {"X": lambda: 0}, ["'X'", "another name"]),
        ({"U": "half"}, {"X": lambda U: U}, ["'U'", "sum to 1"]),
        (["U"], {"X": lambda U: U}, ["noise=", "dictionary"]),
        ({"U": [1.0]}, None, ["equations=", "dictionary"]),
        ({"U": [1.0]}, {}, ["at least one variable"]),
        ({"p": [1.0]}, {"X": lambda p: p}, ["'p'", "another name"]),
        ({"U": [1.0]}, {"X": 3}, ["'X'", "a function is needed"]),
        ({"U": [1.0]}, {"X": np.sin}, ["'X'", "named arguments"]),
        ({"U": [1.0]}, {"X": lambda *U: U}, ["'X'", "named arguments"]),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused(noise, equations, words):
    with pytest.raises(ModelError) as refused:
        SCM(noise, equations)
    assert all(word in str(refused.value) for word in words)


def test_a_model_without_equations_is_told_what_it_needs():
    with pytest.raises(ModelError, match="at least one variable"):
        SCM({"U": [0.5, 0.5]})


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        (lambda U: U / 0, ["'X'", "finite"]),
        (lambda U: np.ones(7), ["'X'", "shape (7,)"]),
        (lambda U: undefined_name, ["'X'", "NameError"]),  # noqa: F821
        (lambda U: ["yes"] * len(U), ["'X'", "number"]),
        (lambda U: 1 if U else 0, ["'X'", "np.where"]),
        (lambda U: [[1], [1, 2]], ["'X'", "one value for each unit"]),
        (lambda U: U.__iadd__(1), ["'X'", "X + 1, not X += 1"]),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_an_equation_that_fails_is_named(equation, words):
    model = SCM({"U": [0.5, 0.5]}, {"X": equation})
    with pytest.raises(ModelError) as refused:
        model.worlds()
    assert all(word in str(refused.value) for word in words)


def test_a_default_keeps_a_number_and_is_no_parent():
    model = SCM({"U": [0.5, 0.5]}, {name: lambda U, k=k: U + k for k, name in enumerate("AB")})
    assert str(model.graph) == "A <-> B"
    assert (model.worlds()["B"] - model.worlds()["A"] == 1).all()


def test_a_model_keeps_its_own_copy():
    noise, equations = {"U": [0.5, 0.5]}, {"X": lambda U: U}
    model = SCM(noise, equations)
    noise["U"] = [9, 9]
    equations["Y"] = lambda X: X
    assert model.worlds()["p"].tolist() == [0.5, 0.5]
    assert list(model.equations) == ["X"]


def test_worlds_are_listed_however_many_noise_terms_have_one_state():
    noise = {**{f"U{k}": [1.0] for k in range(70)}, "A": [0.5, 0.5], "B": [0.2, 0.3, 0.5]}
    world = SCM(noise, {"X": lambda A, B: 10 * A + B}).worlds()
    assert world["X"].tolist() == [0, 1, 2, 10, 11, 12]
    assert world["p"].tolist() == pytest.approx([0.1, 0.15, 0.25] * 2)


def test_a_model_without_noise_has_one_world():
    world = SCM({}, {"X": lambda: 1, "Y": lambda X: X + 1}).worlds()
    assert world.to_dict("records") == [{"p": 1.0, "X": 1, "Y": 2}]


@pytest.mark.parametrize("n", [-1, 2.5, "many", None, True, 10**12])
def test_a_sample_of_an_impossible_size_is_refused(n):
    with pytest.raises(ModelError, match="whole number of units"):
        clinic.model().sample(n, rng("impossible"))


@pytest.mark.parametrize("generator", [None, 7, np.random])
def test_a_sample_needs_a_generator(generator):
    with pytest.raises(ModelError, match="needs a generator"):
        clinic.model().sample(3, generator)


def test_acting_on_an_unknown_variable_is_refused_by_name():
    with pytest.raises(ModelError, match="'Q'"):
        clinic.model().do(Q=1)


def test_too_many_worlds_to_list_is_said_before_the_memory_is_gone():
    model = SCM({f"U{i}": [0.5, 0.5] for i in range(40)}, {"X": lambda U0: U0})
    with pytest.raises(ModelError, match="sample"):
        model.worlds()


@pytest.mark.parametrize("kwargs", [{"treated": (2, 11)}, {"recovery": ((1, 2), (3.5, 4))}, {"response": "other"}])
def test_a_clinic_with_impossible_rates_is_refused(kwargs):
    with pytest.raises(CourseError):
        clinic.model(**kwargs)


@pytest.mark.parametrize("given", [5, "X", {"X": "x"}, {"X": None}, {"X": [0, 1]}, {"X": float("nan")}])
def test_what_was_seen_is_a_number_for_each_variable(given):
    with pytest.raises(ModelError, match="given= needs a number"):
        clinic.model().joint("Y", given=given)
