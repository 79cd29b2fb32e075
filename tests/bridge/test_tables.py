"""Programs of tables: the likelihood, EM and the exact answers, against enumeration by hand and against Pyro."""

import itertools

import numpy as np
import pandas as pd
import pytest

import causalcourse as cc
from causalcourse.bridge import fit, model
from causalcourse.docalculus import is_identifiable
from causalcourse.expression import P
from causalcourse.random_models import random_discrete, random_graph

NAPKIN = "W -> Z -> X -> Y; W <-> X; W <-> Y"
FRONT = "X -> M -> Y; X <-> Y"


def exact(graph, world):
    """The model of a graph, with the exact joint of a world as weights of rows, as if of a million units."""
    joint = world.joint()
    made = model(graph, joint.index.to_frame(index=False), latents=2)
    return made, joint.reindex(pd.MultiIndex.from_frame(made.plan.data)).to_numpy() * 1e6


def by_loops(made, tables, row):
    """P(row) of the first start, summed over every value of every hidden node."""
    total = 0.0
    hidden = made.plan.hidden
    for values in itertools.product(*(range(made.size(h)) for h in hidden)):
        at = {**row, **dict(zip(hidden, values, strict=True))}
        chance = 1.0
        for v in made.plan.graph.nodes:
            chance *= tables[v][(0, *(at[a] for a in made.plan.graph.parents(v)), at[v])]
        total += chance
    return total


@pytest.mark.parametrize(
    ("graph", "hidden"), [(NAPKIN, ()), ("U -> A; U -> B; U -> C; A -> B", ("U",)), ("X -> H -> Y; H <-> Y", ("H",))]
)
def test_the_likelihood_sums_over_every_hidden_value(graph, hidden):
    rng = cc.rng(graph)
    seen = [n for n in cc.graph.CausalGraph.parse(graph).nodes if n not in hidden]
    data = pd.DataFrame(rng.integers(0, 2, (50, len(seen))), columns=seen)
    made = model(graph, data, latents=3, hidden=hidden)
    tables = made.start(1, rng)
    rows = made.plan.rows[:, None]
    chances = [by_loops(made, tables, row) for row in made.plan.data.to_dict("records")]
    assert made.score(tables, rows)[0] == pytest.approx(np.average(np.log(chances), weights=made.plan.rows))


def test_em_never_loses_and_ends_where_no_start_is_much_better():
    data = random_discrete(NAPKIN, cc.rng("em")).sample(2_000, cc.rng("em data"))
    made = model(NAPKIN, data, latents=3)
    first = made.start(5, cc.rng("em start"))
    rows = np.repeat(made.plan.rows[:, None], 5, axis=1)
    done = made.fit(first, rows)
    assert (done.score > made.score(first, rows)).all()
    assert done.rested.all()
    assert np.ptp(done.score) < 1e-3


def test_every_start_of_every_component_is_told_once():
    made, rows = exact("X -> M -> Y; X <-> Y; W", random_discrete("X -> M -> Y; X <-> Y; W", cc.rng("ticks")))
    ticks = []
    made.fit(made.start(5, cc.rng("ticks")), np.repeat(rows[:, None], 5, axis=1), ticks.append)
    assert sum(ticks) == 5 * len(made.groups) and len(ticks) > len(made.groups)


def test_a_component_without_hidden_nodes_gets_the_shares():
    data = pd.DataFrame({"Z": [0, 0, 1, 1, 1], "X": [0, 1, 1, 1, 0]})
    fitted = fit("Z -> X", data, prior=1e-9)
    assert fitted.result.found["X"][fitted.best] == pytest.approx(np.array([[1 / 2, 1 / 2], [1 / 3, 2 / 3]]), abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_what_fits_the_exact_distribution_has_the_exact_effect_where_do_calculus_says_yes(seed):
    draw = cc.rng(f"theorem {seed}")
    while True:  # a random graph in which hidden causes matter and the effect is identifiable
        graph = random_graph(4, draw, density=0.5, bidirected=0.35)
        if len(graph.bidirected) not in (1, 2):
            continue
        x, y = graph.order[0], graph.order[-1]
        if x in graph.ancestors(y) and is_identifiable(graph, f"{y} | do({x})"):
            break
    world = random_discrete(graph, draw)
    made, rows = exact(graph, world)
    done = made.fit(made.start(12, draw), np.repeat(rows[:, None], 12, axis=1))
    best = rows / rows.sum() @ np.log(rows / rows.sum())
    assert done.score.max() == pytest.approx(best, abs=1e-5), "the family has this distribution in it"
    start = int(done.score.argmax())
    said = made.answer(done.found, [y], [x], [])[start, :, 1]
    assert said == pytest.approx(P(f"{y} | do({x})").evaluate(world, **{y: 1}).to_numpy(), abs=0.01)


def test_exact_answers_are_those_of_the_world_whose_tables_they_are():
    world = random_discrete("Z -> X -> Y; Z -> Y", cc.rng("given"))
    made, rows = exact("Z -> X -> Y; Z -> Y", world)
    done = made.fit(made.start(1, cc.rng("any")), rows[:, None])
    for text, parts in (
        ("Y | do(X)", ("Y", "X", "")),
        ("Y | do(X), Z", ("Y", "X", "Z")),
        ("Z, Y | do(X)", ("ZY", "X", "")),
    ):
        of, do, given = map(tuple, parts)
        said = made.answer(done.found, of, do, given)[0]
        truth = P(text).evaluate(world)
        order = [*do, *given, *of]
        truth = truth.reorder_levels(order).sort_index().to_numpy().reshape([2] * len(order))
        assert said == pytest.approx(truth, abs=1e-5)


def test_pyros_enumeration_finds_the_same_peak():
    data = random_discrete(FRONT, cc.rng("peak")).sample(500, cc.rng("peak data"))
    ours, pyros = fit(FRONT, data, latents=2), fit(FRONT, data, latents=2, method="svi")
    assert pyros.result.score.max() == pytest.approx(ours.result.score.max(), abs=1e-3)
    ends = [f.effect("Y | do(X)").table["value"].iloc[0] for f in (ours, pyros)]
    assert ends[0] == pytest.approx(ends[1], abs=0.01)


def test_a_name_is_only_a_name_and_values_may_be_text():
    data = pd.DataFrame({"Größe": ["klein", "groß"] * 50, "Y": [True, False, False, True] * 25})
    said = fit("Größe -> Y; Größe <-> Z; Z", data.assign(Z=1)).query("Y | do(Größe)", Größe="klein")
    assert said.table["value"].sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_where_causes_never_meet_the_interval_reaches_every_program_that_fits(seed):
    draw = cc.rng(f"never meet {seed}")
    n, kind = 5_000, draw.integers(2, size=5_000)
    # whoever is of kind 1 has X = 1, and whoever has X = 1 has M = 1; and without M kind 0 is never ill
    chances = {"X": np.array([draw.uniform(0.1, 0.6), 1.0]), "M": np.array([draw.uniform(0.2, 0.8), 1.0])}
    ill = draw.uniform(0.1, 0.9, (2, 2))
    ill[0, 0] = 0.0
    data = pd.DataFrame({"X": draw.random(n) < chances["X"][kind]}).astype(int)
    data["M"] = (draw.random(n) < chances["M"][data["X"]]).astype(int)
    data["Y"] = (draw.random(n) < ill[data["M"], kind]).astype(int)
    more = (chances["M"][1] - chances["M"][0]) * (ill[1] - ill[0]).mean()
    said = fit(FRONT, data).effect("Y | do(X)")
    low, high = said.table.iloc[0][["low", "high"]]
    assert low < more < high and "positivity" in said.mind


def test_variational_tables_do_not_stay_where_hidden_values_are_alike():
    world = random_discrete("X -> H -> Y", cc.rng("saddle"))
    data = world.sample(400, cc.rng("saddle data"))[["X", "Y"]].assign(Y=lambda d: d["X"])
    exactly, pyros = (fit("X -> H -> Y", data, hidden="H", method=m) for m in ("exact", "svi"))
    assert pyros.result.score.max() == pytest.approx(exactly.result.score.max(), abs=0.01)
