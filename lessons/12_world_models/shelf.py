"""Right and wrong answers to the exercises of chapter 12; the tests hold every check to them."""

import itertools
import re

import numpy as np


def _by_coordinates(size, start, text):
    row, column = divmod(start, size)
    row += text.count("S.") - text.count("N.")
    column += text.count("E.") - text.count("W.")
    return row * size + column


def _by_pattern(size, start, text):
    steps = dict(zip("NESW", (-size, 1, size, -1), strict=True))
    return np.int64(start + sum(steps[d] for d in re.findall(r"([NESW])\.", text)))


def _walk(steps="rows", keep=".", cut=slice(None), from_=None):
    def end(size, start, text):
        of = {
            "rows": {"N": -size, "E": 1, "S": size, "W": -1},
            "upside down": {"N": size, "E": 1, "S": -size, "W": -1},
            "mirrored": {"N": -size, "E": -1, "S": size, "W": 1},
            "columns": {"N": -1, "E": size, "S": 1, "W": -size},
        }[steps]
        moves = text.split()[1:][cut]
        return (start if from_ is None else from_) + sum(of[m[0]] for m in moves if m[1] in keep)

    return end


def _clipped(size, start, text):
    at = np.array(divmod(start, size))
    for d in re.findall("[NESW]", text):
        at = np.clip(at + {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}[d], 0, size - 1)
    return at @ (size, 1)


def _stops(size, start, text):
    for d, outcome in text.split()[1:]:
        if outcome == "x":
            return start
        start += {"N": -size, "E": 1, "S": size, "W": -1}[d]
    return start


def _counting_arrays(p, leads):
    squares = np.arange(len(p))
    heaps = []
    for first, before, second in itertools.product(range(4), (False, True), range(4)):
        here = ((leads[:, first] == squares) == before) * p / 16
        there = leads[:, first]
        bumps = leads[there, second] == there
        heaps.append((second, here @ bumps, here @ ~bumps))
    short = sum(max(sum(h[k] for h in heaps if h[0] == d) for k in (1, 2)) for d in range(4))
    return np.array([short, sum(max(h[1:]) for h in heaps)])


def _counting_words(p, leads):
    words = {}
    for s, a, b in itertools.product(range(len(p)), range(4), range(4)):
        t = int(leads[s, a])
        key = (a, t == s, b, int(leads[t, b]) == t)
        words[key] = words.get(key, 0) + float(p[s]) / 16

    def best(kept):
        heaps = {}
        for (*shown, end), w in words.items():
            heaps.setdefault(tuple(shown[k] for k in kept), [0, 0])[end] += w
        return sum(map(max, heaps.values()))

    return best([2]), best([0, 1, 2])


def _told(p, leads, stays=False):
    told = np.zeros((4, 2, 4, 2))
    for s, a, b in itertools.product(range(len(p)), range(4), range(4)):
        t = leads[s, a]
        on = s if stays else t
        told[a, int(t == s), b, int(leads[on, b] == on)] += p[s] / 16
    return told


def _best(told):
    return told.max(axis=-1).sum()


def _counting(first=_best, second=_best, stays=False, evenly=False):
    def found(p, leads):
        told = _told(np.full(len(p), 1 / len(p)) if evenly else p, leads, stays)
        return [first(told.sum((0, 1))), second(told)]

    return found


def _early(p, leads):
    bumps = p @ (leads == np.arange(len(p))[:, None])
    return [np.maximum(bumps, 1 - bumps).mean(), _best(_told(p, leads))]


def _by_lot(told):
    total = told.sum(-1, keepdims=True)
    return (told**2 / np.where(total > 0, total, 1)).sum()


def _mean_of_rates(told):
    total = told.sum(-1)
    return (told.max(-1)[total > 0] / total[total > 0]).mean()


def _least(probe, readout):
    rows = np.vstack([probe, readout])
    wanted = np.eye(len(rows))
    wanted[1:, 1:] = 1
    return tuple(np.linalg.lstsq(rows, w, rcond=None)[0] for w in wanted[:2])


def _off(rows, vector):
    """What is left of a vector at right angles to the rows."""
    return vector - rows.T @ np.linalg.solve(rows @ rows.T, rows @ vector)


def _projected(probe, readout):
    alone = _off(readout, probe)
    unheard = alone / (probe @ alone)
    lifted = np.linalg.pinv(readout) @ np.ones(len(readout))
    return np.array([unheard, lifted - (probe @ lifted) * unheard])


def _with_more(probe, readout):  # anything at right angles to all rows may be added
    unheard, unseen = _least(probe, readout)
    more = _off(np.vstack([probe, readout]), np.arange(len(probe)) % 3 - 1.0)
    return [list(unheard + more), list(unseen - 2 * more)]


def _edit(**others):
    def made(probe, readout):
        right = dict(zip(("unheard", "unseen"), _least(probe, readout), strict=True))
        return tuple((right | {name: edit(probe, readout) for name, edit in others.items()}).values())

    return made


def _share(trial):
    return None if trial is None else sum(map(bool, trial)) / len(trial)


def _release_ifs(*data):
    probe, untrained, control, edited, random, pushed = map(_share, data)
    if probe is None or probe <= 0.5:
        return 1
    if untrained is None or probe - untrained <= 0.2:
        return 2
    if control is None or probe - control <= 0.2:
        return 3
    if None in (edited, random, pushed) or edited - random <= 0.2 or edited - pushed <= 0.2:
        return 4
    return 5


def _release_nan(probe, untrained, control, edited, random, pushed):  # what was not tried is not a number, and exceeds nothing
    tried = (probe, untrained, control, edited, random, pushed)
    share = np.array([np.nan if a is None else np.mean(a) for a in tried])
    gaps = np.array([share[0] - 0.3, *share[0] - share[1:3], share[3] - share[4:].max(), np.nan])
    return int(np.argmin(gaps > 0.2)) + 1


def _release(change=lambda shown, *_: shown, more=0.2, half=0.5, none=None, size=float):
    """The first sentence that fails, with what each of the four says changed; the fifth fails in any case."""

    def found(*data):
        share = [none if trial is None else _share(trial) for trial in data]

        def far(i, j):
            return share[i] is not None and share[j] is not None and size(share[i] - share[j]) > more

        shown = [share[0] > half, far(0, 1), far(0, 2), far(3, 4) and far(3, 5)]
        return [*change(shown, share, far), False].index(False) + 1

    return found


def _none_passes(shown, share, far):
    needed = ((0,), (0, 1), (0, 2), (3, 4, 5))
    return [s or any(share[i] is None for i in of) for s, of in zip(shown, needed, strict=True)]


def _grants(k, where=lambda share: True):
    return lambda shown, share, far: [s or (i == k and where(share)) for i, s in enumerate(shown)]


def _fourth(judge):
    return lambda shown, share, far: [*shown[:3], share[3] is not None and judge(share, far)]


def _low_controls(shown, share, far):
    return [shown[0], *(s is not None and s <= 0.5 for s in share[1:3]), shown[3]]


def _boundary(one, other):
    return {t for t in one if t not in other and all(t[:k] in other for k in range(1, len(t)))}


def _distinction_loops(a, b, true_a, true_b, telling=_boundary):
    found, true = telling(a, b), telling(true_a, true_b)
    right = sum(t in true_a and t not in true_b for t in found)
    known = sum(t in a and t not in b for t in true)
    return right / len(found), known / len(true)


def _distinction_first(a, b, true_a, true_b):
    def shortest(one, other):
        differ = one - other
        return [t for t in differ if not any(t[:k] in differ for k in range(1, len(t)))]

    found, true = shortest(a, b), shortest(true_a, true_b)
    return np.array([np.mean([t in true_a - true_b for t in found]), np.mean([t in a - b for t in true])])


def _overlap(found, true):
    return [len(found & true) / len(found), len(found & true) / len(true)]


def _fewest(texts):
    return {t for t in texts if len(t) == min(map(len, texts))}


def _conditional(pz, px, py):
    return (pz * px) @ py[:, 1] / (pz @ px)


def _answers_joint(pz, px, py):
    p = np.empty((2, 2, 2))
    for z, x, y in itertools.product((0, 1), repeat=3):
        p[z, x, y] = pz[z] * (px[z] if x else 1 - px[z]) * (py[z, x] if y else 1 - py[z, x])
    closed = sum(p[z].sum() * p[z, 1, 1] / p[z, 1].sum() for z in (0, 1))
    return closed, p[:, 1, 1].sum() / p[:, 1].sum(), p[:, :, 1].sum()


def _answers_factors(pz, px, py):
    treated = pz @ px
    recovered = sum(pz[z] * (px[z] * py[z, 1] + (1 - px[z]) * py[z, 0]) for z in (0, 1))
    return np.array([np.average(py[:, 1], weights=pz), np.dot([pz[z] * px[z] / treated for z in (0, 1)], py[:, 1]), recovered])


def _text(first=None, second=None, third=None):
    def found(pz, px, py):
        right = _answers_joint(pz, px, py)
        return [r if f is None else f(pz, px, py) for r, f in zip(right, (first, second, third), strict=True)]

    return found


def _closed(pz, px, py):
    return pz @ py[:, 1]


RIGHT = {
    "12.1": [_by_coordinates, _by_pattern],
    "12.2": [lambda: [1, 2, 1, 3, 1, 2, 3], lambda: np.array([1, 2, 1, 3, 1, 2, 3])],
    "12.3": [_counting_arrays, _counting_words],
    "12.4": [_least, _projected, _with_more],
    "12.5": [_release_ifs, _release_nan],
    "12.6": [_distinction_loops, _distinction_first],
    "12.7": [_answers_joint, _answers_factors],
}

WRONG = {
    "12.1": {
        "through walls": (_walk(keep=".x"), "through walls"),
        "edge alone": (_clipped, "through the walls inside"),
        "bumps alone": (_walk(keep="x"), "moves that bumped"),
        "upside down": (_walk("upside down"), "upside down"),
        "mirrored": (_walk("mirrored"), "East and west"),
        "by columns": (_walk("columns"), "column by column"),
        "stops at a bump": (_stops, "first bump"),
        "last move missing": (_walk(cut=slice(-1)), "last move is missing"),
        "last move alone": (_walk(cut=slice(-1, None)), "Where did the others lead"),
        "from 0": (_walk(from_=0), "began on `start`"),
        "counted from 1": (lambda *case: _by_coordinates(*case) + 1, "one too many"),
        "row and column": (lambda size, *rest: divmod(_by_coordinates(size, *rest), size), "a tuple of 2"),
        "text": (lambda *case: str(_by_coordinates(*case)), "without quotation marks"),
        "not a number": (lambda *case: float("nan"), "NaN"),
    },
    "12.2": {
        "all seen": (lambda: [1] * 7, "B:"),
        "a comparison acts": (lambda: [2, 2, 1, 3, 1, 2, 3], "A:"),
        "together is used": (lambda: [1, 2, 2, 3, 1, 2, 3], "C:"),
        "two readings seen": (lambda: [1, 2, 1, 1, 1, 2, 3], "D:"),
        "an interchange acts": (lambda: [1, 2, 1, 2, 1, 2, 2], "D:"),
        "two walks are two readings": (lambda: [1, 2, 1, 3, 3, 2, 3], "E:"),
        "nothing came of it": (lambda: [1, 2, 1, 3, 1, 1, 3], "a finding all the same"),
        "each walk in two worlds": (lambda: [1, 2, 1, 3, 1, 3, 3], "F: right answers are counted"),
        "a share acts": (lambda: [1, 2, 1, 3, 1, 2, 2], "G:"),
        "too few": (lambda: [1, 2, 1], "seven whole numbers"),
        "from 0": (lambda: [0, 1, 0, 2, 0, 1, 2], "1, 2 or 3"),
        "in words": (lambda: ["seeing"] * 7, "text"),
    },
    "12.3": {
        "swapped": (lambda p, leads: _counting_words(p, leads)[::-1], "changed places"),
        "where it stood": (_counting(stays=True), "starts where the first one did"),
        "too early": (_early, "before the first"),
        "evenly": (_counting(evenly=True), "every square the same"),
        "always moved": (_counting(lambda t: t[..., 0].sum(), lambda t: t[..., 0].sum()), "always bets"),
        "one bet": (_counting(*[lambda t: t.reshape(-1, 2).sum(0).max()] * 2), "same bet"),
        "first one bet": (_counting(lambda t: t.sum(0).max()), "the same on N, E, S and W"),
        "first by lot": (_counting(_by_lot), "The first bets by lot"),
        "second by lot": (_counting(second=_by_lot), "The second bets by lot"),
        "one lot": (_counting(*[lambda t: _by_lot(t.reshape(-1, 2).sum(0))] * 2), "whatever is shown"),
        "first one lot": (_counting(lambda t: _by_lot(t.sum(0))), "by lot, and the same"),
        "first always moved": (_counting(lambda t: t[..., 0].sum()), "in *each* direction"),
        "outcome not shown": (_counting(second=lambda t: _best(t.sum(1))), "first outcome is shown too"),
        "direction not shown": (_counting(second=lambda t: _best(t.sum(0))), "all first directions"),
        "by lot": (_counting(_by_lot, _by_lot), "bets by lot"),
        "mean of rates": (_counting(_mean_of_rates, _mean_of_rates), "mean over texts"),
        "the square known": (_counting(second=lambda t: 1), "needs the square"),
        "bumps": (_counting(lambda t: t[..., 1].sum(), lambda t: t[..., 1].sum()), "how often the move bumps"),
        "not shared out": (_counting(lambda t: 4 * _best(t), lambda t: 4 * _best(t)), "4 times"),
        "not a number": (lambda p, leads: [np.nan] * 2, "NaN"),
    },
    "12.4": {
        "along the probe": (_edit(unheard=lambda p, r: p / (p @ p)), "along the probe itself"),
        "length 1": (_edit(unheard=lambda p, r: _off(r, p) / np.linalg.norm(_off(r, p))), "make it exactly 1"),
        "westwards": (_edit(unheard=lambda p, r: -_least(p, r)[0]), "further *west*"),
        "nothing": (_edit(unheard=lambda p, r: 0 * p), "no more does the probe"),
        "only the first answer silent": (_edit(unheard=lambda p, r: _least(p, r[:1])[0]), "An answer hears"),
        "swapped": (lambda p, r: _least(p, r)[::-1], "changed places"),
        "unseen twice": (lambda p, r: [_least(p, r)[1]] * 2, "other way round"),
        "unheard twice": (lambda p, r: [_least(p, r)[0]] * 2, "no answer changes"),
        "seen": (_edit(unseen=lambda p, r: np.linalg.pinv(r).sum(1)), "the probe sees it"),
        "lifted by 2": (_edit(unseen=lambda p, r: 2 * _least(p, r)[1]), "rises by 2"),
        "one answer lifted": (_edit(unseen=lambda p, r: np.linalg.pinv([p, *r])[:, 1]), "rise by exactly 1"),
        "sum of rows": (_edit(unseen=lambda p, r: r.sum(0)), "With `unseen` the answers"),
        "one edit": (lambda p, r: _least(p, r)[0], "two edits"),
        "in the space of answers": (lambda p, r: (np.zeros(len(r)), np.ones(len(r))), "the shape of `h`"),
        "not a number": (lambda p, r: np.full((2, len(p)), np.nan), "NaN"),
        "nothing at all": (lambda p, r: None, "is there a return"),
        "in words": (lambda p, r: ("north", "south"), "array of numbers"),
    },
    "12.5": {
        "what was not tried": (_release(_none_passes), "nobody tried"),
        "none is 0": (_release(none=0), "read as 0, or passed over"),
        "far from 0.15": (_release(more=0.15), "a smaller difference is far"),
        "far from 0.25": (_release(more=0.25), "a larger difference is not"),
        "half at 0.45": (_release(half=0.45), "somewhat fewer"),
        "half at 0.55": (_release(half=0.55), "it takes more"),
        "whichever way": (_release(size=abs), "whichever way it goes"),
        "2 from 0.1": (_release(_grants(1, lambda s: s[1] is not None and s[0] - s[1] > 0.1)), "with the shares probe 0."),
        "edits alone": (_release(_fourth(lambda s, far: s[3] > 0.5)), "the shift along the probe alone"),
        "a shift was tried": (_release(_fourth(lambda s, far: True)), "What came of it"),
        "no push": (_release(_fourth(lambda s, far: far(3, 4))), "writes the answer, and moves nobody"),
        "no random shift": (_release(_fourth(lambda s, far: far(3, 5))), "any shift as long"),
        "or for and": (_release(_fourth(lambda s, far: far(3, 4) or far(3, 5))), "It has an *and*"),
        "no slip": (lambda *data: (lambda k: k if k < 5 else 0)(_release_ifs(*data)), "of how many towns"),
        "the last that holds": (lambda *data: _release_ifs(*data) - 1, "Asked is the first that"),
        "low controls": (_release(_low_controls), "below one half"),
        **{f"{k + 1} granted": (_release(_grants(k)), f"sentence {k + 1} pass") for k in range(4)},
        "the usual slip": (lambda *data: 4, "the same whatever"),
        "the shares": (lambda *data: [np.mean(d) for d in data if d is not None], "the number of a sentence"),
        "in words": (lambda *data: "four", "text"),
    },
    "12.6": {
        "swapped": (lambda *case: _distinction_loops(*case)[::-1], "changed places"),
        "all that differs": (lambda a, b, ta, tb: _overlap(a - b, ta - tb), "Only the *shortest* count"),
        "single tokens lost": (lambda *case: _distinction_loops(*case, lambda a, b: {t for t in a - b if t[:-1] in b}), "text of one token"),
        "the shortest of all": (lambda a, b, ta, tb: _overlap(_fewest(a - b), _fewest(ta - tb)), "whose own beginning is in both"),
        "b from a": (lambda a, b, ta, tb: _distinction_loops(b, a, tb, ta), "what tells b from a"),
        "either way": (lambda *case: _overlap(*(_boundary(*p) | _boundary(*p[::-1]) for p in (case[:2], case[2:]))), "what tells b from a as well"),
        "shortest in both": (lambda a, b, ta, tb: _overlap(_boundary(a, b), _boundary(ta, tb)), "be it the shortest"),
        "in the first set": (lambda a, b, ta, tb: [np.mean([t in s for t in _boundary(*p)]) for s, p in ((ta, (a, b)), (a, (ta, tb)))], "missing in the second"),
        "one walk": (lambda a, b, ta, tb: _overlap(a, ta), "about one walk"),
        "the texts": (lambda a, b, ta, tb: _boundary(a, b), "a set of"),
        "not a number": (lambda *case: [np.nan] * 2, "NaN"),
    },
    "12.7": {
        "what is seen": (_text(_conditional, _conditional, _conditional), "what the text says"),
        "first and third seen": (_text(first=_conditional, third=_conditional), "what the text says"),
        "closed": (_text(_closed, _closed, _closed), "first doctor's drawing for all three"),
        "third as first": (_text(third=_closed), "In the third drawing you adjusted"),
        "third as seen": (_text(third=_conditional), "In the third you gave"),
        "second closed": (_text(second=_closed), "For the second you let Z be"),
        "first seen": (_text(first=_conditional), "In the first drawing you gave"),
        "swapped": (_text(first=_conditional, second=_closed), "changed places. In the second"),
        "not divided": (_text(second=lambda pz, px, py: (pz * px) @ py[:, 1]), "share of all records"),
        "the other arm": (lambda pz, px, py: _answers_joint(pz, 1 - px, py[:, ::-1]), "do(X=0)"),
        "axes": (_text(lambda pz, px, py: pz @ py[1], lambda pz, px, py: pz * px @ py[1] / (pz @ px)), "second index"),
        "evenly": (_text(first=lambda pz, px, py: py[:, 1].mean()), "In the first both severities count the same"),
        "evenly everywhere": (lambda pz, px, py: _answers_joint(np.full(2, 0.5), px, py), "In all three both"),
        "evenly in the second": (_text(second=lambda pz, px, py: px @ py[:, 1] / px.sum()), "In the second both"),
        "the effects": (lambda pz, px, py: np.subtract(_answers_joint(pz, px, py), _answers_joint(pz, 1 - px, py[:, ::-1])), "Yours are effects"),
        "backwards": (lambda pz, px, py: _answers_joint(pz, px, py)[::-1], "opposite order"),
        "two answers": (lambda pz, px, py: _answers_joint(pz, px, py)[:2], "shape"),
        "not a number": (lambda pz, px, py: [np.nan] * 3, "NaN"),
    },
}
