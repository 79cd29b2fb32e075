"""Signalling molecules in single cells of the human immune system (Sachs et al. 2005): real data. Chapter 02."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from causalcourse.errors import CourseError, did_you_mean
from causalcourse.graph import CausalGraph
from causalcourse.worlds.shipped import FOLDER, read_table

if TYPE_CHECKING:
    import pandas as pd

Condition = Literal["seeing", "mek_inhibitor"]

# proteins (how much of each is in its phosphorylated form) and the lipids PIP2 and PIP3
MOLECULES = ("Raf", "Mek", "Plcg", "PIP2", "PIP3", "Erk", "Akt", "PKA", "PKC", "P38", "Jnk")

_ARROWS = (
    "PKC -> PKA; PKC -> Raf; PKC -> Mek; PKC -> Jnk; PKC -> P38; PKA -> Raf; PKA -> Mek; PKA -> Erk; PKA -> Akt; "
    "PKA -> Jnk; PKA -> P38; Raf -> Mek -> Erk -> Akt; Plcg -> PIP3; Plcg -> PIP2; PIP3 -> PIP2"
)

_FOLDER = FOLDER
_SHA256 = {
    "sachs_seeing.csv.gz": "fea96087b0594fa0065b18ed4284aa488ec636f65d8c8a9afaa168c45d4dad74",
    "sachs_mek_inhibitor.csv.gz": "2453c03bad6394125c4ee9fdf5b34cb794f2d833ea931c3d3eefd5fc0c3de63a",
}


def load(condition: Condition = "seeing") -> pd.DataFrame:
    """The cells measured under one condition, one row for each; columns MOLECULES, in units of fluorescence.

    condition: "seeing" (853 cells, stimulated by anti-CD3 and anti-CD28 as all were, and otherwise left alone) or
    "mek_inhibitor" (799 cells that got the drug U0126 as well, which blocks Mek).
    Raises CourseError for another condition; DataError when a file is missing or damaged.
    Source: Sachs, Perez, Pe'er, Lauffenburger and Nolan 2005; see data/README.md. Taught in chapter 02.
    """
    if condition not in get_args(Condition):
        known = ", ".join(map(repr, get_args(Condition)))
        raise CourseError(
            f"condition={condition!r} is not one of {known}.{did_you_mean(condition, get_args(Condition))}"
        )
    name = f"sachs_{condition}.csv.gz"
    return read_table(_FOLDER, name, _SHA256[name])


def network() -> CausalGraph:
    """The drawing that goes with the data: 17 arrows among the 11 molecules, as in pgmpy's example model "sachs".

    Source: Sachs et al. 2005, the network they learned; as kept in the Bayesian network repository of bnlearn.
    Taught in chapter 02.
    """
    drawn = CausalGraph.parse(_ARROWS)
    return CausalGraph(MOLECULES, drawn.directed)
