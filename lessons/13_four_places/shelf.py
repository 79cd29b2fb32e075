"""Right and wrong answers to the exercises of chapter 13; the tests hold every check to them."""

import itertools
from collections import namedtuple
from types import SimpleNamespace

import numpy as np


def _mask_loops(arrows, do):
    n = len(arrows)
    seen = [[r == c for c in range(2 * n)] for r in range(2 * n)]
    for i, j in itertools.product(range(n), repeat=2):
        if arrows[i][j] and j not in do:
            seen[n + j][i] = True
    return seen


def _mask_blocks(arrows, do):
    n = len(arrows)
    listens = np.array([k not in do for k in range(n)], dtype=int)
    return np.block([[np.eye(n), np.zeros((n, n))], [listens[:, None] * arrows.T, np.eye(n)]])


def _looks(corner=lambda p, do: p, queries=0, values=0, own=1, uncut=False):
    """A mask with queries that see the values in a corner made otherwise; queries, values: whether these see their own kind."""

    def made(arrows, do):
        parents = np.array(arrows.T)
        parents[do * (not uncut)] = 0
        eye = own * np.eye(len(arrows), dtype=int)
        seen = corner(arrows.T.copy() if uncut else parents, do)
        return np.block([[eye + values * parents, 0 * eye], [seen, eye + queries * parents]]) > 0

    return made


def _without(table, rows=(), columns=()):
    table[list(rows)] = 0
    table[:, list(columns)] = 0
    return table


def _reach(parents, do):
    far = parents > 0
    for k in range(len(far)):
        far = far | np.outer(far[:, k], far[k])
    return _without(far.astype(int), do)


def _cut_alone(arrows, do):
    sees = np.array(_mask_loops(arrows, do))
    sees[[len(arrows) + k for k in do]] = False
    return sees


def _parts(p, s, n):
    """Lines with X=1: records, records with Y=1, trials, trials with Y=1, as shares of all lines."""
    done = sum(p[z].sum() * p[z, 1, 1] / p[z, 1].sum() for z in (0, 1))
    return (1 - s) * p[:, 1].sum(), (1 - s) * p[:, 1, 1].sum(), s / 2, s / 2 * done


def _read_parts(p, s, n):
    r, r1, t, t1 = _parts(p, s, n)
    return t1 / t, (r1 + t1) / (r + t), (t1 / t * (1 - t1 / t) / (n * t)) ** 0.5


def _read_weights(p, s, n):
    seen = p[:, 1, 1].sum() / p[:, 1].sum()
    done = np.average(p[:, 1, 1] / p[:, 1].sum(1), weights=p.sum((1, 2)))
    w = s / (s + 2 * (1 - s) * p[:, 1].sum())
    return np.array([done, (1 - w) * seen + w * done, np.sqrt(2 * done * (1 - done) / n / s)])


def _read(first=None, second=None, third=None):
    def found(p, s, n):
        right = _read_parts(p, s, n)
        x = SimpleNamespace(
            p=p, s=s, n=n, m=n * s / 2, done=right[0], seen=p[:, 1, 1].sum() / p[:, 1].sum(), text=right[1]
        )
        return [r if f is None else f(x) for r, f in zip(right, (first, second, third), strict=True)]

    return found


def _all_treat(x):
    return (x.s * x.done + (1 - x.s) * x.p[:, 1, 1].sum()) / (x.s + (1 - x.s) * x.p[:, 1].sum())


def _se(q, m):
    return np.sqrt(q * (1 - q) / m)


def _sum_loops(qa, qb, qc):
    words = range(len(qa))
    joint = {}
    for a, b, c, u in itertools.product((0, 1), (0, 1), (0, 1), words):
        pa, pb, pc = (q if on else 1 - q for q, on in ((qa[u], a), (qb[a], b), (qc[b, u], c)))
        joint[a, b, c, u] = pa * pb * pc / len(qa)
    seen = sum(v for k, v in joint.items() if k[0] == 1 and k[2] == 1) / sum(v for k, v in joint.items() if k[0] == 1)
    acted = sum((qb[1] * qc[1, u] + (1 - qb[1]) * qc[0, u]) / len(qa) for u in words)
    return seen, acted, sum(qc[1]) / len(qa)


def _front_door(qa, qb, qc):
    """From P(a, b, c) alone, in which no noise is left."""
    a, b, c = (np.stack([1 - q, q]) for q in (qa, qb, qc))
    p = np.einsum("au,ba,cbu->abc", a, b, c) / len(qa)
    pa, given_b = p.sum((1, 2)), p[:, :, 1] / p.sum(2)
    b_after = p[1].sum(1) / pa[1]
    by_b = pa @ given_b
    return np.array([p[1, :, 1].sum() / pa[1], b_after @ by_b, by_b[1]])


def _sum(first=None, second=None, third=None):
    def found(qa, qb, qc):
        right = _sum_loops(qa, qb, qc)
        return [r if f is None else f(qa, qb, qc) for r, f in zip(right, (first, second, third), strict=True)]

    return found


def _b_as_it_is(qa, qb, qc):
    b = qa.mean() * qb[1] + (1 - qa.mean()) * qb[0]
    return b * qc[1].mean() + (1 - b) * qc[0].mean()


def _given_b(qa, qb, qc):
    w = qa * qb[1] + (1 - qa) * qb[0]
    return w @ qc[1] / w.sum()


def _pieces(rates):
    cuts = [0, *sorted(map(float, rates)), 1]
    return list(itertools.pairwise(cuts))


def _listed(qb, qc, c, b_one=False, c_one=False, joint=False):
    """A die for each state, all falls listed; b_one, c_one: that variable has one die instead."""
    weight = total = 0
    for (b0, pb), (c0, pc) in itertools.product(_falls(qb, b_one), _falls(qc, c_one)):
        if c0[b0[0]] == c:
            total += pb * pc
            weight += pb * pc * c0[b0[1]]
    return weight if joint else weight / total


def _falls(rates, one):
    if one:
        return [((int(low < rates[0]), int(low < rates[1])), high - low) for low, high in _pieces(rates)]
    return [
        ((i, j), (rates[0] if i else 1 - rates[0]) * (rates[1] if j else 1 - rates[1]))
        for i, j in itertools.product((0, 1), repeat=2)
    ]


def _would_listed(qb, qc, c):
    return [_listed(qb, qc, c, one, one) for one in (True, False)]


def _would_formula(qb, qc, c):
    found = []
    for one in (True, False):
        b1, c1 = (min(q) if one else q[0] * q[1] for q in (qb, qc))  # 1 in both worlds
        b = np.array([[1 - qb[0] - qb[1] + b1, qb[1] - b1], [qb[0] - b1, b1]])
        fact = (1 - qb[0]) * qc[0] + qb[0] * qc[1]
        lost = b[0, 1] * (qc[0] - c1) + b[1, 0] * (qc[1] - c1)  # C was 1 and would be 0
        won = b[0, 1] * (qc[1] - c1) + b[1, 0] * (qc[0] - c1)
        found.append(1 - lost / fact if c else won / (1 - fact))
    return found


def _done(qb, qc, c):
    return qb[1] * qc[1] + (1 - qb[1]) * qc[0]


def _undivided(*case):
    return [_listed(*case, one, one, joint=True) for one in (True, False)]


def _unweighed(qb, qc, c):
    def after(one):
        found = 0
        for (b, would_b), w in _falls(qb, one):
            kept = [(fall, v) for fall, v in _falls(qc, one) if fall[b] == c]
            found += w * sum(v * fall[would_b] for fall, v in kept) / sum(v for _, v in kept)
        return found

    return [after(True), after(False)]


def _moments(w, done):
    w = np.asarray(w) / np.sum(w)
    mean = np.dot(w, done)
    return mean, np.sqrt(np.dot(w, np.square(done)) - mean**2)


def _loglik(p, counts):
    return np.array([sum(counts[x, y] * np.log(q[x, y]) for x in (0, 1) for y in (0, 1)) for q in p])


def _now(prior, p, counts):
    fit = _loglik(p, counts) + np.log(prior)
    return np.exp(fit - fit.max())


def _end(prior, p, counts):
    best = _loglik(p, counts).argmax()
    return np.array([w if np.allclose(q, p[best]) else 0 for w, q in zip(prior, p, strict=True)])


def _believed_tables(prior, p, done, counts):
    return [*_moments(_now(prior, p, counts), done), _moments(_end(prior, p, counts), done)[1]]


def _believed_many(prior, p, done, counts):
    more = _loglik(p, counts * 10**6)
    return np.array([*_moments(_now(prior, p, counts), done), _moments(prior * np.exp(more - more.max()), done)[1]])


def _believed(now=_now, end=_end, prior_of=lambda prior: prior):
    def found(prior, p, done, counts):
        prior = prior_of(prior)
        return [*_moments(now(prior, p, counts), done), _moments(end(prior, p, counts), done)[1]]

    return found


def _nearest(shown):
    def found(prior, p, done, counts):
        gaps = np.array([np.sum(np.abs(shown(q) - shown(counts / counts.sum()))) for q in p])
        return _moments(prior * (gaps < gaps.min() + 1e-9), done)[1]

    return found


def _but(place, change):
    def found(*case):
        right = _believed_tables(*case)
        right[place] = change(*case)
        return right

    return found


def _underflows(prior, p, done, counts):
    w = prior * (p**counts).prod(axis=(1, 2))
    return [*_moments(w, done), _moments(_end(prior, p, counts), done)[1]]


def _effect(said):
    return sum((said[0, 0, 0, 0] if a else 1 - said[0, 0, 0, 0]) * said[2, a, 1, 0] for a in (0, 1))


def _stays(arrows, said):
    foreign = [(v, k) for v, k in itertools.product(range(3), repeat=2) if not arrows[k, v]]
    return all(np.allclose(said[v].take(0, k), said[v].take(1, k), atol=1e-4) for v, k in foreign)


def _made(said, at):
    return np.prod([said[v][at] if at[v] else 1 - said[v][at] for v in range(3)])


def _fits(v):
    return all(abs(_made(v.said, at) - v.p[at]) < 0.01 for at in itertools.product((0, 1), repeat=3))


def _single(v):
    all_of_it = list(itertools.product((0, 1), repeat=3))
    gaps = [[(_made(v.said, at) - v.p[at]) * at[k] for at in all_of_it] for k in range(3)]
    return np.abs(np.sum(gaps, axis=1)).max() < 0.01


def _fits_on_average(v):
    return np.mean([abs(_made(v.said, at) - v.p[at]) for at in itertools.product((0, 1), repeat=3)]) < 0.01


def _adjusted(v):
    return sum(v.p[a].sum() * v.p[a, 1, 1] / v.p[a, 1].sum() for a in (0, 1))


def _steady(v):
    return v.again is not None and all(abs(x - v.own) < 0.02 for x in v.again)


def _steady_or_none(v):
    return v.again is None or _steady(v)


def _right_or_none(v):
    return v.trial is None or _right(v)


def _tried(trials, gap, most):
    return trials is not None and gap(trials) < most


def _near(rate):
    return lambda v: _tried(v.trial, lambda x: abs(x.mean() - rate(v)), 0.1)


_right = _near(lambda v: v.own)


def _vendor_ifs(*shown):
    v = _Shown(*shown)
    if not _stays(v.arrows, v.said):
        return 1
    if not _fits(v):
        return 2
    if not _steady(v):
        return 3
    return 5 if _right(v) else 4


def _vendor_nan(arrows, p, said, again, trial):
    v = _Shown(arrows, p, said, again, trial)
    again = np.array([np.nan]) if again is None else again
    trial = np.array([np.nan]) if trial is None else trial
    held = [_stays(arrows, said), _fits(v), np.abs(again - v.own).max() < 0.02, abs(trial.mean() - v.own) < 0.1, False]
    return np.argmin(held) + 1


class _Shown(namedtuple("Shown", "arrows p said again trial")):
    @property
    def own(self):
        return _effect(self.said)


def _vendor(**how):
    """The first sentence that fails, with some of the four judged otherwise."""

    def found(*shown):
        v = _Shown(*shown)
        judges = {"one": lambda v: _stays(v.arrows, v.said), "two": _fits, "three": _steady, "four": _right} | how
        return [*(bool(judge(v)) for judge in judges.values()), False].index(False) + 1

    return found


def _obeys(change):
    return _vendor(one=lambda v: _stays(change(v.arrows), v.said))


RIGHT = {
    "13.1": [lambda: [1, 4, 0, 3, 2, 0, 1], lambda: np.array([1, 4, 0, 3, 2, 0, 1])],
    "13.2": [_mask_loops, _mask_blocks],
    "13.3": [_read_parts, _read_weights],
    "13.4": [_sum_loops, _front_door],
    "13.5": [_would_listed, _would_formula],
    "13.6": [_believed_tables, _believed_many],
    "13.7": [_vendor_ifs, _vendor_nan],
}

WRONG = {
    "13.1": {
        "nowhere at all": (lambda: [0] * 7, "A:"),
        "told is data": (lambda: [1, 1, 0, 3, 2, 0, 1], "B:"),
        "size is data": (lambda: [1, 4, 1, 3, 2, 0, 1], "C:"),
        "order is architecture": (lambda: [1, 4, 2, 3, 2, 0, 1], "C:"),
        "records in the prompt": (lambda: [1, 4, 0, 4, 2, 0, 1], "D:"),
        "simulated is data": (lambda: [1, 4, 0, 1, 2, 0, 1], "D:"),
        "learned from records": (lambda: [1, 4, 0, 3, 3, 0, 1], "E:"),
        "an exhortation": (lambda: [1, 4, 0, 3, 2, 4, 1], "F:"),
        "equations built in": (lambda: [1, 4, 0, 3, 2, 0, 2], "G:"),
        "too few": (lambda: [1, 4, 0], "seven whole numbers"),
        "no such place": (lambda: [1, 5, 0, 3, 2, 0, 1], "0, 1, 2, 3 or 4"),
        "in words": (lambda: ["data"] * 7, "text"),
    },
    "13.2": {
        "children": (_looks(lambda p, do: _without(p.T, do), uncut=True), "i acts on j"),
        "columns look": (lambda arrows, do: np.array(_mask_loops(arrows, do)).T, "columns look at the rows"),
        "not cut": (lambda arrows, do: _mask_loops(arrows, []), "Nothing is cut"),
        "nobody listens": (_looks(lambda p, do: _without(p, columns=do), uncut=True), "Its children still listen"),
        "both cut": (_looks(lambda p, do: _without(p, columns=do)), "You cut twice"),
        "nobody sees itself": (_looks(own=0), "Every word looks at itself as well"),
        "a cut query sees nothing": (_cut_alone, "still looks at itself"),
        "its own value": (_looks(lambda p, do: p + np.eye(len(p), dtype=int)), "the answer"),
        "other queries": (_looks(lambda p, do: 0 * p, queries=1), "the queries of the parents"),
        "values alone": (_looks(lambda p, do: 0 * p, values=1), "the queries at nobody"),
        "values too": (_looks(values=1), "grandparents"),
        "ancestors": (_looks(_reach, uncut=True), "all ancestors"),
        "earlier words": (lambda arrows, do: np.tri(2 * len(arrows)), "any GPT"),
        "earlier parents": (_looks(lambda p, do: np.tril(p)), "lower number"),
        "all look": (_looks(values=1, queries=1), "word of some value looks at another"),
        "a random parent": (
            _looks(lambda p, do: np.roll(p, 1, 1) * (1 - np.eye(len(p), dtype=int))),
            "go through the rows",
        ),
        "queries alone": (lambda arrows, do: _rows(arrows.T, do), "shape"),
        "not a number": (lambda arrows, do: np.full((2 * len(arrows),) * 2, np.nan), "NaN"),
    },
    "13.3": {
        "seen for done": (_read(lambda x: x.seen), "a coin set X"),
        "seen, and its error": (_read(lambda x: x.seen, lambda x: x.seen, lambda x: _se(x.seen, x.m)), "a coin set X"),
        "swapped": (lambda *case: np.array(_read_parts(*case))[[1, 0, 2]], "changed places"),
        "severities alike": (_read(lambda x: (x.p[:, 1, 1] / x.p[:, 1].sum(1)).mean()), "count the same"),
        "a share of all": (_read(lambda x: x.p[:, 1, 1].sum()), "a share of all records"),
        "the other arm": (lambda p, s, n: _read_parts(p[:, ::-1], s, n), "second index"),
        "answers mixed": (_read(second=lambda x: x.s * x.done + (1 - x.s) * x.seen), "mixes the two *answers*"),
        "weights turned": (_read(second=lambda x: x.s * x.seen + (1 - x.s) * x.done), "weights have changed places"),
        "all trials treat": (_read(second=_all_treat), "every trial has X = 1"),
        "records alone": (_read(second=lambda x: x.seen), "of the records alone"),
        "as marked": (_read(second=lambda x: x.done), "as if the trials could still be told"),
        "all lines": (_read(third=lambda x: _se(x.done, x.n)), "counts all texts"),
        "all trials": (_read(third=lambda x: _se(x.done, x.n * x.s)), "counts all trials"),
        "variance": (_read(third=lambda x: x.done * (1 - x.done) / x.m), "the variance"),
        "rate alone": (_read(third=lambda x: np.sqrt(x.done / x.m)), "a factor is missing"),
        "at worst": (_read(third=lambda x: _se(0.5, x.m)), "the largest it can be"),
        "error as seen": (_read(third=lambda x: _se(x.seen, x.m)), "the rate of the records"),
        "error as mixed": (_read(third=lambda x: _se(x.text, x.m)), "of the *first* number"),
        "two numbers": (lambda *case: _read_parts(*case)[:2], "shape"),
        "not a number": (lambda *case: [np.nan] * 3, "NaN"),
    },
    "13.4": {
        "each its own noise": (_sum(first=lambda *q: _sum_loops(*q)[1]), "the *same* word"),
        "seen for done": (_sum(second=lambda *q: _sum_loops(*q)[0]), "so nothing is cut"),
        "swapped": (lambda *q: np.array(_sum_loops(*q))[[1, 0, 2]], "changed places"),
        "not divided": (_sum(first=lambda qa, qb, qc: _sum_loops(qa, qb, qc)[0] * qa.mean()), "a share of all"),
        "B as it is": (_sum(second=_b_as_it_is), "B still listens"),
        "B seen": (_sum(third=_given_b), "P(C=1 | B=1)"),
        "noise as with A": (_sum(third=lambda qa, qb, qc: qa @ qc[1] / qa.sum()), "A is whatever it is"),
        "third as second": (_sum(third=lambda *q: _sum_loops(*q)[1]), "whatever qb says"),
        "the other value": (lambda qa, qb, qc: _sum_loops(1 - qa, qb[::-1], qc[::-1]), "A = 0 and B = 0"),
        "added up": (lambda *q: np.array(_sum_loops(*q)) * [1, len(q[0]), len(q[0])], "take the mean"),
        "always B": (_sum(second=lambda qa, qb, qc: qc[1].mean()), "A is set, and B follows"),
        "backwards": (lambda *q: _sum_loops(*q)[::-1], "opposite order"),
        "one number": (lambda *q: _sum_loops(*q)[1], "shape"),
        "not a number": (lambda *q: [np.nan] * 3, "NaN"),
    },
    "13.5": {
        "rung two": (lambda *case: [_done(*case)] * 2, "for everybody"),
        "fresh luck": (lambda *case: [_listed(*case, True, True), _done(*case)], "new die in any case"),
        "one die twice": (lambda *case: [_listed(*case, True, True)] * 2, "Both of yours are with one die"),
        "a die for each twice": (lambda *case: [_listed(*case)] * 2, "Both of yours are with a die for each state"),
        "swapped": (lambda *case: _would_listed(*case)[::-1], "changed places"),
        "B not learned": (_unweighed, "weigh each pair"),
        "not divided": (_undivided, "the share of all units"),
        "the other fact": (lambda qb, qc, c: _would_listed(qb, qc, 1 - c), "C = 1 - c"),
        "the other way": (lambda qb, qc, c: _would_listed(qb[::-1], qc, c), "A was 1 and is set to 0"),
        "mixed for B": (lambda *case: [_listed(*case, c_one=True), _listed(*case)], "One die decides B as well"),
        "mixed for C": (lambda *case: [_listed(*case, b_one=True), _listed(*case)], "One die decides C"),
        "C's die for all": (
            lambda *case: [_listed(*case, True, True), _listed(*case, c_one=True)],
            "C has one die still",
        ),
        "B's die for all": (
            lambda *case: [_listed(*case, True, True), _listed(*case, b_one=True)],
            "B has one die still",
        ),
        "C stays": (lambda qb, qc, c: [c, c], "leaves C as it was"),
        "opposite": (lambda *case: [1 - x for x in _would_listed(*case)], "1 minus"),
        "one number": (lambda *case: _undivided(*case)[0], "shape"),
        "not a number": (lambda *case: [np.nan] * 2, "NaN"),
    },
    "13.6": {
        "nothing is left": (_but(2, lambda *case: 0), "do they agree on `done`"),
        "nothing shrinks": (_but(2, lambda *case: _believed_tables(*case)[1]), "as if more records told nothing"),
        "alike in the end": (_but(2, lambda prior, *case: _believed_tables(np.ones(9), *case)[2]), "count alike"),
        "all as before": (_but(2, lambda prior, p, done, counts: _moments(prior, done)[1]), "before any record"),
        "nearest table": (_but(2, _nearest(lambda p: p)), "nearest to the records"),
        "nearest effect": (_but(2, _nearest(lambda p: p[1, 1] / p[1].sum())), "P(Y=1 | X=1) alone"),
        "prior left out": (_believed(prior_of=lambda prior: np.full(len(prior), 1 / len(prior))), "fit alone"),
        "records left out": (_believed(lambda prior, p, counts: prior), "`prior` alone"),
        "added": (_believed(lambda prior, p, counts: prior * (p * counts).sum((1, 2))), "is a *product*"),
        "without end at once": (_believed(_end), "These are few records"),
        "likeliest world": (lambda *q: [q[2][_now(*q[:2], q[3]).argmax()], 0, 0], "bet on the likeliest"),
        "variances": (lambda *case: np.array(_believed_tables(*case)) ** [1, 2, 2], "are variances"),
        "spread of the list": (_but(1, lambda prior, p, done, counts: done.std()), "count alike"),
        "what is seen": (_but(0, lambda prior, p, done, counts: counts[1, 1] / counts[1].sum()), "P(Y=1 | X=1)"),
        "no logarithm": (_underflows, "NaN"),
        "two numbers": (lambda *case: _believed_tables(*case)[:2], "shape"),
    },
    "13.7": {
        "not tried, so not refuted": (_vendor(three=_steady_or_none, four=_right_or_none), "What was not tried"),
        "not trained again": (_vendor(three=_steady_or_none), "nobody trained again"),
        "no trial": (_vendor(four=_right_or_none), "there was no trial"),
        "as seen": (_vendor(four=_near(lambda v: v.p[:, 1, 1].sum() / v.p[:, 1].sum())), "P(C=1 | B=1) of the records"),
        "only too high": (
            _vendor(four=lambda v: _tried(v.trial, lambda x: x.mean() - v.own, 0.1)),
            "take the distance",
        ),
        "among themselves": (_vendor(three=lambda v: _tried(v.again, np.ptp, 0.02)), "*this* model's answer"),
        "mean of the others": (
            _vendor(three=lambda v: _tried(v.again, lambda x: abs(x.mean() - v.own), 0.02)),
            "the mean of the other trainings",
        ),
        "any of the others": (
            _vendor(three=lambda v: _tried(v.again, lambda x: abs(x - v.own).min(), 0.02)),
            "one training that agrees",
        ),
        "adjusted records": (
            _vendor(
                three=lambda v: _tried(v.again, lambda x: abs(x - _adjusted(v)).max(), 0.02), four=_near(_adjusted)
            ),
            "adjusted for A",
        ),
        "on average": (_vendor(two=_fits_on_average), "the mean distance"),
        "itself never looked at": (_obeys(lambda arrows: arrows + np.eye(3)), "no parent of itself"),
        "earlier words": (_obeys(lambda arrows: np.triu(np.ones((3, 3)), 1)), "all earlier"),
        "children": (_obeys(np.transpose), "i acts on j"),
        "one at a time": (_vendor(two=_single), "all three together"),
        "nothing wrong": (lambda *v: 0 if _vendor_ifs(*v) == 5 else _vendor_ifs(*v), "rung 3"),
        "last that holds": (lambda *v: _vendor_ifs(*v) - 1, "the last sentence"),
        "trusts the attention": (_vendor(one=lambda v: True), "lets sentence 1 pass"),
        "trusts the fit": (_vendor(two=lambda v: True), "lets sentence 2 pass"),
        "trusts the training": (_vendor(three=lambda v: True), "lets sentence 3 pass"),
        "trusts the drawing": (_vendor(four=lambda v: True), "lets sentence 4 pass"),
        "always the fifth": (lambda *v: 5, "same whatever"),
        "in words": (lambda *v: "the fourth", "is text"),
        "not a number": (lambda *v: np.nan, "NaN"),
    },
}
