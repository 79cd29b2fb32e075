"""Right and wrong answers to the exercises of chapter 07; the tests hold every check to them."""

import numpy as np


def _would_loop(p, fx, fy, x, y, other):
    top = bottom = 0.0
    for u in range(len(p)):
        if fx[u] == x and fy[fx[u], u] == y:
            bottom += p[u]
            top += p[u] * fy[other, u]
    return top / bottom


def _would_mask(p, fx, fy, x, y, other):
    keep = (fx == x) & (fy[fx, np.arange(len(p))] == y)
    return np.average(fy[other, keep], weights=p[keep])


def _would_three_worlds(p, fx, fy, x, y, other):
    joint = np.zeros((3, 2, 2))  # P(X, Y, Y under other)
    np.add.at(joint, (fx, fy[fx, np.arange(len(p))], fy[other]), p)
    return joint[x, y, 1] / joint[x, y].sum()


def _mean(weights, values):
    return (weights * values).sum() / weights.sum()


def _would_y_only(p, fx, fy, x, y, other):
    return _mean(p * (fy[fx, np.arange(len(p))] == y), fy[other])


def _turned_bar(p, fx, fy, x, y, other):
    return _mean(p * fy[other], (fx == x) & (fy[x] == y))


def _fresh_luck(p, fx, fy, x, y, other):
    return _mean(p[None] * ((fx == x) & (fy[x] == y))[:, None] * p[:, None], fy[other][None])


def _pressure_steps(a, b, c, x, m, y, new):
    def world(dose, u_m, u_y):
        weight = a * dose + u_m
        return weight, b * dose + c * weight + u_y

    weight, _ = world(x, 0, 0)
    u_m = m - weight
    u_y = y - world(x, u_m, 0)[1]
    return world(new, u_m, u_y)[1]


def _treated_from_shares(p, zero):
    untreated_well = p[0, 1]
    treated_well_anyway = zero - untreated_well
    return (p[1, 1] - treated_well_anyway) / (p[1, 0] + p[1, 1])


def _treated_from_average(p, zero):
    # whatever E[Y_1] is, it cancels: the average effect is P(X=0) times the others' plus P(X=1) times the treated ones'
    one = 0.5
    others = (one - p[1, 1]) - p[0, 1]
    return ((one - zero) - others) / p[1].sum()


def _factors(p):
    return p.sum(2) / p.sum((1, 2))[:, None], p[..., 1] / p.sum(2)


def _both_ways(direct, indirect):
    def answer(p):
        m, y = _factors(p)
        return [direct(p, m, y), indirect(p, m, y)]

    return answer


def _nde(p, m, y):
    return m[0] @ (y[1] - y[0])


def _nie(p, m, y):
    return (m[1] - m[0]) @ y[0]


def _total(p, m, y):
    return m[1] @ y[1] - m[0] @ y[0]


def _ways_loop(p):
    def mean(x_of_y, x_of_m):
        return sum(p[x_of_m, k].sum() / p[x_of_m].sum() * p[x_of_y, k, 1] / p[x_of_y, k].sum() for k in range(3))

    return np.array([mean(1, 0), mean(0, 1)]) - mean(0, 0)


def _ways_from_total(p):
    m, y = _factors(p)
    crossed = np.einsum("am,bm->ba", m, y)  # crossed[x of Y, x of M]
    return crossed[1, 0] - crossed[0, 0], crossed[0, 1] - crossed[0, 0]


def _low(p, zero):
    return max(0, (p[0, 1] + p[1, 1] - zero) / p[1, 1])


def _high(p, zero):
    return min(1, (1 - zero - p[0, 0]) / p[1, 1])


def _court_counted(p, zero):
    anyway = zero - p[0, 1]
    spared = [1 - k / p[1, 1] for k in (min(anyway, p[1, 1]), anyway - min(anyway, p[1, 0]))]
    return tuple(spared)


def _court_by_corners(p, zero):
    # shares of the takers by (Y_0, Y_1): s01 + s11 = p[1, 1], s00 + s10 = p[1, 0], s10 + s11 = anyway; one is free
    anyway = zero - p[0, 1]
    allowed = [
        s11
        for s11 in (0, p[1, 1], anyway, anyway - p[1, 0])
        if all(s > -1e-12 for s in (s11, p[1, 1] - s11, anyway - s11, p[1, 0] - anyway + s11))
    ]
    return [1 - max(allowed) / p[1, 1], 1 - min(allowed) / p[1, 1]]


def _ends(low, high):
    return lambda p, zero: [low(p, zero), high(p, zero)]


def _excess_risk(p, zero):
    return [max(0, 1 - (p[0, 1] / p[0].sum()) / (p[1, 1] / p[1].sum()))] * 2


def _by_lot(p, zero):
    risk = p[1, 1] / p[1].sum()
    return [max(0, (risk - zero) / risk), min(1, (1 - zero) / risk)]


RIGHT = {
    "07.1": [lambda: [3, 2, 6, 4, 1, 7, 5], lambda: np.array([3, 2, 6, 4, 1, 7, 5]), lambda: (3, 2, 6, 4, 1.0, 7, 5)],
    "07.2": [_would_loop, _would_mask, _would_three_worlds],
    "07.3": [_pressure_steps, lambda a, b, c, x, m, y, new: y + b * (new - x) + c * a * (new - x)],
    "07.4": [_treated_from_shares, _treated_from_average, lambda p, zero: (p[:, 1].sum() - zero) / p[1].sum()],
    "07.5": [_ways_loop, _ways_from_total, _both_ways(_nde, _nie)],
    "07.6": [_ends(_low, _high), _court_counted, _court_by_corners],
    "07.7": [lambda: [4, 66.67], lambda: (4, 67), lambda: np.array([4, 200 / 3])],
}

WRONG = {
    "07.1": {
        "A: sufficiency": (lambda: [4, 2, 6, 4, 1, 7, 5], "A:"),
        "B: seeing": (lambda: [3, 1, 6, 4, 1, 7, 5], "B:"),
        "C: doing": (lambda: [3, 2, 2, 4, 1, 7, 5], "C:"),
        "D: necessity": (lambda: [3, 2, 6, 3, 1, 7, 5], "D:"),
        "E: doing": (lambda: [3, 2, 6, 4, 2, 7, 5], "E:"),
        "F: effect on the treated": (lambda: [3, 2, 6, 4, 1, 6, 5], "F:"),
        "G: necessity": (lambda: [3, 2, 6, 4, 1, 7, 3], "G:"),
        "seeing and doing swapped": (lambda: [3, 1, 6, 4, 2, 7, 5], "B:"),
        "too few": (lambda: [3, 2, 6], "seven whole numbers"),
        "no such question": (lambda: [3, 2, 6, 4, 1, 7, 8], "between 1 and 7"),
        "nothing": (lambda: None, "None"),
    },
    "07.2": {
        "prior luck": (lambda p, fx, fy, x, y, other: (p * fy[other]).sum(), "everybody's luck"),
        "luck drawn afresh": (_fresh_luck, "everybody's luck"),
        "conditioning": (lambda p, fx, fy, x, y, other: _mean(p * (fx == other), fy[other]), "other people"),
        "not normalised": (lambda p, fx, fy, x, y, other: (p * (fx == x) * (fy[x] == y) * fy[other]).sum(), "sum to 1"),
        "X only": (lambda p, fx, fy, x, y, other: _mean(p * (fx == x), fy[other]), "The outcome was seen"),
        "Y only": (_would_y_only, "The dose was seen"),
        "x set": (lambda p, fx, fy, x, y, other: _mean(p * (fy[x] == y), fy[other]), "whatever dose they got"),
        "no action": (lambda p, fx, fy, x, y, other: _mean(p * (fx == x) * (fy[x] == y), fy[x]), "always y"),
        "evidence in the other world": (
            lambda p, fx, fy, x, y, other: _mean(p * (fx == x) * (fy[other] == y), fy[other]),
            "always y",
        ),
        "not weighed": (lambda p, fx, fy, x, y, other: fy[other][(fx == x) & (fy[x] == y)].mean(), "counts the same"),
        "bar turned round": (_turned_bar, "other way round"),
        "complement": (lambda *case: 1 - _would_loop(*case), "1 minus"),
        "one world with certainty": (lambda *case: round(_would_loop(*case)), "right on none"),
        "not a number": (lambda *case: np.nan, "NaN"),
        "axes of fy": (lambda p, fx, fy, x, y, other: _would_loop(p, fx, fy.T, x, y, other), "IndexError"),
        "a list": (lambda *case: [1 - _would_loop(*case), _would_loop(*case)], "one number"),
    },
    "07.3": {
        "mediator left": (lambda a, b, c, x, m, y, new: b * new + c * m + (y - b * x - c * m), "the direct way only"),
        "indirect only": (lambda a, b, c, x, m, y, new: y + c * a * (new - x), "directly as well"),
        "no noise": (lambda a, b, c, x, m, y, new: b * new + c * a * new, "noise is 0 in both"),
        "noise of M left out": (
            lambda a, b, c, x, m, y, new: b * new + c * a * new + (y - b * x - c * m),
            "not the noise of M",
        ),
        "noise of Y left out": (
            lambda a, b, c, x, m, y, new: b * new + c * (a * new + m - a * x),
            "not the noise of Y",
        ),
        "sign": (lambda a, b, c, x, m, y, new: y + (b + a * c) * (x - new), "its sign is not"),
        "a left out": (lambda a, b, c, x, m, y, new: y + (b + c) * (new - x), "by as much as the dose"),
        "a plus c": (lambda a, b, c, x, m, y, new: y + (a + b + c) * (new - x), "One arrow after the other"),
        "from zero": (lambda a, b, c, x, m, y, new: y + (b + a * c) * new, "the old dose in it"),
        "unchanged": (lambda a, b, c, x, m, y, new: y, "that was measured"),
        "the change only": (lambda a, b, c, x, m, y, new: (b + a * c) * (new - x), "right on none"),
        "nothing": (lambda *case: None, "forget return"),
    },
    "07.4": {
        "zero is of all": (lambda p, zero: p[1, 1] / p[1].sum() - zero, "about everybody"),
        "what is seen": (lambda p, zero: p[1, 1] / p[1].sum() - p[0, 1] / p[0].sum(), "difference that is seen"),
        "share of all": (lambda p, zero: p[1, 1] - (zero - p[0, 1]), "share of all people"),
        "half divided": (lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0, 1]), "off a share of the treated"),
        "without only": (lambda p, zero: (zero - p[0, 1]) / p[1].sum(), "harder half"),
        "nobody taken away": (lambda p, zero: (p[1, 1] - zero) / p[1].sum(), "all of them to the treated"),
        "all taken away": (lambda p, zero: (p[1, 1] - zero + p[0].sum()) / p[1].sum(), "everybody with X=0"),
        "rate for share": (
            lambda p, zero: (p[1, 1] - zero + p[0, 1] / p[0].sum()) / p[1].sum(),
            "a rate among the untreated",
        ),
        "over the untreated": (
            lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0, 1]) / p[0].sum(),
            "divided what is left by P(X=0)",
        ),
        "sign": (lambda p, zero: -_treated_from_shares(p, zero), "sign"),
        "in percent": (lambda p, zero: 100 * _treated_from_shares(p, zero), "percent"),
    },
    "07.5": {
        "mediator as with X": (_both_ways(lambda p, m, y: m[1] @ (y[1] - y[0]), _nie), "M as it is *with* X"),
        "total less indirect": (_both_ways(lambda *t: _total(*t) - _nie(*t), _nie), "total less indirect"),
        "mediator as in all": (_both_ways(lambda p, m, y: p.sum((0, 2)) @ (y[1] - y[0]), _nie), "M as it is among all"),
        "mediator not weighed": (_both_ways(lambda p, m, y: (y[1] - y[0]).mean(), _nie), "How common is each?"),
        "controlled": (_both_ways(lambda p, m, y: y[1, 0] - y[0, 0], _nie), "controlled"),
        "total for direct": (_both_ways(_total, _nie), "you gave the total one: M has"),
        "indirect with X": (_both_ways(_nde, lambda p, m, y: (m[1] - m[0]) @ y[1]), "let Y hear"),
        "total less direct": (_both_ways(_nde, lambda *t: _total(*t) - _nde(*t)), "total less direct"),
        "back door of M": (
            _both_ways(_nde, lambda p, m, y: (m[1] - m[0]) @ (p[..., 1].sum(0) / p.sum((0, 2)))),
            "M <- X -> Y is open",
        ),
        "X averaged": (_both_ways(_nde, lambda p, m, y: (m[1] - m[0]) @ (p.sum((1, 2)) @ y)), "averaged over X"),
        "nothing taken off": (_both_ways(lambda p, m, y: m[0] @ y[1], lambda p, m, y: m[1] @ y[0]), "E[Y_{0, M_1}]"),
        "both from the other end": (
            _both_ways(lambda p, m, y: m[1] @ (y[1] - y[0]), lambda p, m, y: (m[1] - m[0]) @ y[1]),
            "let Y hear",
        ),
        "changed places": (lambda p: _ways_loop(p)[::-1], "changed places"),
        "signs": (lambda p: -_ways_loop(p), "sign"),
        "one number": (lambda p: _ways_loop(p)[0], "shape"),
        "not a number": (lambda p: [np.nan, np.nan], "NaN"),
    },
    "07.6": {
        "not clipped": (
            lambda p, zero: [(p[:, 1].sum() - zero) / p[1, 1], (1 - zero - p[0, 0]) / p[1, 1]],
            "falls below 0",
        ),
        "largest not clipped": (_ends(_low, lambda p, zero: (1 - zero - p[0, 0]) / p[1, 1]), "exceeds 1"),
        "excess risk ratio": (_excess_risk, "excess risk ratio"),
        "by lot": (_by_lot, "as if a lot had decided"),
        "over the treated": (
            lambda p, zero: [max(0, (p[:, 1].sum() - zero) / p[1].sum()), min(1, (1 - zero - p[0, 0]) / p[1].sum())],
            "divided by P(X=1)",
        ),
        "anything": (lambda p, zero: [0, 1], "always 1"),
        "records only, one end": (_ends(_low, lambda p, zero: 1), "Your largest is always 1"),
        "changed places": (_ends(_high, _low), "smallest comes first"),
        "nobody is spared": (_ends(_low, _low), "prevents"),
        "share of all": (
            lambda p, zero: [max(0, p[:, 1].sum() - zero), 1 - zero - p[0, 0]],
            "a share of all people",
        ),
        "all of zero are takers": (
            lambda p, zero: [max(0, (p[1, 1] - zero) / p[1, 1]), min(1, (1 - zero) / p[1, 1])],
            "all of `zero` are takers",
        ),
        "those hit anyway": (
            lambda p, zero: [1 - _high(p, zero), 1 - _low(p, zero)],
            "had it anyway",
        ),
        "one number": (_low, "shape (2,)"),
        "nothing": (lambda p, zero: None, "forget return"),
    },
    "07.7": {
        "the average": (lambda: [3, 66.7], "Mind the word average"),
        "the lot": (lambda: [2, 66.7], "what a lot does"),
        "the conclusion": (lambda: [5, 66.7], "were 4 true"),
        "as the colleague says": (lambda: [4, 0], "what the colleague says"),
        "anything": (lambda: [4, 100], "how many recover without"),
        "of everybody": (lambda: [4, 40], "of everybody"),
        "those who recovered": (lambda: [4, 60], "Which share of *these*"),
        "anyway": (lambda: [4, 33.3], "the opposite"),
        "a proportion": (lambda: [4, 2 / 3], "in percent?"),
        "rounded too far": (lambda: [4, 70], "70 % is not the largest"),
        "no such sentence": (lambda: [6, 66.7], "from 1 to 5"),
        "one number": (lambda: 4, "shape"),
        "nothing": (lambda: None, "None"),
    },
}
