"""Who looks at whom in a causal transformer, and how one errs about it.

arrows[i, j] is 1 where i acts on j, shape (n, n); do: numbers of variables. A mask has shape (2n, 2n): a row looks at
a column. First come the n values, then the n queries.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.graph import CausalGraph
from causalcourse.lm.causal import Form


def looks(arrows: np.ndarray, do: list[int]) -> np.ndarray:
    """The mask as chapter 13's model has it, its words put in the order of the exercise. Used from chapter 13."""
    names = [f"V{k}" for k in range(len(arrows))]
    edges = tuple((names[i], names[j]) for i, j in np.argwhere(arrows))
    form = Form(CausalGraph(tuple(names), edges))
    at = [form.places[word] for word in (*names, *(f"?{v}" for v in names))]
    return form.mask([names[k] for k in do])[np.ix_(at, at)].astype(int)


def drawing(rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """A drawing of 4 or 5 variables, numbered in any order, and one or two to act on. Used from chapter 13."""
    n = int(rng.integers(4, 6))
    order = rng.permutation(n)
    arrows = np.triu(rng.random((n, n)) < 0.55, 1)[np.ix_(order, order)].astype(int)
    return arrows, sorted(map(int, rng.choice(n, size=int(rng.integers(1, 3)), replace=False)))


def _cut(sees: np.ndarray, do: list[int]) -> np.ndarray:
    """What queries see, shape (queries, values), with the rows of what is acted on empty."""
    return np.where(np.isin(np.arange(len(sees)), do)[:, None], 0, sees)


def _mask(sees: np.ndarray, **more: np.ndarray) -> np.ndarray:
    """A mask from what queries see of the values, and `values` and `queries`: what these see of their own kind."""
    own = np.eye(len(sees), dtype=int)
    top = np.hstack([own | more.get("values", 0 * own), 0 * own])
    return np.vstack([top, np.hstack([sees, own | more.get("queries", 0 * own)])])


def _ancestors(arrows: np.ndarray) -> np.ndarray:
    """1 where the column is an ancestor of the row."""
    steps = np.linalg.matrix_power(np.eye(len(arrows), dtype=int) + arrows, len(arrows))
    return ((steps > 0) & ~np.eye(len(arrows), dtype=bool)).T.astype(int)


def _heard(arrows: np.ndarray, do: list[int]) -> np.ndarray:
    """Parents, where nobody listens to what is acted on."""
    return np.where(np.isin(np.arange(len(arrows)), do), 0, arrows.T)


def _lonely(arrows: np.ndarray, do: list[int]) -> np.ndarray:
    made = looks(arrows, do)
    acted = [len(arrows) + k for k in do]
    made[acted, acted] = 0
    return made


_MADE: tuple[tuple[str, Callable[[np.ndarray, list[int]], np.ndarray], str], ...] = (
    (
        "children",
        lambda arrows, do: _mask(_cut(arrows, do)),
        "Your queries look at the variables that theirs acts on. arrows[i, j] says that i acts on j. Who is the "
        "parent?",
    ),
    (
        "columns look",
        lambda arrows, do: looks(arrows, do).T,
        "In yours the columns look at the rows. A row is the word that looks, a column what it looks at.",
    ),
    (
        "not cut",
        lambda arrows, do: _mask(arrows.T),
        "Nothing is cut: a variable in `do` still listens to its parents. That is the mask for seeing.",
    ),
    (
        "nobody listens",
        lambda arrows, do: _mask(_heard(arrows, do)),
        "You cut what others see of the variable that is acted on. Its children still listen to it. To whom does it "
        "no longer listen?",
    ),
    (
        "both cut",
        lambda arrows, do: _mask(_cut(_heard(arrows, do), do)),
        "You cut twice: the acted variable's query looks at no parent, which is right, and nobody looks at its "
        "value any more. Then acting on it would change nothing.",
    ),
    (
        "nobody sees itself",
        lambda arrows, do: looks(arrows, do) - np.eye(2 * len(arrows), dtype=int),
        "Every word looks at itself as well. In yours none does.",
    ),
    (
        "a cut query sees nothing",
        _lonely,
        "A query that is cut still looks at itself: a word that looks at nothing has nothing to attend to.",
    ),
    (
        "its own value",
        lambda arrows, do: _mask(_cut(arrows.T, do) | np.eye(len(arrows), dtype=int)),
        "Your queries look at their own variable's value. That is the answer: the model would copy it, and learn "
        "nothing.",
    ),
    (
        "other queries",
        lambda arrows, do: _mask(0 * arrows, queries=_cut(arrows.T, do)),
        "Your queries look at the queries of the parents. These say what a parent might be. What it is stands in "
        "the values.",
    ),
    (
        "values look",
        lambda arrows, do: _mask(0 * arrows, values=_cut(arrows.T, do)),
        "In yours the values look at each other, and the queries at nobody. What the model says, it says at the "
        "queries.",
    ),
    (
        "values look too",
        lambda arrows, do: _mask(_cut(arrows.T, do), values=_cut(arrows.T, do)),
        "The queries are right, and the values look at each other as well. With a second layer a query would see "
        "its grandparents through them.",
    ),
    (
        "ancestors",
        lambda arrows, do: _mask(_cut(_ancestors(arrows), do)),
        "Your queries look at all ancestors. Where a grandparent acts through a parent alone, the parent's value "
        "says all.",
    ),
    (
        "earlier words",
        lambda arrows, do: np.tril(np.ones((2 * len(arrows), 2 * len(arrows)), dtype=int)),
        "That is the mask of any GPT, in which no word looks at a later one. People call it causal too. It is the "
        "order of writing, and there is no drawing in it.",
    ),
    (
        "earlier parents",
        lambda arrows, do: _mask(np.tril(_cut(arrows.T, do))),
        "Your queries look at parents with a lower number alone. All values stand before all queries, and a parent "
        "may have any number.",
    ),
)
LOOKS_MISTAKES = tuple(Mistake(*made) for made in _MADE)


def broken_rule(made: object) -> str:
    """The first rule for all drawings that a mask breaks; else where the drawing comes in. Used from chapter 13."""
    sees = np.asarray(made, dtype=float) != 0
    n = len(sees) // 2
    others = sees & ~np.eye(2 * n, dtype=bool)
    if not sees.diagonal().all():
        return "In yours some word does not look at itself. Every word does, whatever is cut."
    if others[:n].any():
        return "In yours the word of some value looks at another word. Only queries look at others."
    if others[n:, n:].any():
        return "In yours some query looks at another query. A query looks at values, in the columns before n."
    if others[n:, :n].diagonal().any():
        return "In yours some query looks at its own variable's value. That is the answer itself."
    return (
        "What holds in all drawings holds in yours. In some drawing a query looks at a value that is no parent's, or "
        "misses a parent's, or is not cut as `do` says. Draw three variables with two arrows, and go through the rows."
    )
