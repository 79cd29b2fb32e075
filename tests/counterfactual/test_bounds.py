"""Sharp bounds: against published formulas, against the models that reach them, and against truths."""

import numpy as np
import pandas as pd
import pytest

import causalcourse as cc
from causalcourse.counterfactual import bounds, counterfactual
from causalcourse.docalculus import is_identifiable
from causalcourse.errors import CannotAnswer, CourseError, DataError, NoSuchUnit
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM

IV, BOW = "Z -> X -> Y; X <-> Y", "X -> Y; X <-> Y"
EFFECT = "E[Y_{X=1} - Y_{X=0}]"


def balke_pearl_low(p):
    """The lower end of the effect, from P(z, x, y). Source: Balke & Pearl 1997, eq. 8."""
    q = {(y, x, z): p[z, x, y] / p[z].sum() for z in (0, 1) for x in (0, 1) for y in (0, 1)}
    return max(
        q[1, 1, 1] + q[0, 0, 0] - 1,
        q[1, 1, 0] + q[0, 0, 1] - 1,
        q[1, 1, 0] - q[1, 1, 1] - q[1, 0, 1] - q[0, 1, 0] - q[1, 0, 0],
        q[1, 1, 1] - q[1, 1, 0] - q[1, 0, 0] - q[0, 1, 1] - q[1, 0, 1],
        -q[0, 1, 1] - q[1, 0, 1],
        -q[0, 1, 0] - q[1, 0, 0],
        q[0, 0, 1] - q[0, 1, 1] - q[1, 0, 1] - q[0, 1, 0] - q[0, 0, 0],
        q[0, 0, 0] - q[0, 1, 0] - q[1, 0, 0] - q[0, 1, 1] - q[0, 0, 1],
    )


@pytest.mark.parametrize("seed", range(15))
def test_the_bounds_of_an_instrument_are_balkes_and_pearls(seed):
    model = random_discrete(IV, cc.rng(f"iv {seed}"))
    p = model.joint(["Z", "X", "Y"]).to_numpy().reshape(2, 2, 2)
    found = bounds(IV, EFFECT, model)
    # with the outcome turned round, the upper end is the lower one
    ends = balke_pearl_low(p), -balke_pearl_low(p[:, :, ::-1])
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_necessity_and_sufficiency_have_the_bounds_of_tian_and_pearl(seed):
    model = random_discrete(BOW, cc.rng(f"pn {seed}"))
    p = model.joint(["X", "Y"]).to_numpy().reshape(2, 2)
    one, zero = (model.do(X=x).joint("Y")[1] for x in (1, 0))
    y = p[:, 1].sum()
    both = [({"X": x}, model) for x in (0, 1)]
    # Tian & Pearl 2000, theorem 3 and eqs. 25 to 27: with an experiment and observation
    known = {
        "P(Y_{X=0}=0, Y_{X=1}=1)": (
            max(0, one - zero, y - zero, one - y),
            min(one, 1 - zero, p[1, 1] + p[0, 0], one - zero + p[1, 0] + p[0, 1]),
        ),
        "P(Y_{X=0}=0 | X=1, Y=1)": (max(0, (y - zero) / p[1, 1]), min(1, (1 - zero - p[0, 0]) / p[1, 1])),
        "P(Y_{X=1}=1 | X=0, Y=0)": (max(0, (one - y) / p[0, 0]), min(1, (one - p[1, 1]) / p[0, 0])),
    }
    for text, ends in known.items():
        found = bounds(BOW, text, model, both)
        assert (found.low, found.high) == pytest.approx(ends, abs=1e-8), text
    alone = bounds(BOW, "P(Y_{X=0}=0, Y_{X=1}=1)", model)
    assert (alone.low, alone.high) == pytest.approx((0, p[1, 1] + p[0, 0]), abs=1e-8)


@pytest.mark.parametrize("batch", range(4))
def test_the_truth_lies_between_two_models_that_have_the_same_tables(batch):
    answered = sum(truth_is_between(cc.rng(f"between {batch} {seed}")) for seed in range(12))
    assert answered >= 25, "of 36 questions most should be small enough"


def truth_is_between(draw):
    """How many of three questions about a random model had bounds; both ends are reached by a model with its tables."""
    graph = random_graph(int(draw.integers(2, 5)), draw, density=0.5, bidirected=0.4)
    model = random_discrete(graph, draw)
    names = list(graph.order)
    x, y = names[0], names[-1]
    answered = 0
    for text in (
        f"E[{y}_{{{x}=1}} - {y}_{{{x}=0}}]",
        f"P({y}_{{{x}=0}}=0 | {x}=1, {y}=1)",
        f"P({y}_{{{x}=0}}=0, {y}_{{{x}=1}}=1)",
    ):
        truth = counterfactual(model, text).value
        try:
            found = bounds(graph, text, model)
        except CannotAnswer:
            continue
        answered += 1
        assert found.low - 1e-8 <= truth <= found.high + 1e-8, text
        some = [v for v in names if v in found.lowest.equations]
        for end, reached in ((found.low, found.lowest), (found.high, found.highest)):
            assert counterfactual(reached, text).value == pytest.approx(end, abs=1e-7)
            table, own = reached.joint(some), model.joint(some)
            assert np.abs(table.reindex(own.index, fill_value=0) - own).max() < 1e-8
        if text.startswith("E") and is_identifiable(graph.subgraph(some), f"{y} | do({x})"):
            assert found.high - found.low < 1e-7
    return answered


def test_an_experiment_narrows_what_observation_allows():
    model = random_discrete(BOW, cc.rng("narrow"))
    alone = bounds(BOW, "P(Y_{X=0}=0 | X=1, Y=1)", model)
    one = bounds(BOW, "P(Y_{X=0}=0 | X=1, Y=1)", model, [({"X": 0}, model)])
    assert (alone.low, alone.high) == pytest.approx((0, 1))
    assert one.high - one.low < 0.9
    never = bounds(BOW, "E[Y_{X=1} - Y_{X=0}]", None, [({"X": x}, model) for x in (0, 1)])
    assert never.low == pytest.approx(never.high)


def test_tables_may_be_rows_of_data_or_a_series_in_any_order():
    model = random_discrete(IV, cc.rng("rows"))
    data = model.sample(50_000, cc.rng("rows data"))
    exactly, counted = bounds(IV, EFFECT, model), bounds(IV, EFFECT, data)
    assert (counted.low, counted.high) == pytest.approx((exactly.low, exactly.high), abs=0.03)
    turned = model.joint(["Y", "X", "Z"])
    again = bounds(IV, EFFECT, turned)
    assert (again.low, again.high) == pytest.approx((exactly.low, exactly.high))


def test_more_than_two_values_are_no_other_matter():
    model = random_discrete("X -> Y; X <-> Y", cc.rng("three"), states=3)
    p = model.joint(["X", "Y"]).to_numpy().reshape(3, 3)
    found = bounds(BOW, "P(Y_{X=2}=1)", model)
    assert (found.low, found.high) == pytest.approx((p[2, 1], p[2, 1] + 1 - p[2].sum()))


def test_tables_of_no_such_model_are_noticed():
    wild = SCM(  # Z acts on Y by itself as well: the instrument's inequalities fail
        {"U": [0.5, 0.5]}, {"Z": lambda U: U, "X": lambda Z: 0 * Z, "Y": lambda Z: Z}
    )
    with pytest.raises(DataError, match="No model with this graph"):
        bounds(IV, EFFECT, wild)


def test_tables_that_contradict_each_other_are_noticed():
    one, other = random_discrete(BOW, cc.rng("one")), random_discrete(BOW, cc.rng("other"))
    with pytest.raises(DataError, match="No model with this graph"):
        bounds(BOW, EFFECT, None, [({"X": 1}, one), ({"X": 1}, other)])


def test_evidence_that_the_tables_rule_out_is_no_unit():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
    with pytest.raises(NoSuchUnit):
        bounds(BOW, "P(Y_{X=0}=1 | X=1, Y=0)", model)


MODEL = random_discrete(BOW, cc.rng("refused"))
REFUSED = {
    "a name": (lambda: bounds(BOW, "P(Q_{X=0}=1)", MODEL), "names 'Q'"),
    "no table": (lambda: bounds(BOW, EFFECT, 3), "A table is"),
    "a missing column": (lambda: bounds(BOW, EFFECT, MODEL.sample(9, cc.rng("s"))[["X"]]), "says nothing of 'Y'"),
    "no probabilities": (lambda: bounds(BOW, EFFECT, MODEL.joint(["X", "Y"]) * 2), "sum to 1"),
    "measurements": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [0.5, 1], "Y": [0, 1]})), "values 0, 1"),
    "an experiment without action": (lambda: bounds(BOW, EFFECT, MODEL, [MODEL]), "an action and a table"),
    "too many ways": (
        lambda: bounds("; ".join(f"A{k} -> Y" for k in range(6)), "P(Y_{A0=1}=1)", None),
        "ways",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_bounds_is_refused_in_words(case):
    call, says = REFUSED[case]
    with pytest.raises(CourseError, match=says):
        call()


APART = ("W -> Z -> X -> Y; W <-> X; W <-> Y", "Z -> X -> Y; X <-> Z; Z <-> Y", "A -> B -> C; A <-> B; B <-> C")


@pytest.mark.parametrize("graph", APART)
def test_variables_without_an_arc_in_one_component_are_not_taken_for_confounded(graph):
    """Response types of a whole component cannot say that two of its variables share nothing; do-calculus can."""
    last, cause = ("Y", "X") if "Y" in graph else ("C", "B")
    for seed in range(8):
        model = random_discrete(graph, cc.rng(f"apart {seed}"))
        query = f"E[{last}_{{{cause}=1}} - {last}_{{{cause}=0}}]"
        truth, found = counterfactual(model, query).value, bounds(graph, query, model)
        assert found.low - 1e-7 <= truth <= found.high + 1e-7
        fixed = is_identifiable(graph, f"{last} | do({cause})")
        assert (found.high - found.low < 1e-7) == fixed
        assert found.sharp == fixed, "where they are not known to be sharp, they say so"
        assert fixed or "perhaps not sharp" in str(found)


@pytest.mark.parametrize("batch", range(3))
def test_whatever_is_identifiable_has_one_value(batch):
    draw = cc.rng(f"one value {batch}")
    pinned = 0
    while pinned < 6:
        graph = random_graph(4, draw, density=0.4, bidirected=0.45)
        x, y = graph.order[0], graph.order[-1]
        if not is_identifiable(graph, f"{y} | do({x})") or y not in graph.descendants([x]):
            continue
        model = random_discrete(graph, draw)
        try:
            found = bounds(graph, f"P({y}_{{{x}=1}}=1)", model)
        except CannotAnswer:
            continue
        pinned += 1
        assert found.high - found.low < 1e-6, str(graph)


TABLE = pd.Series({(0, 0): 0.3, (0, 1): 0.2, (1, 0): 0.1, (1, 1): 0.4}).rename_axis(["X", "Y"])
ARM = pd.Series({0: 0.7, 1: 0.3}).rename_axis("Y")


def test_a_trials_table_may_hold_both_arms_and_each_experiment_takes_its_own():
    trial = pd.DataFrame({"X": [0] * 10 + [1] * 10, "Y": [0] * 10 + [1] * 10})
    found = bounds("X -> Y", EFFECT, experiments=[({"X": 1}, trial), ({"X": 0}, trial)])
    assert (found.low, found.high) == pytest.approx((1, 1))
    with pytest.raises(DataError, match="no row with X=1"):
        bounds(BOW, EFFECT, experiments=[({"X": 1}, trial[trial["X"] == 0])])


def test_an_experiment_on_what_the_question_does_not_depend_on_says_what_was_seen():
    whole = random_discrete("X -> Y -> W; X <-> Y", cc.rng("below"))
    one, other = (bounds(whole.graph, "P(Y_{X=1}=1)", *given) for given in ((whole,), (None, [({"W": 1}, whole)])))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_what_is_set_has_the_value_it_is_set_to():
    for text in ("P(X_{X=1}=1)", "E[X_{X=1}]"):
        found = bounds(BOW, text, TABLE)
        assert found.low == found.high == 1


def test_kinds_of_whole_numbers_make_no_difference():
    rows = pd.DataFrame({"X": [0, 0, 1, 1, 1], "Y": [0, 1, 1, 0, 1]})
    plain = bounds(BOW, EFFECT, rows)
    for kind in ("float", "bool", "Int64", "category", "uint8"):
        found = bounds(BOW, EFFECT, rows.astype(kind))
        assert (found.low, found.high) == pytest.approx((plain.low, plain.high)), kind


def test_where_no_table_speaks_of_a_variable_it_has_the_values_that_are_asked_for():
    found = bounds("V", "P(V=2)")
    assert (found.low, found.high) == pytest.approx((0, 1))


def test_rare_evidence_is_weighed_exactly_or_refused():
    for p, sure in ((1e-4, True), (1e-5, True), (1e-7, False)):
        rare = pd.Series({(1, 1): 0.6 * p, (1, 0): 0.4 * p, (0, 1): 0.3 * (1 - p), (0, 0): 0.7 * (1 - p)})
        asked = (BOW, "P(Y_{X=0}=0 | X=1, Y=1)", rare.rename_axis(["X", "Y"]), [({"X": 0}, ARM)])
        if sure:  # Tian & Pearl 2000: (P(y) - P(y_0)) / P(x, y) = 1/2
            assert bounds(*asked).low == pytest.approx(0.5, abs=1e-3)
        else:
            with pytest.raises(CannotAnswer, match="too small"):
                bounds(*asked)


WIDE = random_discrete("V1->V2; V1->V3; V2->V3; V2->V4; V3->V4; V3->V5; V4->V5", cc.rng("wide"))
MISTAKEN = {
    "a value that is none": (lambda: bounds(BOW, "P(Y_{X=-1}=1)", TABLE), "sets X to -1"),
    "a value beyond": (lambda: bounds(BOW, "P(Y_{X=2}=1)", TABLE), "0 to 1"),
    "an action below": (lambda: bounds(BOW, EFFECT, TABLE, [({"X": -1}, ARM)]), "got -1"),
    "an action between": (lambda: bounds(BOW, EFFECT, TABLE, [({"X": 1.7}, ARM)]), "got 1.7"),
    "an action in words": (lambda: bounds(BOW, EFFECT, TABLE, [({"X": "1"}, ARM)]), "got '1'"),
    "missing values": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [0, 1], "Y": [0, np.nan]})), "missing"),
    "missing shares": (lambda: bounds(BOW, EFFECT, TABLE.where(TABLE < 0.35)), "none missing"),
    "numbered from 1": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [1, 2, 1], "Y": [0, 1, 1]})), "from 0"),
    "a huge value": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [0, 1e20], "Y": [0, 1]})), "0, 1, ..., k-1"),
    "a huge table": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [0, 9999], "Y": [0, 9999]})), "too large"),
    "a doubled column": (lambda: bounds(BOW, EFFECT, pd.DataFrame([[0, 1, 1]], columns=["X", "Y", "Y"])), "2 columns"),
    "no rows": (lambda: bounds(BOW, EFFECT, pd.DataFrame({"X": [], "Y": []})), "at least one"),
    "no list": (lambda: bounds(BOW, EFFECT, TABLE, None), "needs a list"),
    "no tolerance": (lambda: bounds(BOW, EFFECT, TABLE, tolerance=float("nan")), "from 0 to 1"),
    "too many corners": (lambda: bounds(WIDE.graph, "P(V5_{V1=0}=0, V5_{V1=1}=1)", WIDE), "corners|programs"),
}


@pytest.mark.parametrize("case", MISTAKEN)
def test_tables_and_actions_that_make_no_sense_are_refused_in_words(case):
    call, says = MISTAKEN[case]
    with pytest.raises(CourseError, match=says):
        call()


def test_a_table_of_a_model_never_counts_from_its_end():
    with pytest.raises(CourseError, match="X = 0 to 1"):
        counterfactual(MODEL, "P(Y_{X=-1}=1)")
