"""Right and wrong answers to the exercises of chapter 05; the tests hold every check to them."""

import ast
import re

import numpy as np

from causalcourse.docalculus import Derivation, Step, identify
from causalcourse.expression import parse


def _frontdoor_loop(p):
    answers = []
    for x in (0, 1):
        total = 0.0
        for m in range(3):
            inner = sum(p[o].sum() * p[o, m, 1] / p[o, m].sum() for o in (0, 1))
            total += p[x, m].sum() / p[x].sum() * inner
        answers.append(total)
    return answers


def _frontdoor_einsum(p):
    px, pm = p.sum((1, 2)), p.sum(2)
    return np.einsum("xm,o,om->x", pm / px[:, None], px, p[..., 1] / pm)


def _same_x(p):
    return (p[..., 1]).sum(1) / p.sum((1, 2))


def _adjusted_for_m(p):
    pm = p.sum((0, 2))
    return (p[..., 1] / p.sum(2)) @ pm


def _no_weight(p):
    pm = p.sum(2) / p.sum((1, 2))[:, None]
    return pm @ (p[..., 1] / p.sum(2)).mean(0)


def _m_seen(p):
    return (p.sum(2) / p.sum((1, 2))[:, None]) @ (p[..., 1].sum(0) / p.sum((0, 2)))


def _prior_m(p):
    px = p.sum((1, 2))
    return np.repeat(p.sum((0, 2)) @ (px @ (p[..., 1] / p.sum(2))), 2)


ONE, TWO = ("Z -> X -> Y; Z -> Y", "Y | do(X)"), ("X1 -> Z -> X2 -> Y; Z -> Y; X1 <-> X2", "Y | do(X1, X2)")


def _prove_z_first():
    d = Derivation(*ONE).sum_over("Z").chain("Y", "Z").rule3("X", at="P(Z | do(X))")
    return d.rule2("X")


def _follow_hints(question):
    d = Derivation(*question)
    while not d.goal:
        at, method, names = re.fullmatch(r"Look at (.*)\. Try (\w+)\((.*)\)\.", d.suggest()).groups()
        d = getattr(d, method)(*ast.literal_eval(f"({names},)"), at=at)
    return d


def _forged():
    d = Derivation(*ONE)
    return Derivation(d.graph, d.query, (Step("rule 2", (), d.query, parse("P(Y | X)")),))


def _two_doses_other():
    d = Derivation(*TWO).sum_over("Z").chain("Y", "Z")
    d = d.rule3("X1", at="P(Y | do(X1, X2), Z)").rule2("X2", at="P(Y | do(X2), Z)")
    return d.rule3("X2", at="P(Z | do(X1, X2))").rule2("X1", at="P(Z | do(X1))")


RIGHT = {
    "05.1": [lambda: [1, 2, 3, 0, 3, 2, 0], lambda: np.array([1, 2, 3, 0, 3, 2, 0])],
    "05.2": [_frontdoor_loop, _frontdoor_einsum],
    "05.3": [_prove_z_first, lambda: _follow_hints(ONE)],
    "05.4": [_two_doses_other, lambda: _follow_hints(TWO)],
    "05.5": [lambda: [6, 0], lambda: (6, False)],
    "05.6": [lambda: "X -> A -> B -> Y; X <-> Y", lambda: "X -> M -> Y; X <-> Y; Z -> X; Z -> Y"],
}

WRONG = {
    "05.1": {
        "A wrong": (lambda: [2, 2, 3, 0, 3, 2, 0], "A:"),
        "B wrong": (lambda: [1, 1, 3, 0, 3, 2, 0], "B:"),
        "C wrong": (lambda: [1, 2, 2, 0, 3, 2, 0], "C:"),
        "D wrong": (lambda: [1, 2, 3, 2, 3, 2, 0], "D:"),
        "E wrong": (lambda: [1, 2, 3, 0, 1, 2, 0], "E:"),
        "F wrong": (lambda: [1, 2, 3, 0, 3, 0, 0], "F:"),
        "G wrong": (lambda: [1, 2, 3, 0, 3, 2, 3], "G:"),
        "too few": (lambda: [1, 2, 3], "seven whole numbers"),
        "no such rule": (lambda: [1, 2, 3, 0, 3, 2, 4], "0, 1, 2 or 3"),
        "nothing": (lambda: None, "None"),
    },
    "05.2": {
        "what is seen": (_same_x, "P(Y=1 | x)"),
        "adjusts for m": (_adjusted_for_m, "mediator"),
        "not weighed": (_no_weight, "count the same"),
        "inner back door open": (_m_seen, "back door"),
        "m not under x": (_prior_m, "the same for both"),
        "x swapped": (lambda p: _frontdoor_loop(p)[::-1], "changed places"),
        "one number": (lambda p: _frontdoor_loop(p)[1], "shape"),
        "not a number": (lambda p: [np.nan, np.nan], "NaN"),
    },
    "05.3": {
        "the question": (lambda: Derivation(*ONE), "P(Y | do(X)) still acts"),
        "half way": (
            lambda: Derivation(*ONE).sum_over("Z").chain("Y", "Z").rule2("X", at="P(Y | do(X), Z)"),
            "P(Z | do(X)) still acts",
        ),
        "read off": (lambda: Derivation(*ONE).rule2("X"), "does not allow"),
        "text": (lambda: str(Derivation(*ONE)), "Derivation"),
        "a ready proof": (lambda: identify(*ONE).proof, "Proof"),
        "an easier drawing": (lambda: Derivation("X -> Y", "Y | do(X)").rule2("X"), "another drawing"),
        "nothing": (lambda: None, "None"),
        "no such step": (lambda: Derivation(*ONE).sum_over("X"), "fits no"),
        "forged": (_forged, "Step 1"),
    },
    "05.4": {
        "the question": (lambda: Derivation(*TWO), "still acts"),
        "read off": (lambda: Derivation(*TWO).rule2("X2"), "does not allow"),
        "one treatment for both": (
            lambda: Derivation(*TWO).sum_over("Z").chain("Y", "Z").rule3("X1", "X2", at="P(Z | do(X1, X2))"),
            "does not allow",
        ),
        "nothing": (lambda: None, "None"),
        "first dose forgotten": (lambda: Derivation(*TWO).rule3("X1"), "does not allow"),
        "an easier drawing": (
            lambda: Derivation("X1 -> Y; X2 -> Y", "Y | do(X1, X2)").rule2("X1", "X2"),
            "another drawing",
        ),
    },
    "05.5": {
        "step 3": (lambda: [3, 0], "Step 3 holds"),
        "step 4": (lambda: [4, 0], "Step 4 holds"),
        "step 5": (lambda: [5, 0], "Step 5 holds"),
        "too late": (lambda: [7, 0], "before"),
        "another proof": (lambda: [6, 1], "another proof"),
        "one number": (lambda: 6, "two whole numbers"),
        "nothing": (lambda: None, "None"),
    },
    "05.6": {
        "the bow": (lambda: "X -> Y; X <-> Y", "hedge"),
        "hidden cause wished away": (lambda: "X -> M -> Y", "X <-> Y"),
        "no effect": (lambda: "X -> M; X <-> Y", "acts on Y"),
        "an instrument": (lambda: "Z -> X -> Y; X <-> Y", "instrument"),
        "mediator with a hidden cause": (lambda: "X -> M -> Y; X <-> Y; X <-> M", "hedge"),
        "not a graph": (lambda: "X => Y", "graph"),
        "a number": (lambda: 3, "text"),
        "other names": (lambda: "A -> B; A <-> B", "X and Y"),
    },
}
