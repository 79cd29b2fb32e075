"""Right and wrong answers to the exercises of chapter 08; the tests hold every check to them."""

import itertools

import numpy as np


def _rate(p):
    return p[:, 1] / p.sum(axis=1)


def _twin_loop(p):
    u, y = [], [[], []]
    for x in (0, 1):
        u.append(p[x, 0] + p[x, 1])
        for row in y:
            row.append(p[x, 1] / (p[x, 0] + p[x, 1]))
    return u, [0, 1], y


def _twin_rows(p):  # a kind for each row that a record may have
    return p.ravel(), np.array([0, 0, 1, 1]), np.array([[0, 1, 0, 1]] * 2)


def _twin_cancelling(p):  # what X would do to one kind, it would undo in another
    zero, one = _rate(p)
    u = np.repeat(p.sum(axis=1) / 2, 2)
    return u, [0, 0, 1, 1], [[zero, zero, *_spread(one)], [*_spread(zero), one, one]]


def _spread(rate):
    room = min(rate, 1 - rate)
    return rate - room, rate + room


def _twin_still_acts(p):
    rate = _rate(p)
    return p.sum(axis=1), [0, 1], np.array([[rate[0]] * 2, [rate[1]] * 2])


def _twin_no_tie(p):
    return p.sum(axis=1), [0, 1], np.full((2, 2), p[:, 1].sum())


def _twin_of(u=None, x=(0, 1), y=None):
    def made(p):
        rates = np.array([_rate(p)] * 2)
        return p.sum(axis=1) if u is None else u(p), x, rates if y is None else y(p, rates)

    return made


def _helped_if(zero, one):
    if one > zero:
        return one - zero, one - zero * one
    return 0, one - zero * one


def _open_loop(q):
    truth = seen = unseen = 0
    for x, a, b in itertools.product((0, 1), repeat=3):
        truth += q[x, a, b] * b
        seen += q[x, a, b] * b * x
        unseen += q[x, a, b] * (1 - x)
    return truth, seen, seen + unseen


def _open_complement(q):
    return np.array([q[..., 1].sum(), q[1, 0, 1] + q[1, 1, 1], 1 - q[1, 0, 0] - q[1, 1, 0]])


def _with_helped(zero, one, helped):
    both = one - helped
    return np.array([[1 - zero - helped, helped], [zero - both, both]])


def _frechet(zero, one):
    return [_with_helped(zero, one, h) for h in (max(0, one - zero), min(one, 1 - zero))]


def _programs(zero, one):
    from scipy.optimize import linprog

    rows = [[1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1]]
    found = [linprog([0, s, 0, 0], A_eq=rows, b_eq=[1, zero, one]).x.reshape(2, 2) for s in (1, -1)]
    return found[1], found[0]


def _two_kinds_of_dice(zero, one):
    return _with_helped(zero, one, max(0, one - zero)), _with_helped(zero, one, one * (1 - zero))


def _best_grid(a, b, w):
    middle = np.mean([a, b])
    return np.array([middle, max(middle - a, middle - b), np.average([a, b], weights=[w, 1 - w])])


RIGHT = {
    "08.1": [lambda: [1, 0, 1, 0, 0, 1, 1], lambda: np.array([1, 0, 1, 0, 0, 1, 1])],
    "08.2": [_twin_loop, _twin_rows, _twin_cancelling],
    "08.3": [_helped_if, lambda zero, one: np.array([max(zero, one) - zero, one * (1 - zero)])],
    "08.4": [_open_loop, _open_complement],
    "08.5": [_frechet, _programs, lambda zero, one: np.array(_frechet(zero, one))],
    "08.6": [_best_grid, lambda a, b, w: (a / 2 + b / 2, max(a, b) / 2 - min(a, b) / 2, b + w * (a - b))],
    "08.7": [lambda: [3, 4], lambda: np.array([3, 4])],
}

WRONG = {
    "08.1": {
        "records are enough": (lambda: [1] * 7, "B:"),
        "any drawing will do": (lambda: [1, 0, 1, 1, 0, 1, 1], "D:"),
        "a trial says all": (lambda: [1, 0, 1, 0, 1, 1, 1], "E:"),
        "nothing is fixed": (lambda: [0] * 7, "A:"),
        "an assumption does not help": (lambda: [1, 0, 1, 0, 0, 0, 1], "F:"),
        "two worlds are always open": (lambda: [1, 0, 1, 0, 0, 1, 0], "G:"),
        "only a trial lifts": (lambda: [1, 0, 0, 0, 0, 1, 1], "C:"),
        "too few": (lambda: [1, 0, 1], "seven whole numbers"),
        "rungs": (lambda: [1, 2, 2, 2, 3, 3, 3], "0 or 1"),
    },
    "08.2": {
        "X still acts": (_twin_still_acts, "still acts"),
        "one rate for all": (_twin_no_tie, "tells nothing about Y"),
        "joint for conditional": (_twin_of(y=lambda p, r: np.array([p[:, 1]] * 2)), "a share of everybody"),
        "rates of Y = 0": (_twin_of(y=lambda p, r: 1 - r), "how often Y=1 goes with each X"),
        "kinds equally common": (_twin_of(u=lambda p: [0.5, 0.5]), "How common"),
        "weighed by Y": (_twin_of(u=lambda p: p.sum(axis=0)), "How common"),
        "three digits": (_twin_of(y=lambda p, r: np.round(r, 3)), "off by"),
        "the kind says nothing of X": (_twin_of(x=(1, 1)), "everybody has X = 1"),
        "X by chance": (_twin_of(x=(0.2, 0.8)), "0 or 1"),
        "kinds swapped": (_twin_of(x=(1, 0)), "other records"),
        "counts": (_twin_of(u=lambda p: p.sum(axis=1) / 2), "sum to 1"),
        "below 0": (_twin_of(u=lambda p: [-0.5, 1.5]), "no probability"),
        "not a number": (_twin_of(y=lambda p, r: r * np.nan), "no probability"),
        "one row": (_twin_of(y=lambda p, r: r[0]), "shapes"),
        "axes turned": (lambda p: (p.ravel(), [0, 0, 1, 1], [[0, 0], [1, 1], [0, 0], [1, 1]]), "shapes"),
        "x of both columns": (_twin_of(x=np.eye(2)), "shapes"),
        "two arrays": (lambda p: (p.sum(axis=1), [0, 1]), "three arrays"),
        "the records": (lambda p: p, "three arrays"),
        "nothing": (lambda p: None, "is there a return"),
        "text": (lambda p: ("u", "x", "y"), "numbers"),
    },
    "08.3": {
        "harmed by luck": (lambda zero, one: [max(0, one - zero), zero * (1 - one)], "whom X harms"),
        "well by luck": (lambda zero, one: [max(0, one - zero), zero * one], "in both worlds"),
        "all who are well": (lambda zero, one: [max(0, one - zero), one], "whatever they would be"),
        "two dice twice": (lambda zero, one: [(1 - zero) * one] * 2, "as if there were two dice"),
        "one die twice": (lambda zero, one: [max(0, one - zero)] * 2, "by luck alone"),
        "no floor": (lambda zero, one: [one - zero, (1 - zero) * one], "below 0"),
        "no floor twice": (lambda zero, one: [one - zero] * 2, "below 0"),
        "distance": (lambda zero, one: [abs(one - zero), (1 - zero) * one], "harmed, not helped"),
        "swapped": (lambda zero, one: _helped_if(zero, one)[::-1], "changed places"),
        "harmed": (lambda zero, one: _helped_if(one, zero), "harms"),
        "well in both": (lambda zero, one: [min(zero, one), zero * one], "well without"),
        "die turned round": (lambda zero, one: [min(one, 1 - zero), (1 - zero) * one], "other end"),
        "rate": (lambda zero, one: [one, one], "would have had Y = 1 without"),
        "one number": (lambda zero, one: max(0, one - zero), "shape"),
        "not a number": (lambda zero, one: [np.nan, np.nan], "NaN"),
    },
    "08.4": {
        "order": (lambda q: [_open_loop(q)[k] for k in (1, 0, 2)], "in another order"),
        "what is seen": (lambda q: [q[1, :, 1].sum() / q[1].sum(), *_open_loop(q)[1:]], "among those who had X = 1"),
        "no hidden cause": (
            lambda q: [_open_loop(q)[0]] + [q[1, :, 1].sum() / q[1].sum()] * 2,
            "like everybody",
        ),
        "no records": (lambda q: [q[:, :, 1].sum(), 0, 1], "without any records"),
        "looked behind": (lambda q: [q[:, :, 1].sum()] * 3, "do not hold b"),
        "other arm": (lambda q: [q[:, 1].sum(), q[0, 1].sum(), q[0, 1].sum() + q[1].sum()], "do(X=0)"),
        "a for b": (lambda q: _open_loop(q.transpose(0, 2, 1)), "do(X=0)"),
        "rate for share": (
            lambda q: [_open_loop(q)[0], *(q[1, :, 1].sum() / q[1].sum() + np.array([0, q[0].sum()]))],
            "only a part of everybody",
        ),
        "nobody harmed": (
            lambda q: [_open_loop(q)[0], q[1, :, 1].sum() + q[0, 1].sum(), _open_loop(q)[2]],
            "third rung",
        ),
        "nobody helped": (
            lambda q: [*_open_loop(q)[:2], q[1, :, 1].sum() + q[0, 1].sum()],
            "help some of the others",
        ),
        "others open": (lambda q: [*_open_loop(q)[:2], q[1, :, 1].sum() + q[1].sum()], "of whom do they not"),
        "turned": (lambda q: np.array(_open_loop(q))[[0, 2, 1]], "before the largest"),
        "two numbers": (lambda q: _open_loop(q)[1:], "shape"),
        "not a number": (lambda q: [np.nan] * 3, "NaN"),
    },
    "08.5": {
        "the dice of 08.3": (_two_kinds_of_dice, "larger still"),
        "the other end only": (
            lambda zero, one: (
                _with_helped(zero, one, one * (1 - zero)),
                _with_helped(zero, one, min(one, 1 - zero)),
            ),
            "smaller still",
        ),
        "twice the same": (lambda zero, one: [_with_helped(zero, one, one * (1 - zero))] * 2, "are the same"),
        "twice the same end": (lambda zero, one: [_frechet(zero, one)[0]] * 2, "are the same"),
        "a little apart": (
            lambda zero, one: [_with_helped(zero, one, one * (1 - zero) + s) for s in (0.01, -0.01)],
            "both can be moved",
        ),
        "no floor": (
            lambda zero, one: (_with_helped(zero, one, one - zero), _with_helped(zero, one, min(one, 1 - zero))),
            "no share",
        ),
        "the whole rate helped": (
            lambda zero, one: (_with_helped(zero, one, max(0, one - zero)), _with_helped(zero, one, one)),
            "no share",
        ),
        "nobody helped, whatever the rates": (
            lambda zero, one: ([[1 - zero, 0], [0, zero]], _frechet(zero, one)[1]),
            "other rates",
        ),
        "rates swapped": (lambda zero, one: [t.T for t in _frechet(zero, one)], "changed places"),
        "rates of 0": (lambda zero, one: [t[::-1, ::-1] for t in _frechet(zero, one)], "other rates"),
        "sum to 2": (lambda zero, one: [2 * t for t in _frechet(zero, one)], "sum to 1"),
        "one table": (lambda zero, one: _frechet(zero, one)[0], "two tables"),
        "two shares": (lambda zero, one: (max(0, one - zero), min(one, 1 - zero)), "two tables"),
        "not a number": (lambda zero, one: np.full((2, 2, 2), np.nan), "no share"),
        "nothing": (lambda zero, one: None, "None"),
        "ragged": (lambda zero, one: ([[1, 0], [0, 0]], [1]), "two tables"),
    },
    "08.6": {
        "weighed first": (lambda a, b, w: [w * a + (1 - w) * b, abs(a - b) / 2, w * a + (1 - w) * b], "does not ask"),
        "weighed first, its error": (
            lambda a, b, w: [w * a + (1 - w) * b, max(w, 1 - w) * abs(a - b), w * a + (1 - w) * b],
            "does not ask",
        ),
        "weights swapped": (lambda a, b, w: _best_grid(b, a, w), "weights have changed places"),
        "no weights": (lambda a, b, w: [(a + b) / 2, abs(a - b) / 2, (a + b) / 2], "more common kind counts"),
        "whole distance": (lambda a, b, w: [(a + b) / 2, abs(a - b), w * a + (1 - w) * b], "from either"),
        "squared": (lambda a, b, w: [(a + b) / 2, ((a - b) / 2) ** 2, w * a + (1 - w) * b], "is squared"),
        "sign": (lambda a, b, w: [(a + b) / 2, (a - b) / 2, w * a + (1 - w) * b], "never below 0"),
        "other sign": (lambda a, b, w: [(a + b) / 2, (b - a) / 2, w * a + (1 - w) * b], "never below 0"),
        "the likelier": (lambda a, b, w: [(a + b) / 2, abs(a - b) / 2, a if w > 0.5 else b], "bets"),
        "the error itself": (
            lambda a, b, w: [(a + b) / 2, abs(a - b) / 2, w * (1 - w) * (a - b) ** 2],
            "which answer has it",
        ),
        "turned": (lambda a, b, w: _best_grid(a, b, w)[::-1], "changed places"),
        "two numbers": (lambda a, b, w: [(a + b) / 2, w * a + (1 - w) * b], "shape"),
        "not a number": (lambda a, b, w: [np.nan] * 3, "NaN"),
    },
    "08.7": {
        "the conclusion": (lambda: [5, 4], "were all before it true"),
        "what was read": (lambda: [1, 4], "given"),
        "prediction": (lambda: [2, 4], "follows"),
        "knowing how it works": (lambda: [4, 4], "Sentence 4 is true"),
        "the data": (lambda: [3, 1], "read nothing new"),
        "the architecture": (lambda: [3, 2], "built as before"),
        "the parameters": (lambda: [3, 3], "no weight"),
        "no such place": (lambda: [3, 5], "four places"),
        "one number": (lambda: 3, "two whole numbers"),
        "in words": (lambda: [3, "prompt"], "numbers"),
    },
}
