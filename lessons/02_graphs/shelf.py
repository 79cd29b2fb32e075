"""Right and wrong answers to the exercises of chapter 02; the tests hold every check to them."""

from itertools import combinations

import numpy as np

# ---------------------------------------------------------------- 02.1 and 02.2


def _open_words(left, right, given):
    heads = (left + right).replace("-", "")
    return given if heads == "><" else not given


def _blocked_backwards(path, given, below):
    triples = zip(path[-2:0:-2], path[-3::-2], path[-4::-2], strict=False)
    doors = []
    for after, node, before in triples:
        meets = before[-1] == ">" and after[0] == "<"
        touched = bool(({node} | below[node]) & set(given))
        doors.append(touched != meets if meets else node in given)
    return any(doors)


def _inner(path):
    return [tuple(path[k - 1 : k + 2]) for k in range(2, len(path) - 1, 2)]


def _blocked_loop(path, given, below):
    def closed(left, node, right):
        if left[-1] == ">" and right[0] == "<":
            return not (node in given or any(d in given for d in below[node]))
        return node in given

    return any(closed(*triple) for triple in _inner(path))


def _blocked_but(closed, over=any):
    def wrong(path, given, below):
        return bool(over(closed(left, node, right, given, below) for left, node, right in _inner(path)))

    return wrong


def _door(left, node, right, given, below):
    if left[-1] == ">" and right[0] == "<":
        return node not in given and not below[node] & given
    return node in given


def _door_without_below(left, node, right, given, below):
    meets = left[-1] == ">" and right[0] == "<"
    return (node not in given) if meets else (node in given)


def _door_without_heads(left, node, right, given, below):
    if left == "->" and right == "<-":
        return node not in given and not below[node] & given
    return node in given


def _door_from_below(left, node, right, given, below):
    told = bool(({node} | below[node]) & given)
    return not told if left[-1] == ">" and right[0] == "<" else told


def _first_door(path, given, below):
    return _door(*_inner(path)[0], given, below)


# ---------------------------------------------------------------- 02.3 and 02.4


def _children(parents):
    return {n: [m for m in parents if n in parents[m]] for n in parents}


def _ancestors(parents, nodes):
    found = set(nodes)
    while more := {a for n in found for a in parents[n]} - found:
        found |= more
    return found


def _ball(parents, x, y, given, deep=True):
    """Bayes ball: (node, came from above?) visited until nothing is new.

    With deep=False a collider opens only when it is itself given. That is right too, since the ball may
    go down to a given descendant, bounce there, and come back up.
    """
    children = _children(parents)
    opened = _ancestors(parents, given) if deep else set(given)
    todo, seen = [(x, False)], set()
    while todo:
        node, down = todo.pop()
        if (node, down) in seen:
            continue
        seen.add((node, down))
        if node not in given:
            todo += [(c, True) for c in children[node]]
        if (node in opened) if down else (node not in given):
            todo += [(p, False) for p in parents[node]]
    return not any(node == y for node, _ in seen)


def _by_paths(parents, x, y, given, deep=True, enough=any):
    children, opened = _children(parents), _ancestors(parents, given) if deep else given
    if deep == "one step":
        opened = {*given, *(a for n in given for a in parents[n])}

    def walk(path):
        node = path[-1]
        if node == y:
            yield path
        else:
            for step in {*parents[node], *children[node]} - set(path):
                yield from walk([*path, step])

    def is_open(path):
        for a, n, b in zip(path, path[1:], path[2:], strict=False):
            collides = a in parents[n] and b in parents[n]
            if (n not in opened) if collides else (n in given):
                return False
        return True

    return not enough(is_open(path) for path in walk([x]))


def _moral(parents, x, y, given, marry=True, leave_out=True):
    kept = _ancestors(parents, {x, y, *given}) if leave_out else set(parents)
    edges = {frozenset((a, n)) for n in kept for a in parents[n]}
    if marry:
        edges |= {frozenset(pair) for n in kept for pair in combinations(parents[n], 2)}
    reached = {x}
    while more := {m for e in edges if e & reached for m in e} - reached - set(given):
        reached |= more
    return y not in reached


def _along(parents, x, y, given):
    free = {n: [a for a in parents[n] if a not in given] for n in parents}
    return x not in _ancestors(free, {y}) and y not in _ancestors(free, {x})


def _ancestors_of_both(parents, x, y):
    return sorted(_ancestors(parents, {x, y}) - {x, y})


def _smallest(parents, x, y):
    others = sorted(set(parents) - {x, y})
    for k in range(len(others) + 1):
        for given in combinations(others, k):
            if _ball(parents, x, y, set(given)):
                return set(given)


def _joined_to(parents, node):
    return {*parents[node], *_children(parents)[node]}


# ---------------------------------------------------------------- 02.5


def _pairs(parents):
    return {tuple(sorted((a, n))) for n in parents for a in parents[n]}


def _vees(parents):
    joined = _pairs(parents)
    return {(a, n, b) for n in parents for a, b in combinations(sorted(parents[n]), 2) if (a, b) not in joined}


def _same_by_claims(one, other):
    """By force: both drawings separate the same, for every pair and every set."""

    def claims(parents):
        found = set()
        for x, y in combinations(sorted(parents), 2):
            others = sorted(set(parents) - {x, y})
            for k in range(len(others) + 1):
                found |= {(x, y, g) for g in combinations(others, k) if _ball(parents, x, y, set(g))}
        return found

    return claims(one) == claims(other)


def _colliders(parents):
    return {(n, *pair) for n in parents for pair in combinations(sorted(parents[n]), 2)}


# ---------------------------------------------------------------- 02.6 and 02.7


def _rates(people, *by):
    return people.groupby([*by, "diabetes"])["arthritis"].mean().unstack("diabetes")


def _held(people, *by):
    rates = _rates(people, *by)
    share = people.groupby(list(by)).size() / len(people)
    return float(((rates[1] - rates[0]) * share).sum())


def _held_loop(people):
    answer = 0.0
    for old in (0, 1):
        group = people[people["old"] == old]
        sick = group["diabetes"] == 1
        answer += len(group) * (group["arthritis"][sick].mean() - group["arthritis"][~sick].mean())
    return answer / len(people)


def _crude(people):
    rates = people.groupby("diabetes")["arthritis"].mean()
    return rates[1] - rates[0]


def _seen(p):
    """P(S=1 | V=1), P(V=1 | S=1), P(S=1), P(V=1)."""
    s, v, both = p[:, :, 1].sum(), p[1].sum(), p[1, :, 1].sum()
    return both / v, both / s, s, v


def _worlds(make):
    return lambda p: make(*_seen(p))


def _by_factors(p):
    """Each world as its own product of factors; acting takes one factor out."""
    p_v, p_a, p_s = p.sum((1, 2)), p.sum((0, 2)), p.sum((0, 1))
    a_v, s_a = p.sum(2) / p_v[:, None], p.sum(0) / p_a[:, None]
    a_s, v_a = p.sum(0) / p_s, p.sum(2) / p_a
    chain = [a_v[1] @ s_a[:, 1], p_v[1]]
    fork = [p_a @ s_a[:, 1], v_a[1] @ p_a]
    back = [p_s[1], v_a[1] @ a_s[:, 1]]
    return [chain, fork, back]


RIGHT = {
    "02.1": [lambda left, right, given: ((left, right) == ("->", "<-")) == given, _open_words],
    "02.2": [_blocked_loop, _blocked_backwards],
    "02.3": [_ball, lambda p, x, y, g: _ball(p, x, y, g, False), _by_paths, _moral],
    "02.4": [_smallest, _ancestors_of_both],
    "02.5": [lambda one, other: (_pairs(one), _vees(one)) == (_pairs(other), _vees(other)), _same_by_claims],
    "02.6": [lambda people: _held(people, "old"), _held_loop],
    "02.7": [_worlds(lambda sv, vs, s, v: np.array([[sv, v], [s, v], [s, vs]])), _by_factors],
}

WRONG = {
    "02.1": {
        "blocked in place of open": (lambda a, b, given: (a + b == "-><-") != given, "the opposite"),
        "no colliders": (lambda a, b, given: not given, "Where two arrowheads meet"),
        "all colliders": (lambda a, b, given: given, "Only a collider does"),
        "the fork as collider": (lambda a, b, given: given == ((a, b) == ("<-", "->")), "You took the fork"),
        "a collider never opens": (lambda a, b, given: not given and a + b != "-><-", "even when it is given"),
        "only chains": (lambda a, b, given: given if a != b else not given, "A fork is like a chain"),
        "always open": (lambda a, b, given: True, "the same whatever"),
    },
    "02.2": {
        "open in place of blocked": (lambda *a: not _blocked_loop(*a), "the opposite"),
        "no colliders": (lambda path, given, below: any(n in given for n in path[2:-2:2]), "when it is *not* given"),
        "forgets what lies below": (_blocked_but(_door_without_below), "something *below* it"),
        "what lies below blocks as well": (_blocked_but(_door_from_below), "from *below* a chain"),
        "all have to block": (_blocked_but(_door, all), "One is enough"),
        "only the first node": (_first_door, "go on to the next"),
        "no heads on <->": (_blocked_but(_door_without_heads), "one at either end"),
        "looks for the ends too": (lambda path, given, below: 1 if given else 0, "True or False"),
    },
    "02.3": {
        "connected in place of separated": (lambda *a: not _ball(*a), "the opposite"),
        "no colliders": (lambda p, x, y, g: _moral(p, x, y, g, False, False), "You let given nodes block"),
        "forgets what lies below": (lambda p, x, y, g: _by_paths(p, x, y, g, False), "*descendants*"),
        "one step below only": (lambda p, x, y, g: _by_paths(p, x, y, g, "one step"), "and no further down"),
        "one blocked path is enough": (lambda p, x, y, g: _by_paths(p, x, y, g, enough=all), "as soon as *one* path"),
        "only along the arrows": (_along, "A path may go against them"),
        "keeps everything": (lambda p, x, y, g: _moral(p, x, y, g, True, False), "*every* node"),
        "joins no parents": (lambda p, x, y, g: _moral(p, x, y, g, False, True), "ties its parents"),
        "only whether an arrow joins them": (lambda p, x, y, g: x not in p[y] and y not in p[x], "same whatever"),
    },
    "02.4": {
        "nothing": (lambda p, x, y: set(), "You give nothing"),
        "everything": (lambda p, x, y: {n for n in p if n not in (x, y)}, "all the others"),
        "parents of x": (lambda p, x, y: list(p[x]), "parents of x"),
        "parents of y": (lambda p, x, y: tuple(p[y]), "parents of y"),
        "neighbours in common": (lambda p, x, y: _joined_to(p, x) & _joined_to(p, y), "joined to both"),
        "neighbours of x": (lambda p, x, y: _joined_to(p, x) - {y}, "everything that is joined to x"),
        "the first that comes": (lambda p, x, y: {min(set(p) - {x, y})}, "is open"),
        "one of the two itself": (lambda p, x, y: {x}, "one of the two nodes"),
        "not a node": (lambda p, x, y: {"nobody"}, "not a node"),
        "one name": (lambda p, x, y: "A", "A set of names"),
    },
    "02.5": {
        "different in place of same": (lambda a, b: not _same_by_claims(a, b), "the opposite"),
        "only the pairs": (lambda a, b: _pairs(a) == _pairs(b), "compare the v-structures too"),
        "only the v-structures": (lambda a, b: _vees(a) == _vees(b), "join different pairs"),
        "every collider": (
            lambda a, b: _pairs(a) == _pairs(b) and _colliders(a) == _colliders(b),
            "is no v-structure",
        ),
        "the same colliders": (
            lambda a, b: _pairs(a) == _pairs(b) and {n for _, n, _ in _vees(a)} == {n for _, n, _ in _vees(b)},
            "which two parents",
        ),
        "as many v-structures": (lambda a, b: _pairs(a) == _pairs(b) and len(_vees(a)) == len(_vees(b)), "You count the"),
        "the same drawing": (lambda a, b: {n: set(p) for n, p in a.items()} == {n: set(p) for n, p in b.items()}, "arrow by arrow"),
        "as many arrows": (lambda a, b: len(_pairs(a)) == len(_pairs(b)), "how many arrows"),
    },
    "02.6": {
        "the analyst's own function": (lambda t: _held(t, "old", "ward"), "still the analyst's"),
        "nothing held": (_crude, "Nothing is held fixed"),
        "only the ward held": (lambda t: _held(t, "ward"), "the other way round"),
        "patients only": (lambda t: _held(t[t["ward"] == 1], "old"), "patients on the ward only"),
        "nobody from the ward": (lambda t: _held(t[t["ward"] == 0], "old"), "left the patients out"),
        "age groups weighted equally": (
            lambda t: (_rates(t, "old")[1] - _rates(t, "old")[0]).mean(),
            "share of all people",
        ),
        "the young only": (lambda t: _crude(t[t["old"] == 0]), "for the young"),
        "the old only": (lambda t: _crude(t[t["old"] == 1]), "for the old"),
        "the wrong way round": (lambda t: -_held_loop(t), "sign"),
        "in percent": (lambda t: 100 * _held_loop(t), "percent"),
    },
    "02.7": {
        "seeing everywhere": (_worlds(lambda sv, vs, s, v: [[sv, vs]] * 3), "what is *seen*"),
        "nothing ever changes": (_worlds(lambda sv, vs, s, v: [[s, v]] * 3), "no action change anything"),
        "the fork acts": (_worlds(lambda sv, vs, s, v: [[sv, v], [sv, vs], [s, vs]]), "In the fork"),
        "against the arrows": (_worlds(lambda sv, vs, s, v: [[sv, vs], [s, v], [sv, vs]]), "against the arrows"),
        "rows 1 and 3 swapped": (_worlds(lambda sv, vs, s, v: [[s, vs], [s, v], [sv, v]]), "Rows 1 and 3"),
        "columns swapped": (_worlds(lambda sv, vs, s, v: [[v, sv], [v, s], [vs, s]]), "two columns"),
        "one row": (_worlds(lambda sv, vs, s, v: [sv, v]), "shape (3, 2)"),
    },
}
