"""Where the tiny course is, and hints for its exercises."""

from pathlib import Path

HERE = Path(__file__).parent
LESSON = "lessons/00_tiny"


def three_hints(id: str) -> tuple[str, str, str]:
    """Hints for whatever exercise is asked for."""
    return ("Count.", "Count again.", "Six.")
