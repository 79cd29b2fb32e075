"""A causal transformer: a language model of records in which a drawing decides who may look at whom."""

from __future__ import annotations

import itertools
import keyword
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.asking import counterfactual
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, GraphError, did_you_mean, is_whole
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.lm.arrays import to_array
from causalcourse.lm.shares import shares
from causalcourse.lm.text import Vocabulary
from causalcourse.random_models import Table
from causalcourse.randomness import generator
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from causalcourse.lm.model import GPT
    from causalcourse.lm.train import History

_MOST_VARIABLES, _MOST_LEVELS = 6, 32
_MOST_CELLS = 300_000  # values of all variables and all arcs' noise together: what a step of training lists
_MOST_TEXTS = 2_000  # that a step of training reads
# one head can come to look at a single word, and never back: with four, some go on seeing the others
_LAYERS, _HEADS, _WIDTH = 1, 4, 32
_RATE = 0.01  # the highest of AdamW
_APART = 3.0  # how much farther from each other the words of noise and values begin than those of a GPT
_LEAST = 1e-12  # a probability whose logarithm is still taken


@dataclass(frozen=True)
class Form:
    """How a world is written as a text: noise words, value words in causal order, and a query word for each variable.

    graph: 1 to 6 variables with 0 and 1 as values; levels: how many words a noise has; dice: "one" or "tokens", where
    each variable has a word of private noise too. Raises GraphError, CourseError. Taught in chapter 13.
    """

    graph: CausalGraph
    dice: str = "one"
    levels: int = 8

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", as_graph(self.graph))
        _check_form(self.graph, self.dice, self.levels)
        _check_size(self)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The variables in causal order: that of the text, and of the axes of tables.

        It is the order of `graph.nodes` where that has causes first, else `graph.order`. Taught in chapter 13.
        """
        place = {v: k for k, v in enumerate(self.graph.nodes)}
        return self.graph.nodes if all(place[a] < place[b] for a, b in self.graph.directed) else self.graph.order

    @cached_property
    def arcs(self) -> tuple[str, ...]:
        """The name of each arc's noise, in the order of the drawing's arcs. Taught in chapter 13."""
        names: list[str] = []
        for edge in self.graph.bidirected:
            names.append(self._named("U", *edge, taken=names))
        return tuple(names)

    @cached_property
    def private(self) -> tuple[str, ...]:
        """The name of each variable's private noise words; none where each has a die. Taught in chapter 13."""
        return tuple(self._named("E", v) for v in self.variables) if self.dice == "tokens" else ()

    def die(self, v: str) -> str:
        """The name of a variable's die. Taught in chapter 13."""
        _check_variable(self, v)
        return self._named("D", v)

    def _named(self, *parts: str, taken: Iterable[str] = ()) -> str:
        name = "_".join(parts)
        while name in (*self.graph.nodes, *taken):
            name += "_"
        return name

    @cached_property
    def places(self) -> dict[str, int]:
        """The place in the text of each noise, each variable's value, and each query "?X". Taught in chapter 13."""
        words = (*self.arcs, *self.private, *self.variables, *(f"?{v}" for v in self.variables))
        return {word: k for k, word in enumerate(words)}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words: `U_X_Y=3`, `X=1`, `?X`. Taught in chapter 13."""
        noise = [f"{u}={k}" for u in (*self.arcs, *self.private) for k in range(self.levels)]
        values = [f"{v}={k}" for v in self.variables for k in (0, 1)]
        return Vocabulary((*noise, *values, *(f"?{v}" for v in self.variables)))

    def heard(self, v: str) -> tuple[str, ...]:
        """What the query of a variable looks at: its parents, its arcs, its private noise. Taught in chapter 13."""
        parents = [a for a in self.variables if a in self.graph.parents(v)]
        arcs = [u for u, edge in zip(self.arcs, self.graph.bidirected, strict=True) if v in edge]
        return (*parents, *arcs, *(self.private[self.variables.index(v)] for _ in self.private[:1]))

    def size(self, name: str) -> int:
        """How many words there are for a variable's value, or a noise. Used from chapter 13."""
        if not isinstance(name, str) or name not in (*self.variables, *self.arcs, *self.private):
            raise CourseError(f"{name!r} is no variable and no noise of this text: these are {', '.join(self.places)}.")
        return 2 if name in self.variables else self.levels

    def mask(self, do: Iterable[str] = ()) -> np.ndarray:
        """Who may look at whom, bool of shape (tokens, tokens): a row looks at the columns that are True.

        Every word sees itself; a query its variable's parents and noise too, unless `do` names the variable: to act is
        to cut these. Raises CourseError for what is no variable. Taught in chapter 13.
        """
        do = _cut(self, do)
        mask = np.eye(len(self.places), dtype=bool)
        for v in set(self.variables).difference(do):
            mask[self.places[f"?{v}"], [self.places[a] for a in self.heard(v)]] = True
        return mask

    def combinations(self, v: str) -> int:
        """How many combinations of words a variable's query can look at. Taught in chapter 13."""
        return math.prod(self.size(a) for a in self.heard(v))

    def texts(self, v: str) -> np.ndarray:
        """A text for each combination of what a variable's query looks at, tokens of shape (combinations, tokens).

        The last runs fastest. All other noises and values are 0; the query looks at none. Taught in chapter 13.
        """
        first = [f"{a}=0" for a in list(self.places)[: -len(self.variables)]]
        text = self.vocabulary.encode([*first, *(f"?{q}" for q in self.variables)])
        heard = self.heard(v)
        # what ?v cannot see may as well be 0: the chance is the same, and there are fewer texts to read
        rows = np.array(list(itertools.product(*(range(self.size(a)) for a in heard))), dtype=np.int64)
        texts = np.tile(text, (len(rows), 1))
        texts[:, [self.places[a] for a in heard]] += rows.reshape(len(rows), len(heard))
        return texts


class CausalTransformer:
    """A language model of records that sees along a drawing: ?Y looks at Y's parents and noise, and at nothing else.

    What it says at ?Y is P(Y=1 | parents, noise), whatever the other words are; to act on X is to cut what ?X looks at
    and to put the value in its place. Noise words are equally likely, and are summed out by listing them all.
    dice: "one": a variable is 1 where a die of its own, one number from 0 to 1 for whatever its parents are, is below
    what the model says; "tokens": words of private noise have a say in that number too. Both can learn the same P(v);
    the third rung hangs on it. `form` has the words and the mask, `model` is a GPT. Raises GraphError, CourseError.
    Taught in chapter 13.
    """

    def __init__(
        self, graph: CausalGraph | str, dice: str = "one", levels: int = 8, rng: np.random.Generator | None = None
    ) -> None:
        self.form = Form(as_graph(graph), dice, levels)
        self.model = _first(self.form, generator(rng, "causal transformer"))

    def fit(
        self, records: pd.DataFrame | pd.Series | np.ndarray, steps: int = 400, rng: np.random.Generator | None = None
    ) -> History:
        """Train on records alone, so that they become as likely as can be. No action is ever seen.

        records: a table with a column of 0 and 1 for each variable; or their P(v), as `SCM.joint` gives it or an array
        of shape (2, ..., 2), axes in the order of `form.variables`. Raises DataError, CourseError.
        Taught in chapter 13.
        """
        from causalcourse.lm.train import train

        form, torch = self.form, library("torch")
        wanted, texts = torch.from_dlpack(shares(form, records)), _texts(form)

        def surprise(model: GPT, tokens: torch.Tensor) -> torch.Tensor:
            seen = _joint(form, _odds(form, model, tokens))
            return -(wanted.to(seen.device) * seen.clamp_min(_LEAST).log()).sum()

        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # faster for texts this short
        try:
            return train(self.model, lambda n: texts, steps, batch=len(texts), rate=_RATE, rng=rng, objective=surprise)
        finally:
            torch.set_num_threads(threads)

    def chances(self, do: Iterable[str] = ()) -> dict[str, np.ndarray]:
        """What the model says at each query: P(v=1 | what ?v looks at), an axis for each of `form.heard(v)`.

        do: variables whose queries are cut; they are left out. Raises CourseError. Taught in chapter 13.
        """
        sizes = {v: [self.form.size(a) for a in self.form.heard(v)] for v in self.form.variables}
        return {v: to_array(z.sigmoid()).reshape(sizes[v]) for v, z in self._read(do).items()}

    def joint(self, do: Mapping[str, int] | None = None) -> np.ndarray:
        """P(v), or P(v | do(...)): shape (2, ..., 2), axes in the order of `form.variables`; exact, nothing drawn.

        do={"X": 1}: ?X looks at nothing any more, and X is 1. Raises CourseError for what is no variable, or neither 0
        nor 1. Source: truncated factorisation, Pearl 2009, sec. 3.2.3. Taught in chapter 13.
        """
        action = _action(self.form, do)
        return to_array(_joint(self.form, self._read(action), action))

    def _read(self, do: Iterable[str]) -> dict[str, torch.Tensor]:
        """The log odds at each query that is not cut, without gradient."""
        with library("torch").no_grad():
            return _odds(self.form, self.model, self.model.tensor(_texts(self.form)), do)

    def scm(self) -> SCM:
        """The model as a structural causal model of finite noise, for exact answers on all three rungs.

        Noise words become noise terms, `U_X_Y` and `E_X`. A die `D_X` is cut wherever the model's chances of X=1 lie:
        X is 1 where the die is below the chance. Taught in chapter 13.
        """
        form = self.form
        noise = {u: np.full(form.levels, 1 / form.levels) for u in (*form.arcs, *form.private)}
        equations = {}
        for v, chance in self.chances().items():
            cuts, rank = np.unique(chance, return_inverse=True)
            noise[form.die(v)] = np.diff([0.0, *cuts, 1.0])
            below = np.arange(len(cuts) + 1) <= rank.reshape(*chance.shape, 1)
            equations[v] = Table((*form.heard(v), form.die(v)), below.astype(int))
        return SCM(noise, {v: equations[v] for v in form.graph.nodes})

    def ask(self, question: str) -> float:
        """The answer to P(Y=1 | X=1), P(Y=1 | do(X=1)), P(Y_{X=1}=1 | X=0, Y=0) and the like, exact for the model.

        Raises CounterfactualError, NoSuchUnit, CannotAnswer as `counterfactual` does. Taught in chapter 13.
        """
        return counterfactual(self.scm(), question).value

    def __repr__(self) -> str:
        weights = sum(p.numel() for p in self.model.parameters())
        return f"CausalTransformer({str(self.form.graph)!r}, dice={self.form.dice!r}): {weights:,} weights"


def _first(form: Form, rng: np.random.Generator) -> GPT:
    """An untrained model for such texts."""
    library("torch")  # where it is missing, this says how to get it
    from causalcourse.lm.model import GPT, Shape

    words = len(form.vocabulary.words)
    model = GPT(Shape(words, len(form.places), _LAYERS, _HEADS, _WIDTH), rng)
    # words of one noise that begin all alike would learn one and the same thing
    model.token.weight.data[: words - len(form.variables)] *= _APART
    return model


def _texts(form: Form) -> np.ndarray:
    return np.concatenate([form.texts(v) for v in form.variables])


def _odds(form: Form, model: GPT, tokens: torch.Tensor, do: Iterable[str] = ()) -> dict[str, torch.Tensor]:
    """The log odds of v=1 at each query that is not cut, shape (combinations,); tokens: `_texts`."""
    do, start, odds = _cut(form, do), 0, {}
    logits = model(tokens, library("torch").tensor(form.mask(do).tolist()))
    for v in form.variables:
        rows = slice(start, start := start + form.combinations(v))
        if v not in do:
            zero, one = form.vocabulary.encode([f"{v}=0", f"{v}=1"])
            at = logits[rows, form.places[f"?{v}"]].double()
            odds[v] = at[:, one] - at[:, zero]  # a softmax over these two words
    return odds


def _joint(form: Form, odds: Mapping[str, torch.Tensor], do: Mapping[str, int] | None = None) -> torch.Tensor:
    """P(v), shape (2, ..., 2): the mean, over all arcs' noise, of the product of all variables' chances."""
    torch, axes = library("torch"), (*form.variables, *form.arcs)
    device = next((z.device for z in odds.values()), "cpu")
    product = torch.ones([1] * len(axes), dtype=torch.float64, device=device)
    for axis, v in enumerate(form.variables):
        if v in odds:
            heard = [a for a in form.heard(v) if a in axes]
            # private noise has the last axis, and nobody else listens to it
            one = odds[v].sigmoid().reshape(*(form.size(a) for a in heard), -1).mean(-1)
            one = one.reshape([form.size(a) if a in heard else 1 for a in axes])
        else:
            one = torch.full_like(product[(slice(1),) * len(axes)], do[v])
        product = product * torch.cat([1 - one, one], axis)
    product = product.expand([form.size(a) for a in axes])  # noise nobody is left to listen to
    return product.flatten(len(form.variables)).mean(-1) if form.arcs else product


def _action(form: Form, do: Any) -> dict[str, int]:
    if do is None:
        return {}
    if not isinstance(do, Mapping):
        raise CourseError(f"do= needs a dictionary, such as {{'X': 1}}; got {do!r}.")
    for v, value in do.items():
        _check_variable(form, v)
        if not isinstance(value, (int, float, np.number, np.bool_)) or value not in (0, 1):
            raise CourseError(f"do={{'{v}': ...}} needs 0 or 1, for which there are words; got {value!r}.")
    return {v: int(value) for v, value in do.items()}


def _cut(form: Form, do: Any) -> set[str]:
    """The variables whose queries are cut."""
    if not isinstance(do, Iterable):
        raise CourseError(f"do= names variables, such as ['X']; got {do!r}.")
    for v in (do := list(do)):
        _check_variable(form, v)
    return set(do)


def _check_variable(form: Form, v: Any) -> None:
    if not isinstance(v, str) or v not in form.variables:
        known = ", ".join(form.variables)
        raise CourseError(f"'{v}' is no variable of this model ({known}).{did_you_mean(v, form.variables)}")


def _check_form(graph: CausalGraph, dice: Any, levels: Any) -> None:
    if not 1 <= len(graph.nodes) <= _MOST_VARIABLES:
        raise GraphError(
            f"This model takes 1 to {_MOST_VARIABLES} variables, because it lists all their values; this drawing has "
            f"{len(graph.nodes)}. Leave some out, with graph.project([...])."
        )
    names = [v for v in graph.nodes if not isinstance(v, str) or not v.isidentifier() or keyword.iskeyword(v)]
    if odd := [*names, *(v for v in graph.nodes if v == "p")]:
        raise GraphError(f"A variable needs a Python name other than p, such as X1; this one is {odd[0]!r}.")
    if not isinstance(dice, str) or dice not in ("one", "tokens"):
        raise CourseError(f"dice= is 'one' or 'tokens'; got {dice!r}.")
    if not is_whole(levels, 2, _MOST_LEVELS):
        raise CourseError(
            f"levels= is how many words a noise has, a whole number from 2 to {_MOST_LEVELS}; got {levels!r}."
        )


def _check_size(form: Form) -> None:
    cells = 2 ** len(form.variables) * form.levels ** len(form.arcs)
    texts = sum(form.combinations(v) for v in form.variables)
    if cells > _MOST_CELLS or texts > _MOST_TEXTS:
        raise GraphError(
            f"With {len(form.arcs)} arcs and {form.levels} levels of noise, {cells:,} combinations of values and noise "
            f"are listed (at most {_MOST_CELLS:,}) and {texts:,} texts read (at most {_MOST_TEXTS:,}). Try fewer "
            f"levels, such as levels={max(2, form.levels // 2)}, or a drawing with fewer arcs."
        )
