"""How long counterfactuals take: of 100,000 units, of one kind of unit, and where no more than bounds can be had.

1. What 100,000 units, of whom everything was seen, would have been with X = 0, table in, table out: `imagine`, beside
   dowhy.gcm (linear mechanisms with additive noise, fitted before) and ChiRho (residuals by hand, all worlds at once).
2. P(Y_{X=0}=1 | X=1, Y=1, ...) exactly, with some of twelve binary variables seen, on random graphs with hidden causes:
   ours beside pgmpy's variable elimination on the same twin network. At most 1 s is asked of us.
3. Sharp bounds on the instrument and the front door: ours, with a model at either end, beside the linear program of
   Balke & Pearl written out by hand. At most 0.1 s is asked of us.

Where a ratio is given it is the other's time divided by ours: above 1 we are faster. Medians of alternating runs;
answers are compared as well.
"""

from __future__ import annotations

import itertools
import logging
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from causalcourse import rng
from causalcourse.counterfactual import Counterfactual, bounds, counterfactual, imagine, parallel
from causalcourse.engines import to_pgmpy
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM

N, RUNS, GRAPHS, VARIABLES = 100_000, 15, 20, 12
WEIGHTS = {"Z": {}, "X": {"Z": 0.8}, "M": {"X": 1.5}, "Y": {"M": 0.7, "Z": -1.0}}  # Z confounds X and Y
EFFECT = "E[Y_{X=1} - Y_{X=0}]"


def chain() -> SCM:
    return SCM(
        {f"U_{v}": Normal() for v in WEIGHTS},
        {
            "Z": lambda U_Z: U_Z,
            "X": lambda Z, U_X: 0.8 * Z + U_X,
            "M": lambda X, U_M: 1.5 * X + U_M,
            "Y": lambda M, Z, U_Y: 0.7 * M - Z + U_Y,
        },
    )


def by_gcm(data: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    import networkx as nx
    from dowhy import gcm

    gcm.config.disable_progress_bars()
    arrows = [(a, v) for v, causes in WEIGHTS.items() for a in causes]
    model = gcm.InvertibleStructuralCausalModel(nx.DiGraph(arrows))
    for v, causes in WEIGHTS.items():
        linear = gcm.AdditiveNoiseModel(gcm.ml.create_linear_regressor())
        model.set_causal_mechanism(v, linear if causes else gcm.EmpiricalDistribution())
    gcm.fit(model, data)
    return lambda seen: gcm.counterfactual_samples(model, {"X": lambda x: 0.0}, observed_data=seen)


def by_chirho() -> Callable[[pd.DataFrame], pd.DataFrame]:
    import pyro
    import torch
    from chirho.counterfactual.handlers import MultiWorldCounterfactual
    from chirho.indexed.ops import IndexSet, gather
    from chirho.interventional.handlers import do

    torch.set_num_threads(1)

    def program(seen: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        values: dict[str, torch.Tensor] = {}
        with pyro.plate("units", N):
            for v, weights in WEIGHTS.items():
                residual = seen[v] - sum((w * seen[a] for a, w in weights.items()), torch.zeros(()))
                value = sum((w * values[a] for a, w in weights.items()), residual)
                values[v] = pyro.deterministic(v, value, event_dim=0)
        return values

    def run(table: pd.DataFrame) -> pd.DataFrame:
        seen = {v: torch.as_tensor(table[v].to_numpy()) for v in WEIGHTS}
        zero = torch.tensor(0.0, dtype=torch.float64)
        with MultiWorldCounterfactual(first_available_dim=-2), do(actions={"X": zero}):
            values = program(seen)
            acted = {v: gather(values[v], IndexSet(X={1})).reshape(-1).numpy() for v in WEIGHTS}
        return pd.DataFrame(acted, index=table.index)

    return run


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = call()
    return time.perf_counter() - begun, answer


def alternating(ways: dict[str, Callable[[], Any]]) -> dict[str, np.ndarray]:
    """The seconds of each way, all of them once before the next run; the first run is not counted."""
    runs = [{way: seconds(call)[0] for way, call in ways.items()} for _ in range(RUNS + 1)][1:]
    return {way: np.array([run[way] for run in runs]) for way in ways}


def many_units() -> None:
    model = chain()
    noise = model.draw_noise(N, rng("benchmark: units"))
    seen, truth = pd.DataFrame(model.solve(noise)), pd.DataFrame(model.do(X=0).solve(noise))
    gcm, chirho = by_gcm(seen), by_chirho()
    ways = {
        "causalcourse": lambda: imagine(model, seen, X=0),
        "dowhy.gcm": lambda: gcm(seen),
        "ChiRho": lambda: chirho(seen),
    }
    # gcm's weights are fitted: with 100,000 rows they are right to two digits
    for way, close in zip(ways, (1e-9, 0.05, 1e-9), strict=True):
        off = np.abs(ways[way]()[list(WEIGHTS)].to_numpy() - truth.to_numpy()).max()
        assert off < close, f"{way} is off by {off}"
    taken = alternating(ways)
    print(f"{N:,} units imagined: causalcourse {1000 * np.median(taken['causalcourse']):.1f} ms")
    for way in ("dowhy.gcm", "ChiRho"):
        print(f"  {way:10s} {np.median(taken[way] / taken['causalcourse']):6.2f}")


def kind_of_unit(number: int) -> tuple[SCM, Counterfactual]:
    """A random model of twelve binary variables, and a question with some of them seen."""
    draw = rng(f"benchmark: twelve {number}")
    model = random_discrete(random_graph(VARIABLES, draw), draw)
    *others, y = model.graph.order
    x = next((v for v in others[1:] if v in model.graph.ancestors(y)), others[1])
    seen = [f"{v}={draw.integers(2)}" for v in draw.choice([v for v in others if v != x], 3, replace=False)]
    return model, Counterfactual.parse(f"P({y}_{{{x}=0}}=1 | {x}=1, {y}=1, {', '.join(seen)})")


def by_pgmpy(model: SCM, query: Counterfactual) -> float:
    """Variable elimination on the twin network; where X does not reach Y, what was seen is the answer."""
    from pgmpy.inference import VariableElimination

    worlds = parallel(model, query.variables)
    evidence = {worlds.names[event.variable]: event.value for event in query.given}
    asked = worlds.names[query.of[0].variable]
    if asked in evidence:
        return float(evidence[asked] == 1)
    factor = VariableElimination(to_pgmpy(worlds.scm)).query([asked], evidence=evidence, show_progress=False)
    return factor.get_value(**{asked: 1})


def twelve_variables() -> None:
    by_pgmpy(*kind_of_unit(0))  # imports are not what is measured
    ours, pgmpy = [], []
    for number in range(GRAPHS):
        model, query = kind_of_unit(number)
        taken, found = seconds(lambda: counterfactual(model, query))  # noqa: B023  called at once
        other, told = seconds(lambda: by_pgmpy(model, query))  # noqa: B023
        assert np.isinf(found.effective) and abs(found.value - told) < 1e-9, f"{query}: {found}, pgmpy {told}"
        ours.append(taken)
        pgmpy.append(other)
    print(f"{GRAPHS} random models of {VARIABLES} binary variables, answered exactly with five of them seen")
    print(f"  causalcourse {np.median(ours):.3f} s, at most {max(ours):.3f} s (at most 1 s is asked of us)")
    print(f"  pgmpy        {np.median(pgmpy):.3f} s, at most {max(pgmpy):.3f} s on the twin network made for it")


def by_hand(p: pd.Series) -> tuple[float, float]:
    """The bounds on the effect of X on Y with the instrument Z: sixteen types of units. Source: Balke & Pearl 1997."""
    from scipy.optimize import linprog

    types = list(itertools.product(itertools.product((0, 1), repeat=2), repeat=2))  # X by Z, and Y by X
    rows = [[x[z] == a and y[a] == b for x, y in types] for z, a, b in itertools.product((0, 1), repeat=3)]
    said = (p / p.groupby("Z").transform("sum")).reindex(list(itertools.product((0, 1), repeat=3)), fill_value=0)
    gain = np.array([y[1] - y[0] for _, y in types])
    low, high = (linprog(sign * gain, A_eq=np.array(rows, float), b_eq=said.to_numpy()).fun for sign in (1, -1))
    return low, -high


def only_bounds() -> None:
    print("sharp bounds from a table (at most 0.1 s is asked of us)")
    for name, graph in (("instrument", "Z -> X -> Y; X <-> Y"), ("front door", "X -> M -> Y; X <-> Y")):
        table = random_discrete(graph, rng(f"benchmark: {name}")).joint()
        ways = {"ours": lambda: bounds(graph, EFFECT, table)}  # noqa: B023  called before the next graph
        if name == "instrument":
            found, (low, high) = ways["ours"](), by_hand(table)
            assert abs(found.low - low) < 1e-7 and abs(found.high - high) < 1e-7, (found, low, high)
            ways["by hand"] = lambda: by_hand(table)  # noqa: B023
        taken = alternating(ways)
        print(f"  {name}: causalcourse {statistics.median(taken['ours']):.3f} s")
        if "by hand" in taken:
            print(f"    linprog by hand {np.median(taken['by hand'] / taken['ours']):.2f}")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    many_units()
    twelve_variables()
    only_bounds()
