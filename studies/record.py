"""Run a study's tasks side by side, and store what came out with the command that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

FOLDER = Path(__file__).resolve().parents[1] / "causalcourse" / "data" / "studies"


def run(name: str, task: Callable[..., list[dict[str, Any]]], arguments: Iterable[tuple], digits: int = 5) -> None:
    """Run `task` on each of `arguments`, over all cores or whatever backend joblib was told of, and write the rows."""
    found = Parallel(n_jobs=-1, verbose=5)(delayed(task)(*each) for each in arguments)
    table = pd.DataFrame([row for rows in found for row in rows])
    FOLDER.mkdir(exist_ok=True)
    with open(FOLDER / f"{name}.csv", "w", encoding="utf-8", newline="\n") as file:
        file.write(f"# made by: python -m studies.{name} (seeds: causalcourse.rng, CAUSALCOURSE_SEED unset)\n")
        table.round(digits).to_csv(file, index=False, lineterminator="\n")
    print(table.round(3).to_string(max_rows=40))
