"""Programs with normal latents: both ways to integrate them out, against SciPy, simulation and Pyro."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

import causalcourse as cc
from causalcourse.bridge import fit, model
from causalcourse.bridge.answers import as_tables
from causalcourse.errors import CourseError
from causalcourse.expression import P
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete, random_linear
from causalcourse.scm import SCM

FRONT = "X -> M -> Y; X <-> Y"


def town(n, name="town"):
    noise = {"U": Normal(), "E_X": Normal(), "E_M": Normal(), "E_Y": Normal()}
    world = SCM(
        noise,
        {
            "X": lambda U, E_X: U + E_X,
            "M": lambda X, E_M: 0.8 * X + E_M,
            "Y": lambda M, U, E_Y: 1.2 * M + 1.5 * U + E_Y,
        },
    )
    return world.sample(n, cc.rng(name))


def test_straight_lines_in_closed_form_have_the_likelihood_of_a_normal_distribution():
    made = model(FRONT, town(300))
    weights = made.start(1, cc.rng("w"))
    w = weights[0]
    own = {v: float(made.noise(v, w)) for v in "XMY"}
    lx, ly = float(w["X hidden"][0]), float(w["Y hidden"][0])
    a, b = float(w["M direct"][1, 0]), float(w["Y direct"][1, 0])
    mean_x, mean_m = float(w["X direct"][0, 0]), float(w["M direct"][0, 0])
    to_m = np.array([[lx, own["X"], 0, 0], [a * lx, a * own["X"], own["M"], 0]])
    loads = np.vstack([to_m, b * to_m[1] + np.array([ly, 0, 0, own["Y"]])])
    mean = np.array([mean_x, mean_m + a * mean_x, float(w["Y direct"][0, 0]) + b * (mean_m + a * mean_x)])
    rows = np.column_stack([(made.plan.data[v] - made.scale[v][0]) / made.scale[v][1] for v in "XMY"])
    truth = stats.multivariate_normal(mean, loads @ loads.T).logpdf(rows).mean()
    assert made.score(weights, made.plan.rows[:, None])[0] == pytest.approx(truth, abs=1e-6)


def test_networks_and_lines_agree_where_the_networks_are_switched_off():
    data = town(200)
    lines, nets = model(FRONT, data), model(FRONT, data, latents="normal", mechanism="neural")
    weights = nets.start(1, cc.rng("w"))
    for name in weights[0]:
        if name.endswith(" out"):
            weights[0][name].zero_()
    rows = lines.plan.rows[:, None]
    assert nets.score(weights, rows) == pytest.approx(lines.score(weights, rows))


def test_the_grid_integrates_as_many_units_do():
    data = random_discrete(FRONT, cc.rng("grid")).sample(1_000, cc.rng("grid data"))
    made = model(FRONT, data, latents="normal", mechanism="neural")
    weights = made.start(1, cc.rng("grid start"))
    u = torch.as_tensor(cc.rng("u").normal(size=400_000))
    one = torch.ones((), dtype=torch.float64)
    chances = []
    for row in made.plan.data.to_dict("records"):
        values = {v: torch.tensor(float(k)) for v, k in row.items()} | {"U_X_Y": u}
        each = 1.0
        for v in "XMY":
            odds = torch.nn.functional.pad(made.mean(v, weights[0], values, one), (1, 0)).log_softmax(-1)
            each = each * odds[..., row[v]].exp()
        chances.append(float(each.mean()))
    truth = np.average(np.log(chances), weights=made.plan.rows)
    assert made.score(weights, made.plan.rows[:, None])[0] == pytest.approx(truth, abs=5e-3)


def test_normal_latents_as_tables_have_the_same_likelihood():
    data = random_discrete("W -> Z -> X -> Y; W <-> X; W <-> Y", cc.rng("n")).sample(500, cc.rng("n data"))
    made = model("W -> Z -> X -> Y; W <-> X; W <-> Y", data, latents="normal", mechanism="neural")
    weights = made.start(2, cc.rng("as tables"))
    rows = np.repeat(made.plan.rows[:, None], 2, axis=1)
    tables, found = as_tables(made, weights)
    assert tables.score(found, rows) == pytest.approx(made.score(weights, rows), abs=1e-9)


def test_linear_effects_tend_to_the_truth_and_latents_matter():
    fitted = fit(FRONT, town(20_000))
    found = fitted.effect("Y | do(X)").table.iloc[0]
    assert found["value"] == pytest.approx(0.96, abs=0.05)
    assert found["low"] < found["value"] < found["high"]
    data = town(20_000)
    seen = np.polyfit(data["X"], data["Y"], 1)[0]
    assert abs(seen - 0.96) > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_straight_lines_find_the_product_along_the_path(seed):
    world = random_linear("X -> M -> Y; X <-> Y", cc.rng(f"lin {seed}"))
    truth = world.equations["M"].weights["X"] * world.equations["Y"].weights["M"]
    fitted = fit("X -> M -> Y; X <-> Y", world.sample(20_000, cc.rng(f"lin data {seed}")), starts=2)
    assert fitted.effect("Y | do(X)").table["value"].iloc[0] == pytest.approx(truth, abs=0.12)


def test_cases_and_measurements_can_stand_in_one_drawing():
    data = town(2_000).assign(Y=lambda t: (t["Y"] > 0).astype(int))
    fitted = fit(FRONT, data, starts=1)
    said = fitted.query("Y | do(X)", X=[0.0, 1.0])
    assert said.table["value"].groupby(level="X").sum().to_numpy() == pytest.approx([1, 1])
    # Y is 1 when 0.96 x + 1.2 E_M + 1.5 U + E_Y > 0
    truth = stats.norm.cdf(0.96 / np.sqrt(1.2**2 + 1.5**2 + 1))
    assert said.table["value"].loc[(1.0, 1)] == pytest.approx(truth, abs=0.06)


def test_latents_two_by_two_are_too_few_where_three_columns_share_one_cause_and_the_fit_tells():
    draw = cc.rng("shared")
    u, e = draw.normal(size=20_000), draw.normal(size=(20_000, 4))
    data = pd.DataFrame({"X": u + 0.5 * e[:, 0]})
    data["M"] = 0.8 * data["X"] + e[:, 1]
    data["Y"], data["V"] = 1.2 * data["M"] + 1.5 * u + 0.5 * e[:, 2], u + 0.5 * e[:, 3]
    pairs = fit("X -> M -> Y; X <-> Y; X <-> V; Y <-> V", data)
    one = fit("X -> M -> Y; U -> X; U -> Y; U -> V", data, hidden="U")
    ends = [f.effect("Y | do(X)").table["value"].iloc[0] for f in (pairs, one)]
    assert ends[1] == pytest.approx(0.96, abs=0.07)
    assert ends[0] - 0.96 > 0.1
    assert one.result.score.max() > pairs.result.score.max() + 0.05


def test_where_columns_move_in_exact_step_the_interval_opens_and_says_so():
    data = town(300).assign(M=lambda t: 2 * t["X"])
    said = fit(FRONT, data, starts=2).effect("Y | do(X)")
    low, high = said.table[["low", "high"]].iloc[0]
    assert high - low > 1 and "positivity" in said.mind


@pytest.mark.slow
def test_nuts_agrees_with_the_peak_and_its_bootstrap():
    data = town(500)
    ours, nuts = (fit(FRONT, data, method=m).effect("Y | do(X)").table.iloc[0] for m in ("exact", "nuts"))
    assert nuts["value"] == pytest.approx(ours["value"], abs=0.05)
    assert nuts["high"] - nuts["low"] == pytest.approx(ours["high"] - ours["low"], rel=0.5)


def test_a_measured_treatment_needs_values_and_a_measured_outcome_takes_none():
    fitted = fit(FRONT, town(200), starts=1)
    with pytest.raises(CourseError, match="at which values to set it"):
        fitted.query("Y | do(X)")
    with pytest.raises(CourseError, match="its mean"):
        fitted.query("Y | do(X)", X=1.0, Y=2.0)
    with pytest.raises(CourseError, match="nothing given"):
        fitted.query("Y | do(X), M", X=1.0)


def test_a_column_that_never_varies_does_no_harm():
    data = pd.DataFrame({"X": cc.rng("c").normal(size=50), "Y": np.full(50, 2.5)})
    said = fit("X -> Y", data, starts=1).query("Y | do(X)", X=1.0)
    assert said.table["value"].iloc[0] == pytest.approx(2.5, abs=0.05)
    assert P("Y | do(X)") == said.query
