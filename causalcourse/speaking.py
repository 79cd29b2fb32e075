"""One way to say something to the learner, in a notebook or in a terminal, whatever characters are in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tell(text: str, **forms: str) -> None:
    """Show `text`: in Jupyter with its richer `forms` (html=..., markdown=...), elsewhere printed.

    What cannot be written (half a character, or a terminal without ✓) is replaced by a question mark. Used from
    chapter 00.
    """
    text = _writable(text, "utf-8")
    if forms and in_notebook():
        from IPython.display import display

        # both forms, so that a reader without a renderer (and a stored notebook) has the words
        rich = {f"text/{kind}": _writable(form, "utf-8") for kind, form in forms.items()}
        display({**rich, "text/plain": text}, raw=True)
    else:
        print(_writable(text, getattr(sys.stdout, "encoding", None) or "utf-8"))


def picture(draw: Callable[[], Axes]) -> None:
    """A picture right here, between what is said before and after; nothing outside Jupyter. Used from chapter 05."""
    if in_notebook():
        import matplotlib.pyplot as plt
        from IPython.display import display

        figure = draw().figure
        display(figure)
        plt.close(figure)


def in_notebook() -> bool:
    """Whether a Jupyter kernel is listening. Used from chapter 05."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _writable(text: str, encoding: str) -> str:
    return text.encode(encoding, "replace").decode(encoding)
