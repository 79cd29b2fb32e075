"""The checker of proofs. It knows the three rules and the laws of probability, and nothing of how a proof was found."""

from __future__ import annotations

from collections import Counter

import numpy as np

from causalcourse.docalculus.proof import Differs, Proof, Verification, selection_diagram
from causalcourse.errors import GraphError
from causalcourse.expression import Expression, Probability, Product, Ratio, Sum, factors, product
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_populations
from causalcourse.separation import Separation, separated

_LISTED = 15  # variables and hidden causes up to which a random model is worked out in full


def verify(proof: Proof, models: int = 2) -> Verification:
    """Check every step of a proof: by its law and, in a small graph, by its numbers on `models` random models of it.

    Source: Pearl 2009, theorem 3.4.1; between populations, Pearl & Bareinboim 2014. Taught in chapter 05.
    """
    whole = proof.query
    for number, step in enumerate(proof.steps, 1):
        try:
            found, whole = whole.at(step.place), whole.replaced(step.place, step.after)
            why = refusal(proof.graph, step.law, step.before, step.after, proof.differs)
        except (IndexError, TypeError, AttributeError):
            return Verification(False, f"Step {number} changes a part that is not there.", number)
        if found != step.before or why:
            why = f"is not by {step.law}. {why}" if why else f"starts from {step.before}; there stands {found}."
            return Verification(False, f"Step {number} {why}", number)
    if whole != proof.estimand:
        return Verification(False, f"The steps end in {whole}, not in {proof.estimand}.", len(proof.steps))
    tried = max(0, models) * (len(proof.graph.nodes) + len(proof.graph.bidirected) <= _LISTED)
    if number := next(filter(None, (_unequal(proof, seed) for seed in range(tried))), None):
        return Verification(False, f"Step {number} is wrong on a random model of this graph.", number)
    numbers = f", and on {tried} random models" * bool(tried)
    return Verification(True, f"Every step holds by its law ({len(proof)} steps){numbers}.")


def refusal(graph: CausalGraph, law: str, a: Expression, b: Expression, differs: Differs | None = None) -> str:
    """Why `law` does not lead from `a` to `b`, in words; "" when it does. Used from chapter 05."""
    if law in _SHAPES:
        if isinstance(a, Product) and isinstance(b, Product):  # what stands on both sides may stay as it is
            both = Counter(factors(a)) & Counter(factors(b))
            a, b = (product((Counter(factors(side)) - both).elements()) for side in (a, b))
        return "" if _SHAPES[law](a, b) or _SHAPES[law](b, a) else f"{a} and {b} do not have the form of that law."
    if not (isinstance(a, Probability) and isinstance(b, Probability)):
        return "It is about a single probability P(...)."
    found = separation(graph, law, a, b, differs or {})
    return found if isinstance(found, str) else "" if found else f"It needs a separation that is not there: {found}"


def separation(graph: CausalGraph, law: str, a: Probability, b: Probability, differs: Differs) -> Separation | str:
    """What a rule asks for, in its mutilated graph; in words when it does not lead from `a` to `b`, "" for nothing.

    Source: Pearl 2009, theorem 3.4.1. Used from chapter 05.
    """
    both, either = set(a.given) & set(b.given), set(a.given) ^ set(b.given)
    held, acted = set(a.do) & set(b.do), set(a.do) ^ set(b.do)
    other = a.population or b.population
    fits = {
        "rule 1": bool(either) and not acted,
        "rule 2": bool(either) and either == acted and (either <= set(a.given) or either <= set(b.given)),
        "rule 3": bool(acted) and not either,
        "transport": not either and not acted and "" in (a.population, b.population) and other in differs,
    }
    if not fits.get(law) or set(a.of) != set(b.of) or (a.population == b.population) == (law == "transport"):
        return f"It does not lead from {a} to {b}."
    of, given, do, moved = ({s.node for s in symbols} for symbols in (a.of, both, held, either | acted))
    try:
        if law == "transport":
            graph, marks = selection_diagram(graph, differs[other])
            moved = set(marks)
        mutilated = graph.cut_into(do)
        if law == "rule 2":
            mutilated = mutilated.cut_out_of(moved)
        if law == "rule 3":
            mutilated = mutilated.cut_into(moved - mutilated.ancestors(given))
        return separated(mutilated, of, moved, given | do) if moved else ""
    except GraphError as error:  # a variable that is not in the graph
        return str(error)


def _total(a: Expression, b: Expression) -> bool:
    """P(y | w) = Σ_z P(y, z | w); and 1 = Σ_z P(z | w)."""
    if not (isinstance(b, Sum) and isinstance(b.body, Probability) and set(b.over) <= set(b.body.of)):
        return False
    p, left = b.body, tuple(s for s in b.body.of if s not in b.over)
    return a == (Probability(left, p.given, p.do, p.population) if left else Product())


def _chain(a: Expression, b: Expression) -> bool:
    """P(y, z | w) = P(y | z, w) P(z | w), for any number of factors."""
    if not isinstance(a, Probability) or not all(isinstance(f, Probability) for f in factors(b)):
        return False
    known = set(a.given)
    for f in sorted(factors(b), key=lambda f: len(f.given)):
        if (set(f.given), set(f.do), f.population) != (known, set(a.do), a.population):
            return False
        known.update(f.of)
    return known == {*a.given, *a.of}


def _conditional(a: Expression, b: Expression) -> bool:
    """P(y | z, w) = P(y, z | w) / P(z | w)."""
    return isinstance(b, Ratio) and isinstance(a, Probability) and _chain(b.above, Product((a, b.below)))


def _fractions(a: Expression, b: Expression) -> bool:
    """a / b = c / d when a d and b c have the same factors."""
    (above, below), (over, under) = _fraction(a), _fraction(b)
    return above + under == over + below


def _fraction(e: Expression) -> tuple[Counter, Counter]:
    if isinstance(e, Ratio):
        (above, below), (over, under) = _fraction(e.above), _fraction(e.below)
        return above + under, below + over
    if not isinstance(e, Product):
        return Counter([e]), Counter()
    sides = [_fraction(f) for f in e.factors]
    return sum((above for above, _ in sides), Counter()), sum((below for _, below in sides), Counter())


def _sums(a: Expression, b: Expression) -> bool:
    """Σ_z f(w) g(z) = f(w) Σ_z g(z)."""
    for s in factors(b):
        if isinstance(a, Sum) and isinstance(s, Sum) and set(s.over) == set(a.over):
            outside = Counter(factors(b)) - Counter([s])
            if Counter(factors(a.body)) == outside + Counter(factors(s.body)):
                return all(f.free.isdisjoint(a.over) for f in outside)
    return False


_SHAPES = {"total probability": _total, "chain rule": _chain, "conditioning": _conditional,
           "fractions": _fractions, "sums": _sums}  # fmt: skip


def _unequal(proof: Proof, seed: int) -> int | None:
    """The number of the first step whose two sides differ on a random model of the graph."""
    names = {node: f"V{i}" for i, node in enumerate(proof.graph.nodes)}
    differs = {population: [names[node] for node in nodes] for population, nodes in proof.differs.items()}
    worlds = random_populations(proof.graph.relabelled(names), np.random.default_rng(seed), differs)
    ratios = (Ratio(step.before, step.after).relabelled(names).evaluate(worlds) for step in proof.steps)
    # no probability of these models is 0
    return next((k for k, ratio in enumerate(ratios, 1) if not np.allclose(ratio, 1, rtol=0, atol=1e-9)), None)
