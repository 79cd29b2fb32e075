"""The same drawing as a program for Pyro and ChiRho: priors, then for every unit its hidden nodes and its columns."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.normal import NormalModel
from causalcourse.bridge.plan import UNITS
from causalcourse.bridge.tables import TableModel
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, is_whole

if TYPE_CHECKING:
    import pandas as pd
    import torch

    Program = Callable[..., dict[Any, torch.Tensor]]


def table_program(model: TableModel) -> Program:
    """A site "table V" for each mechanism, and a site for each node: the place of its value among its levels.

    Hidden nodes are marked for exact enumeration. Used from chapter 06.
    """
    pyro, dist, torch = library("pyro"), library("pyro.distributions"), library("torch")
    vindex = library("pyro.ops.indexing").Vindex
    graph, hidden = model.plan.graph, set(model.plan.hidden)

    def program(n: int = 1, rows: pd.DataFrame | None = None) -> dict[Any, torch.Tensor]:
        seen = _observed(model, rows)
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
        seen = _observed(model, rows)
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
    if not isinstance(model, (TableModel, NormalModel)):
        raise CourseError(f"to_program takes what model(graph, data) gives; got {reprlib.repr(model)}.")
    return (table_program if isinstance(model, TableModel) else normal_program)(model)


def _units(n: Any) -> int:
    if not is_whole(n, 1):
        raise CourseError(f"program(n) draws n units, a whole number of at least 1; got {n!r}.")
    return int(n)


def _observed(model: TableModel | NormalModel, rows: Any) -> dict[Any, torch.Tensor]:
    """The columns of a table as a program sees them. Raises DataError for what the program does not know."""
    import pandas as pd

    torch, few = library("torch"), model.plan.levels
    if rows is None:
        return {}
    if not isinstance(rows, pd.DataFrame) or not len(rows) or rows.columns.has_duplicates:
        what = (
            "this has no rows, or two columns of one name"
            if isinstance(rows, pd.DataFrame)
            else f"this is {reprlib.repr(rows)}"
        )
        raise DataError(f"program(n, rows) takes a DataFrame with a row for each unit; {what}.")
    seen = {}
    for v in rows:
        if v not in model.plan.data.columns:
            raise DataError(
                f"The program has no column '{v}' (it has: {', '.join(map(str, model.plan.data.columns))})."
            )
        column = rows[v].to_numpy()
        if v in few:
            for value in pd.unique(column):
                model.plan.meant(v, value)
            seen[v] = torch.tensor(np.searchsorted(few[v], column))
            continue
        numbers = pd.to_numeric(rows[v], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        if not np.isfinite(numbers).all():
            raise DataError(f"'{v}' needs a finite number in each row.")
        seen[v] = torch.tensor(numbers)
    return seen
