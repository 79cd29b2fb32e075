"""The counterfactual quantities that have a name: what each asks, and what fixes it when no model is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcourse.counterfactual.asking import Imagined, counterfactual
from causalcourse.counterfactual.bounds import Bounds, bounds
from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Event, Setting, Variable, in_order

if TYPE_CHECKING:
    import numpy as np

    from causalcourse.scm import SCM

_EFFECT_KNOWN = "P({y} | do({x})) known, from an experiment or by do-calculus"
_MONOTONE = f"{_EFFECT_KNOWN}, and {{y}} monotone in {{x}}: more {{x}} never means less {{y}}, in any unit"
_RUNG_3 = "The rows of an experiment alone never do: it shows each unit in one arm only."


@dataclass(frozen=True)
class Quantity:
    """A counterfactual question with a name. `says`: the question in words. `fixed_by`: what besides data settles it.

    Taught in chapter 07.
    """

    symbol: str
    name: str
    query: Counterfactual
    says: str
    fixed_by: str
    source: str

    def value(self, model: SCM, rng: np.random.Generator | None = None) -> Imagined:
        """The value in a known model. Raises what `counterfactual` raises. Taught in chapter 07."""
        return counterfactual(model, self.query, rng)

    def bounds(
        self,
        graph: Any,
        observed: Any = None,
        experiments: Iterable[tuple[Mapping[str, int], Any]] = (),
        monotone: Iterable[tuple[str, str]] = (),
    ) -> Bounds:
        """What tables allow it to be, if this graph is right: sharp. Where both ends meet, the tables identify it.

        Arguments and errors are those of `counterfactual.bounds`. Taught in chapter 07.
        """
        return bounds(graph, self.query, observed, experiments, monotone)

    def __str__(self) -> str:
        return f"{self.symbol}, {self.name}: {self.query}\n  {self.says}\n  Fixed by: {self.fixed_by}.\n  {self.source}"

    __repr__ = __str__


def ett(x: str, y: str, treated: float = 1, control: float = 0) -> Quantity:
    """The effect of treatment on the treated: E[Y_{X=1} - Y_{X=0} | X=1].

    Fixed where X has two values and P(Y | do(X)) is known: the treated are what is left of all when the others, whose
    outcome without treatment was seen, are taken away. Source: Heckman 1992; Shpitser & Pearl 2009.
    Taught in chapter 07.
    """
    _names(x, y)
    return Quantity(
        "ETT",
        "effect of treatment on the treated",
        Counterfactual(mean=((1.0, _under(y, x, treated)), (-1.0, _under(y, x, control))), given=(_seen(x, treated),)),
        f"By how much did {x}={treated:g} change {y} for those who had it?",
        f"{_EFFECT_KNOWN.format(x=x, y=y)}, where {x} has two values",
        "Heckman 1992; Shpitser & Pearl 2009.",
    )


def necessity(x: str, y: str) -> Quantity:
    """PN, the probability of necessity: P(Y_{X=0}=0 | X=1, Y=1), for X and Y with the values 0 and 1.

    Source: Pearl 1999; Tian & Pearl 2000, def. 1. Taught in chapter 07.
    """
    return _causation(
        "PN", "probability of necessity", x, y, (0, 0), (_seen(x, 1), _seen(y, 1)),
        f"Of those with {x}=1 and {y}=1, how many would have had {y}=0 without {x}?",
    )  # fmt: skip


def sufficiency(x: str, y: str) -> Quantity:
    """PS, the probability of sufficiency: P(Y_{X=1}=1 | X=0, Y=0), for X and Y with the values 0 and 1.

    Source: Pearl 1999; Tian & Pearl 2000, def. 2. Taught in chapter 07.
    """
    return _causation(
        "PS", "probability of sufficiency", x, y, (1, 1), (_seen(x, 0), _seen(y, 0)),
        f"Of those with {x}=0 and {y}=0, how many would have had {y}=1 with {x}?",
    )  # fmt: skip


def disablement(x: str, y: str) -> Quantity:
    """PD, the probability of disablement: P(Y_{X=0}=0 | Y=1), for X and Y with the values 0 and 1.

    Source: Pearl 1999; Tian & Pearl 2000, def. 4. Taught in chapter 07.
    """
    return _causation(
        "PD", "probability of disablement", x, y, (0, 0), (_seen(y, 1),),
        f"Of all with {y}=1, how many would have had {y}=0, had nobody had {x}?",
    )  # fmt: skip


def enablement(x: str, y: str) -> Quantity:
    """PE, the probability of enablement: P(Y_{X=1}=1 | Y=0), for X and Y with the values 0 and 1.

    Source: Pearl 1999; Tian & Pearl 2000, def. 5. Taught in chapter 07.
    """
    return _causation(
        "PE", "probability of enablement", x, y, (1, 1), (_seen(y, 0),),
        f"Of all with {y}=0, how many would have had {y}=1, had everybody had {x}?",
    )  # fmt: skip


def necessity_and_sufficiency(x: str, y: str) -> Quantity:
    """PNS: P(Y_{X=0}=0, Y_{X=1}=1), the share of units in which Y follows X. X and Y have the values 0 and 1.

    Source: Pearl 1999; Tian & Pearl 2000, def. 3. Taught in chapter 07.
    """
    _names(x, y)
    return Quantity(
        "PNS",
        "probability of necessity and sufficiency",
        Counterfactual(of=(Event(_under(y, x, 0), 0), Event(_under(y, x, 1), 1))),
        f"In how many of all does {y} follow {x}, both ways?",
        _MONOTONE.format(x=x, y=y),
        f"Tian & Pearl 2000, theorems 1 to 3. {_RUNG_3}",
    )


def direct_effect(x: str, y: str, *mediators: str, high: float = 1, low: float = 0) -> Quantity:
    """NDE, the natural direct effect: E[Y_{X=1, M_{X=0}} - Y_{X=0}], the mediators as they would be without X.

    Raises CounterfactualError where no mediator is named. Source: Pearl 2001, def. 6; Robins & Greenland 1992.
    Taught in chapter 07.
    """
    return _natural("NDE", "natural direct effect", x, y, mediators, high, low, direct=True)


def indirect_effect(x: str, y: str, *mediators: str, high: float = 1, low: float = 0) -> Quantity:
    """NIE, the natural indirect effect: E[Y_{X=0, M_{X=1}} - Y_{X=0}], the mediators as X would make them.

    Raises CounterfactualError where no mediator is named. Source: Pearl 2001, def. 8. Taught in chapter 07.
    """
    return _natural("NIE", "natural indirect effect", x, y, mediators, high, low, direct=False)


def _causation(
    symbol: str, name: str, x: str, y: str, imagined: tuple[float, float], given: tuple[Event, ...], says: str
) -> Quantity:
    _names(x, y)
    query = Counterfactual(of=(Event(_under(y, x, imagined[0]), imagined[1]),), given=given)
    fixed = _MONOTONE.format(x=x, y=y)
    return Quantity(symbol, name, query, says, fixed, f"Tian & Pearl 2000, theorems 1 to 3. {_RUNG_3}")


def _natural(
    symbol: str, name: str, x: str, y: str, mediators: tuple[str, ...], high: float, low: float, direct: bool
) -> Quantity:
    if not mediators:
        raise CounterfactualError(f"Name what stands between '{x}' and '{y}', such as direct_effect('X', 'Y', 'M').")
    _names(x, y, *mediators)
    here, there = (high, low) if direct else (low, high)
    action: dict[str, Setting] = {x: here} | {m: _under(m, x, there) for m in mediators}
    query = Counterfactual(mean=((1.0, Variable(y, in_order(action))), (-1.0, _under(y, x, low))))
    which = ", ".join(mediators)
    if direct:
        says = f"What would {x}={high:g} do to {y}, were {which} as {x}={low:g} leaves it?"
    else:
        says = f"What would {y} gain, were {which} as {x}={high:g} makes it, and {x} itself still {low:g}?"
    fixed = f"no hidden cause of {x} and the others, and none of {which} and {y} (see path_effect for the exact rule)"
    return Quantity(symbol, name, query, says, fixed, "Pearl 2001; Avin, Shpitser & Pearl 2005.")


def _under(y: str, x: str, value: float) -> Variable:
    return Variable(y, ((x, value),))


def _seen(name: str, value: float) -> Event:
    return Event(Variable(name), value)


def _names(*names: str) -> None:
    for name in names:
        if not isinstance(name, str) or not name:
            raise CounterfactualError(f"A variable is named by text, such as 'X'; got {name!r}.")
    if len(set(names)) < len(names):
        raise CounterfactualError(f"Treatment, mediators and outcome are different variables; got {', '.join(names)}.")
