"""Right and wrong answers to the exercises of chapter 04; the tests hold every check to them."""

import numpy as np

from causalcourse.adjustment import is_adjustment_set
from causalcourse.separation import paths, separated


def _backdoor_loop(p):
    answers = []
    for x in (0, 1):
        total = 0
        for a, b in np.ndindex(2, 3):
            total += p[a, b].sum() * p[a, b, x, 1] / p[a, b, x].sum()
        answers.append(total)
    return answers


def _backdoor_flat(p):
    q = p.reshape(6, 2, 2)
    return q.sum((1, 2)) @ (q[:, :, 1] / q.sum(2))


def _one(p, axis):
    q = p.sum(axis)
    return q.sum((1, 2)) @ (q[..., 1] / q.sum(2))


def _weighed(p, weight):
    return np.einsum("ab,abx->x", weight, p[..., 1] / p.sum(3))


def _criterion_by_paths(graph, x, y, z):
    """Path by path: every path that begins with an arrowhead at x is blocked."""
    if any(node in graph.descendants(x) for node in z):
        return False
    doors = [path for path in paths(graph, x, y) if path.arrows[0] in ("<-", "<->")]
    return all(path.blocked_by(z) is not None for path in doors)


def _criterion_finding(graph, x, y, z):
    below = set(z) & graph.descendants(x)
    return not below and separated(graph.cut_out_of(x), x, y, z).path is None


def _criterion_below_allowed(graph, x, y, z):
    return separated(graph.cut_out_of(x), x, y, z).path is None


def _criterion_named_causes(graph, x, y, z):
    """As _criterion_by_paths, but a door by way of a hidden cause is overlooked."""
    doors = [path for path in paths(graph, x, y) if path.arrows[0] == "<-"]
    return not graph.descendants(x) & set(z) and all(path.blocked_by(z) is not None for path in doors)


def _contrast(x, y, w):
    t = x == 1
    return (w[t] * y[t]).sum() / w[t].sum() - (w[~t] * y[~t]).sum() / w[~t].sum()


def _ipw_formula(x, y, e):
    return (x * y / e).sum() / (x / e).sum() - ((1 - x) * y / (1 - e)).sum() / ((1 - x) / (1 - e)).sum()


def _ipw_loop(x, y, e):
    sums = {0: [0, 0], 1: [0, 0]}
    for xi, yi, ei in zip(x, y, e, strict=True):
        weight = 1 / (ei if xi else 1 - ei)
        sums[int(xi)][0] += weight * yi
        sums[int(xi)][1] += weight
    return sums[1][0] / sums[1][1] - sums[0][0] / sums[0][1]


def _clean_loop(p):
    q = p.sum(2)
    return sum(q[z].sum() * (q[z, 1, 1] / q[z, 1].sum() - q[z, 0, 1] / q[z, 0].sum()) for z in (0, 1))


def _clean_einsum(p):
    q = p.sum(2)
    rates = np.einsum("z,zxy->xy", q.sum((1, 2)), q / q.sum(2, keepdims=True))[:, 1]
    return rates[1] - rates[0]


def _both(p):
    rate = p[..., 1] / p.sum(3)
    return (p.sum((1, 3)) * (rate[:, 1] - rate[:, 0])).sum()


def _only_c(p):
    q = p.sum(0)
    rate = q[..., 1] / q.sum(2)
    return q.sum((0, 2)) @ (rate[1] - rate[0])


def _neither(p):
    q = p.sum((0, 2))
    return q[1, 1] / q[1].sum() - q[0, 1] / q[0].sum()


def _bounds_loop(p):
    low = high = 0
    for kind in p:
        weight = kind.sum()
        rates = [(arm[1] / arm.sum(),) * 2 if arm.sum() > 0 else (0, 1) for arm in kind]
        low += weight * (rates[1][0] - rates[0][1])
        high += weight * (rates[1][1] - rates[0][0])
    return low, high


def _bounds_manski(p):
    """By P(Y, arm): in a kind without overlap the unseen arm adds its whole weight to the width."""
    arm = p.sum(2)
    weight = arm.sum(1)
    with np.errstate(invalid="ignore"):
        rate = p[:, :, 1] / arm
    middle = np.nan_to_num(rate, nan=0.5)
    centre, half = weight @ (middle[:, 1] - middle[:, 0]), weight @ np.isnan(rate).sum(1) / 2
    return np.array([centre - half, centre + half])


def _no_kinds(p):
    """Each patient's other arm could be anything, whatever was seen of her kind."""
    (n0, n1), (y0, y1) = p.sum((0, 2)), p.sum(0)[:, 1]
    return [y1 - (y0 + n1), y1 + n0 - y0]


def _trimmed(p):
    both = (p.sum(2) > 0).all(1)
    q = p[both]
    rate = q[:, :, 1] / q.sum(2)
    return np.full(2, q.sum((1, 2)) @ (rate[:, 1] - rate[:, 0]) / q.sum())


def _filled(p, value):
    arm = p.sum(2)
    rate = np.where(arm > 0, p[:, :, 1] / np.where(arm > 0, arm, 1), value)
    return np.full(2, arm.sum(1) @ (rate[:, 1] - rate[:, 0]))


RIGHT = {
    "04.1": [lambda: [1, 0, 0, 1, 0, 1], lambda: np.array([1, 0, 0, 1, 0, 1]), lambda: tuple(map(int, "100101"))],
    "04.2": [_backdoor_loop, _backdoor_flat],
    "04.3": [_criterion_by_paths, _criterion_finding],
    "04.4": [_ipw_formula, _ipw_loop],
    "04.5": [_clean_loop, _clean_einsum],
    "04.6": [_bounds_loop, _bounds_manski],
}

WRONG = {
    "04.1": {
        "no back door seen": (lambda: [0, 0, 0, 1, 0, 1], "A:"),
        "the mediator": (lambda: [1, 1, 0, 1, 0, 1], "B:"),
        "before means safe": (lambda: [1, 0, 1, 1, 0, 1], "C:"),
        "only what is needed": (lambda: [1, 0, 0, 0, 0, 1], "D:"),
        "below the outcome": (lambda: [1, 0, 0, 1, 1, 1], "E:"),
        "hidden means lost": (lambda: [1, 0, 0, 1, 0, 0], "F:"),
        "five answers": (lambda: [1, 0, 0, 1, 0], "six"),
    },
    "04.2": {
        "not adjusted": (lambda p: p[..., 1].sum((0, 1)) / p.sum((0, 1, 3)), "what is seen"),
        "only a": (lambda p: _one(p, 1), "through B"),
        "only b": (lambda p: _one(p, 0), "through A"),
        "as if independent": (lambda p: _weighed(p, np.outer(p.sum((1, 2, 3)), p.sum((0, 2, 3)))), "go together"),
        "kinds weighted equally": (lambda p: _weighed(p, np.full((2, 3), 1 / 6)), "how common"),
        "one number": (lambda p: _backdoor_flat(p)[1], "shape"),
    },
    "04.3": {
        "descendants allowed": (_criterion_below_allowed, "descendants of x"),
        "children only": (lambda graph, x, y, z: not set(graph.children(x)) & set(z) and bool(separated(graph.cut_out_of(x), x, y, z)), "farther down"),
        "hidden causes forgotten": (_criterion_named_causes, "hidden common cause"),
        "the other criterion": (lambda graph, x, y, z: bool(is_adjustment_set(graph, x, y, z)), "adjustment criterion"),
        "z not used": (lambda graph, x, y, z: not graph.descendants(x) & set(z) and bool(separated(graph.cut_out_of(x), x, y)), "Give z"),
        "in the full graph": (lambda graph, x, y, z: not graph.descendants(x) & set(z) and bool(separated(graph, x, y, z)), "full graph"),
        "arrows in are cut": (lambda graph, x, y, z: not graph.descendants(x) & set(z) and bool(separated(graph.cut_into(x), x, y, z)), "keep the doors"),
        "all parents needed": (lambda graph, x, y, z: set(graph.parents(x)) <= set(z) and not graph.descendants(x) & set(z), "parents of x"),
        "turned round": (lambda graph, x, y, z: not _criterion_finding(graph, x, y, z), "changed places"),
        "always yes": (lambda graph, x, y, z: True, "same"),
        "the path itself": (lambda graph, x, y, z: separated(graph.cut_out_of(x), x, y, z).path, "None"),
    },
    "04.4": {
        "not weighed": (lambda x, y, e: y[x == 1].mean() - y[x == 0].mean(), "count the same"),
        "one weight for both": (lambda x, y, e: _contrast(x, y, 1 / e), "untreated by 1 / e"),
        "weighed by the probability": (lambda x, y, e: _contrast(x, y, np.where(x == 1, e, 1 - e)), "inverse"),
        "weights swapped": (lambda x, y, e: _contrast(x, y, np.where(x == 1, 1 / (1 - e), 1 / e)), "changed places"),
        "divided by n": (lambda x, y, e: (x * y / e).mean() - ((1 - x) * y / (1 - e)).mean(), "sum of the weights"),
        "divided by the arm's size": (lambda x, y, e: np.mean((y / e)[x == 1]) - np.mean((y / (1 - e))[x == 0]), "in the arm"),
        "arms swapped": (lambda x, y, e: -_ipw_formula(x, y, e), "turned round"),
        "the weights": (lambda x, y, e: np.where(x == 1, 1 / e, 1 / (1 - e)), "number"),
    },
    "04.5": {
        "both": (_both, "collider"),
        "only c": (_only_c, "other way round"),
        "neither": (_neither, "back door through Z"),
        "kinds weighted equally": (lambda p: (lambda r: (r[:, 1] - r[:, 0]).mean())(p.sum(2)[:, :, 1] / p.sum((2, 3))), "weigh the kinds"),
        "arms swapped": (lambda p: -_clean_loop(p), "turned round"),
        "one for each kind": (lambda p: p.sum(2)[:, 1, 1] / p.sum((2, 3))[:, 1], "number"),
    },
    "04.6": {
        "those with overlap only": (_trimmed, "everybody counts"),
        "missing is zero": (lambda p: _filled(p, 0), "taken for 0"),
        "missing is a half": (lambda p: _filled(p, 0.5), "one half"),
        "ends swapped": (lambda p: _bounds_loop(p)[::-1], "smallest comes first"),
        "nothing known": (lambda p: [-1, 1], "difference is known"),
        "severity forgotten": (_no_kinds, "her kind was seen"),
        "kinds weighted equally": (lambda p: _bounds_loop(p / p.sum((1, 2), keepdims=True) / 4), "how common"),
        "divides by zero": (lambda p: np.full(2, (p[:, :, 1] / p.sum(2)).sum()), "nan"),
        "one number": (lambda p: _bounds_loop(p)[0], "shape"),
    },
}
