"""Right and wrong answers to the exercises of chapter 00; the tests hold every check to them."""

import numpy as np

from causalcourse.scm import SCM


def _p(records, x, y):
    return ((records["X"] == x) & (records["Y"] == y)).mean()


def _seen_loop(records, x):
    ys = [y for t, y in zip(records["X"], records["Y"], strict=True) if t == x]
    return sum(ys) / len(ys)


def _done_loop(p, x):
    total = 0.0
    for z in range(2):
        total += float(p[z].sum()) * p[z, x, 1] / (p[z, x, 0] + p[z, x, 1])
    return total


def _done_einsum(p, x):
    conditional = p / p.sum(axis=2, keepdims=True)
    return np.einsum("zy,z->y", conditional[:, x, :], p.sum(axis=(1, 2)))[1]


def _observed(p, x):
    return p[:, x, 1].sum() / p[:, x, :].sum()


def _exact_effect(model, rng):
    def rate(x):
        every = model.do(X=x).worlds()
        return (every["p"] * every["Y"]).sum()

    return rate(1) - rate(0)


def _sampled_effect(model, rng):
    return np.subtract(*[model.do(X=x).sample(20_000, rng)["Y"].mean() for x in (1, 0)])


def _consultant(model, rng):
    patients = model.sample(20_000, rng)
    return patients[patients["X"] == 1]["Y"].mean() - patients[patients["X"] == 0]["Y"].mean()


def _like_her(happened):
    return (happened["X"] == 1) & (happened["Y"] == 0)


def _lived(happened, imagined):
    keep = _like_her(happened).to_numpy()
    return np.average(imagined["Y"].to_numpy()[keep], weights=happened["p"].to_numpy()[keep])


def _lived_loop(happened, imagined):
    top = bottom = 0.0
    for (_, a), (_, b) in zip(happened.iterrows(), imagined.iterrows(), strict=True):
        if a["X"] == 1 and a["Y"] == 0:
            bottom += a["p"]
            top += a["p"] * b["Y"]
    return top / bottom


def _weighted(weight):
    """The effect on the mild and on the severe, averaged with weights made from the joint p[z, x, y]."""

    def effect(model, rng):
        p = model.joint().to_numpy().reshape(2, 2, 2)
        each = p[:, 1, 1] / p[:, 1].sum(1) - p[:, 0, 1] / p[:, 0].sum(1)
        return np.average(each, weights=weight(p))

    return effect


def _by_marginal(p):
    """X first, then Y from a second noise whose state holds one answer for each x: but Y listens to X."""
    rows = p / p.sum(axis=1, keepdims=True)
    noise = {"U_X": p.sum(axis=1), "U_Y": np.outer(rows[0], rows[1]).ravel()}
    return SCM(noise, {"X": lambda U_X: U_X, "Y": lambda X, U_Y: np.where(X == 0, U_Y // 2, U_Y % 2)})


def _independent(p):
    return SCM({"U": p.sum(axis=1), "W": p.sum(axis=0)}, {"X": lambda U: U, "Y": lambda W: W})


def _transposed(p):
    return SCM({"U": p.ravel()}, {"X": lambda U: U % 2, "Y": lambda U: U // 2})


def _two_noises(p):
    noise = {"U": p.sum(axis=1), "W0": p[0] / p[0].sum(), "W1": p[1] / p[1].sum()}
    return SCM(noise, {"X": lambda U: U, "Y": lambda U, W0, W1: np.where(U == 0, W0, W1)})


RIGHT = {
    "00.1": [lambda: [1, 2, 3, 1, 3, 2], lambda: np.array([1, 2, 3, 1, 3, 2]), lambda: (1, 2, 3, 1, 3, 2)],
    "00.2": [
        _seen_loop,
        lambda records, x: records.groupby("X")["Y"].mean()[x],
        lambda r, x: _p(r, x, 1) / (_p(r, x, 1) + _p(r, x, 0)),
    ],
    "00.3": [_done_loop, _done_einsum],
    "00.4": [_exact_effect, _sampled_effect],
    "00.5": [_lived, _lived_loop],
    "00.6": [
        lambda p: SCM({"U": p.ravel()}, {"X": lambda U: U // 2, "Y": lambda U: U % 2}),
        lambda p: SCM({"U": p.T.ravel().tolist()}, {"Y": lambda U: U > 1, "X": lambda U: (U == 1) | (U == 3)}),
        _two_noises,
    ],
}

WRONG = {
    "00.1": {
        "vitamins taken for an action": (lambda: [2, 2, 3, 1, 3, 2], "Question A"),
        "a ban taken for an observation": (lambda: [1, 1, 3, 1, 3, 2], "Question B"),
        "aspirin taken for an action": (lambda: [1, 2, 2, 1, 3, 2], "Question C"),
        "prediction taken for action": (lambda: [1, 2, 3, 2, 3, 2], "Question D"),
        "the same person taken for people in general": (lambda: [1, 2, 3, 1, 2, 2], "Question E"),
        "five answers": (lambda: [1, 2, 3, 1, 3], "six"),
        "letters": (lambda: ["one", "two", "three", "one", "three", "two"], "number"),
        "rung zero": (lambda: [0, 1, 2, 0, 2, 1], "1, 2 or 3"),
    },
    "00.2": {
        "joint instead of conditional": (lambda r, x: _p(r, x, 1), "all patients"),
        "conditioning turned round": (lambda r, x: _p(r, x, 1) / r["Y"].mean(), "other way round"),
        "ignores x": (lambda r, x: r["Y"].mean(), "every patient"),
        "the other arm": (lambda r, x: r.loc[r["X"] != x, "Y"].mean(), "other arm"),
        "deaths instead of recoveries": (lambda r, x: 1 - _seen_loop(r, x), "1 minus"),
        "percent": (lambda r, x: 100 * _seen_loop(r, x), "percent"),
    },
    "00.3": {
        "conditioning instead of doing": (_observed, "happened"),
        "kinds weighted equally": (lambda p, x: (p[:, x, 1] / p[:, x, :].sum(axis=1)).mean(), "equally"),
        "never divides": (lambda p, x: (p.sum(axis=(1, 2)) * p[:, x, 1]).sum(), "divide"),
        "joint": (lambda p, x: p[:, x, 1].sum(), "both got"),
        "the other arm": (lambda p, x: _done_loop(p, 1 - x), "other arm"),
        "deaths": (lambda p, x: 1 - _done_loop(p, x), "1 minus"),
        "an array": (lambda p, x: p.sum(axis=(1, 2)) * p[:, x, 1] / p[:, x, :].sum(axis=1), "number"),
    },
    "00.4": {
        "the consultant's own function": (_consultant, "consultant"),
        "the effect on the treated": (_weighted(lambda p: p[:, 1].sum(1)), "everybody"),
        "kinds weighted equally": (_weighted(lambda p: np.ones(2)), "equally"),
        "regression on X and Z": (
            _weighted(lambda p: p[:, 0].sum(1) * p[:, 1].sum(1) / p.sum((1, 2))),
            "linear regression",
        ),
        "arms swapped": (lambda m, r: -_exact_effect(m, r), "sign"),
        "one arm only": (lambda m, r: m.do(X=1).sample(20_000, r)["Y"].mean(), "one arm"),
        "filters after doing": (
            lambda m, r: m.do(X=1).sample(20_000, r)["Y"].mean() - m.sample(20_000, r).query("X == 0")["Y"].mean(),
            "not yet set",
        ),
        "percentage points": (lambda m, r: 100 * _exact_effect(m, r), "100"),
        "returns the samples": (lambda m, r: m.do(X=1).sample(10, r), "number"),
    },
    "00.5": {
        "forgets what happened": (lambda h, i: (i["p"] * i["Y"]).sum(), "nobody"),
        "sees instead of imagining": (
            lambda h, i: (h["p"] * h["Y"])[h["X"] == 0].sum() / h["p"][h["X"] == 0].sum(),
            "other patients",
        ),
        "uses only the treatment": (
            lambda h, i: (h["p"] * i["Y"])[h["X"] == 1].sum() / h["p"][h["X"] == 1].sum(),
            "died",
        ),
        "counts rows": (lambda h, i: i["Y"][_like_her(h)].mean(), "rows"),
        "reads the world that happened": (
            lambda h, i: (h["p"] * h["Y"])[_like_her(h)].sum() / h["p"][_like_her(h)].sum(),
            "there she died",
        ),
        "looks for her in the imagined world": (lambda h, i: i["Y"][_like_her(i)].mean(), "nobody is treated there"),
        "never divides": (lambda h, i: (h["p"] * i["Y"])[_like_her(h)].sum(), "divide"),
        "asks for death": (lambda h, i: 1 - _lived(h, i), "1 minus"),
    },
    "00.6": {
        "X does cause Y": (_by_marginal, "changes P(Y"),
        "independent": (_independent, "correlation"),
        "table turned round": (_transposed, "turned round"),
        "returns the table": (lambda p: p, "SCM"),
        "other names": (lambda p: SCM({"U": p.ravel()}, {"A": lambda U: U // 2, "B": lambda U: U % 2}), "'X' and 'Y'"),
        "ignores the table": (
            lambda p: SCM({"U": [0.4, 0.1, 0.1, 0.4]}, {"X": lambda U: U // 2, "Y": lambda U: U % 2}),
            "records",
        ),
    },
}
