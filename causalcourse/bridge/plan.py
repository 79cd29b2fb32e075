"""A drawing and a table made ready for a program: which nodes are hidden, and which nodes must be fitted together."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from causalcourse.errors import DataError, did_you_mean
from causalcourse.graph import CausalGraph, Node, as_graph

if TYPE_CHECKING:
    import pandas as pd

UNITS = "all units"  # the plate of every program
_MOST_VALUES = 20  # of a column that is taken for a list of cases and not for a measurement
_NEAR = 1e-100  # measurements nearer to zero, or as far out, have no square
_MOST_FLOATS = 5  # the same, where they are stored as numbers with a decimal point


class Component(NamedTuple):
    """Nodes whose mechanisms hidden nodes tie together: the likelihood is a product over components.

    Used from chapter 06.
    """

    seen: tuple[Node, ...]
    hidden: tuple[Node, ...]
    given: tuple[Node, ...]  # observed parents outside


@dataclass(frozen=True, eq=False)
class Plan:
    """The graph with a node for every latent, the columns it needs, and the values of those with few of them.

    `drawing` is the graph over the columns alone, in which questions are identified. `rows` says how often each row of
    `data` occurs: rows that are alike stand there once. Used from chapter 06.
    """

    graph: CausalGraph
    hidden: tuple[Node, ...]
    drawing: CausalGraph
    data: pd.DataFrame
    rows: np.ndarray
    levels: dict[Node, np.ndarray]

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The c-components, each with its hidden nodes, causes before effects. Used from chapter 06."""
        tied = [(a, b) for a, b in self.graph.directed if a in self.hidden]
        groups = CausalGraph(self.graph.nodes, bidirected=tuple(tied)).c_components
        place = {node: i for i, node in enumerate(self.graph.order)}
        found = []
        for group in groups:
            inside = sorted(group, key=place.__getitem__)
            parents = dict.fromkeys(a for node in inside for a in self.graph.parents(node))
            found.append(
                Component(
                    tuple(n for n in inside if n not in self.hidden),
                    tuple(n for n in inside if n in self.hidden),
                    tuple(a for a in parents if a not in group),
                )
            )
        return tuple(found)

    def meant(self, node: Node, value: Any) -> Any:
        """The value of a column that somebody means: one that it has, or a finite number where it is measured.

        Raises DataError for anything else. Used from chapter 06.
        """
        said = reprlib.repr(value.item() if isinstance(value, np.number) else value)
        if (levels := self.levels.get(node)) is not None:
            for level in levels:
                if np.ndim(value) == 0 and _same(level, value):
                    return level
            listed = ", ".join(map(repr, levels.tolist() if levels.dtype.kind not in "Mm" else map(str, levels)))
            raise DataError(f"'{node}' never has the value {said} in the data (it has: {listed}).")
        real = isinstance(value, (int, float, np.number)) and not isinstance(value, np.complexfloating)
        if real and abs(value) < 1 / _NEAR:  # false for NaN too
            return float(value)
        raise DataError(f"'{node}' is measured: set it to a finite number, such as {node}=1.5; got {said}.")

    @cached_property
    def codes(self) -> dict[Node, np.ndarray]:
        """For each column with few values, which of them each row has. Used from chapter 06."""
        return {n: np.searchsorted(levels, self.data[n].to_numpy()) for n, levels in self.levels.items()}

    def cells(self, nodes: Iterable[Node]) -> tuple[dict[Node, np.ndarray], np.ndarray]:
        """The combinations of values that occur: codes by node, and for each row of the data its combination.

        Used from chapter 06.
        """
        nodes = tuple(nodes)
        key = np.zeros(len(self.data), dtype=np.int64)
        for node in nodes:
            # numbered afresh at each node, so that no number grows beyond values times rows
            key = np.unique(key * len(self.levels[node]) + self.codes[node], return_inverse=True)[1]
        _, first, of_row = np.unique(key, return_index=True, return_inverse=True)
        return {node: self.codes[node][first] for node in nodes}, of_row


def side_by_side(rows: np.ndarray, starts: int) -> np.ndarray:
    """The same weights of rows for every start: shape (rows, starts). Used from chapter 06."""
    return np.repeat(rows.astype(float)[:, None], starts, axis=1)


def plan(graph: Any, data: pd.DataFrame, hidden: Node | Iterable[Node] = ()) -> Plan:
    """Look at a drawing and a table together.

    Raises GraphError, and DataError for a table that does not fit. Used from chapter 06.
    """
    import pandas as pd

    graph = as_graph(graph)
    if not isinstance(data, pd.DataFrame) or not len(data):
        what = "has no rows" if isinstance(data, pd.DataFrame) else f"is {type(data).__name__}"
        raise DataError(f"The data are a pandas DataFrame with one row for each unit; this {what}.")
    named = graph.pick(hidden)
    _check_names(graph)
    seen = [node for node in graph.nodes if node not in named]
    columns = list(data.columns)
    for node in seen:
        if node not in columns:
            listed = ", ".join(map(str, columns[:20]))
            raise DataError(
                f"The graph has '{node}', and the data have no such column ({listed})."
                + (did_you_mean(node, columns) or f" If nobody measured it, say so: hidden=['{node}'].")
            )
        if columns.count(node) > 1:
            raise DataError(f"The data have {columns.count(node)} columns named '{node}'. Rename them first.")
        if node in columns and data[node].isna().any():
            raise DataError(f"'{node}' has missing values. Drop those rows, or fill them in, first.")
    if not seen:
        what = "Every node of the graph is hidden" if named else "The graph has no nodes"
        raise DataError(f"{what}: there is nothing to fit a program to.")
    for node in named:
        if node in columns:
            raise DataError(f"'{node}' is named as hidden, and the data have it as a column. Leave out one of the two.")
    drawing = graph.project(seen) if named else graph
    named = tuple(h for h in named if graph.children(h))  # one that causes nothing says nothing
    whole, arcs = graph.subgraph([*named, *seen]).with_latents()
    data, rows = pd.DataFrame({n: _plain(data[n]) for n in seen}).reset_index(drop=True), np.ones(len(data))
    levels = {n: values for n in seen if (values := _few(data[n])) is not None}
    if len(levels) == len(seen):
        counts = data.value_counts(sort=False)
        data, rows = counts.index.to_frame(index=False), counts.to_numpy(float)
    return Plan(whole, (*named, *arcs), drawing, data, rows, levels)


def _same(level: Any, value: Any) -> bool:
    try:
        return bool(level == value)
    except (TypeError, ValueError):  # what is missing is equal to nothing
        return False


def _check_names(graph: CausalGraph) -> None:
    """Raises DataError for names that a program's sites cannot have."""
    names = [str(node) for node in graph.nodes]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"Two nodes of the graph are written '{name}'. Give one of them another name.")
        if name == UNITS or name.startswith(("table ", "weights ")):
            raise DataError(f"'{name}' is a name that programs use for themselves. Give the column another one.")


def _plain(column: pd.Series) -> pd.Series:
    """The column in a number kind that all libraries know, and categories as what they stand for. Raises DataError."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.dtype.kind == "f" or (pd.api.types.is_float_dtype(column) and column.dtype.kind not in "O"):
        return column.astype(np.float64)
    if column.dtype.kind == "m":
        raise DataError(f"'{column.name}' holds durations. Give them as numbers, such as .dt.total_seconds().")
    if column.dtype.kind == "O" and not all(map(pd.api.types.is_hashable, column)):
        raise DataError(f"'{column.name}' holds lists or the like. A cell of a column is one number or one word.")
    return column


def _few(column: pd.Series) -> np.ndarray | None:
    """The values of a column that lists cases; None for a column of measurements. Raises DataError for neither."""
    import pandas as pd

    try:
        values = np.unique(column.to_numpy())
    except TypeError:
        raise DataError(f"'{column.name}' holds values of several kinds. Make them all numbers, or all text.") from None
    if pd.api.types.is_complex_dtype(column):
        raise DataError(f"'{column.name}' holds complex numbers. Give their real and imaginary parts a column each.")
    numbers = pd.api.types.is_numeric_dtype(column)
    if numbers and not np.isfinite(values.astype(float)).all():
        raise DataError(f"'{column.name}' has infinite values. Drop those rows, or fill them in, first.")
    if numbers and (size := np.abs(values.astype(float)).max()) and not _NEAR < size < 1 / _NEAR:
        raise DataError(
            f"The values of '{column.name}' go up to {size:.1g}, beyond what can be squared. Change the unit."
        )
    most = _MOST_FLOATS if values.dtype.kind == "f" else _MOST_VALUES
    if len(values) <= most and not (numbers and (values != np.round(values)).any()):
        return values
    if not numbers:
        raise DataError(
            f"'{column.name}' holds {len(values):,} different values that are no numbers. Group them into at most "
            f"{_MOST_VALUES}."
        )
    return None
