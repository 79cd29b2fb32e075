"""Two ways to the exact distribution of a finite model: rows along the causal order, and tables in any order."""

import numpy as np
import pytest
from scipy import stats

from causalcourse import rng
from causalcourse.counterfactual import Counterfactual, parallel
from causalcourse.counterfactual.exact import exact
from causalcourse.elimination import eliminated
from causalcourse.engines import ask
from causalcourse.errors import ModelError, NoSuchUnit
from causalcourse.listing import MOST_ROWS, _by_rows
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM, takes


def both(model, wanted, seen):
    relevant = model.graph.ancestors([*wanted, *seen])
    tables = [eliminated(model, wanted, relevant, seen), _by_rows(model, set(wanted), relevant, seen, MOST_ROWS)]
    return [dict(zip(zip(*(t[v] for v in wanted), strict=True), t["p"], strict=True)) for t in tables]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("states", [2, 3])
def test_both_ways_give_the_same_table(seed, states):
    draw = rng(f"both ways {seed} {states}")
    model = random_discrete(random_graph(5, draw, 0.6, 0.3), draw, states)
    order = model.graph.order
    for wanted, seen in (
        ([order[-1]], {}),
        ([order[3], order[1]], {order[4]: 1}),
        ([order[0]], {order[2]: 0, order[4]: 1}),
        ([order[2]], {order[2]: 1}),
        (list(order), {order[3]: 0}),
    ):
        factors, rows = both(model, wanted, seen)
        assert factors.keys() == rows.keys()
        assert list(factors.values()) == pytest.approx([rows[key] for key in factors], abs=1e-12)
        assert sum(factors.values()) == pytest.approx(1)


def test_values_that_are_no_states_and_variables_without_causes_are_tables_too():
    model = SCM(
        {"U": [0.2, 0.3, 0.5]},
        {"X": lambda U: U / 2 - 0.5, "C": lambda: 7, "Y": lambda X, C: X * C > 0, "Z": lambda X, Y: X + 10 * Y},
    )
    factors, rows = both(model, ["Z", "C"], {})
    assert factors == rows == {(-0.5, 7): 0.2, (0, 7): 0.3, (10.5, 7): 0.5}
    assert both(model, ["X"], {"Z": 10.5})[0] == {(0.5,): 1}


def test_constants_are_no_axes_of_a_table():
    """Sixteen variables that vary, and more that do not than an array has axes."""
    noise = {f"U{k}": [0.5, 0.5] for k in range(16)}
    copies = {f"X{k}": takes([f"U{k}"], lambda k=k, **values: values[f"U{k}"]) for k in range(16)}
    constants = {f"C{k}": lambda: 3 for k in range(60)}
    model = SCM(noise | {"One": [1.0]}, copies | constants | {"D": lambda One: One})
    table = model.joint()
    assert len(table) == 2**16 and table.to_numpy() == pytest.approx(2.0**-16)
    assert set(table.index.get_level_values("C7")) == {3} and set(table.index.get_level_values("D")) == {0}
    total = takes([*copies, *constants], lambda **values: sum(values[x] for x in copies) + values["C0"])
    found = eliminated(m := SCM(noise, copies | constants | {"S": total}), ["C5", "S"], m.graph.nodes, {"C2": 3})
    assert found["S"].tolist() == [*range(3, 20)] and found["C5"].tolist() == [3] * 17
    assert found["p"] == pytest.approx(stats.binom.pmf(np.arange(17), 16, 0.5))
    only = eliminated(m, ["C5", "C6"], m.graph.nodes, {})
    assert [v.tolist() for v in only.values()] == [[3], [3], [1]]
    with pytest.raises(NoSuchUnit):
        eliminated(m, ["S"], m.graph.nodes, {"C2": 4})


def test_an_equation_that_fails_where_no_unit_is_leaves_the_tables_aside():
    # X and Z are never alike; a table would ask what Y is where they are
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Z": lambda X: 1 - X, "Y": lambda X, Z: 1 / (X - Z)})
    assert eliminated(model, ["Y"], model.graph.nodes, {}) is None
    assert model.joint("Y").to_dict() == {-1: 0.5, 1: 0.5}


def test_what_never_goes_together_has_no_unit():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
    with pytest.raises(NoSuchUnit, match="X=0, Y=1"):
        eliminated(model, ["X"], ["X", "Y"], {"X": 0, "Y": 1})


@pytest.mark.parametrize("seed", [2, 20])
def test_twelve_variables_with_many_hidden_causes_are_no_burden(seed):
    """Along the causal order these twin networks need more than a million rows."""
    draw = rng(f"twelve {seed}")
    model = random_discrete(random_graph(12, draw), draw)
    order = model.graph.order
    seen = ", ".join(f"{v}={draw.integers(2)}" for v in (order[5], order[8]))
    text = f"P({order[-1]}_{{{order[2]}=0}}=1 | {order[2]}=1, {order[-1]}=1, {seen})"
    query = Counterfactual.parse(text)
    worlds = parallel(model, query.variables)
    evidence = {worlds.names[event.variable]: event.value for event in query.given}
    asked = worlds.names[query.of[0].variable]
    assert _by_rows(worlds.scm, {asked}, set(worlds.scm.equations), evidence, MOST_ROWS) is None
    value, error = ask("causalcourse", model, text, 200_000, rng(f"sampled {seed}"))
    assert abs(exact(model, query) - value) < 4 * error


def test_what_no_way_can_list_is_refused():
    model = SCM(
        {f"U{k}": np.full(40, 1 / 40) for k in range(5)}, {f"X{k}": eval(f"lambda U{k}: U{k}") for k in range(5)}
    )
    with pytest.raises(ModelError, match=r"more than 1,000,000 rows, too many to list one by one\. Use sample"):
        model.joint()
