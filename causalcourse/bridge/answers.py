"""What programs with given mechanisms answer to a question: exactly where all is countable, else from many units."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.normal import NormalModel, grid
from causalcourse.bridge.plan import UNITS
from causalcourse.bridge.program import to_program
from causalcourse.bridge.tables import TableModel
from causalcourse.docalculus.identify import NotSupported
from causalcourse.engines.mechanism import library
from causalcourse.engines.pyro import torch_seed
from causalcourse.errors import DataError
from causalcourse.expression import Probability
from causalcourse.graph import Node

if TYPE_CHECKING:
    import pandas as pd

_UNITS = 20_000  # drawn for an answer that is counted
_MOST_ANSWERS = 100_000  # combinations of values of one question


def answers(
    model: TableModel | NormalModel, found: Any, query: Probability, values: Mapping[Node, Any], many: int = 1
) -> pd.DataFrame:
    """The answer of each start: a row for each combination of values, a column for each start.

    values: for variables of the question, which values are meant; all of them when not named. A measured variable
    that is acted on needs values, and a measured outcome is answered for by its mean. The random numbers of an answer
    that is counted are the same for every start; `many` times as many units are drawn.
    Raises DataError for values that a column does not have, NotSupported for what only countable columns allow.
    Used from chapter 06.
    """
    of, do, given = (tuple(s.node for s in part) for part in (query.of, query.do, query.given))
    wanted = _wanted(model, (*of, *do, *given), values)
    if isinstance(model, NormalModel):
        if len(model.plan.levels) < len(model.plan.data.columns):
            return _counted(model, found, of, do, given, wanted, many)
        model, found = as_tables(model, found)
    axes = (*do, *given, *of)
    if (combined := math.prod(len(wanted[n]) for n in axes)) > _MOST_ANSWERS:
        raise DataError(
            f"The question has {combined:,} answers, one for each combination of values. Name those you mean, such "
            f"as {axes[0]}={wanted[axes[0]].tolist()[0]!r}."
        )
    at = {n: np.searchsorted(model.plan.levels[n], wanted[n]) for n in axes}
    whole = model.answer(found, of, do, given, at)
    return _framed(whole.reshape(len(whole), -1).T, {n: wanted[n] for n in axes})


def as_tables(model: NormalModel, found: list[dict]) -> tuple[TableModel, dict[Node, np.ndarray]]:
    """Normal hidden nodes on their grid, and what the mechanisms say there, as tables: exact answers follow.

    Used from chapter 06.
    """
    torch, plan = library("torch"), model.plan
    ways = {h: len(group.component.hidden) for group in model.groups for h in group.component.hidden}
    points = {h: [axis.reshape(-1) for axis in grid(1, k)] for h, k in ways.items()}
    tables = TableModel(plan, {h: len(points[h][0]) for h in plan.hidden}, model.prior)
    made = {h: np.repeat(points[h][1].numpy()[None], len(found), axis=0) for h in plan.hidden}
    for v in plan.data:
        parents = plan.graph.parents(v)
        along = [points[a][0] if a in plan.hidden else torch.arange(tables.size(a)).double() for a in parents]
        values = dict(zip(parents, torch.meshgrid(*along, indexing="ij") if along else (), strict=True))
        one = torch.ones(tables.shape(v)[:-1], dtype=torch.float64)
        odds = [torch.nn.functional.pad(model.mean(v, w, values, one), (1, 0)).softmax(dim=-1) for w in found]
        made[v] = torch.stack(odds).detach().numpy()
    return tables, made


def _wanted(model: TableModel | NormalModel, nodes: tuple[Node, ...], values: Mapping[Node, Any]) -> dict[Node, Any]:
    """For each variable of the question the values that are meant."""
    known = {str(n): n for n in nodes}
    wanted = {}
    for name, value in values.items():
        if str(name) not in known:
            raise DataError(f"The question does not name '{name}' (it does: {', '.join(known)}).")
        several = isinstance(value, (list, tuple, np.ndarray, range)) or hasattr(value, "to_numpy")
        listed = list(value) if several and np.ndim(value) else [value]
        if not listed:
            raise DataError(
                f"{name}= names no value. Leave it out for all of them, or name some, such as {name}=[0, 1]."
            )
        wanted[known[str(name)]] = np.array([model.plan.meant(known[str(name)], v) for v in listed])
    return {n: levels for n in nodes if (levels := model.plan.levels.get(n)) is not None} | wanted


def _counted(
    model: NormalModel,
    found: list[dict],
    of: tuple[Node, ...],
    do: tuple[Node, ...],
    given: tuple[Node, ...],
    wanted: Mapping[Node, Any],
    many: int,
) -> pd.DataFrame:
    """The mean of the outcome, or the chance of each of its values, over units drawn with the action."""
    if len(of) > 1 or given:
        raise NotSupported(
            "With measured columns a question has one outcome and nothing given, such as 'Y | do(X)'. To ask for more, "
            "group the columns into a few values (pandas.cut)."
        )
    outcome, few = of[0], model.plan.levels
    for node in do:
        if node not in wanted:
            raise DataError(f"'{node}' is measured: say at which values to set it, such as {node}=[0, 1].")
        if node not in few and model.plan.data[node].nunique() < 2:
            raise DataError(f"'{node}' is the same in every row: what setting it otherwise would do, no row can tell.")
    if outcome not in few and outcome in wanted:
        raise DataError(f"'{outcome}' is measured, so the answer is its mean; it takes no value in the question.")
    rows = []
    for setting in itertools.product(*(wanted[n] for n in do)):
        action = dict(zip(do, setting, strict=True))
        rows.append(np.stack([_acted(model, w, outcome, action, many) for w in found], axis=-1))
    numbers = np.concatenate(rows)  # (settings x values of the outcome, starts)
    axes = {n: wanted[n] for n in do}
    if outcome in few:
        axes[outcome] = few[outcome]
    frame = _framed(numbers, axes)
    if outcome in few and len(wanted[outcome]) < len(few[outcome]):
        frame = frame[frame.index.get_level_values(str(outcome)).isin(wanted[outcome])]
    return frame


def _acted(model: NormalModel, weights: dict, outcome: Node, action: Mapping[Node, Any], many: int) -> np.ndarray:
    pyro, torch, few = library("pyro"), library("torch"), model.plan.levels
    set_to = {
        str(n): torch.tensor(
            np.searchsorted(few[n], v) if n in few else float(v), dtype=None if n in few else torch.float64
        )
        for n, v in action.items()
    }
    units = 1 if _straight(model) else _UNITS * many
    program = pyro.poutine.condition(to_program(model), data={f"weights {k}": w for k, w in weights.items()})
    program = pyro.poutine.do(program, data=set_to)
    if units == 1:  # straight lines: what holds for the mean unit holds on average
        program = _mean_unit()(program)
    with torch.no_grad(), torch_seed(np.random.default_rng(0)):
        site = pyro.poutine.trace(program).get_trace(units).nodes[str(outcome)]
    said = site["fn"].probs if outcome in few else site["fn"].mean[..., None]
    return said.reshape(-1, said.shape[-1]).mean(dim=0).numpy()


def _straight(model: NormalModel) -> bool:
    return model.mechanism == "linear" and not model.plan.levels


def _mean_unit() -> Any:
    """A handler of Pyro under which every site takes its mean."""

    class MeanUnit(library("pyro").poutine.messenger.Messenger):
        def _pyro_sample(self, message: dict) -> None:
            if message["name"] != UNITS and not message["is_observed"] and message["value"] is None:
                message["value"] = message["fn"].mean

    return MeanUnit()


def _framed(numbers: np.ndarray, axes: Mapping[Node, Any]) -> pd.DataFrame:
    import pandas as pd

    if not axes:
        return pd.DataFrame(numbers, index=["mean"])
    index = pd.MultiIndex.from_product([np.asarray(v) for v in axes.values()], names=[str(n) for n in axes])
    return pd.DataFrame(numbers, index=index.get_level_values(0) if len(axes) == 1 else index)
