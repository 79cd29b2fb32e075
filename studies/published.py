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

Rows = list[dict[str, Any]]
SIZES = (15, 30, 60, 100, 200, 300, 3_000)
SEEDS = 10
XS = [f"X{i}" for i in range(1, 6)]
ONE_LATENT = CausalGraph.parse("; ".join(f"U -> X{i}; X{i} -> M" for i in range(1, 6)) + "; U -> Y; M -> Y")
ONE_FACTOR = CausalGraph.parse("SOS -> Ras -> PI3K -> AKT -> Raf -> Mek -> Erk; Ras -> Raf; SOS <-> PI3K")
LOG_ODDS = ("SARS_COV2", "AGTR1", "ADAM17", "Sil6r", "EGF", "TNF", "EGFR", "PRR", "NFKB", "IL6STAT3", "IL6AMP")


def estimates(way: str, graph: CausalGraph, data: pd.DataFrame, asked: dict[str, tuple[str, dict]], **how: Any) -> Rows:
    """The answers of the best of two fits to questions by name, and the seconds that fitting and asking took."""
    started = time.perf_counter()
    fitted = fit(graph, data, starts=2, rng=rng("published"), **how)
    best = fitted.model.pick(fitted.result.found, [fitted.best])
    found = {
        name: float(answers(fitted.model, best, P(query), values, many=5).to_numpy()[-1, 0])
        for name, (query, values) in asked.items()
    }
    took = time.perf_counter() - started
    return [{"query": name, "way": way, "estimate": value, "seconds": took} for name, value in found.items()]


def many_causes(n: int, seed: int) -> Rows:
    data = pathways.many_causes().sample(n, rng(f"many causes {n} {seed}"))
    query = "Y | do(X1, X2, X3, X4, X5)"
    asked = {f"Y | do(X={k})": (query, {**dict.fromkeys(XS, k), "Y": 1}) for k in (0, 1)}
    rows = estimates(
        "three latents", pathways.MANY_CAUSES, data, asked, hidden=("U1", "U2", "U3"), latents=2
    ) + estimates("one latent", ONE_LATENT, data, asked, hidden="U", latents=4)
    for k in (0, 1):
        seen = data.loc[(data[XS] == k).all(axis=1), "Y"].mean()
        rows.append({"query": f"Y | do(X={k})", "way": "what is seen", "estimate": seen})
    return rows


def igf(n: int, seed: int) -> Rows:
    data = pathways.igf(n, rng(f"igf {n} {seed}")).drop(columns=["EGF", "IGF"]).astype(float)
    asked = {f"{v} | do(SOS=70)": (f"{v} | do(SOS)", {"SOS": 70.0}) for v in ("Raf", "Mek", "Erk")}
    rows = estimates("two latents", pathways.IGF, data, asked, hidden=("EGF", "IGF"), latents="normal")
    return rows + estimates("one latent", ONE_FACTOR, data, asked, latents="normal")


def sars(n: int, seed: int) -> Rows:
    data = pathways.sars().sample(n, rng(f"sars {n} {seed}"))
    odds = data.assign(**{c: np.log(data[c] / (100 - data[c])) for c in LOG_ODDS})
    rows: Rows = []
    for way, columns, twenty in (("straight lines", data, 20.0), ("log odds", odds, np.log(0.2 / 0.8))):
        asked = {f"cytok | do({v}=20)": (f"cytok | do({v})", {v: twenty, "cytok": 1}) for v in ("EGFR", "Sil6r")}
        rows += estimates(way, pathways.SARS, columns, asked, latents="normal")
    return rows


def napkin(n: int, seed: int) -> Rows:
    data = pathways.napkin().sample(n, rng(f"napkin {n} {seed}"))
    if data["X"].nunique() < 2:
        return []
    data["W"] = stats.norm.ppf((stats.rankdata(data["W"]) - 0.5) / n)  # its tail is far too long for a normal curve
    asked = {f"Y | do(X={k})": ("Y | do(X)", {"X": k}) for k in (0, 1)}
    rows = estimates("two latents", pathways.NAPKIN, data, asked, latents="normal")
    for k in (0, 1):
        seen = data.loc[data["X"] == k, "Y"].mean()
        rows.append({"query": f"Y | do(X={k})", "way": "what is seen", "estimate": seen})
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
