"""Two published tables for bounds: vitamin A for children, and a drug before a court. Chapter 07."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# children by Z (1: village got capsules), X (1: child received them), Y (1: alive after a year)
_VITAMIN_A = {
    (0, 0, 0): 74,
    (0, 0, 1): 11_514,
    (1, 0, 0): 34,
    (1, 0, 1): 2_385,
    (1, 1, 0): 12,
    (1, 1, 1): 9_663,
}
# deaths among 1,000 with the drug and 1,000 without, in an experiment and in records
_DRUG = {"experiment": (14, 16), "records": (28, 2)}
_ARM = 1_000


def vitamin_a() -> pd.Series:
    """The vitamin A trial in Sumatra, 23,682 children: their shares, by Z, X and Y.

    Z: 1 when the child's village was drawn to get capsules. X: 1 when the child received them. Y: 1 when it was alive
    a year later. Children of the other villages had no way to the capsules.
    Source: Sommer & Zeger 1991; bounds from it: Balke & Pearl 1997, table 1. Taught in chapter 07.
    """
    import pandas as pd

    counts = pd.Series(_VITAMIN_A, dtype=float).rename_axis(["Z", "X", "Y"])
    return counts / counts.sum()


def drug() -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """The drug before a court: the counts, and the tables that bounds are worked out from.

    Counts: a row for each arm, deaths and patients, in the experiment and in the records. Tables: "records", the shares
    by X (1: took the drug) and Y (1: died); 0 and 1, the shares by Y in the two arms of the experiment. The numbers
    were made up by the authors to show a point. Source: Tian & Pearl 2000, sec. 4; Pearl 2009, table 9.2.
    Taught in chapter 07.
    """
    import pandas as pd

    rows = [(source, x, died[x], _ARM) for source, died in _DRUG.items() for x in (0, 1)]
    counts = pd.DataFrame(rows, columns=["source", "X", "deaths", "patients"])
    cells = {(x, y): (d if y else _ARM - d) / (2 * _ARM) for x, d in enumerate(_DRUG["records"]) for y in (0, 1)}
    tables = {"records": pd.Series(cells).rename_axis(["X", "Y"])}
    for x, died in enumerate(_DRUG["experiment"]):
        tables[x] = pd.Series({0: 1 - died / _ARM, 1: died / _ARM}).rename_axis("Y")
    return counts, tables
