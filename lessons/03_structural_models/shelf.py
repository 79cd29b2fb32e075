"""Right and wrong answers to the exercises of chapter 03; the tests hold every check to them."""

import numpy as np


def _cut_loop(arrows, x):
    k = len(arrows)
    return [[0 if j == x else int(arrows[i, j]) for j in range(k)] for i in range(k)]


def _see_and_do_loop(p):
    seen, done = [], []
    for x in (0, 1):
        seen.append(sum(p[z, x, 1] for z in (0, 1)) / p[:, x].sum())
        done.append(sum(p[z].sum() * p[z, x, 1] / p[z, x].sum() for z in (0, 1)))
    return [seen, done]


def _see_and_do_einsum(p):
    p_y = p / p.sum(2, keepdims=True)
    p_zx = p.sum(2)
    return np.array([np.einsum("zx,zxy->xy", p_zx / p_zx.sum(0), p_y)[:, 1], np.einsum("z,zxy->xy", p_zx.sum(1), p_y)[:, 1]])


def _seen(p):
    return p[:, :, 1].sum(0) / p.sum((0, 2))


def _done(p):
    return p.sum((1, 2)) @ (p[:, :, 1] / p.sum(2))


def _mediator_by_z(p):
    """Adjusting for Z alone."""
    zmy = p.sum(1)
    return np.einsum("z,zmy->my", zmy.sum((1, 2)), zmy / zmy.sum(2, keepdims=True))


def _mediator_by_x(p):
    """Adjusting for X alone, the other parent of M's back door."""
    xmy = p.sum(0)
    return np.einsum("x,xmy->my", xmy.sum((1, 2)), xmy / xmy.sum(2, keepdims=True))


def _mediator_loop(p):
    result = np.zeros((2, 2))
    for z, x, m, y in np.ndindex(2, 2, 2, 2):
        result[m, y] += p[z, x].sum() * p[z, x, m, y] / p[z, x, m].sum()
    return result


def _mediator_equal(p):
    return (p / p.sum(3, keepdims=True)).mean((0, 1))


def _effect_where(x, z, u, recovers):
    worlds = [recovers(np.full(len(x), k), z, u) for k in (0, 1)]
    return np.mean(worlds[1] - worlds[0])


def _effect_scalar(x, z, u, recovers):
    return float(np.mean(recovers(1, z, u))) - float(np.mean(recovers(0, z, u)))


def _effect_picked(x, z, u, recovers):
    y = recovers(x, z, u)
    return y[x == 1].mean() - y[x == 0].mean()


def _effect_overwritten(x, z, u, recovers):
    y = recovers(x, z, u)
    x = np.ones_like(x)
    return y.mean() - y.mean()


def _effect_treated(x, z, u, recovers):
    t = x == 1
    return recovers(x[t], z[t], u[t]).mean() - recovers(0 * x[t], z[t], u[t]).mean()


def _worth_loop(p, g):
    total = 0
    for z in (0, 1):
        for x, share in ((0, 1 - g[z]), (1, g[z])):
            total += p[z].sum() * share * p[z, x, 1] / p[z, x].sum()
    return total


def _worth_einsum(p, g):
    rule = np.column_stack([1 - g, g])
    return np.einsum("z,zx,zx->", p.sum((1, 2)), rule, p[:, :, 1] / p.sum(2))


def _advise_done(p, z_is):
    rates = {"before": _done, "after": _seen}[z_is](p)
    return rates[1] - rates[0]


def _advise_loop(p, z_is):
    if z_is == "before":
        gaps = [p[z, 1, 1] / p[z, 1].sum() - p[z, 0, 1] / p[z, 0].sum() for z in (0, 1)]
        return sum(p[z].sum() * gaps[z] for z in (0, 1))
    return p[:, 1, 1].sum() / p[:, 1].sum() - p[:, 0, 1].sum() / p[:, 0].sum()


RIGHT = {
    "03.1": [_cut_loop, lambda arrows, x: np.where(np.arange(len(arrows)) == x, 0, arrows), lambda arrows, x: arrows * (np.arange(len(arrows)) != x)],
    "03.2": [_see_and_do_loop, _see_and_do_einsum, lambda p: (_seen(p), _done(p))],
    "03.3": [_mediator_by_z, _mediator_by_x, _mediator_loop],
    "03.4": [_effect_where, _effect_scalar],
    "03.5": [_worth_loop, _worth_einsum],
    "03.6": [_advise_done, _advise_loop],
}

WRONG = {
    "03.1": {
        "nothing cut": (lambda arrows, x: arrows, "no longer listens"),
        "out instead of in": (lambda arrows, x: arrows * (np.arange(len(arrows)) != x)[:, None], "out of"),
        "both ways": (lambda arrows, x: arrows * np.outer(*[np.arange(len(arrows)) != x] * 2), "still listen"),
        "everything cut": (lambda arrows, x: 0 * arrows, "replaces one equation"),
        "only the column": (lambda arrows, x: arrows[:, x], "shape"),
        "edge list": (lambda arrows, x: np.argwhere(_cut_loop(arrows, x)), "shape"),
    },
    "03.2": {
        "seeing twice": (lambda p: [_seen(p), _seen(p)], "seeing once more"),
        "rows swapped": (lambda p: [_done(p), _seen(p)], "wrong order"),
        "joint instead of conditional": (lambda p: [p[:, :, 1].sum(0), _done(p)], "divide by"),
        "kinds weighted equally": (lambda p: [_seen(p), (p[:, :, 1] / p.sum(2)).mean(0)], "how common"),
        "failure instead of success": (lambda p: [1 - _seen(p), 1 - _done(p)], "y = 0"),
        "one row": (lambda p: _done(p), "shape"),
    },
    "03.3": {
        "seeing m": (lambda p: p.sum((0, 1)) / p.sum((0, 1, 3))[:, None], "p(y | m)"),
        "acting on x instead": (lambda p: np.einsum("z,zxy->xy", p.sum((1, 2, 3)), p.sum(2) / p.sum((2, 3))[:, :, None]), "do(x)"),
        "kinds weighted equally": (_mediator_equal, "how common"),
        "axes swapped": (lambda p: _mediator_by_z(p).T, "axes are swapped"),
        "joint with m": (lambda p: p.sum((0, 1)), "for sure"),
        "four axes": (lambda p: p / p.sum(2, keepdims=True), "shape"),
    },
    "03.4": {
        "picks out rows": (_effect_picked, "her mistake"),
        "overwrites the column": (_effect_overwritten, "computed again"),
        "on the treated only": (_effect_treated, "those who were treated"),
        "against today": (lambda x, z, u, recovers: recovers(np.ones_like(x), z, u).mean() - recovers(x, z, u).mean(), "treating nobody"),
        "arms swapped": (lambda x, z, u, recovers: -_effect_where(x, z, u, recovers), "turned round"),
        "one array for each patient": (lambda x, z, u, recovers: recovers(1, z, u) - recovers(0, z, u), "number"),
    },
    "03.5": {
        "today's share": (lambda p, g: p[:, :, 1].sum(), "has not been used"),
        "kinds weighted equally": (lambda p, g: ((1 - g) * p[:, 0, 1] / p[:, 0].sum(1) + g * p[:, 1, 1] / p[:, 1].sum(1)).mean(), "weigh each"),
        "one rate for all": (lambda p, g: _done(p) @ [1 - p.sum((1, 2)) @ g, p.sum((1, 2)) @ g], "looks at z"),
        "rule turned round": (lambda p, g: _worth_loop(p, 1 - g), "being treated"),
        "seen rates": (lambda p, g: p.sum((1, 2)) @ ((1 - g) * _seen(p)[0] + g * _seen(p)[1]), "p(y=1 | z, x)"),
        "one number for each kind": (lambda p, g: g * p.sum((1, 2)), "number"),
    },
    "03.6": {
        "always splits": (lambda p, z_is: _done(p)[1] - _done(p)[0], "both cases"),
        "never splits": (lambda p, z_is: _seen(p)[1] - _seen(p)[0], "never split"),
        "the other way round": (lambda p, z_is: _advise_done(p, {"before": "after", "after": "before"}[z_is]), "swapped"),
        "arms swapped": (lambda p, z_is: -_advise_done(p, z_is), "turned round"),
        "only one case": (lambda p, z_is: _done(p)[1] - _done(p)[0] if z_is == "before" else None, "return"),
        "rates instead of effect": (lambda p, z_is: _done(p), "number"),
    },
}
