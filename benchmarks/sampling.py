"""How long a million units from a model of ten variables take, beside hand-written NumPy and the libraries.

Each makes a table of the ten variables from the same linear-Gaussian model, and from a binary one. The number is the
other's time divided by ours: above 1 we are faster. Medians of five runs, alternating; means are compared as well.
"""

from __future__ import annotations

import logging
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from causalcourse import rng
from causalcourse.noise import Normal
from causalcourse.scm import SCM

K, N, RUNS = 10, 1_000_000, 5
PARENTS = {i: range(max(0, i - 2), i) for i in range(K)}


def equations(term: str, join: str) -> dict[str, Callable]:
    """One for each variable, as a reader would write it: `lambda X0, X1, U2: 0.5 * X0 + 0.5 * X1 + U2`."""
    written = {}
    for i, parents in PARENTS.items():
        names = [f"X{j}" for j in parents]
        body = join.join([*(term + name for name in names), f"U{i}"])
        written[f"X{i}"] = eval(f"lambda {', '.join([*names, f'U{i}'])}: {body}")
    return written


def linear() -> SCM:
    return SCM({f"U{i}": Normal() for i in range(K)}, equations("0.5 * ", " + "))


def linear_by_hand(n: int) -> pd.DataFrame:
    draw, x = rng("by hand"), {}
    for i, parents in PARENTS.items():
        x[f"X{i}"] = draw.normal(0, 1, n)
        for j in parents:
            x[f"X{i}"] += 0.5 * x[f"X{j}"]
    return pd.DataFrame(x)


def linear_pyro() -> Callable[[int], pd.DataFrame]:
    import pyro
    import torch
    from pyro.distributions import Normal as PyroNormal
    from pyro.infer import Predictive

    torch.set_num_threads(1)

    def program(n: int) -> None:
        x = {}
        with pyro.plate("units", n):
            for i, parents in PARENTS.items():
                mean = sum((0.5 * x[j] for j in parents), torch.zeros(()))
                x[i] = pyro.sample(f"X{i}", PyroNormal(mean, 1.0))

    def sample(n: int) -> pd.DataFrame:
        drawn = Predictive(program, num_samples=1)(n)
        return pd.DataFrame({name: values[0].numpy() for name, values in drawn.items()})

    return sample


def linear_gcm() -> Callable[[int], pd.DataFrame]:
    import networkx as nx
    from dowhy import gcm
    from sklearn.linear_model import LinearRegression

    gcm.config.disable_progress_bars()
    model = gcm.StructuralCausalModel(nx.DiGraph([(f"X{j}", f"X{i}") for i, p in PARENTS.items() for j in p]))
    for i, parents in PARENTS.items():
        noise = gcm.ScipyDistribution(stats.norm)
        regressor = gcm.ml.SklearnRegressionModel(LinearRegression())
        model.set_causal_mechanism(f"X{i}", gcm.AdditiveNoiseModel(regressor, noise) if parents else noise)
    gcm.fit(model, linear_by_hand(100_000))
    return lambda n: gcm.draw_samples(model, n)


def linear_pgmpy() -> Callable[[int], pd.DataFrame]:
    from pgmpy.factors.continuous import LinearGaussianCPD
    from pgmpy.models import LinearGaussianBayesianNetwork

    model = LinearGaussianBayesianNetwork([(f"X{j}", f"X{i}") for i, p in PARENTS.items() for j in p])
    for i, p in PARENTS.items():
        model.add_cpds(LinearGaussianCPD(f"X{i}", [0.0, *([0.5] * len(p))], 1.0, [f"X{j}" for j in p]))
    return lambda n: model.simulate(n, seed=1)


def binary() -> SCM:
    return SCM({f"U{i}": [0.8, 0.2] for i in range(K)}, equations("", " ^ "))


def binary_by_hand(n: int) -> pd.DataFrame:
    draw, x = rng("by hand"), {}
    for i, parents in PARENTS.items():
        x[f"X{i}"] = (draw.random(n) < 0.2).astype(int)
        for j in parents:
            x[f"X{i}"] ^= x[f"X{j}"]
    return pd.DataFrame(x)


def binary_pgmpy() -> Callable[[int], pd.DataFrame]:
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    model = DiscreteBayesianNetwork([(f"X{j}", f"X{i}") for i, p in PARENTS.items() for j in p])
    for i, p in PARENTS.items():
        ones = [0.2 if bin(config).count("1") % 2 == 0 else 0.8 for config in range(2 ** len(p))]
        table = [[1 - q for q in ones], ones]
        model.add_cpds(TabularCPD(f"X{i}", 2, table, [f"X{j}" for j in p] or None, [2] * len(p) or None))
    return lambda n: model.simulate(n, seed=1, show_progress=False)


def seconds(sample: Callable[[int], pd.DataFrame]) -> tuple[float, np.ndarray]:
    begun = time.perf_counter()
    table = sample(N)
    taken = time.perf_counter() - begun
    names = [f"X{i}" for i in range(K)]
    return taken, np.array([*table[names].astype(float).mean(), *table[names].astype(float).std()])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for title, model, peers in (
        (
            "linear-Gaussian",
            linear(),
            {"NumPy": linear_by_hand, "dowhy.gcm": linear_gcm(), "Pyro": linear_pyro(), "pgmpy": linear_pgmpy()},
        ),
        ("binary", binary(), {"NumPy": binary_by_hand, "pgmpy": binary_pgmpy()}),
    ):
        everyone = {"causalcourse": lambda n, model=model: model.sample(n, rng("sampling")), **peers}
        for sample in everyone.values():
            sample(1_000)
        runs = [{name: seconds(sample) for name, sample in everyone.items()} for _ in range(RUNS)]
        ours = runs[0]["causalcourse"][1]
        assert all(np.allclose(moments, ours, atol=0.02, rtol=0.05) for _, moments in runs[0].values()), (
            "not the same model"
        )
        print(f"{title}, {N:,} units: causalcourse {statistics.median(r['causalcourse'][0] for r in runs):.2f} s")
        for name in peers:
            print(f"  {name:10s} {statistics.median(r[name][0] / r['causalcourse'][0] for r in runs):6.2f}")
