"""The proof assistant: a derivation made by hand, each step checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from causalcourse.docalculus.identify import as_query, identify
from causalcourse.docalculus.proof import Proof, Step
from causalcourse.docalculus.prove import shorter
from causalcourse.docalculus.telling import picture, premise, refused
from causalcourse.docalculus.verify import refusal
from causalcourse.errors import CourseError
from causalcourse.expression import (
    Expression,
    ExpressionError,
    Place,
    Probability,
    Product,
    Ratio,
    Sum,
    Symbol,
    factors,
    fresh_symbol,
    parse,
)
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.separation import Finding, Separation
from causalcourse.speaking import picture as show_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Make = Callable[[Probability, tuple[Symbol, ...], Iterable[Symbol]], "Expression | None"]


class StepRefused(CourseError):
    """A step that is not allowed; the message says why. In a notebook the open path is drawn above it.

    graph, separation: where a rule looked and what it found there, when an open path is the reason.
    Taught in chapter 05.
    """

    def __init__(self, message: str, graph: CausalGraph | None = None, found: Separation | None = None) -> None:
        super().__init__(message)
        self.graph, self.separation, self._drawn = graph, found, False

    def draw(self) -> Axes:
        """The open path in the graph that the rule looks at. Raises CourseError when there is none.

        Taught in chapter 05.
        """
        if self.graph is None or self.separation is None:
            raise CourseError("There is no open path to draw: the step was refused for another reason.")
        return picture(self.graph, self.separation, f"{self.separation.path} is open here, so the step is refused")

    def _render_traceback_(self) -> list[str]:
        if self.graph is not None and not self._drawn:  # Jupyter asks twice
            self._drawn = True
            show_picture(self.draw)
        return super()._render_traceback_()


class Derivation:
    """A derivation from `query` as far as it has come; each method gives a new one, one step further.

    A step is taken on the one probability that it fits; where it fits several, `at` names which, such as
    at="P(Y | do(X), M)". A step that does not hold raises StepRefused with the reason.
    Source: Pearl 2009, theorem 3.4.1. Taught in chapter 05.
    """

    def __init__(self, graph: Any, query: Probability | str, steps: tuple[Step, ...] = ()) -> None:
        self.graph = as_graph(graph)
        self.query = as_query(self.graph, query)
        self.steps = steps

    @property
    def proof(self) -> Proof:
        """The derivation so far as a proof. Taught in chapter 05."""
        formula: Expression = self.query
        for step in self.steps:
            formula = formula.replaced(step.place, step.after)
        return Proof(self.graph, self.query, self.steps, formula)

    @property
    def formula(self) -> Expression:
        """What the query has become so far. Taught in chapter 05."""
        return self.proof.estimand

    @property
    def goal(self) -> Finding:
        """Whether the formula is free of do(...), so that P(v) alone gives its value. Taught in chapter 05."""
        left = dict.fromkeys(str(p) for p in self.formula.probabilities() if p.do)
        if left:
            return Finding(False, f"{', '.join(left)} still act{'s' * (len(left) == 1)}.")
        return Finding(True, f"{self.query} = {self.formula}, in terms of what is seen alone.")

    def rule1(self, *nodes: Node, at: Any = None) -> Derivation:
        """Leave out what is seen and says nothing more, or put it in. Raises StepRefused. Taught in chapter 05."""
        return self._taken("rule 1", nodes, at, _seen)

    def rule2(self, *nodes: Node, at: Any = None) -> Derivation:
        """Turn do(z) into seeing z, or seeing z into do(z). Raises StepRefused. Taught in chapter 05."""
        return self._taken("rule 2", nodes, at, _exchanged)

    def rule3(self, *nodes: Node, at: Any = None) -> Derivation:
        """Leave out an action that does nothing, or put one in. Raises StepRefused. Taught in chapter 05."""
        return self._taken("rule 3", nodes, at, _set)

    def sum_over(self, *nodes: Node, at: Any = None) -> Derivation:
        """Add up over all values: P(y | w) = Σ_z P(y, z | w). Raises StepRefused. Taught in chapter 05."""
        return self._taken("total probability", nodes, at, _summed)

    def chain(self, *order: Node, at: Any = None) -> Derivation:
        """Write P(y, z | w) as P(y | z, w) P(z | w), the variables in `order`. Raises StepRefused.

        Taught in chapter 05.
        """
        return self._taken("chain rule", order, at, _chained)

    def condition_on(self, *nodes: Node, at: Any = None) -> Derivation:
        """Write P(y | z, w) as P(y, z | w) / P(z | w), z being `nodes`. Raises StepRefused. Taught in chapter 05."""
        return self._taken("conditioning", nodes, at, _conditioned)

    def simplify(self) -> Derivation:
        """Make the formula shorter by the laws of probability alone: cancel, sum out, join factors.

        Taught in chapter 05.
        """
        now = self
        while True:
            for place, part in sorted(now.formula.places(), key=lambda found: -len(found[0])):
                law, after = shorter(part)
                if law:
                    now = Derivation(now.graph, now.query, (*now.steps, Step(law, place, part, after)))
                    break
            else:
                return now

    def undo(self) -> Derivation:
        """The derivation before its last step. Raises StepRefused when there is none. Taught in chapter 05."""
        if not self.steps:
            raise StepRefused("There is no step to undo: this is the question itself.")
        return Derivation(self.graph, self.query, self.steps[:-1])

    def suggest(self) -> str:
        """A hint: a step that leads on from here, or word that none does. Taught in chapter 05.

        Following hints alone ends at the goal: they keep to one proof, of the earliest formula that the steps since
        then have followed.
        """
        if self.goal:
            return "Nothing is left to do: the formula is free of do(...)."
        if not (found := identify(self.graph, self.query)):
            return f"No steps lead to the goal. {found}"
        for earlier in self.proof.formulas:
            for place, p in earlier.places():
                if isinstance(p, Probability) and p.do and (hint := self._next(place, p)):
                    return hint
        return "The formula as it is now cannot be freed of do(...) part by part. Undo a step, and split it otherwise."

    def _next(self, place: Place, p: Probability) -> str:
        """The step after those already taken of the proof for `p`, which stood at `place`; "" when they left it."""
        found = identify(self.graph, p)
        if found.proof is None:
            return ""
        try:
            part = self.formula.at(place)
        except IndexError:
            return ""
        for formula, step in reversed(list(zip(found.proof.formulas, found.proof.steps, strict=False))):
            if part != formula:
                continue
            theirs, ours, names = formula, part, {}
            for k in step.place:  # sums that mean the same may run over other symbols
                names |= dict(zip(theirs.over, ours.over, strict=False)) if isinstance(theirs, Sum) else {}
                theirs, ours = theirs.parts[k], ours.parts[k]
            if ours == step.before.renamed(names):
                return f"Look at {ours}. Try {_call(step, names)}."
        return ""

    def _taken(self, law: str, nodes: tuple[Any, ...], at: Any, make: _Make) -> Derivation:
        """The derivation one step further: on the one probability where the law holds for `nodes`."""
        if not nodes and law != "chain rule":
            raise StepRefused(f"Name the variables that the step is about, such as {_METHODS[law]}('X').")
        symbols = tuple(self._symbol(node) for node in nodes)
        where = None if at is None else parse(at) if isinstance(at, str) else at
        fits, refusals = [], []
        for place, p in self.formula.places():
            if not isinstance(p, Probability) or (where is not None and p != where):
                continue
            try:
                after = make(p, symbols, self._around(place))
            except ExpressionError:  # a variable would stand twice
                continue
            if after is None:
                continue
            step = Step(law, place, p, after)
            if refusal(self.graph, law, p, after):
                refusals.append(step)
            elif all(p != other.before for other in fits):
                fits.append(step)
        if len(fits) == 1:
            return Derivation(self.graph, self.query, (*self.steps, fits[0]))
        call = _written_call(law, nodes)
        if fits:
            listed = " or ".join(f'at="{step.before}"' for step in fits)
            raise StepRefused(f"{call} fits at several places. Say which: {listed}.")
        if refusals:
            found = premise(self.graph, refusals[0])
            graph = self.graph if found is not None else None
            raise StepRefused(refused(self.graph, refusals[0]), graph, found)
        raise StepRefused(f"{call} fits no probability in {where or self.formula}. {_NEEDS[law]}")

    def _symbol(self, node: Any) -> Symbol:
        """The variable meant; X' means another value of it where the name is no variable itself."""
        if isinstance(node, str) and node not in self.graph.nodes:
            plain = node.rstrip("'")
            return Symbol(*self.graph.pick(plain), len(node) - len(plain))
        return Symbol(*self.graph.pick([node]))

    def _around(self, place: Place) -> set[Symbol]:
        """The symbols that mean something at a place: the formula's free ones, and those of the sums around it."""
        formula, symbols = self.formula, set(self.formula.free)
        for k in range(len(place)):
            part = formula.at(place[:k])
            symbols.update(part.over if isinstance(part, Sum) else ())
        return symbols

    def __str__(self) -> str:
        return str(self.proof)

    __repr__ = __str__

    def _repr_latex_(self) -> str | None:
        return self.proof._repr_latex_()


def _seen(p: Probability, symbols: tuple[Symbol, ...], _: Iterable[Symbol]) -> Expression | None:
    """Rule 1's form: what is given leaves, what is not comes in."""
    return Probability(p.of, _toggled(p.given, symbols), p.do, p.population)


def _set(p: Probability, symbols: tuple[Symbol, ...], _: Iterable[Symbol]) -> Expression | None:
    """Rule 3's form: an action leaves or comes in."""
    return Probability(p.of, p.given, _toggled(p.do, symbols), p.population)


def _toggled(there: tuple[Symbol, ...], symbols: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    nodes = {s.node for s in symbols}
    if leaving := [s for s in there if s.node in nodes]:
        return tuple(s for s in there if s not in leaving)
    return there + symbols


def _exchanged(p: Probability, symbols: tuple[Symbol, ...], _: Iterable[Symbol]) -> Expression | None:
    """Rule 2's form: do(z) becomes z, or z becomes do(z)."""
    nodes = {s.node for s in symbols}
    acted, given = (tuple(s for s in there if s.node in nodes) for there in (p.do, p.given))
    if len(acted) == len(nodes):
        return Probability(p.of, p.given + acted, tuple(s for s in p.do if s not in acted), p.population)
    if len(given) == len(nodes):
        return Probability(p.of, tuple(s for s in p.given if s not in given), p.do + given, p.population)
    return None


def _summed(p: Probability, symbols: tuple[Symbol, ...], around: Iterable[Symbol]) -> Expression | None:
    over = tuple(fresh_symbol(s.node, around) for s in symbols)
    return Sum(over, Probability(p.of + over, p.given, p.do, p.population)) if over else None


def _chained(p: Probability, symbols: tuple[Symbol, ...], _: Iterable[Symbol]) -> Expression | None:
    nodes = [s.node for s in symbols]
    order = sorted(p.of, key=lambda s: nodes.index(s.node) if s.node in nodes else len(nodes))
    if len(order) < 2 or not {s.node for s in order}.issuperset(nodes):
        return None
    return Product(tuple(Probability((s,), (*p.given, *order[k:]), p.do, p.population) for k, s in enumerate(order, 1)))


def _conditioned(p: Probability, symbols: tuple[Symbol, ...], _: Iterable[Symbol]) -> Expression | None:
    nodes = {s.node for s in symbols}
    z, rest = (tuple(s for s in p.given if (s.node in nodes) == inside) for inside in (True, False))
    if not z or len(z) < len(nodes):
        return None
    return Ratio(Probability(p.of + z, rest, p.do, p.population), Probability(z, rest, p.do, p.population))


def _call(step: Step, names: Mapping[Symbol, Symbol]) -> str:
    """The method that takes a step, as it is typed; `names` are what its symbols are called here."""
    before, after = step.before, step.after
    if step.law == "chain rule":
        return _written_call(step.law, [s.node for f in factors(after) for s in f.of])  # type: ignore[attr-defined]
    if isinstance(after, Ratio):
        return _written_call(step.law, [s.node for s in after.below.of])  # type: ignore[attr-defined]
    if isinstance(after, Sum):
        return _written_call(step.law, [s.node for s in after.over])
    assert isinstance(before, Probability) and isinstance(after, Probability)
    moved = {*before.given} ^ {*after.given} | {*before.do} ^ {*after.do}
    there = [names.get(s, s) for s in dict.fromkeys((*before.given, *before.do, *after.given, *after.do)) if s in moved]
    return _written_call(step.law, [s.node if not s.primes else f"{s.node}" + "'" * s.primes for s in there])


def _written_call(law: str, nodes: Iterable[Node]) -> str:
    return f"{_METHODS[law]}({', '.join(repr(node) for node in nodes)})"


_METHODS = {
    "rule 1": "rule1", "rule 2": "rule2", "rule 3": "rule3", "total probability": "sum_over", "chain rule": "chain",
    "conditioning": "condition_on",
}  # fmt: skip
_NEEDS = {
    "rule 1": "It takes out what is given, or puts in what is not there yet.",
    "rule 2": "It turns do(Z) into Z, or Z after the bar into do(Z): Z has to stand there already.",
    "rule 3": "It takes out an action, or puts in one on what is not there yet.",
    "total probability": "It brings in a variable that is not there yet.",
    "chain rule": "It needs two variables or more before the bar: sum over one first.",
    "conditioning": "It needs the variables after the bar, seen and not set.",
}
