"""A family of small worlds, many at a time: random drawings of a few yes-or-no variables, with every answer exact."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from causalcourse.errors import CourseError, NoSuchUnit, is_share, is_whole
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.noise import Finite
from causalcourse.random_models import Table
from causalcourse.randomness import generator
from causalcourse.scm import SCM

NAMES = ("A", "B", "C", "D", "E")
"""Variables in order of time: a later one never acts on an earlier one. Taught in chapter 13."""

DICE = ("one", "each")
"""One die per variable decides in all worlds, or there is a die for each state of its causes. Taught in chapter 13."""

_MOST = 4  # variables, where any pair may have a hidden cause
_EDGE = 0.05  # rates stay this far from 0 and 1, so that everything occurs
_MOST_RATES = 2 * 10**7  # of all worlds together: 160 MB
_MOST_PAIRS = 2**22  # states of two worlds at once: 32 MB
_MOST_DICE = 16  # of a variable, where a model lists how they all may fall


@dataclass(frozen=True)
class Question:
    """A question on one of the three rungs about the effect of variable `cause` on the later variable `effect`.

    rung 1: P(effect = 1 | cause = value); rung 2: P(effect = 1 | do(cause = value)); rung 3: what the effect would
    have been at `value` among those who had the other value, and effect = `seen`. Raises CourseError for what is no
    such question. Taught in chapter 13.
    """

    rung: int
    cause: int
    effect: int
    value: int
    seen: int | None = None

    def __post_init__(self) -> None:
        last = len(NAMES) - 1
        whole = [(self.rung, 1, 3), (self.cause, 0, last - 1), (self.effect, 1, last), (self.value, 0, 1)]
        fits = all(is_whole(*each) for each in whole) and self.cause < self.effect
        if not fits or not (is_whole(self.seen, 0, 1) if self.rung == 3 else self.seen is None):
            raise CourseError(
                f"A question has a rung from 1 to 3, a cause and a later effect, from 0 to {last}, and values 0 or 1, "
                f"with seen= on rung 3 alone; got {self!r}. questions(3) lists all about A, B, C."
            )

    def __str__(self) -> str:
        x, y = NAMES[self.cause], NAMES[self.effect]
        if self.rung == 3:
            return f"P({y}_{{{x}={self.value}}}=1 | {x}={1 - self.value}, {y}={self.seen})"
        return f"P({y}=1 | {x}={self.value})" if self.rung == 1 else f"P({y}=1 | do({x}={self.value}))"


def questions(n: int, rung: int | None = None) -> list[Question]:
    """All questions about n variables, of one rung or of all three. Raises CourseError. Taught in chapter 13."""
    check_whole("n", n, 1, len(NAMES))
    if rung is not None:
        check_whole("rung", rung, 1, 3)
    found = []
    for cause, effect in combinations(range(n), 2):
        for value in (0, 1):
            found += [Question(1, cause, effect, value), Question(2, cause, effect, value)]
            found += [Question(3, cause, effect, value, seen) for seen in (0, 1)]
    return [q for q in found if rung in (None, q.rung)]


@dataclass(frozen=True, eq=False)
class Worlds:
    """Many worlds of n variables, 0 or 1, in order of time.

    arrows, arcs: which pairs i < j have an arrow, and a hidden cause in common, bool of shape (worlds, n, n).
    rates: P(variable = 1 | all variables, hidden coins), shape (worlds, n, 2**n, coins), where the states of all
    variables are numbered with the first as the highest bit, and so are those of the coins: each pair that shares a
    hidden cause in any of these worlds has a fair one, in order. A variable is 1 where its die, uniform on 0 to 1,
    falls below its rate, which does not vary with what is no cause of it. Raises CourseError for arrays that do not
    fit. Taught in chapter 13.
    """

    arrows: np.ndarray
    arcs: np.ndarray
    rates: np.ndarray

    def __post_init__(self) -> None:
        numbers = isinstance(self.rates, np.ndarray) and self.rates.ndim == 4 and self.rates.dtype.kind in "iuf"
        worlds, n = self.rates.shape[:2] if numbers else (0, 0)
        pairs = [isinstance(m, np.ndarray) and m.dtype == bool and m.shape == (worlds, n, n) for m in self._drawn]
        shape = (worlds, n, 2**n, 2 ** len(_hidden(self.arcs))) if all(pairs) else ()
        if not 1 <= n <= len(NAMES) or self.rates.shape != shape or not ((self.rates >= 0) & (self.rates <= 1)).all():
            raise CourseError(
                "Worlds(arrows, arcs, rates) needs True or False of shape (worlds, n, n), twice, and probabilities of "
                f"shape (worlds, n, 2**n, coins); got {[np.shape(m) for m in (*self._drawn, self.rates)]}. "
                "Try Worlds.draw(...) or Worlds.of(...)."
            )
        object.__setattr__(self, "rates", self.rates.astype(float, copy=False))  # sums of shorter ones miss 1
        back = any(np.tril(m).any() for m in self._drawn)
        if back or (_as_heard(*self._drawn, self.rates) != self.rates).any():
            raise CourseError(
                f"{'An arrow or a hidden cause goes back in time' if back else 'A rate varies with what is no cause'}: "
                "in Worlds(arrows, arcs, rates) i < j wherever [i, j] is True, and a variable's rates differ between "
                "states of its causes and coins alone. Try Worlds.draw(...) or Worlds.of(...)."
            )

    @property
    def _drawn(self) -> tuple[np.ndarray, np.ndarray]:
        return self.arrows, self.arcs

    def __len__(self) -> int:
        return len(self.rates)

    @property
    def n(self) -> int:
        """How many variables there are. Taught in chapter 13."""
        return self.rates.shape[1]

    @classmethod
    def draw(cls, worlds: int, rng: np.random.Generator, n: int = 3, arrow: float = 0.7, arc: float = 0.0) -> Worlds:
        """Random worlds: each pair has an arrow with probability `arrow`, a hidden cause with probability `arc`.

        Rates are drawn for each state of the causes, often far apart (Beta(1/2, 1/2), kept 0.05 from 0 and 1).
        n: 1 to 5 variables, with hidden causes at most 4. Raises CourseError for numbers that do not fit.
        Taught in chapter 13.
        """
        _check(worlds, n, arrow, arc)
        rng = generator(rng, "small worlds")
        later = np.triu(np.ones((n, n), bool), 1)
        arrows, arcs = (later & (rng.random((worlds, n, n)) < chance) for chance in (arrow, arc))
        return cls._with(arrows, arcs, rng)

    @classmethod
    def of(cls, graph: Any, worlds: int, rng: np.random.Generator) -> Worlds:
        """Random worlds that all have one drawing, on variables among A, B, ..., E, such as `"A -> B -> C; A <-> C"`.

        A variable that comes before a named one is there too. Raises GraphError for what is no drawing, CourseError
        for other names, or an arrow that goes back in time. Taught in chapter 13.
        """
        graph = as_graph(graph)
        place = {v: k for k, v in enumerate(NAMES)}
        strange = [str(v) for v in graph.nodes if v not in NAMES]
        back = [f"{a} -> {b}" for a, b in graph.directed if not strange and place[a] > place[b]]
        if strange or back or not graph.nodes:
            raise CourseError(
                f"These worlds have variables among {', '.join(NAMES)}, in order of time, and arrows forward in time; "
                f"got {', '.join(strange or back) or 'none'}. Name the variables anew, with graph.relabelled(...)."
            )
        n = 1 + max(place[v] for v in graph.nodes)
        _check(worlds, n, 0, 0)
        arrows, arcs = np.zeros((2, worlds, n, n), bool)
        for edges, drawn in ((graph.directed, arrows), (graph.bidirected, arcs)):
            for a, b in edges:
                drawn[:, min(place[a], place[b]), max(place[a], place[b])] = True
        return cls._with(arrows, arcs, generator(rng, "small worlds"))

    @classmethod
    def _with(cls, arrows: np.ndarray, arcs: np.ndarray, rng: np.random.Generator) -> Worlds:
        """Rates drawn for every state of everything, then made the same where only what is no cause differs."""
        worlds, n = arrows.shape[:2]
        coins = 2 ** len(_hidden(arcs))
        if worlds * n * 2**n * coins > _MOST_RATES:
            raise CourseError(f"{worlds:,} such worlds are too many to keep at once. Try fewer.")
        rates = _EDGE + (1 - 2 * _EDGE) * rng.beta(0.5, 0.5, (worlds, n, 2**n, coins))
        return cls(arrows, arcs, _as_heard(arrows, arcs, rates))

    def take(self, rows: Any) -> Worlds:
        """Some of these worlds: rows are a number, list, mask or slice. Raises CourseError. Taught in chapter 13."""
        rows = list(rows) if isinstance(rows, tuple) else rows  # to NumPy a tuple is a place on several axes
        try:
            found = np.atleast_1d(np.arange(len(self))[rows])
        except (IndexError, TypeError, ValueError):
            found = np.empty((0, 0))
        if found.ndim != 1:
            raise CourseError(f"take(...) needs numbers of these {len(self):,} worlds; got {reprlib.repr(rows)}.")
        arcs = self.arcs[found]
        # coins that none of these worlds hears are left out, so that the axis is again one of the arcs there are
        heard = [k for k, (i, j) in enumerate(_hidden(self.arcs)) if arcs[:, i, j].any()]
        coins = _spread(heard, len(_hidden(self.arcs)))
        return Worlds(self.arrows[found], arcs, self.rates[found][..., coins])

    def joint(self, do: tuple[int, int] | None = None) -> np.ndarray:
        """P(all variables), or what it would be under do(variable = value), shape (worlds, 2**n).

        do: the variable by its number, and 0 or 1. Raises CourseError for another. Taught in chapter 13.
        """
        return self._single(do).prod(axis=1).mean(axis=-1)

    def answers(self, asked: Question, dice: str = "one") -> np.ndarray:
        """The exact answer in each world, shape (worlds,); dice: one of `DICE`, which matters on rung 3 alone.

        Raises CourseError for other dice, and questions about other variables; NoSuchUnit where nobody is as the
        question says. Source: Pearl 2009, theorem 7.1.7. Taught in chapter 13.
        """
        _check_dice(dice)
        if not isinstance(asked, Question) or asked.effect >= self.n:
            raise CourseError(f"These worlds cannot be asked {asked!s}. questions({self.n}) lists what they can be.")
        x, y = _bits(np.arange(2**self.n), self.n).T[[asked.cause, asked.effect]]
        if asked.rung == 2:
            return self.joint((asked.cause, asked.value)) @ y
        if asked.rung == 1:
            p = self.joint()
            return _share(p @ (y * (x == asked.value)), p @ (x == asked.value), asked)
        fact, sums = ((x != asked.value) & (y == asked.seen))[:, None], []
        some = max(1, _MOST_PAIRS // (4**self.n * self.rates.shape[-1]))
        for first in range(0, max(1, len(self)), some):
            p = self._pairs(asked.cause, asked.value, dice, slice(first, first + some)) * fact
            sums.append([(p * y).sum((1, 2)), p.sum((1, 2))])
        return _share(*np.concatenate(sums, axis=1), asked)

    def graph(self, world: int) -> CausalGraph:
        """The drawing of one world. Raises CourseError for a number that is none. Taught in chapter 13."""
        self._check_world(world)
        pairs = [[(NAMES[i], NAMES[j]) for i, j in np.argwhere(m[world])] for m in self._drawn]
        return CausalGraph(NAMES[: self.n], *map(tuple, pairs))

    def model(self, world: int, dice: str = "one") -> SCM:
        """One world as a structural model, its dice cut wherever a rate lies, its coins named H_AB and the like.

        Raises CourseError for other dice, more than 16 for one variable, or a number that is none.
        Taught in chapter 13.
        """
        _check_dice(dice)
        graph, hidden = self.graph(world), [(NAMES[i], NAMES[j]) for i, j in _hidden(self.arcs)]
        noise, equations = {}, {}
        for k, name in enumerate(graph.nodes):
            causes = graph.parents(name)
            heard = [h for h in hidden if name in h and h in graph.bidirected]
            states = _spread([graph.nodes.index(c) for c in causes], self.n)
            coins = _spread([hidden.index(h) for h in heard], len(hidden))
            rates = self.rates[world, k][np.ix_(states, coins)].reshape((2,) * (len(causes) + len(heard)))
            if dice == "each" and rates.size > _MOST_DICE:
                raise CourseError(
                    f"{name} would have {rates.size} dice, and a model lists how all fall: {_MOST_DICE} at most. "
                    "Worlds.answers(..., 'each') answers without a model."
                )
            noise |= {"H_" + "".join(h): Finite([0.5, 0.5]) for h in heard}
            dies, table = _die(rates) if dice == "one" else _dice(rates)
            names = [f"U_{name}{j or ''}" for j in range(len(dies))]
            noise |= dict(zip(names, dies, strict=True))
            equations[name] = Table((*causes, *("H_" + "".join(h) for h in heard), *names), table)
        return SCM(noise, equations)

    def sample(self, world: int, units: int, rng: np.random.Generator, do: tuple[int, int] | None = None) -> np.ndarray:
        """Units of one world, 0 or 1, shape (units, n), seen or under do(variable = value).

        Raises CourseError for numbers that do not fit. Taught in chapter 13.
        """
        self._check_world(world)
        return _bits(_draws(self.take(world).joint(do)[0], units, rng), self.n)

    def had(
        self, world: int, units: int, rng: np.random.Generator, cause: int, value: int, dice: str = "one"
    ) -> np.ndarray:
        """Units in two worlds: as they are, and had `cause` been `value`: shape (units, 2, n).

        Raises CourseError for numbers that do not fit, or other dice. Taught in chapter 13.
        """
        self._check_world(world)
        _check_dice(dice)
        _check_action((cause, value), self.n)
        p = self.take(world)._pairs(cause, value, dice)[0].ravel()
        both = np.divmod(_draws(p, units, rng), 2**self.n)
        return _bits(np.stack(both, axis=1), self.n)

    def _single(self, do: tuple[int, int] | None) -> np.ndarray:
        """P(each variable's value | causes, coins) in each state, shape (worlds, n, 2**n, coins)."""
        on = _bits(np.arange(2**self.n), self.n).T[:, :, None] == 1
        p = np.where(on, self.rates, 1 - self.rates)
        if do is not None:
            _check_action(do, self.n)
            p[:, do[0]] = on[do[0]] == do[1]
        return p

    def _pairs(self, cause: int, value: int, dice: str, rows: slice = slice(None)) -> np.ndarray:
        """P(state, state had `cause` been `value`), shape (worlds, 2**n, 2**n), in some of the worlds."""
        on = _bits(np.arange(2**self.n), self.n).T == 1
        total: Any = 1.0
        for k in range(self.n):
            p, q = self.rates[rows, k, :, None], self.rates[rows, k, None]
            a, b = on[k][:, None, None], on[k][None, :, None]
            if k == cause:
                total = total * np.where(a, p, 1 - p) * (b == value)
                continue
            # the coins are the same in both worlds: with the same causes it is the same die that counts
            both = np.minimum(p, q) if dice == "one" else np.where(self._alike(k, rows), p, p * q)
            total = total * np.where(a & b, both, np.where(a, p - both, np.where(b, q - both, 1 - p - q + both)))
        return total.mean(axis=-1)

    def _alike(self, k: int, rows: slice) -> np.ndarray:
        """Whether variable k has the same causes in two states, shape (worlds, 2**n, 2**n, 1)."""
        states = np.arange(2**self.n)
        return ((states[:, None] ^ states) & _causes(self.arrows[rows])[:, k, None, None] == 0)[..., None]

    def _check_world(self, world: Any) -> None:
        if not is_whole(world, 0, len(self) - 1):
            raise CourseError(f"world= is the number of one of {len(self):,} worlds, from 0; got {world!r}.")


def _hidden(arcs: np.ndarray) -> np.ndarray:
    """The pairs that have a hidden cause in any world, in the order of their coins, shape (coins, 2)."""
    return np.argwhere(arcs.any(0))


def _causes(arrows: np.ndarray) -> np.ndarray:
    """The state in which the causes of each variable are 1 and all else is 0, shape (worlds, n)."""
    return _number(arrows.swapaxes(1, 2))


def _as_heard(arrows: np.ndarray, arcs: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """The rates where all that is no cause of a variable is 0, for every state; the same if they vary with no such."""
    worlds, n = arrows.shape[:2]
    hidden = _hidden(arcs)
    heard = np.zeros((worlds, n, len(hidden)), bool)
    for k, (i, j) in enumerate(hidden):
        heard[:, i, k] = heard[:, j, k] = arcs[:, i, j]
    causes = np.arange(2**n) & _causes(arrows)[..., None]
    coins = np.arange(2 ** len(hidden)) & _number(heard)[..., None]
    which = np.arange(worlds)[:, None, None, None], np.arange(n)[:, None, None]
    return rates[*which, causes[..., :, None], coins[..., None, :]]


def _share(part: np.ndarray, whole: np.ndarray, asked: Question) -> np.ndarray:
    if not (whole > 0).all():
        given = str(asked).split(" | ")[1].rstrip(")")
        raise NoSuchUnit(
            f"In world {np.argmin(whole > 0)} nobody has {given}: {asked} has no answer. Leave it out, with take(...)."
        )
    return part / whole


def _draws(p: np.ndarray, units: Any, rng: np.random.Generator) -> np.ndarray:
    """So many states, drawn with these probabilities."""
    check_whole("units", units, 0, _MOST_RATES)
    return generator(rng, "units").choice(len(p), size=units, p=p / p.sum())


def _bits(states: np.ndarray, n: int) -> np.ndarray:
    """The variables in each state, shape (..., n)."""
    return np.asarray(states)[..., None] >> np.arange(n)[::-1] & 1


def _spread(places: list[int], n: int) -> np.ndarray:
    """The states of n variables in which those at `places` take all their values in turn, and the others are 0."""
    return (_bits(np.arange(2 ** len(places)), len(places)) << (n - 1 - np.array(places, int))).sum(-1)


def _number(bits: np.ndarray) -> np.ndarray:
    """The states with these bits, the first the highest."""
    return bits @ (1 << np.arange(bits.shape[-1])[::-1])


def _die(rates: np.ndarray) -> tuple[list[Finite], np.ndarray]:
    """One die, cut at every rate, and whether each of its faces lies below the rate of each state."""
    cuts = np.unique([0.0, *rates.flat, 1.0])
    return [Finite(np.diff(cuts))], (cuts[:-1] < rates[..., None]).astype(int)


def _dice(rates: np.ndarray) -> tuple[list[Finite], np.ndarray]:
    """A die for each state, 1 at its rate, and for each state the fall of the die that counts there."""
    states = rates.size
    falls = np.indices((2,) * states)
    return [Finite([1 - r, r]) for r in rates.flat], falls.reshape(*rates.shape, *(2,) * states)


def _check_dice(dice: Any) -> None:
    if not isinstance(dice, str) or dice not in DICE:
        raise CourseError(f"dice= is {' or '.join(map(repr, DICE))}; got {dice!r}.")


def _check_action(do: Any, n: int) -> None:
    if not (isinstance(do, tuple) and len(do) == 2 and is_whole(do[0], 0, n - 1) and is_whole(do[1], 0, 1)):
        raise CourseError(
            f"To act takes the number of a variable, 0 to {n - 1}, and its value, 0 or 1, such as (0, 1); got {do!r}."
        )


def _check(worlds: Any, n: Any, arrow: Any, arc: Any) -> None:
    check_whole("worlds", worlds, 1, 10**6)
    check_whole("n", n, 1, len(NAMES))
    if not (is_share(arrow) and is_share(arc)):
        raise CourseError(f"arrow= and arc= are probabilities; got {arrow!r} and {arc!r}.")
    if n > _MOST and arc > 0:
        raise CourseError(f"With hidden causes n= is {_MOST} at most; got {n}. Try arc=0, or Worlds.of(...) with few.")


def check_whole(name: str, given: Any, least: int, most: int) -> None:
    """Raises CourseError for what is no whole number in that range. Used from chapter 13."""
    if not is_whole(given, least, most):
        raise CourseError(f"{name}= needs a whole number, {least} to {most:,}; got {given!r}.")
