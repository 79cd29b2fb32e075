"""How long a fit with a hidden cause takes, and the memory it holds, beside the same model by hand in Pyro.

The front door with a latent of four values; 10,000 rows. By hand: Pyro's enumeration, AutoDelta and Adam until the fit
is within 1e-3 nats per row of ours, and not a step longer. The number is Pyro's time divided by ours: above 1
we are faster. Each way runs in a process of its own, for its peak memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np

from causalcourse import rng
from causalcourse.bridge import fit
from causalcourse.random_models import random_discrete

GRAPH, ROWS, STATES, RUNS = "X -> M -> Y; X <-> Y", 10_000, 4, 5
GOOD = 1e-3  # nats per row


def data():
    return random_discrete(GRAPH, rng("bench fit")).sample(ROWS, rng("bench fit data"))


def ours() -> dict:
    rows = data()
    fit(GRAPH, rows.head(100), latents=STATES)  # imports are not what is measured
    started = time.perf_counter()
    fitted = fit(GRAPH, rows, latents=STATES, starts=1)
    return {"seconds": time.perf_counter() - started, "nats": float(fitted.result.score.max())}


def by_hand() -> dict:
    """As a reader of Pyro's documentation would write it."""
    import pyro
    import pyro.distributions as dist
    import torch
    from pyro.infer import SVI, TraceEnum_ELBO
    from pyro.infer.autoguide import AutoDelta
    from pyro.ops.indexing import Vindex

    torch.set_num_threads(1)
    pyro.set_rng_seed(0)
    x, m, y = (torch.tensor(column) for column in data()[["X", "M", "Y"]].to_numpy().T)

    def program():
        u_table = pyro.sample("u_table", dist.Dirichlet(torch.ones(STATES)))
        x_table = pyro.sample("x_table", dist.Dirichlet(torch.ones(STATES, 2)).to_event(1))
        m_table = pyro.sample("m_table", dist.Dirichlet(torch.ones(2, 2)).to_event(1))
        y_table = pyro.sample("y_table", dist.Dirichlet(torch.ones(2, STATES, 2)).to_event(2))
        with pyro.plate("units", ROWS):
            u = pyro.sample("u", dist.Categorical(u_table), infer={"enumerate": "parallel"})
            pyro.sample("X", dist.Categorical(Vindex(x_table)[u, :]), obs=x)
            pyro.sample("M", dist.Categorical(Vindex(m_table)[x, :]), obs=m)
            pyro.sample("Y", dist.Categorical(Vindex(y_table)[m, u, :]), obs=y)

    target = ours()["nats"]
    tables = pyro.poutine.block(program, hide=["u"])
    climb = SVI(program, AutoDelta(tables), pyro.optim.Adam({"lr": 0.05}), TraceEnum_ELBO(max_plate_nesting=1))
    started = time.perf_counter()
    for _ in range(5_000):
        nats = -climb.step() / ROWS
        if nats > target - GOOD:
            break
    return {"seconds": time.perf_counter() - started, "nats": nats}


WAYS = {"this course": ours, "Pyro by hand": by_hand}


def measured(way: str) -> dict:
    """One run in a process of its own."""
    done = subprocess.run([sys.executable, __file__, way], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        found = WAYS[sys.argv[1]]()
        found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(json.dumps(found))
    else:
        runs = {way: [measured(way) for _ in range(RUNS)] for way in WAYS}
        for way, results in runs.items():
            median = {key: np.median([r[key] for r in results]) for key in results[0]}
            print(
                f"{way:13s} {median['seconds']:7.3f} s   {median['nats']:.5f} nats per row   {median['peak MB']:.0f} MB"
            )
        times = [np.median([r["seconds"] for r in runs[way]]) for way in ("Pyro by hand", "this course")]
        print(f"Pyro by hand takes {times[0] / times[1]:.1f} times as long (at least 1 / 1.2 is asked of us).")
