"""The picture of a twin network: each world a row, the noise that they share between them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from causalcourse.counterfactual.worlds import Parallel
from causalcourse.errors import CourseError
from causalcourse.graph import CausalGraph
from causalcourse.show.drawing import graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causalcourse.counterfactual import Variable
    from causalcourse.scm import SCM

_Place = tuple[float, float]
_WIDE, _HIGH, _NEAR = 1.4, -2, 0.9  # between two columns, two rows, and two noise terms at least


def worlds(parallel: Parallel, title: str) -> Axes:
    """Draw worlds side by side: the factual one on top, one row below for each action, shared noise dashed in between.

    What no action reaches stands once, in the top row; what was set is dark. Raises CourseError for what is no
    `Parallel`. Source: Balke & Pearl 1994. Taught in chapter 07.
    """
    if not isinstance(parallel, Parallel):
        raise CourseError(
            "worlds draws what causalcourse.counterfactual.parallel gives, such as parallel(model, "
            f"Counterfactual.parse('P(Y_{{X=0}}=1 | X=1)').variables); got {type(parallel).__name__}."
        )
    model = parallel.scm
    labels = dict(zip(model.graph.nodes, parallel.graph.nodes, strict=True))
    variable = {name: v for v, name in reversed(parallel.names.items())}
    set_to = [n for n, v in variable.items() if dict(v.action).keys() == {v.name}]
    at = _places(model, variable, set_to)
    hidden = _between(model, at)
    arrows = [(labels[a], labels[b]) for a, b in model.graph.directed]
    arrows += [(u, labels[v]) for v in model.equations for u in model.arguments[v] if u in hidden]
    drawn = CausalGraph((*labels.values(), *hidden), tuple(arrows))
    places = {labels[n]: place for n, place in at.items()} | hidden
    return graph(drawn, treatment=[labels[n] for n in set_to], latent=list(hidden), at=places, title=title)


def _places(model: SCM, variable: Mapping[str, Variable], set_to: Iterable[str]) -> dict[str, _Place]:
    """A column for each variable of the model, a row for each world; what was set stands in the row it acts in.

    Where it acts on nothing that is drawn, its world has a row of its own.
    """
    column = {v: _WIDE * k for k, v in enumerate(dict.fromkeys(variable[n].name for n in model.graph.order))}
    acted = [v.action for n, v in variable.items() if n not in set_to]
    row = {action: _HIGH * k for k, action in enumerate(dict.fromkeys([(), *acted]))}
    at = {n: (column[v.name], row[v.action]) for n, v in variable.items() if n not in set_to}
    for n in set_to:
        below = [at[child][1] for child in model.graph.children(n)]
        own = variable[n].action
        at[n] = (column[variable[n].name], below[0] if below else row.setdefault(own, _HIGH * len(row)))
    return at


def _between(model: SCM, at: Mapping[str, _Place]) -> dict[str, _Place]:
    """A place between two rows for each noise term that several variables listen to, where no other one is."""
    found: dict[str, _Place] = {}
    for u in model.latents:
        heard = [at[v] for v in model.equations if u in model.arguments[v]]
        x = sum(place[0] for place in heard) / len(heard) + _WIDE / 2
        y = _HIGH * (math.floor(sum(place[1] for place in heard) / len(heard) / _HIGH) + 0.5)
        asides = (x + aside for k in itertools.count() for aside in (k * _NEAR, -_WIDE - k * _NEAR))
        free = (a for a in asides if all(abs(a - b) >= _NEAR or abs(y - c) >= _NEAR for b, c in found.values()))
        found[u] = (next(free), y)
    return found
