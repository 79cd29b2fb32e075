"""causalcourse: a course on causal AI, and the package its notebooks stand on.

Names are imported on first use, so that `import causalcourse` stays fast. Taught from chapter 00.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causalcourse.checks.desk import check, hint, predict, progress
    from causalcourse.notebook import require
    from causalcourse.randomness import rng
    from causalcourse.show.claims import claim, say

try:
    __version__ = version("causalcourse")
except PackageNotFoundError:  # run from a folder that was never installed
    __version__ = "0.0.0"

_HOME_OF = {
    "check": "causalcourse.checks.desk",
    "hint": "causalcourse.checks.desk",
    "predict": "causalcourse.checks.desk",
    "progress": "causalcourse.checks.desk",
    "claim": "causalcourse.show.claims",
    "say": "causalcourse.show.claims",
    "rng": "causalcourse.randomness",
    "require": "causalcourse.notebook",
}
_ROOMS = (
    "adjustment",
    "bridge",
    "checks",
    "counterfactual",
    "docalculus",
    "engines",
    "equivalence",
    "estimate",
    "evaluate",
    "expression",
    "formats",
    "graph",
    "hierarchy",
    "implications",
    "independence",
    "lm",
    "neural",
    "noise",
    "notation",
    "random_models",
    "scm",
    "separation",
    "show",
    "worlds",
)

__all__ = [
    "__version__",
    "check",
    "checks",
    "claim",
    "graph",
    "hint",
    "predict",
    "progress",
    "require",
    "rng",
    "say",
    "scm",
    "show",
    "worlds",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    elif name in _ROOMS:
        value = import_module(f"causalcourse.{name}")
    else:
        raise AttributeError(f"causalcourse has no '{name}'. It offers: {', '.join(sorted(__all__))}.")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
