"""The prover: a plan carried out as steps of the three rules and the laws of probability."""

from __future__ import annotations

from collections.abc import Mapping

from causalcourse.docalculus.plan import Bits, Mask, Plan, Source, bits, planned
from causalcourse.docalculus.proof import Step
from causalcourse.expression import (
    Expression,
    Place,
    Probability,
    Product,
    Ratio,
    Sum,
    Symbol,
    factors,
    fresh_symbol,
    product,
)
from causalcourse.graph import Node

Names = Mapping[Node, Symbol]
_OBSERVED = (Source(),)


class Prover:
    """Writes steps down as it goes. Every method takes a formula's part at a place and returns what became of it.

    Used from chapter 05.
    """

    def __init__(self, g: Bits, sources: tuple[Source, ...] = _OBSERVED) -> None:
        self.g, self.sources = g, sources
        self.steps: list[Step] = []

    def step(self, law: str, place: Place, before: Expression, after: Expression) -> Expression:
        """Write a step down; return what it leads to."""
        self.steps.append(Step(law, place, before, after))
        return after

    def p(self, of: Mask, given: Mask, do: Mask, names: Names, population: str = "") -> Probability:
        """P(of | do(do), given) in a population, each node called what `names` call it."""
        parts = (tuple(names[n] for n in self.g.names(mask)) for mask in (of, given, do))
        return Probability(*parts, population)

    def effect(self, y: Mask, x: Mask, place: Place, names: Names) -> Expression:
        """P(y | do(x)): the lines of ID. Raises Hedged.

        Source: Shpitser & Pearl 2006, fig. 3; Tian & Pearl 2002. The comments name ID's lines.
        """
        g = self.g
        here: Expression = self.p(y, 0, x, names)
        needed = g.above(y, g.all & ~x)
        plans = {}
        for component in g.components(needed):  # line 4; lines 5 to 7 are in the plan
            plan = planned(g, component, self.sources)
            plans.update(dict.fromkeys(bits(component), plan))
        acting = x & g.causes(needed)
        if acting != x:  # line 3, read backwards: what does nothing is let go
            here = self.step("rule 3", place, here, self.p(y, 0, acting, names))
        return self.summed(needed, y, acting, place, names, plans, here)

    def summed(
        self,
        joint: Mask,
        wanted: Mask,
        do: Mask,
        place: Place,
        names: Names,
        plans: Mapping[int, Plan],
        here: Expression,
        level: int | None = None,
        within: Mask = 0,
    ) -> Expression:
        """The sum over `joint` but for `wanted` of the product of its factors, each by its plan."""
        over, population = joint & ~wanted, here.population if isinstance(here, Probability) else ""
        if over:
            taken = [*here.free, *names.values()]
            fresh = {n: fresh_symbol(n, taken) for n in self.g.names(over)[::-1]}
            names = {**names, **fresh}
            total = Sum(tuple(fresh.values()), self.p(joint, 0, do, names, population))
            self.step("total probability", place, here, total)
            place, here = (*place, 0), total.body
        terms = [(i, joint & ((1 << i) - 1)) for i in bits(joint)][::-1]
        done: Expression
        if len(terms) == 1:
            done = self.factor(*terms[0], do, place, names, plans[terms[0][0]], population, level, within)
        else:
            chain = tuple(self.p(1 << i, before, do, names, population) for i, before in terms)
            self.step("chain rule", place, here, Product(chain))
            done = Product(
                tuple(
                    self.factor(i, before, do, (*place, k), names, plans[i], population, level, within)
                    for k, (i, before) in enumerate(terms)
                )
            )
        return Sum(tuple(fresh.values()), done) if over else done

    def factor(
        self,
        i: int,
        before: Mask,
        do: Mask,
        place: Place,
        names: Names,
        plan: Plan,
        population: str,
        level: int | None,
        within: Mask,
    ) -> Expression:
        """P(v_i | do(do), before), one factor of the c-factor at a level of its plan, taken one level down.

        It depends on its c-component so far and the parents of that alone: those are put where the next level has
        them, set by do where that level sets them and seen elsewhere, and all others leave.
        """
        g, v = self.g, 1 << i
        k = len(plan.levels) - 1 if level is None else level
        h, t = plan.levels[k]
        below = g.causes(plan.levels[k - 1][1]) if k else plan.source.acted  # what the next level sets
        beside = g.component(v, (within or h) & (2 << i) - 1)
        parents = g.causes(beside) & ~below
        missing = (below | parents | beside) & ~g.mask(names)
        names = {**names, **{n: Symbol(n) for n in g.names(missing)}}  # no value of these matters
        here: Expression = self.p(v, before, do, names, population)
        now = (before, do, population)

        def go(law: str, given: Mask, do: Mask, population: str) -> tuple[Mask, Mask]:
            nonlocal here, now
            if now != (given, do, population):
                now = (given, do, population)
                here = self.step(law, place, here, self.p(v, given, do, names, population))
            return given, do

        free = before & ~t & ~parents
        given, do = go("rule 2", before & ~free, do | free, population)
        given, do = go("rule 3", given, do | below | parents & ~given, population)
        given, do = go("rule 1", given & (beside | parents), do, population)
        given, do = go("rule 3", given, do & (below | parents), population)
        if level is None:
            population = plan.source.population
            go("transport", given, do, population)
        given, do = go("rule 2", given | parents, below, population)
        return self.conditional(i, given, k - 1, place, names, plan, population, here)

    def conditional(
        self, i: int, given: Mask, j: int, place: Place, names: Names, plan: Plan, population: str, here: Expression
    ) -> Expression:
        """P(v_i | given) within level j of a plan: directly when it is a factor there, else as a ratio."""
        if j < 0:
            return here
        g, v = self.g, 1 << i
        h, t = plan.levels[j]
        both, do = given | v, g.causes(t)
        inside = t & g.above(both, h)
        if inside == both and not both >> (i + 1):
            return self.factor(i, given, do, place, names, plan, population, j, g.above(inside, h))
        if not given:
            return self.joint(both, j, place, names, plan, population, here)
        above, below = (self.p(mask, 0, do, names, population) for mask in (both, given))
        self.step("conditioning", place, here, Ratio(above, below))
        return Ratio(
            self.joint(both, j, (*place, 0), names, plan, population, above),
            self.joint(given, j, (*place, 1), names, plan, population, below),
        )

    def joint(
        self, wanted: Mask, j: int, place: Place, names: Names, plan: Plan, population: str, here: Expression
    ) -> Expression:
        """P(wanted) within level j of a plan."""
        h, t = plan.levels[j]
        within = self.g.above(wanted, h)
        joint = t & within
        plans = dict.fromkeys(bits(joint), plan)
        return self.summed(joint, wanted, self.g.causes(t), place, names, plans, here, j, within)

    # ---------------------------------------------------------------- the form that a textbook prints

    def tidied(self, e: Expression, place: Place) -> Expression:
        """The formula made shorter by the same laws, innermost parts first."""
        if isinstance(e, Probability):
            return e
        e = e.with_parts([self.tidied(part, (*place, k)) for k, part in enumerate(e.parts)])
        while True:
            law, after = shorter(e)
            if not law:
                return e
            e = self.step(law, place, e, after)


def shorter(e: Expression) -> tuple[str, Expression]:
    """One law read backwards, and what it makes of the formula; "" when none makes it shorter.

    Used from chapter 05.
    """
    if isinstance(e, Sum) and isinstance(e.body, Probability) and set(e.over) <= set(e.body.of):
        p = e.body
        left = tuple(s for s in p.of if s not in e.over)
        return "total probability", Probability(left, p.given, p.do, p.population) if left else Product()
    if isinstance(e, Sum):
        inside = factors(e.body)
        outside = [f for f in inside if f.free.isdisjoint(e.over)]
        if outside and len(outside) < len(inside):
            return "sums", product([*outside, Sum(e.over, product(f for f in inside if f not in outside))])
    if isinstance(e, Product):
        parts = list(factors(e))
        for ratio in (f for f in parts if isinstance(f, Ratio)):
            if ratio.below in parts:
                rest = parts.copy()
                rest.remove(ratio)
                rest.remove(ratio.below)
                return "fractions", product([ratio.above, *rest])
        for a in parts:
            for b in parts:
                if merged := _merged(a, b):
                    rest = [merged if f is a else f for f in parts if f is not b]
                    return "chain rule", product(rest)
    if isinstance(e, Ratio):
        above, below = list(factors(e.above)), list(factors(e.below))
        if both := [f for f in above if f in below]:
            above.remove(both[0])
            below.remove(both[0])
            return "fractions", Ratio(product(above), product(below)) if below else product(above)
        a, b = e.above, e.below
        if isinstance(a, Probability) and isinstance(b, Probability) and set(b.of) < set(a.of):
            of = tuple(s for s in a.of if s not in b.of)
            if b == Probability(b.of, a.given, a.do, a.population):
                return "conditioning", Probability(of, b.of + a.given, a.do, a.population)
    return "", e


def _merged(a: Expression, b: Expression) -> Probability | None:
    """P(y | z, w) P(z | w) as P(y, z | w)."""
    if not (isinstance(a, Probability) and isinstance(b, Probability)):
        return None
    if set(a.given) != {*b.given, *b.of} or set(a.do) != set(b.do) or a.population != b.population:
        return None
    return Probability(a.of + b.of, b.given, b.do, b.population)
