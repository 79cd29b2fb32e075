"""What the learner sees: one theme, one way to draw a graph, claims and sentences. Used from chapter 00."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME_OF = {
    "theme": "style",
    "figure": "style",
    "COLOURS": "style",
    "graph": "drawing",
    "describe": "drawing",
    "worlds": "parallel",
    "town": "streets",
    "ladder": "pictures",
    "course_map": "pictures",
    "independences": "evidence",
    "effects": "estimates",
    "overlap": "estimates",
    "claim": "claims",
    "say": "claims",
}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:  # matplotlib is loaded by the first drawing, not by the import
    if name not in _HOME_OF:
        raise AttributeError(f"causalcourse.show has no '{name}'. It offers: {', '.join(sorted(_HOME_OF))}.")
    return getattr(import_module(f"causalcourse.show.{_HOME_OF[name]}"), name)
