"""The same drawing as a program for Pyro and ChiRho: priors, then for every unit its hidden nodes and its columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.normal import NormalModel
from causalcourse.bridge.tables import TableModel
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd
    import torch

    Program = Callable[..., dict[Any, torch.Tensor]]

UNITS = "all units"  # the plate; with a space, so that no column can have this name


def table_program(model: TableModel) -> Program:
    """A site "table V" for each mechanism, and a site for each node: the place of its value among its levels.

    Hidden nodes are marked for exact enumeration. Used from chapter 06.
    """
    pyro, dist, torch = library("pyro"), library("pyro.distributions"), library("torch")
    vindex = library("pyro.ops.indexing").Vindex
    graph, hidden = model.plan.graph, set(model.plan.hidden)

    def program(n: int = 1, rows: pd.DataFrame | None = None) -> dict[Any, torch.Tensor]:
        seen = {} if rows is None else {v: torch.tensor(_codes(model.plan.levels[v], rows[v])) for v in rows}
        tables, values, n = {}, {}, _units(n)
        for v in graph.order:
            shape = model.shape(v)
            even = torch.full(shape, 1 + model.prior / int(np.prod(shape)), dtype=torch.float64)
            tables[v] = pyro.sample(f"table {v}", dist.Dirichlet(even).to_event(len(shape) - 1))
        with pyro.plate(UNITS, n if rows is None else len(rows)):
            for v in graph.order:
                chances = vindex(tables[v])[(*(values[a] for a in graph.parents(v)), slice(None))]
                how = {"enumerate": "parallel"} if v in hidden else {}
                values[v] = pyro.sample(str(v), dist.Categorical(chances), obs=seen.get(v), infer=how)
        return values

    return program


def normal_program(model: NormalModel) -> Program:
    """A site "weights V ..." for each block of weights, and a site for each node, in the units of its column.

    A column with few values has the place of its value among its levels. Used from chapter 06.
    """
    pyro, dist, torch = library("pyro"), library("pyro.distributions"), library("torch")
    graph, few = model.plan.graph, model.plan.levels

    def program(n: int = 1, rows: pd.DataFrame | None = None) -> dict[Any, torch.Tensor]:
        seen = {} if rows is None else {v: torch.tensor(_column(model, v, rows[v])) for v in rows}
        weights = drawn_weights(model)
        values, inside, one, n = {}, {}, torch.ones((), dtype=torch.float64), _units(n)
        with pyro.plate(UNITS, n if rows is None else len(rows)):
            for v in graph.order:
                if v in model.plan.hidden:
                    inside[v] = values[v] = pyro.sample(str(v), dist.Normal(0 * one, one))
                    continue
                mean = model.mean(v, weights, inside, one)
                if v in few:
                    odds = torch.nn.functional.pad(mean, (1, 0))
                    inside[v] = values[v] = pyro.sample(str(v), dist.Categorical(logits=odds), obs=seen.get(v))
                    continue
                load = sum((weights[f"{v} hidden"][k] * inside[h] for k, h in enumerate(model.added.get(v, ()))), 0)
                centre, scale = model.scale[v]
                own = dist.Normal(centre + scale * (mean[..., 0] + load), scale * model.noise(v, weights))
                values[v] = pyro.sample(str(v), own, obs=seen.get(v))
                inside[v] = (values[v] - centre) / scale
        return values

    return program


def drawn_weights(model: NormalModel) -> dict[str, torch.Tensor]:
    """A site "weights V ..." for each block of weights, drawn from its prior. Used from chapter 06."""
    pyro, dist, torch = library("pyro"), library("pyro.distributions"), library("torch")
    weights = {}
    for name, shape in model.blocks.items():
        prior = dist.Normal(torch.zeros(shape, dtype=torch.float64), model.broad).to_event(len(shape))
        weights[name] = pyro.sample(f"weights {name}", prior)
    return weights


def to_program(model: TableModel | NormalModel) -> Program:
    """The model as a Pyro program `program(n, rows=None)`: of `n` units, or conditioned on the rows of a table.

    Mechanisms are drawn from their priors; `pyro.condition` them on what a fit has found. Taught in chapter 06.
    """
    return (table_program if isinstance(model, TableModel) else normal_program)(model)


def _units(n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise CourseError(f"program(n) draws n units, a whole number of at least 1; got {n!r}.")
    return int(n)


def _codes(levels: np.ndarray, column: Any) -> np.ndarray:
    return np.searchsorted(levels, np.asarray(column))


def _column(model: NormalModel, node: Any, column: Any) -> np.ndarray:
    few = model.plan.levels
    return _codes(few[node], column) if node in few else np.asarray(column, dtype=float)
