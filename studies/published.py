"""The case studies of Mohammad-Taheri et al. 2022, from their equations: the paper's sizes, and larger ones."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from causalcourse import rng
from causalcourse.bridge import fit
from causalcourse.bridge.answers import answers
from causalcourse.expression import P
from causalcourse.graph import CausalGraph
from causalcourse.worlds import pathways
from studies.record import run

SIZES = (15, 30, 60, 100, 200, 300, 3_000)
SEEDS = 10
XS = [f"X{i}" for i in range(1, 6)]
ONE_LATENT = CausalGraph.parse("; ".join(f"U -> X{i}; X{i} -> M" for i in range(1, 6)) + "; U -> Y; M -> Y")
ONE_FACTOR = CausalGraph.parse("SOS -> Ras -> PI3K -> AKT -> Raf -> Mek -> Erk; Ras -> Raf; SOS <-> PI3K")
LOG_ODDS = ("SARS_COV2", "AGTR1", "ADAM17", "Sil6r", "EGF", "TNF", "EGFR", "PRR", "NFKB", "IL6STAT3", "IL6AMP")


def estimate(graph: CausalGraph, data: pd.DataFrame, query: str, values: dict, **how: Any) -> tuple[float, float]:
    """The answer of the best fit, and the seconds of fitting and asking."""
    started = time.perf_counter()
    fitted = fit(graph, data, starts=2, rng=rng("published"), **how)
    best = fitted.model.pick(fitted.result.found, [fitted.best])
    value = answers(fitted.model, best, P(query), values, many=5).to_numpy()[-1, 0]
    return float(value), time.perf_counter() - started


def many_causes(n: int, seed: int) -> list[dict]:
    data = pathways.many_causes().sample(n, rng(f"many causes {n} {seed}"))
    rows = []
    for way, graph, hidden, latents in (
        ("three latents", pathways.MANY_CAUSES, ("U1", "U2", "U3"), 2),
        ("one latent", ONE_LATENT, ("U",), 4),
    ):
        for k in (0, 1):
            query = "Y | do(X1, X2, X3, X4, X5)"
            value, took = estimate(graph, data, query, {**dict.fromkeys(XS, k), "Y": 1}, hidden=hidden, latents=latents)
            rows.append({"query": f"Y | do(X={k})", "way": way, "estimate": value, "seconds": took})
    for k in (0, 1):
        rows.append(
            {
                "query": f"Y | do(X={k})",
                "way": "what is seen",
                "estimate": data.loc[(data[XS] == k).all(axis=1), "Y"].mean(),
            }
        )
    return rows


def igf(n: int, seed: int) -> list[dict]:
    data = pathways.igf(n, rng(f"igf {n} {seed}")).drop(columns=["EGF", "IGF"]).astype(float)
    rows = []
    for way, graph, hidden in (("two latents", pathways.IGF, ("EGF", "IGF")), ("one latent", ONE_FACTOR, ())):
        for outcome in ("Raf", "Mek", "Erk"):
            value, took = estimate(graph, data, f"{outcome} | do(SOS)", {"SOS": 70.0}, hidden=hidden, latents="normal")
            rows.append({"query": f"{outcome} | do(SOS=70)", "way": way, "estimate": value, "seconds": took})
    return rows


def sars(n: int, seed: int) -> list[dict]:
    data = pathways.sars().sample(n, rng(f"sars {n} {seed}"))
    odds = data.assign(**{c: np.log(data[c] / (100 - data[c])) for c in LOG_ODDS})
    rows = []
    for way, columns, twenty in (("straight lines", data, 20.0), ("log odds", odds, np.log(0.2 / 0.8))):
        for cause in ("EGFR", "Sil6r"):
            value, took = estimate(
                pathways.SARS, columns, f"cytok | do({cause})", {cause: twenty, "cytok": 1}, latents="normal"
            )
            rows.append({"query": f"cytok | do({cause}=20)", "way": way, "estimate": value, "seconds": took})
    return rows


def napkin(n: int, seed: int) -> list[dict]:
    data = pathways.napkin().sample(n, rng(f"napkin {n} {seed}"))
    if data["X"].nunique() < 2:
        return []
    data["W"] = stats.norm.ppf((stats.rankdata(data["W"]) - 0.5) / n)  # its tail is far too long for a normal curve
    rows = []
    for k in (0, 1):
        value, took = estimate(pathways.NAPKIN, data, "Y | do(X)", {"X": k}, latents="normal")
        rows.append({"query": f"Y | do(X={k})", "way": "two latents", "estimate": value, "seconds": took})
        rows.append(
            {"query": f"Y | do(X={k})", "way": "what is seen", "estimate": data.loc[data["X"] == k, "Y"].mean()}
        )
    return rows


CASES = {"many causes": many_causes, "IGF": igf, "SARS-CoV-2": sars, "napkin": napkin}


def truths(case: str) -> list[dict]:
    """What acting does, from many units of the model itself."""
    many = 1_000_000
    if case == "many causes":
        model = pathways.many_causes()
        found = {f"Y | do(X={k})": model.do(**dict.fromkeys(XS, k)).sample(many, rng("truth")).Y.mean() for k in (0, 1)}
    elif case == "IGF":
        cells = pathways.igf(20_000, rng("truth"), SOS=70)
        found = {f"{v} | do(SOS=70)": cells[v].mean() for v in ("Raf", "Mek", "Erk")}
    elif case == "SARS-CoV-2":
        model = pathways.sars()
        found = {
            f"cytok | do({v}=20)": model.do(**{v: 20}).sample(many, rng("truth")).cytok.mean()
            for v in ("EGFR", "Sil6r")
        }
    else:
        model = pathways.napkin()
        found = {f"Y | do(X={k})": model.do(X=k).sample(many, rng("truth")).Y.mean() for k in (0, 1)}
    return [{"case": case, "n": 0, "seed": 0, "query": q, "way": "truth", "estimate": v} for q, v in found.items()]


def one(case: str, n: int, seed: int) -> list[dict]:
    if not n:
        return truths(case)
    return [{"case": case, "n": n, "seed": seed, **row} for row in CASES[case](n, seed)]


if __name__ == "__main__":
    run("published", one, [(c, n, s) for c in CASES for n in (0, *SIZES) for s in range(SEEDS if n else 1)], digits=4)
