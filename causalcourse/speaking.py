"""One way to say something to the learner, in a notebook or in a terminal, whatever characters are in it."""

from __future__ import annotations

import sys


def tell(text: str, **forms: str) -> None:
    """Show `text`: in Jupyter with its richer `forms` (html=..., markdown=...), elsewhere printed.

    What cannot be written (half a character, or a terminal without ✓) is replaced by a question mark. Used from
    chapter 00.
    """
    text = _writable(text, "utf-8")
    ipython = sys.modules.get("IPython")
    if forms and ipython is not None and (shell := ipython.get_ipython()) is not None and hasattr(shell, "kernel"):
        from IPython.display import display

        # both forms, so that a reader without a renderer (and a stored notebook) has the words
        rich = {f"text/{kind}": _writable(form, "utf-8") for kind, form in forms.items()}
        display({**rich, "text/plain": text}, raw=True)
    else:
        print(_writable(text, getattr(sys.stdout, "encoding", None) or "utf-8"))


def _writable(text: str, encoding: str) -> str:
    return text.encode(encoding, "replace").decode(encoding)
