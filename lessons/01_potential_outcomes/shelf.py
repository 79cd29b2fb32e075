"""Right and wrong answers to the exercises of chapter 01; the tests hold every check to them."""

from itertools import combinations, permutations
from math import comb

import numpy as np
import pandas as pd


def _recorded_loop(x, y0, y1):
    return [one if treated else none for treated, none, one in zip(x, y0, y1, strict=True)]


def _effects_numpy(table):
    x, y0, y1 = (table[c].to_numpy() for c in ("X", "Y0", "Y1"))
    gain = y1 - y0
    return np.array([gain.sum() / len(gain), gain @ x / x.sum(), gain @ (1 - x) / (1 - x).sum()])


def _effects_groupby(table):
    by_arm = table.assign(gain=table["Y1"] - table["Y0"]).groupby("X")["gain"].mean()
    share = table["X"].mean()
    return (share * by_arm[1] + (1 - share) * by_arm[0], by_arm[1], by_arm[0])


def _effects_loop(table):
    gains = {0: [], 1: []}
    for row in table.itertuples():
        gains[row.X].append(row.Y1 - row.Y0)
    every = gains[0] + gains[1]
    return [sum(g) / len(g) for g in (every, gains[1], gains[0])]


def _seen(table):
    return table.loc[table["X"] == 1, "Y1"].mean() - table.loc[table["X"] == 0, "Y0"].mean()


def _lots(x, y):
    """The differences of means of all lots, and the observed one."""
    n, k = len(x), int(x.sum())
    sums = np.array([sum(y[i] for i in lot) for lot in combinations(range(n), k)])
    seen = (y * x).sum()
    return sums / k - (y.sum() - sums) / (n - k), seen / k - (y.sum() - seen) / (n - k)


def _p_value_sums(x, y):
    redone, seen = _lots(x, y)
    return (np.abs(redone) > abs(seen) - 1e-9).mean()


def _p_value_permutations(x, y):
    # with equal arms the sum in the treated arm says it all; whole numbers, so nothing is rounded
    total = int(y.sum())
    sums = {tuple(sorted(lot)): sum(int(y[i]) for i in lot) for lot in permutations(range(len(x)), int(x.sum()))}
    seen = abs(2 * int((x * y).sum()) - total)
    return sum(abs(2 * s - total) >= seen for s in sums.values()) / len(sums)


def _p_value_shuffled(x, y):
    rng = np.random.default_rng(1)
    seen = abs(y[x == 1].mean() - y[x == 0].mean())
    hits = 0
    for _ in range(8_000):
        z = rng.permutation(x)
        hits += abs(y[z == 1].mean() - y[z == 0].mean()) >= seen - 1e-9
    return hits / 8_000


def _counted(as_much):
    def wrong(x, y):
        redone, seen = _lots(x, y)
        return float(as_much(redone, seen).mean())

    return wrong


def _count(x, y):
    redone, seen = _lots(x, y)
    return int((np.abs(redone) >= abs(seen) - 1e-9).sum())


def _terms(table):
    x, y0, y1 = (table[c].to_numpy(float) for c in ("X", "Y0", "Y1"))
    treated, gain = x == 1, y1 - y0
    att, atu = gain[treated].mean(), gain[~treated].mean()
    return [gain.mean(), y0[treated].mean() - y0[~treated].mean(), (1 - x.mean()) * (att - atu)]


def _terms_by_rest(table):
    """The third term as what is left of the records' difference when the first two are taken away."""
    ate = (table["Y1"] - table["Y0"]).mean()
    start = table.groupby("X")["Y0"].mean()
    return np.array([ate, start[1] - start[0], _seen(table) - ate - (start[1] - start[0])])


def _terms_but(place, new):
    def wrong(table):
        terms = _terms(table)
        terms[place] = new(table)
        return terms

    return wrong


def _y1_bias(table):
    return table.loc[table["X"] == 1, "Y1"].mean() - table.loc[table["X"] == 0, "Y1"].mean()


def _rate(trial, **where):
    for column, value in where.items():
        trial = trial[trial[column] == value]
    return trial["recovered"].mean()


def _offer(trial):
    return _rate(trial, offered=1) - _rate(trial, offered=0)


def _offer_slope(trial):
    """The slope of recovery on the offer: for a 0/1 variable it is the difference of means."""
    return np.polyfit(trial["offered"].to_numpy(float), trial["recovered"].to_numpy(float), 1)[0]


def _offer_loop(trial):
    counts = {0: [0, 0], 1: [0, 0]}
    for offered, recovered in zip(trial["offered"], trial["recovered"], strict=True):
        counts[offered][0] += recovered
        counts[offered][1] += 1
    return counts[1][0] / counts[1][1] - counts[0][0] / counts[0][1]


def _analyst(trial):
    took_it = trial[(trial["offered"] == 1) & (trial["took"] == 1)]
    return took_it["recovered"].mean() - trial[trial["offered"] == 0]["recovered"].mean()


def _uptake(trial):
    return trial.loc[trial["offered"] == 1, "took"].mean() - trial.loc[trial["offered"] == 0, "took"].mean()


def _town(trial, severe):
    z, x, y = (trial[c].to_numpy() for c in "ZXY")
    effect = [y[(z == k) & (x == 1)].mean() - y[(z == k) & (x == 0)].mean() for k in (0, 1)]
    return float(np.dot(effect, [1 - severe, severe]))


def _town_weights(trial, severe):
    """Weight the patients so that the kinds are as common in each arm as they are in the town."""
    town = {0: 1 - severe, 1: severe}
    cells = trial.groupby(["X", "Z"]).size()
    weight = pd.Series([town[z] / cells[x, z] for x, z in zip(trial["X"], trial["Z"], strict=True)], index=trial.index)
    signed = trial["Y"] * weight * (2 * trial["X"] - 1)
    return signed.sum()


def _limits(a, b):
    """By trying every share of the always-recovering, in small steps, and keeping what is possible."""
    always = np.linspace(max(0.0, a + b - 1), min(a, b), 101)
    return [float((b - always).min()), float((b - always).max())]


RIGHT = {
    "01.1": [_recorded_loop, lambda x, y0, y1: x * y1 + (1 - x) * y0, lambda x, y0, y1: np.choose(x, [y0, y1])],
    "01.2": [_effects_numpy, _effects_groupby, _effects_loop],
    "01.3": [_p_value_sums, _p_value_permutations, _p_value_shuffled],
    "01.4": [_terms, _terms_by_rest],
    "01.5": [_offer, _offer_slope, _offer_loop],
    "01.6": [_town, _town_weights],
    "01.7": [lambda a, b: (max(0, b - a), min(b, 1 - a)), lambda a, b: np.array([(b - a) * (b > a), b if b < 1 - a else 1 - a]), _limits],
}

WRONG = {
    "01.1": {
        "the missing half": (lambda x, y0, y1: np.where(x == 1, y0, y1), "stay unknown"),
        "always treated": (lambda x, y0, y1: y1, "everybody"),
        "never treated": (lambda x, y0, y1: y0, "nobody"),
        "the effect": (lambda x, y0, y1: y1 - y0, "effect"),
        "forgets the untreated": (lambda x, y0, y1: x * y1, "use y0"),
        "only the treated": (lambda x, y0, y1: y1[x == 1], "shape"),
        "their mean": (lambda x, y0, y1: np.where(x == 1, y1, y0).mean(), "array"),
    },
    "01.2": {
        "seen instead of both": (lambda t: [_seen(t)] * 3, "as the records do"),
        "naive for everybody": (lambda t: [_seen(t), *_effects_numpy(t)[1:]], "what the records show"),
        "treated and untreated swapped": (lambda t: _effects_numpy(t)[[0, 2, 1]], "changed places"),
        "groups weighted equally": (lambda t: [_effects_numpy(t)[1:].mean(), *_effects_numpy(t)[1:]], "halfway"),
        "divides by everybody": (
            lambda t: [g * w for g, w in zip(_effects_numpy(t), (1, t["X"].mean(), 1 - t["X"].mean()), strict=True)],
            "all* patients",
        ),
        "untreated minus treated": (lambda t: -_effects_numpy(t), "sign"),
        "one number": (lambda t: (t["Y1"] - t["Y0"]).mean(), "three numbers"),
    },
    "01.3": {
        "one side only": (_counted(lambda redone, seen: redone >= seen - 1e-9), "other direction"),
        "the other side only": (_counted(lambda redone, seen: redone <= seen + 1e-9), "either direction"),
        "strictly farther": (_counted(lambda redone, seen: np.abs(redone) > abs(seen) + 1e-9), "includes"),
        "the complement": (_counted(lambda redone, seen: np.abs(redone) < abs(seen) - 1e-9), "*less*"),
        "without the real lot": (lambda x, y: (_count(x, y) - 1) / (comb(len(x), int(sum(x))) - 1), "left the real lot out"),
        "without the real lot, above": (lambda x, y: (_count(x, y) - 1) / comb(len(x), int(sum(x))), "left the real lot out"),
        "the real lot twice": (lambda x, y: (_count(x, y) + 1) / (comb(len(x), int(sum(x))) + 1), "twice"),
        "percent": (lambda x, y: 100 * _p_value_sums(x, y), "percent"),
        "counts and does not divide": (_count, "how many lots"),
    },
    "01.4": {
        "ATT in place of ATE": (_terms_but(0, lambda t: _effects_numpy(t)[1]), "ATT"),
        "bias in the treated outcome": (_terms_but(1, _y1_bias), "Y1"),
        "bias turned round": (_terms_but(1, lambda t: -_terms(t)[1]), "wrong sign"),
        "what is seen as the bias": (_terms_but(1, _seen), "whole difference"),
        "p in place of 1 - p": (
            _terms_but(2, lambda t: t["X"].mean() * (_effects_numpy(t)[1] - _effects_numpy(t)[2])),
            "1 - p",
        ),
        "no weight": (_terms_but(2, lambda t: _effects_numpy(t)[1] - _effects_numpy(t)[2]), "weight"),
        "the sum": (_seen, "three numbers"),
    },
    "01.5": {
        "the analyst's own function": (_analyst, "analyst"),
        "as treated": (lambda t: _rate(t, took=1) - _rate(t, took=0), "*took*"),
        "both sides chosen": (lambda t: _rate(t, offered=1, took=1) - _rate(t, offered=0, took=0), "both sides"),
        "divided by uptake": (lambda t: _offer(t) / _uptake(t), "another question"),
        "one arm": (lambda t: _rate(t, offered=1), "one group"),
        "turned round": (lambda t: -_offer(t), "sign"),
        "percentage points": (lambda t: 100 * _offer(t), "100"),
    },
    "01.6": {
        "the trial's own effect": (lambda t, s: t.groupby("X")["Y"].mean().diff()[1], "in the trial"),
        "the trial's weights": (lambda t, s: _town(t, t["Z"].mean()), "in the trial*"),
        "weights turned round": (lambda t, s: _town(t, 1 - s), "changed places"),
        "kinds weighted equally": (lambda t, s: _town(t, 0.5), "equally"),
        "only the severe": (lambda t, s: _town(t, 1), "severe alone"),
        "turned round": (lambda t, s: -_town(t, s), "sign"),
    },
    "01.7": {
        "independent outcomes": (lambda a, b: [b * (1 - a)] * 2, "nothing to do with each other"),
        "the saved": (lambda a, b: [max(0, a - b), min(a, 1 - b)], "saved"),
        "forgets who dies": (lambda a, b: [max(0, b - a), b], "die when treated"),
        "forgets who recovers": (lambda a, b: [max(0, b - a), 1 - a], "recover when untreated"),
        "never harms on balance": (lambda a, b: [0, min(b, 1 - a)], "not always 0"),
        "a negative share": (lambda a, b: [b - a, min(b, 1 - a)], "negative"),
        "only the average effect": (lambda a, b: [max(0, b - a)] * 2, "hide"),
        "largest first": (lambda a, b: [min(b, 1 - a), max(0, b - a)], "smallest comes first"),
    },
}
