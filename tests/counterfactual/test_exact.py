"""Exact counterfactuals against brute force: every state of the noise solved in every world."""

import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

import causalcourse as cc
from causalcourse.counterfactual import Counterfactual, CounterfactualError, Event, Variable, counterfactual, parallel
from causalcourse.counterfactual.query import in_order
from causalcourse.counterfactual.worlds import _Maker
from causalcourse.errors import NoSuchUnit
from causalcourse.graph import CausalGraph
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete, random_graph, random_linear
from causalcourse.scm import SCM


def value(model, noise, variable):
    """A variable in its world, one value for each row of the noise: `do` with an array for what is nested."""
    action = {n: value(model, noise, s) if isinstance(s, Variable) else s for n, s in variable.action}
    return model.do(**action).solve(noise)[variable.name]


def brute_force(model, query):
    rows = model.worlds()
    noise = {u: rows[u].to_numpy() for u in model.noise}
    p = rows["p"].to_numpy()
    for event in query.given:
        p = p * (value(model, noise, event.variable) == event.value)
    if p.sum() == 0:
        return None
    said = np.ones(len(p))
    for event in query.of:
        said = said * (value(model, noise, event.variable) == event.value)
    if query.mean:
        said = sum(k * value(model, noise, v) for k, v in query.mean)
    return float(p @ said / p.sum())


def small_model(draw):
    """Three or four variables whose noise can be listed."""
    return random_discrete(random_graph(int(draw.integers(3, 5)), draw, density=0.6, bidirected=0.25), draw)


def random_variable(draw, names, deep=0):
    action = {}
    for name in draw.permutation(names)[: draw.integers(0, 3)]:
        nested = deep < 2 and draw.random() < 0.3
        other = random_variable(draw, names, deep + 1) if nested else None
        action[str(name)] = other if other is not None else int(draw.integers(2))
    return Variable(str(draw.choice(names)), in_order(action))


def random_query(draw, names):
    def events(most):
        count = draw.integers(1, most + 1)
        return tuple(dict.fromkeys(Event(random_variable(draw, names), int(draw.integers(2))) for _ in range(count)))

    given = events(3) if draw.random() < 0.8 else ()
    if draw.random() < 0.5:
        return Counterfactual(of=events(2), given=given)
    terms = [(float(draw.choice([-1, 1, 2])), random_variable(draw, names)) for _ in range(draw.integers(1, 3))]
    return Counterfactual(mean=tuple(terms), given=given)


@pytest.mark.parametrize("batch", range(10))
def test_fifty_random_queries_have_the_answer_of_brute_force(batch):
    draw = cc.rng(f"counterfactuals {batch}")
    deepest = 0
    for _ in range(50):
        model = small_model(draw)
        query = random_query(draw, list(model.equations))
        deepest = max(deepest, len(query.variables))
        truth = brute_force(model, query)
        if truth is None:
            with pytest.raises(NoSuchUnit):
                counterfactual(model, query)
        else:
            assert counterfactual(model, query).value == pytest.approx(truth, abs=1e-9), str(query)
        assert Counterfactual.parse(str(query)) == query
    assert deepest >= 4, "the questions should not all be easy"


def test_laws_of_counterfactuals_hold_in_every_model():
    draw = cc.rng("laws")
    for _ in range(20):
        graph = CausalGraph.parse("X -> M -> Y; X -> Y; X <-> Y; X <-> M")
        model = random_discrete(graph, draw)

        def p(text, model=model):
            return counterfactual(model, text).value

        assert p("P(Y_{X=1}=1 | X=1)") == pytest.approx(p("P(Y=1 | X=1)")), "consistency"
        assert p("E[Y_{X=1, M_{X=1}} - Y_{X=1}]") == pytest.approx(0), "composition"
        assert p("P(X_{X=1}=1)") == pytest.approx(1), "effectiveness"
        assert p("P(X_{Y=1}=1 | X=0)") == pytest.approx(0), "no effect backwards"
        told = p("P(Y_{X=1, M=1}=1 | M_{X=1}=1)")
        assert told == pytest.approx(p("P(Y_{X=1}=1 | M_{X=1}=1)")), "composition, given"


def test_the_same_units_in_two_worlds_and_in_three():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X, U: X ^ U})
    assert counterfactual(model, "P(Y_{X=0}=1 | X=1)").value == 1
    assert counterfactual(model, "P(Y_{X=0}=1, Y_{X=1}=1)").value == 0
    assert counterfactual(model, "P(Y_{X=0}=1, Y_{X=1}=0, Y=0 | X=1)").value == 1


def test_a_linear_model_of_normal_noise_is_answered_with_partial_evidence():
    model = random_linear("Z -> X -> M -> Y; Z -> Y; X <-> Y", cc.rng("line"))
    noise = model.draw_noise(400_000, cc.rng("line noise"))
    seen, acted = model.solve(noise), model.do(X=2.0).solve(noise)
    names = ["X", "Y"]  # E[Y_x | X, Y] is a straight line in X and Y: the line that least squares finds
    columns = np.column_stack([np.ones(400_000), *(seen[n] for n in names)])
    slopes = np.linalg.lstsq(columns, acted["Y"], rcond=None)[0]
    for x, y in ((1.0, 0.5), (-2.0, 3.0)):
        assert counterfactual(model, f"E[Y_{{X=2}} | X={x}, Y={y}]").value == pytest.approx(
            slopes @ [1, x, y], abs=0.03
        )


def test_with_everything_seen_a_linear_unit_has_one_answer():
    model = SCM(
        {"A": Normal(), "B": Normal(), "C": Normal()},
        {"X": lambda A: A, "M": lambda X, B: 0.8 * X + B, "Y": lambda X, M, C: M + 0.5 * X + C},
    )
    assert counterfactual(model, "E[Y_{X=0} | X=1, M=2, Y=3]").value == pytest.approx(3 - 1.3)
    with pytest.raises(CounterfactualError, match="continuous"):
        counterfactual(model, "P(Y_{X=0}=1 | X=1)")


def test_a_twin_network_shares_what_the_action_does_not_reach():
    model = random_discrete("Z -> X -> Y; Z -> Y; X <-> Y", cc.rng("twin"))
    twin = parallel(model, Counterfactual.parse("P(Y_{X=0}=1 | X=1, Y=1)").variables)
    assert set(twin.graph.nodes) == {"Z", "X", "Y", "X=0", "Y_{X=0}"}
    assert {("Z", "Y_{X=0}"), ("X=0", "Y_{X=0}"), ("Z", "X")} <= set(twin.graph.directed)
    assert {frozenset(e) for e in twin.graph.bidirected} == {
        frozenset(pair) for pair in (("X", "Y"), ("X", "Y_{X=0}"), ("Y", "Y_{X=0}"))
    }
    three = parallel(model, Counterfactual.parse("P(Y_{X=0}=1, Y_{X=1}=0)").variables, whole=True)
    assert set(three.graph.nodes) == {"Z", "X", "Y", "X=0", "Y_{X=0}", "X=1", "Y_{X=1}"}


def test_names_of_copies_never_meet_those_of_the_model():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X, "Y_1": lambda Y: 1 - Y, "X_1": lambda X: X})
    assert counterfactual(model, "P(Y_1_{X=1}=0, Y_1=1)").value == pytest.approx(0.5)


def test_a_model_that_was_acted_on_is_a_model_like_any():
    model = random_discrete("X -> M -> Y; X <-> Y", cc.rng("acted")).do(M=lambda M: 1 - M)
    truth = brute_force(model, query := Counterfactual.parse("P(Y_{X=0}=1 | X=1, Y=1)"))
    assert counterfactual(model, query).value == pytest.approx(truth)


def test_evidence_that_contradicts_itself_or_never_occurs_is_no_unit():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
    for text in ("P(Y=1 | X=1, X=0)", "P(Y=1 | X=1, Y_{X=1}=0)", "P(Y=1 | X=7)"):
        with pytest.raises(NoSuchUnit):
            counterfactual(model, text)


def test_long_chains_of_causes_are_no_burden():
    names = [f"V{k}" for k in range(300)]
    graph = CausalGraph.parse("; ".join(f"{a} -> {b}" for a, b in pairwise(names)))
    model = random_discrete(graph, cc.rng("chain"))
    assert 0 < counterfactual(model, "P(V9_{V5=0}=1 | V5=1, V9=1, V299=0)").value < 1


def calls(work):
    """How many functions are called while `work()` runs, Python's and C's: a measure of work that no clock disturbs."""
    events = Counter()
    sys.setprofile(lambda frame, event, argument: events.update([event]))
    try:
        work()
    finally:
        sys.setprofile(None)
    return events["call"] + events["c_call"]


def test_the_work_to_name_the_worlds_of_one_question_grows_in_line_with_them():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X, U: X * U})
    taken = []
    for count in (100, 400):
        maker, asked = _Maker(model), [Variable("Y", (("X", k),)) for k in range(count)]
        taken.append(calls(lambda maker=maker, asked=asked: [maker.place(variable) for variable in asked]))
        assert len(maker.equations) == 2 * count
    assert taken[1] < 6 * taken[0], "four times as many worlds; quadratic would be sixteen times the work"


CURVES = {
    "a kink": (
        {"U": Normal(50, 10)},
        {"Y": lambda U: np.maximum(0, U - 30)},
        "E[Y]",
        lambda: integrate.quad(lambda u: (u - 30) * stats.norm.pdf(u, 50, 10), 30, 130)[0],
    ),
    "ends": (
        {"U": Normal(), "V": Normal()},
        {"X": lambda U: U, "Y": lambda X, V: np.clip(X + V, -1, 1)},
        "E[X | Y=1]",
        lambda: stats.norm.pdf(1, 0, np.sqrt(2)) / stats.norm.sf(1, 0, np.sqrt(2)),
    ),
    "a bend on a high level": (
        {"U": Normal(), "V": Normal()},
        {"X": lambda U: U, "Y": lambda X, V: 50_000 + 0.1 * X**2 + V},
        "E[Y]",
        lambda: 50_000.1,
    ),
    "a bend on a higher one": ({"U": Normal()}, {"Y": lambda U: 1e6 + U**2}, "E[Y]", lambda: 1e6 + 1),
    "a small bend": (
        {"U": Normal()},
        {"X": lambda U: 1e-9 * U**2, "Y": lambda X: 1e9 * X},
        "E[Y]",
        lambda: 1.0,
    ),
    "an effect where few units are": (
        {"U": Normal(), "V": Normal()},
        {"X": lambda U: U, "Y": lambda X, V: X + V + 5 * (np.abs(X - 3) < 0.1)},
        "E[Y]",
        lambda: 5 * np.ptp(stats.norm.cdf([2.9, 3.1])),
    ),
    "a threshold": ({"U": Normal()}, {"Y": lambda U: U > 1}, "P(Y=1)", lambda: stats.norm.sf(1)),
    "nothing below 0": ({"U": Normal(4, 0.5)}, {"Y": lambda U: np.sqrt(U)}, "E[Y]", lambda: ROOT),
}
ROOT = integrate.quad(lambda u: np.sqrt(u) * stats.norm.pdf(u, 4, 0.5), 0.1, 8)[0]


@pytest.mark.parametrize("case", CURVES)
def test_what_is_no_line_is_not_answered_as_one(case):
    noise, equations, text, truth = CURVES[case]
    found = counterfactual(SCM(noise, equations), text, cc.rng(case))
    assert found.error > 0 and abs(found.value - truth()) < 5 * found.error


def test_a_line_that_ends_far_out_is_none_for_units_seen_there():
    model = SCM({"U": Normal(), "V": Normal()}, {"X": lambda U: U, "Y": lambda X, V: np.where(X > 15, 100, X) + V})
    assert counterfactual(model, "E[Y_{X=0} | X=1, Y=3]").value == pytest.approx(2)
    assert counterfactual(model, "E[Y_{X=0} | X=18, Y=101]", cc.rng("far")).value == pytest.approx(1)


def test_no_scale_of_measurement_counts_for_more_than_another():
    small = SCM(
        {"U": Normal(), "V": Normal()},
        {"X": lambda U: 1e-9 * U, "Y": lambda X, V: X * 1e9 + 0.1 * V, "W": lambda V: V},
    )
    assert counterfactual(small, "E[Y | X=1e-9, W=0]") == (pytest.approx(1), 0, np.inf)
    wide = SCM(
        {"U": Normal(), "V": Normal()},
        {"X": lambda U: 1e5 + 1e4 * U, "Z": lambda V: 1e-5 * V, "Y": lambda X, Z: X + 1e9 * Z},
    )
    assert counterfactual(wide, "E[Y | X=110000, Z=1e-5]").value == pytest.approx(120_000)
    for text in ("E[Y | X=110000, Z=1e-5, Y=7]", "E[Z | Y_{X=0}=10, Z=1.1e-8]"):
        with pytest.raises(NoSuchUnit):
            counterfactual(wide, text)


def test_noise_that_does_not_vary_leaves_no_doubt():
    model = SCM({"U": Normal(), "V": Normal(5, 0)}, {"C": lambda V: V, "Y": lambda U, C: U + C})
    assert counterfactual(model, "E[Y | C=5]").value == pytest.approx(5)
    with pytest.raises(NoSuchUnit):
        counterfactual(model, "E[Y | C=6]")


@pytest.mark.parametrize("asked", [["Y"], None, 3, [Variable("Q")], [Variable("Y", (("Q", 1),))]])
def test_worlds_are_made_of_variables_of_the_model(asked):
    with pytest.raises(CounterfactualError):
        parallel(small_model(cc.rng("asked")), asked)
