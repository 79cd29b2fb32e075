"""Quantities with names: their exact values, their published formulas, and when tables fix them."""

import itertools

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.counterfactual import (
    Counterfactual,
    CounterfactualError,
    counterfactual,
    direct_effect,
    disablement,
    enablement,
    ett,
    indirect_effect,
    necessity,
    necessity_and_sufficiency,
    path_effect,
    sufficiency,
)
from causalcourse.docalculus import NotIdentifiable
from causalcourse.errors import CannotAnswer, CourseError, DataError
from causalcourse.graph import CausalGraph
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM

BOW = "X -> Y; X <-> Y"
MEDIATED = "X -> M -> Y; X -> Y"


def both_arms(model):
    return [({"X": x}, model) for x in (0, 1)]


def tables(model):
    p = model.joint(["X", "Y"]).to_numpy().reshape(2, 2)
    return p, *(model.do(X=x).joint("Y").get(1, 0.0) for x in (0, 1))


def test_each_asks_what_its_name_says():
    said = {
        "P(Y_{X=0}=0 | X=1, Y=1)": necessity,
        "P(Y_{X=1}=1 | X=0, Y=0)": sufficiency,
        "P(Y_{X=0}=0, Y_{X=1}=1)": necessity_and_sufficiency,
        "P(Y_{X=0}=0 | Y=1)": disablement,
        "P(Y_{X=1}=1 | Y=0)": enablement,
        "E[Y_{X=1} - Y_{X=0} | X=1]": ett,
    }
    for text, made in said.items():
        assert made("X", "Y").query == Counterfactual.parse(text)
    assert direct_effect("X", "Y", "M", "W").query == Counterfactual.parse("E[Y_{X=1, M_{X=0}, W_{X=0}} - Y_{X=0}]")
    assert indirect_effect("X", "Y", "M").query == Counterfactual.parse("E[Y_{X=0, M_{X=1}} - Y_{X=0}]")


@pytest.mark.parametrize("seed", range(8))
def test_an_experiment_and_records_fix_the_effect_on_the_treated(seed):
    model = random_discrete(BOW, cc.rng(f"ett {seed}"))
    p, zero, _ = tables(model)
    known = (p[1, 1] - (zero - p[0, 1])) / p[1].sum()  # the treated are all less the untreated
    found = ett("X", "Y").bounds(BOW, model, both_arms(model))
    assert (found.low, found.high) == pytest.approx((known, known), abs=1e-8)
    assert ett("X", "Y").value(model).value == pytest.approx(known)
    assert ett("X", "Y").bounds(BOW, model).high - found.high > 0.01, "records alone do not"


def test_with_three_values_an_experiment_does_not_fix_the_effect_on_the_treated():
    model = random_discrete(BOW, cc.rng("ett three"), states=3)
    found = ett("X", "Y", 2, 0).bounds(BOW, model, [({"X": x}, model) for x in (0, 1, 2)])
    assert found.high - found.low > 0.05


def rising(seed):
    """A confounded model in which more X never means less Y."""
    draw = cc.rng(f"rising {seed}")
    noise = {
        "U": [0.4, 0.6],
        "U_X": draw.dirichlet([5, 5, 5]),
        "A": draw.dirichlet([5, 5, 5]),
        "B": draw.dirichlet([5, 5, 5]),
    }
    return SCM(
        noise,  # A and B: whether Y is never 1, follows X, or is always 1, where U = 0 and where U = 1
        {"X": lambda U, U_X: U_X + U > 1, "Y": lambda X, U, A, B: np.where(U, B, A) + X > 1},
    )


@pytest.mark.parametrize("seed", range(6))
def test_monotone_quantities_are_fixed_by_the_formulas_of_tian_and_pearl(seed):
    model = rising(seed)
    p, zero, one = tables(model)
    y = p[:, 1].sum()
    # Tian & Pearl 2000, theorem 3: monotone, with an experiment beside the records
    formulas = {
        necessity: (y - zero) / p[1, 1],
        sufficiency: (one - y) / p[0, 0],
        necessity_and_sufficiency: one - zero,
        disablement: (y - zero) / y,
        enablement: (one - y) / (1 - y),
    }
    for named, truth in formulas.items():
        quantity = named("X", "Y")
        assert quantity.value(model).value == pytest.approx(truth), quantity.symbol
        found = quantity.bounds(BOW, model, both_arms(model), monotone=[("X", "Y")])
        assert (found.low, found.high) == pytest.approx((truth, truth), abs=1e-7), quantity.symbol
    loose = necessity_and_sufficiency("X", "Y").bounds(BOW, model, both_arms(model))
    assert loose.high - loose.low > 0.01, "without monotonicity nothing is fixed"


def test_without_confounding_necessity_is_the_excess_risk_ratio():
    model = rising(9)
    alone = SCM(
        {u: n for u, n in model.noise.items() if u != "U_X"} | {"C": [0.3, 0.7]}, model.equations | {"X": lambda C: C}
    )
    p = alone.joint(["X", "Y"]).to_numpy().reshape(2, 2)
    rate = p[:, 1] / p.sum(1)
    found = necessity("X", "Y").bounds("X -> Y", alone, monotone=[("X", "Y")])
    assert (found.low, found.high) == pytest.approx(((rate[1] - rate[0]) / rate[1],) * 2, abs=1e-8)


def test_tables_in_which_the_outcome_falls_fit_no_monotone_model():
    falls = SCM({"C": [0.5, 0.5]}, {"X": lambda C: C, "Y": lambda X: 1 - X})
    with pytest.raises(DataError, match="not monotone"):
        necessity_and_sufficiency("X", "Y").bounds("X -> Y", falls, monotone=[("X", "Y")])


@pytest.mark.parametrize("given", [[("Y", "X")], ["XY"], [("X", "Q")], [3]])
def test_monotone_names_arrows(given):
    with pytest.raises(DataError, match="X -> Y"):
        necessity("X", "Y").bounds(BOW, random_discrete(BOW, cc.rng("m")), monotone=given)


def test_total_is_direct_less_the_way_back():
    for seed in range(6):
        model = random_discrete(MEDIATED, cc.rng(f"total {seed}"))
        direct = direct_effect("X", "Y", "M").value(model).value
        back = indirect_effect("X", "Y", "M", high=0, low=1).value(model).value
        total = counterfactual(model, "E[Y_{X=1} - Y_{X=0}]").value
        assert total == pytest.approx(direct - back)


def test_in_a_linear_model_effects_are_products_of_weights_along_paths():
    model = SCM(
        {"A": Normal(), "B": Normal(), "C": Normal()},
        {"X": lambda A: A, "M": lambda X, B: 0.5 * X + B, "Y": lambda X, M, C: 2 * X + 3 * M + C},
    )
    assert direct_effect("X", "Y", "M").value(model).value == pytest.approx(2)
    assert indirect_effect("X", "Y", "M").value(model).value == pytest.approx(1.5)
    assert path_effect(MEDIATED, "X", "Y", "X -> M -> Y").quantity.value(model).value == pytest.approx(1.5)


def some_paths(draw, graph, x, y):
    """A random set of paths from x to y, or None where there are none or they bring others along."""
    try:
        path_effect(graph, x, y, "?")
    except CounterfactualError as told:
        listed = str(told).partition("There are: ")[2].rstrip(".").split(", ")
    if listed == [""]:
        return None
    picked = [text for text in listed if draw.random() < 0.5] or listed[:1]
    try:
        return path_effect(graph, x, y, picked)
    except CounterfactualError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(4))
def test_what_follows_from_the_data_is_exact_and_what_does_not_has_wide_bounds(batch):
    draw = cc.rng(f"paths {batch}")
    yes = no = 0
    for _ in range(10):
        graph = random_graph(int(draw.integers(3, 5)), draw, density=0.8, bidirected=0.15)
        x, y = graph.order[0], graph.order[-1]
        if (effect := some_paths(draw, graph, x, y)) is None:
            continue
        model = random_discrete(graph, draw)
        truth = effect.quantity.value(model).value
        if effect:
            yes += 1
            assert effect.evaluate(model.joint()) == pytest.approx(truth, abs=1e-9), str(effect)
        try:
            found = effect.quantity.bounds(graph, model)
        except CannotAnswer:
            continue
        assert found.low - 1e-7 <= truth <= found.high + 1e-7
        assert (found.high - found.low < 1e-6) == bool(effect), str(effect)
        no += not effect
    assert yes >= 2 and no >= 1, "both kinds should come up"


def test_natural_effects_are_effects_along_paths():
    direct, indirect = path_effect(MEDIATED, "X", "Y", "X -> Y"), path_effect(MEDIATED, "X", "Y", "X->M->Y")
    assert direct.quantity.query == direct_effect("X", "Y", "M").query
    assert indirect.quantity.query == indirect_effect("X", "Y", "M").query
    whole = path_effect(MEDIATED, "X", "Y", ["X -> Y", "X -> M -> Y"])
    model = random_discrete(MEDIATED, cc.rng("whole"))
    assert whole.evaluate(model) == pytest.approx(counterfactual(model, "E[Y_{X=1} - Y_{X=0}]").value)


def test_a_recanting_witness_is_named():
    effect = path_effect("X -> W -> M -> Y; W -> Y", "X", "Y", "X -> W -> Y")
    assert not effect and effect.recanting == {"W"}
    with pytest.raises(NotIdentifiable, match="W takes the paths and other paths"):
        effect.evaluate(random_discrete("X -> W -> M -> Y; W -> Y", cc.rng("w")))
    hidden = path_effect("X -> M -> Y; X -> Y; M <-> Y", "X", "Y", "X -> M -> Y")
    assert hidden.recanting == {"M", "Y"} and "share hidden causes" in str(hidden)
    bow = path_effect("X -> M -> Y; X -> Y; X <-> Y", "X", "Y", "X -> M -> Y")
    assert not bow and not bow.recanting and "hedge" in str(bow)


def test_other_values_than_0_and_1_may_be_set():
    model = random_discrete(MEDIATED, cc.rng("three"), states=3)
    effect = path_effect(MEDIATED, "X", "Y", "X -> M -> Y", high=2, low=1)
    assert effect.evaluate(model) == pytest.approx(effect.quantity.value(model).value)


LETTERS = "XABCDEFGHIJKLY"
DENSE = "; ".join(f"{a} -> {b}" for a, b in itertools.combinations(LETTERS, 2))
BAD_PATHS = {
    "no path": ("X -> M; Y -> M", "X -> Y", "No path of arrows"),
    "backwards": (MEDIATED, "Y -> X", "is no path of arrows from X to Y"),
    "not whole": (MEDIATED, "X -> M", "is no path of arrows from X to Y"),
    "none": (MEDIATED, [], "at least one path"),
    "tangled": (
        "X -> A -> W -> C -> Y; X -> B -> W -> D -> Y",
        ["X -> A -> W -> C -> Y", "X -> B -> W -> D -> Y"],
        "cannot be had without",
    ),
    "many": (DENSE, "X -> Y", "smaller graph"),
    "unknown": (MEDIATED.replace("X", "Q"), "X -> Y", "'X'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_PATHS)
def test_what_is_no_set_of_paths_is_refused_in_words(case):
    graph, along, says = BAD_PATHS[case]
    with pytest.raises(CourseError, match=says):
        path_effect(graph, "X", "Y", along)


@pytest.mark.parametrize("call", [lambda: necessity("X", "X"), lambda: ett(3, "Y"), lambda: direct_effect("X", "Y")])
def test_names_that_make_no_quantity_are_refused_in_words(call):
    with pytest.raises(CounterfactualError):
        call()


@pytest.mark.parametrize("value", [None, "a", "1", float("nan")])
def test_what_is_set_in_a_quantity_is_a_number(value):
    for make in (
        lambda: ett("X", "Y", treated=value),
        lambda: ett("X", "Y", control=value),
        lambda: direct_effect("X", "Y", "M", high=value),
        lambda: indirect_effect("X", "Y", "M", low=value),
        lambda: path_effect(MEDIATED, "X", "Y", "X -> M -> Y", high=value),
        lambda: path_effect(MEDIATED, "X", "Y", "X -> M -> Y", low=value),
    ):
        with pytest.raises(CounterfactualError, match="What 'X' is set to"):
            make()


@pytest.mark.parametrize(("name", "value"), [("high", 2), ("low", 5), ("low", 0.5)])
def test_a_value_that_never_occurs_has_no_effect_along_any_path(name, value):
    model = random_discrete(MEDIATED, cc.rng("never"))
    effect = path_effect(MEDIATED, "X", "Y", "X -> M -> Y", **{name: value})
    for source in (model, model.joint(), model.sample(100, cc.rng("never too"))):
        with pytest.raises(CourseError, match=f"'X' never has the value {value}"):
            effect.evaluate(source)


def test_text_may_stand_between_but_not_at_the_ends_of_a_path():
    rows = random_discrete(MEDIATED, cc.rng("text")).sample(500, cc.rng("text rows"))
    said = {v: rows.assign(**{v: rows[v].map({0: "no", 1: "yes"})}) for v in "XMY"}
    effect = path_effect(MEDIATED, "X", "Y", "X -> M -> Y")
    assert effect.evaluate(said["M"]) == pytest.approx(effect.evaluate(rows))
    with pytest.raises(CourseError, match="'X' never has the value"):
        effect.evaluate(said["X"])
    with pytest.raises(CounterfactualError, match="'Y' has no mean"):
        effect.evaluate(said["Y"])


def test_an_effect_does_not_depend_on_what_variables_are_called():
    rows = random_discrete(MEDIATED, cc.rng("called")).sample(500, cc.rng("called rows"))
    plain = path_effect(MEDIATED, "X", "Y", "X -> M -> Y").evaluate(rows)
    for names in (
        {"M": "p"},
        {"M": "factor"},
        {"Y": "factor", "X": "p"},
        {"X": "index", "M": "number", "Y": "level_0"},
    ):
        x, m, y = (names.get(v, v) for v in "XMY")
        effect = path_effect(f"{x} -> {m} -> {y}; {x} -> {y}", x, y, f"{x} -> {m} -> {y}")
        assert effect.evaluate(rows.rename(columns=names)) == pytest.approx(plain, abs=1e-12), names


@pytest.mark.filterwarnings("error")
def test_what_never_happens_needs_no_case_to_say_what_would_follow():
    never = SCM(  # without X there is no M, so nobody shows Y at X=0, M=1; the direct effect does not ask
        {"A": [0.5, 0.5], "B": [0.5, 0.5], "C": [0.3, 0.7]},
        {"X": lambda A: A, "M": lambda X, B: X * B, "Y": lambda X, M, C: np.where(C, X + 2 * M, 1 - M)},
    )
    effect = path_effect(MEDIATED, "X", "Y", "X -> Y")
    assert effect.evaluate(never.joint()) == pytest.approx(effect.quantity.value(never).value)


@pytest.mark.parametrize("along", [None, 5])
def test_paths_are_named_by_text(along):
    with pytest.raises(CounterfactualError, match="along= names paths"):
        path_effect(MEDIATED, "X", "Y", along)


def test_nodes_that_are_no_text_have_no_paths_to_name():
    with pytest.raises(CounterfactualError, match="the node 1 is none"):
        path_effect(CausalGraph((1, 2), ((1, 2),)), 1, 2, "1 -> 2")
