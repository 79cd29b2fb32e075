"""Several worlds over the same noise in one model: twin networks, and parallel ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Variable, in_order
from causalcourse.graph import CausalGraph
from causalcourse.scm import SCM, Equation, takes


@dataclass(frozen=True, eq=False)
class Parallel:
    """Worlds of one model side by side: `scm` has every variable of every world, `names` says what each is called.

    Variables that an action does not reach are the same in both worlds, and stand there once.
    Source: Balke & Pearl 1994 (twin network); Shpitser & Pearl 2007 (parallel worlds). Taught in chapter 07.
    """

    scm: SCM
    names: dict[Variable, str]

    def read(self, values: Mapping[str, Any]) -> dict[Variable, Any]:
        """What `scm` solved, by the variables that are asked for. Used from chapter 07."""
        return {variable: values[name] for variable, name in self.names.items() if name in values}

    @cached_property
    def graph(self) -> CausalGraph:
        """The twin or parallel-worlds network, its nodes written as a paper does: Y_{X=0}. Taught in chapter 07."""
        return self.scm.graph.relabelled({name: _label(variable) for variable, name in reversed(self.names.items())})


def parallel(model: SCM, asked: Iterable[Variable], whole: bool = False) -> Parallel:
    """The variables that are asked for, each in its world, and what they depend on, in one model over the same noise.

    whole: all variables of these worlds, as in the picture of a twin network.
    Raises CounterfactualError for what are no variables of a model. Taught in chapter 07.
    """
    asked = list(asked) if isinstance(asked, Iterable) else [asked]
    if not isinstance(model, SCM) or not all(isinstance(v, Variable) for v in asked):
        raise CounterfactualError(
            "parallel(model, variables) needs a model and variables in worlds, such as those of a question: "
            "Counterfactual.parse('P(Y_{X=0}=1 | X=1)').variables."
        )
    if asked:
        Counterfactual(mean=tuple((1.0, v) for v in asked)).check(model.equations)
    maker = _Maker(model)
    variables = list(dict.fromkeys(inner for v in asked for inner in v.within))
    if whole:
        worlds = dict.fromkeys(((), *(v.action for v in variables)))
        variables += [Variable(v, action) for action in worlds for v in model.graph.order]
    for variable in variables:
        maker.place(variable)
    # the copies of a variable side by side: `joint` then lets go of its noise early
    order = {v: k for k, v in enumerate(model.graph.order)}
    inside = sorted(maker.equations, key=lambda name: order[maker.origin[name]])
    noise = {u: given for u, given in model.noise.items() if u in maker.heard}
    return Parallel(SCM(noise, {name: maker.equations[name] for name in inside}), maker.names)


def _label(variable: Variable) -> str:
    """A node of the picture; one that is acted on is written as what it is set to."""
    said = str(variable)
    return said.removeprefix(f"{variable.name}_{{")[:-1] if dict(variable.action).keys() == {variable.name} else said


class _Maker:
    """Equations of variables in their worlds, each written once."""

    def __init__(self, model: SCM) -> None:
        self.model = model
        self.names: dict[Variable, str] = {}
        self.equations: dict[str, Equation] = {}
        self.copies: Counter[str] = Counter()
        self.origin: dict[str, str] = {}  # which variable of the model each is a copy of
        self.heard: set[str] = set()

    def place(self, asked: Variable) -> None:
        """This variable and what it depends on in its world; variables that its action names are there already."""
        action = dict(asked.action)
        reach: dict[str, Variable] = {}  # every ancestor, with the part of the action that reaches it
        acted = self.model.graph.cut_into(action)
        wanted = acted.ancestors([asked.name])
        for v in (v for v in self.model.graph.order if v in wanted):
            if v in action:
                value = action[v]
                reach[v] = value if isinstance(value, Variable) else Variable(v, ((v, value),))
                if not isinstance(value, Variable):
                    self._write(reach[v], v, (), lambda value=value: value)
                continue
            causes = {a: reach[a] for a in self.model.arguments[v] if a in self.model.equations}
            felt = [s for a, cause in causes.items() for s in ([(a, action[a])] if a in action else cause.action)]
            reach[v] = Variable(v, in_order(dict(felt)))
            self._copy(reach[v], causes)
        self.names[asked] = self.names[reach[asked.name]]

    def _copy(self, variable: Variable, causes: dict[str, Variable]) -> None:
        arguments = self.model.arguments[variable.name]
        equation = self.model.equations[variable.name]
        heard = {a: self.names[causes[a]] if a in causes else a for a in arguments}

        def copied(**values: np.ndarray) -> Any:
            return equation(**{a: values[b] for a, b in heard.items()})

        self._write(variable, variable.name, tuple(dict.fromkeys(heard.values())), copied)

    def _write(self, variable: Variable, origin: str, arguments: tuple[str, ...], equation: Equation) -> None:
        if variable in self.names:
            return
        name = origin
        while variable.action and any(name in taken for taken in (self.model.equations, self.model.noise)):
            self.copies[origin] += 1  # a variable of the model may be called Y_1 already
            name = f"{origin}_{self.copies[origin]}"
        self.names[variable] = name
        self.origin[name] = origin
        self.heard.update(arguments)
        self.equations[name] = takes(arguments, equation)
