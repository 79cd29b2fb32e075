"""Does the estimate tend to the truth wherever do-calculus says yes, whatever the latents look like?

Six graphs, one telling model of each, ten data sets of each size; latents with 2, 4 and 8 values, and normal ones with
small networks. Beside them the referees: the estimand plugged in, what is seen, a regression on all that is seen.
"""

from __future__ import annotations

import itertools

import numpy as np

from causalcourse import rng
from causalcourse.bridge import fit
from causalcourse.bridge.answers import answers
from causalcourse.docalculus import identify
from causalcourse.expression import P
from causalcourse.graph import CausalGraph
from causalcourse.random_models import Table
from causalcourse.scm import SCM
from studies.record import run

GRAPHS = {
    "back door": "Z -> X -> Y; Z -> Y",
    "front door": "X -> M -> Y; X <-> Y",
    "napkin": "W -> Z -> X -> Y; W <-> X; W <-> Y",
    "two mediators": "X -> A -> B -> Y; X <-> Y; X <-> B",
    "pathway": "X -> A -> B -> C -> D -> Y; A -> D; X <-> B",
    "bow": "X -> Y; X <-> Y",
}
SIZES = (100, 1_000, 10_000, 100_000)
WAYS = {"2 values": {"latents": 2}, "4 values": {"latents": 4}, "8 values": {"latents": 8}}
WAYS["normal, network"] = {"latents": "normal", "mechanism": "neural", "starts": 2}
SEEDS = 10


def world(name: str, k: int) -> SCM:
    """The k-th random model of a graph, with chances far from even, so that hidden causes matter."""
    draw, graph = rng(f"study {name} {k}"), CausalGraph.parse(GRAPHS[name])
    noise, equations = {}, {}
    hidden = {pair: f"U_{pair[0]}_{pair[1]}" for pair in graph.bidirected}
    for u in hidden.values():
        noise[u] = [0.5, 0.5]
    for v in graph.nodes:
        noise[f"U_{v}"] = [0.05] * 20
        causes = (*graph.parents(v), *(u for pair, u in hidden.items() if v in pair))
        ones = 1 + (19 * draw.beta(0.4, 0.4, size=(2,) * len(causes))).astype(int)
        equations[v] = Table((*causes, f"U_{v}"), (ones[..., None] > np.arange(20)).astype(int))
    return SCM(noise, equations)


def effect(model: SCM, query: str) -> float:
    return float(np.diff(P(query).evaluate(model, Y=1))[0])


def telling(name: str) -> int:
    """Of a hundred models, the one in which the effect, and what seeing is off by, are both largest."""
    models = [world(name, k) for k in range(100)]
    acted, seen = ([effect(m, q) for m in models] for q in ("Y | do(X)", "Y | X"))
    return int(np.minimum(np.abs(acted), np.abs(np.subtract(seen, acted))).argmax())


def effects(name: str, n: int, seed: int, k: int) -> list[dict]:
    """One data set: the estimate of every way, beside the truth."""
    model = world(name, k)
    truth = effect(model, "Y | do(X)")
    data = model.sample(n, rng(f"study {name} {n} {seed}"))
    known = {"graph": name, "n": n, "seed": seed, "truth": truth}
    rows = []
    for way, how in WAYS.items():
        fitted = fit(GRAPHS[name], data, rng=rng(f"fit {seed}"), **how)
        best = fitted.model.pick(fitted.result.found, [fitted.best])
        value = np.diff(answers(fitted.model, best, P("Y | do(X)"), {"Y": 1}).to_numpy()[:, 0])[0]
        rows.append({**known, "way": way, "nats": fitted.result.score.max(), "estimate": value})
    licence = identify(GRAPHS[name], "Y | do(X)")
    if licence:
        plugged = licence.estimand.evaluate(data, Y=1).groupby("X").mean()
        rows.append({**known, "way": "estimand", "estimate": np.diff(plugged)[0]})
    rows.append({**known, "way": "what is seen", "estimate": np.diff(P("Y | X").evaluate(data, Y=1))[0]})
    others = [n for n in CausalGraph.parse(GRAPHS[name]).nodes if n != "Y"]
    columns = np.column_stack([np.ones(len(data)), data[others].to_numpy(float)])
    slope = np.linalg.lstsq(columns, data["Y"].to_numpy(float), rcond=None)[0][1 + others.index("X")]
    return [*rows, {**known, "way": "regression on all", "estimate": slope}]


if __name__ == "__main__":
    chosen = {name: telling(name) for name in GRAPHS}
    run("consistency", effects, [(*each, chosen[each[0]]) for each in itertools.product(GRAPHS, SIZES, range(SEEDS))])
