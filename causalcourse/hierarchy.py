"""The causal hierarchy theorem, by construction: models that agree on all of one rung and not on the next."""

from __future__ import annotations

import itertools
import math
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.exact import exact
from causalcourse.counterfactual.query import Counterfactual, Event, Variable
from causalcourse.docalculus.hedge import Parity
from causalcourse.docalculus.identify import identify, is_identifiable
from causalcourse.errors import CannotAnswer, CourseError, is_whole
from causalcourse.expression import Probability, Symbol
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.random_models import Table, random_discrete
from causalcourse.randomness import generator
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

STEPS = ("rung 1 fixes P(Y=1 | do(X=1))", "rung 2 fixes whom X helps")

_MOST_VARIABLES = 6  # 729 actions to look at
_MOST_ROWS = 3_000_000  # of the variables' values and all hidden causes' states, or of one equation's arguments
_DIE = [0.1] * 10  # chapter 00's
_MOST_DRAWN = 2_000_000
_CHUNK = 250_000  # models at a time, so that memory stays small


@dataclass(frozen=True, eq=False, repr=False)
class Pair:
    """Two models that agree on all of `rung`, and answer `question`, of the rung above, by the two `answers`.

    same_graph: whether both have the same drawing. Taught in chapter 08.
    """

    first: SCM
    second: SCM
    rung: int
    question: Counterfactual
    answers: tuple[float, float]
    same_graph: bool

    def __str__(self) -> str:
        what = "seen" if self.rung == 1 else "seen and done"
        drawn = f"Both have the drawing {self.first.graph}."
        if not self.same_graph:
            drawn = f"The first has the drawing {self.first.graph}, the second {self.second.graph}."
        answers = "{:.2f} in one and {:.2f} in the other".format(*self.answers)
        return f"Two models agree on all that can be {what}, yet {self.question} is {answers}. {drawn}"

    __repr__ = __str__


def pair(graph: Any, rung: int, rng: np.random.Generator | None = None) -> Pair:
    """Two models of binary variables that agree on every question of `rung`, and not on one of the rung above.

    The first has this graph. Rung 2: the second has it too. Both are one random model, but where in the first one die
    decides what a variable is under either value of a cause, in the second a die for each does. Rung 1: if the graph
    leaves the effect of one variable on one other open, both have it, made from the hedge and not at random. If it
    leaves none open, P(v) and the drawing together fix these effects, and the second has another drawing: no arrows,
    one hidden cause of everything. Raises GraphError for a cycle and for names that are no Python names, CannotAnswer
    for a graph without arrows and for more than 6 variables, CourseError for another rung.
    Source: Bareinboim, Correa, Ibeling & Icard 2022, theorem 1; Shpitser & Pearl 2006, theorem 4 (hedge).
    Taught in chapter 08.
    """
    graph = as_graph(graph)
    _need_asked(rung, "There is no rung above 3 for two models to differ on.", graph.nodes)
    rng = generator(rng, f"pair on rung {rung} of {graph}")
    base = random_discrete(graph, rng)
    if not graph.directed:
        raise CannotAnswer(
            f"Without arrows ({graph}) an action changes nothing but what it sets: P(y | do(x)) is P(y) and Y_{{X=0}} "
            "is Y. All rungs say what rung 1 says, so models that agree there never differ above. Draw an arrow."
        )
    return _two_dice(base, rng) if rung == 2 else _hedged(graph) or _undrawn(base, rng)


def furthest_apart(first: SCM, second: SCM, rung: int) -> float:
    """The largest difference between two models in the probability of any event on that rung: 0 when they agree.

    rung 1: events under P(v). rung 2: under every action on every set of variables too, all listed, exact.
    Raises CannotAnswer for more than 6 variables, values other than 0 and 1 and too many hidden states; ModelError for
    noise that is not finite; CourseError for models of different variables, another rung. Taught in chapter 08.
    """
    if not isinstance(first, SCM) or not isinstance(second, SCM):
        raise CourseError(f"Two models, SCM(noise, equations), are compared; got {first!r} and {second!r}.")
    names = tuple(first.equations)
    if set(names) != set(second.equations):
        both = f"{', '.join(names)} and {', '.join(second.equations)}"
        raise CourseError(f"These are models of different variables, {both}. Only models of the same ones can agree.")
    _need_asked(rung, "Rung 3 has no such list: ask causalcourse.counterfactual.counterfactual of both models.", names)
    one, other = _parts(first, names), _parts(second, names)
    largest, places = 0.0, range(len(names))
    for acted in itertools.chain(*(itertools.combinations(places, k) for k in (places if rung == 2 else [0]))):
        gaps = np.abs(_under(acted, *one) - _under(acted, *other))
        # of all events the widest apart: half the sum over the cells of one action
        largest = max(largest, gaps.sum(axis=tuple(i for i in places if i not in acted)).max() / 2)
    return float(largest)


_Part = tuple[np.ndarray, list[int]]  # an array, and which variable or hidden cause each axis is


def _parts(model: SCM, names: Sequence[str]) -> tuple[list[_Part], list[_Part]]:
    """P(v | parents, shared hidden causes) of each variable, private noise gone; and P(u) of each hidden cause."""
    label = {name: i for i, name in enumerate((*names, *model.latents))}
    size = dict.fromkeys(names, 2) | {u: len(model.states(u)) for u in model.noise}
    rows = max(math.prod(size[a] for a in group) for group in (label, *model.arguments.values()))
    if rows > _MOST_ROWS:
        raise CannotAnswer(f"These models need {rows:,} combinations of values and hidden causes, too many to list.")
    hidden = [(model.states(u), [label[u]]) for u in model.latents]
    ones = [(np.ones(2), [label[v]]) for v in names]  # so that a variable nobody listens to has its axis
    return [_kernel(model, v, size, label) for v in names], hidden + ones


def _kernel(model: SCM, v: str, size: Mapping[str, int], label: Mapping[str, int]) -> _Part:
    heard = model.arguments[v]
    sizes = [size[a] for a in heard]
    grid = np.indices((1, *sizes)).reshape(len(sizes) + 1, -1)[1:]  # the extra axis is for a constant: it hears nothing
    values = model.value(v, dict(zip(heard, grid, strict=True)), math.prod(sizes))
    if not np.isin(values, (0, 1)).all():
        raise CannotAnswer(f"'{v}' has other values than 0 and 1. Only models of binary variables are compared.")
    table = np.stack([values == 0, values == 1], axis=-1).reshape(*sizes, 2).astype(float)
    for axis in reversed([i for i, a in enumerate(heard) if a not in label]):
        table = np.tensordot(model.states(heard[axis]), table, axes=(0, axis))
    return table, [*(label[a] for a in heard if a in label), label[v]]


def _under(acted: Sequence[int], kernels: list[_Part], rest: list[_Part]) -> np.ndarray:
    """P(the others | do(acted)), an axis for each variable. Source: truncated factorisation, Pearl 2009, sec. 3.2.3."""
    kept = [kernel for i, kernel in enumerate(kernels) if i not in acted]
    return np.einsum(*itertools.chain(*kept, *rest), list(range(len(kernels))), optimize="greedy")


def _two_dice(base: SCM, rng: np.random.Generator) -> Pair:
    """One die against two for one arrow: P(y | parents, hidden causes) is the same, so every action does the same."""
    cause, effect, others = _last_arrow(base)
    # faces below which the effect is 1: near the middle, where one die and two disagree on most units; X matters
    faces = rng.permuted(np.tile([4, 5, 6], (2 ** len(others), 1)), axis=1)[:, :2].T
    first, second = (_rolled(base, faces, dice) for dice in (1, 2))
    worlds = [Variable(effect, ((cause, x),)) for x in (0, 1)]
    questions = [Counterfactual(of=(Event(worlds[0], y), Event(worlds[1], 1 - y))) for y in (0, 1)]
    for x, y in itertools.product((0, 1), repeat=2):
        seen = Event(Variable(cause), x), Event(Variable(effect), y)
        questions.append(Counterfactual(of=(Event(worlds[1 - x], 1 - y),), given=seen))
    return _told_apart(first, second, 2, questions, same_graph=True)


def _last_arrow(model: SCM) -> tuple[str, str, list[str]]:
    """The arrow into the last effect, from its last cause, and what else, but for its own noise, the effect hears."""
    cause, effect = max(model.graph.directed, key=lambda arrow: [model.graph.order.index(v) for v in arrow[::-1]])
    return cause, effect, [a for a in model.arguments[effect][:-1] if a != cause]  # its own noise comes last


def _rolled(base: SCM, faces: np.ndarray, dice: int) -> SCM:
    """The model, but that the last effect is 1 where its die, or that for X=x of two, is below `faces[x, others]`."""
    cause, effect, others = _last_arrow(base)
    own = base.arguments[effect][-1]
    names = [own] if dice == 1 else [f"{own}_0", f"{own}_1"]
    rolled = np.indices([10] * dice)
    table = np.stack([rolled[x % dice] < faces[x].reshape(-1, *[1] * dice) for x in (0, 1)]).astype(int)
    table = table.reshape(*[2] * (1 + len(others)), *[10] * dice)
    noise = {u: p for u, p in base.noise.items() if u != own} | dict.fromkeys(names, _DIE)
    return SCM(noise, {**base.equations, effect: Table((cause, *others, *names), table)})


def _hedged(graph: CausalGraph) -> Pair | None:
    """The two worlds of an effect of one variable on another that the graph leaves open; None where it leaves none."""
    latest = list(itertools.permutations(graph.order[::-1], 2))  # arrows first: over them the answers differ most
    for y, x in sorted(latest, key=lambda ends: ends[::-1] not in graph.directed):
        query = Probability((Symbol(y),), do=(Symbol(x),))
        if is_identifiable(graph, query):
            continue
        worlds = identify(graph, query).counterexample()
        one, other = (_in_one_bit(model, y) for model in (worlds.one, worlds.other))
        if all(len(equation.bits) == 1 for equation in one.equations.values()):
            return _told_apart(one, other, 1, _effects(x, y), same_graph=True)
    return None


def _in_one_bit(model: SCM, y: str) -> SCM:
    """The outcome's bits as one, their exclusive or: nothing below it listens, and P(v) stays equal in both worlds."""
    equation = model.equations[y]
    return SCM(model.noise, {**model.equations, y: Parity(equation.arguments, (sum(equation.bits, ()),))})


def _undrawn(base: SCM, rng: np.random.Generator) -> Pair:
    """A model with a strong arrow, against one in which a hidden cause picks a row of the same P(v): no action acts."""
    cause, effect, others = _last_arrow(base)
    faces = np.array([[1], [8]]) + rng.integers(2, size=(2, 2 ** len(others)))
    first = _rolled(base, faces, dice=1)
    rows = first.joint()
    hidden = "U_" + "_".join(first.equations)  # longer than every variable's name, so none of them
    equations = {v: Table((hidden,), rows.index.get_level_values(v).to_numpy()) for v in first.equations}
    return _told_apart(first, SCM({hidden: rows.to_numpy()}, equations), 1, _effects(cause, effect), same_graph=False)


def _effects(x: str, y: str) -> list[Counterfactual]:
    return [Counterfactual(of=(Event(Variable(y, ((x, value),)), 1),)) for value in (1, 0)]


def _told_apart(first: SCM, second: SCM, rung: int, questions: Iterable[Counterfactual], same_graph: bool) -> Pair:
    """The pair, with that question whose answers differ most."""
    pairs = [Pair(first, second, rung, q, (exact(first, q), exact(second, q)), same_graph) for q in questions]
    return max(pairs, key=lambda made: abs(made.answers[0] - made.answers[1]))


def widths(types: np.ndarray) -> np.ndarray:
    """How wide the sharp interval for a question of rung 2, and for one of rung 3, is: shape (..., 2).

    types: P(x, y0, y1) for binary X -> Y, X <-> Y, shape (..., 2, 2, 2): how many units have X=x, and Y=y0 under
    do(X=0), Y=y1 under do(X=1). No rung depends on more. P(Y=1 | do(X=1)) given P(x, y) is open by P(X=0).
    P(Y_{X=0}=0, Y_{X=1}=1) given P(x, y) and both P(y | do(x)) is open by as much as can be traded among the units of
    either x: one that never and one that always has Y=1, for one that X helps and one that X harms, unnoticed.
    Raises CourseError. Source: Robins 1989; Manski 1990; Tian & Pearl 2000, theorem 3, rewritten. Taught in chapter 08.
    """
    given = types
    try:
        types = np.asarray(given)
    except ValueError:  # rows of different lengths
        types = np.zeros(0)
    if types.shape[-3:] != (2, 2, 2) or types.dtype.kind not in "biuf":
        raise CourseError(f"widths needs P(x, y0, y1), numbers of shape (..., 2, 2, 2); got {reprlib.repr(given)}.")
    traded = np.minimum(types, types[..., ::-1, ::-1])  # each type beside its opposite: every pair twice
    return np.stack([types[..., 0, :, :].sum(axis=(-1, -2)), traded.sum(axis=(-1, -2, -3)) / 2], axis=-1)


def shares(tolerances: Iterable[float], n: int = 1_000_000, rng: np.random.Generator | None = None) -> pd.DataFrame:
    """The share of random models in which a rung fixes a question of the next to within each tolerance.

    A row for each tolerance, a column for each of STEPS; `n` models drawn evenly from all P(x, y0, y1). A rung fixes
    its question when the interval of `widths` is narrower. The first width is 4 of 8 even shares, a Beta(4, 4), so that
    F(ε) = 35ε⁴ - 84ε⁵ + 70ε⁶ - 20ε⁷ of them are; the second is half of such a sum, so F(2ε), about 560ε⁴. (Of two
    exponential weights the smaller is half of one, and the rest of their sum another, independent of it.)
    Both vanish, like ε⁴: the theorem's "measure zero". One arm is asked about on purpose. What rung 1 leaves of
    P(Y=1 | do(X=0)) is P(X=1), and the two add up to 1: in no model are both arms known to within less than 1/2.
    Raises CourseError. Source: Bareinboim, Correa, Ibeling & Icard 2022, theorem 1. Taught in chapter 08.
    """
    import pandas as pd

    limits = np.array(_numbers(tolerances, float, 0, 1, "tolerances, such as [0.2, 0.1],"))
    (n,) = _numbers([n], index, 1, _MOST_DRAWN, "a whole number of models")
    rng, narrow = generator(rng, "shares"), np.zeros((len(limits), 2))
    for start in range(0, n, _CHUNK):
        weights = rng.standard_exponential((min(_CHUNK, n - start), 2, 2, 2))  # over their sum: evenly from all P
        found = widths(weights / weights.sum(axis=(1, 2, 3), keepdims=True))
        narrow += [(found < limit).sum(axis=0) for limit in limits]
    return pd.DataFrame(narrow / n, index=pd.Index(limits, name="tolerance"), columns=STEPS)


def exact_share(states: Iterable[int], n: int = 100_000, rng: np.random.Generator | None = None) -> pd.DataFrame:
    """The share of small models in which a rung fixes a question of the next exactly, by their states of noise.

    A row for each k in `states`; for each of STEPS a column for `n` models drawn, and one by formula. A model: U has k
    equally likely states, X = f(U), Y = g(X, U), with f and g drawn evenly, so that each state is of one of 8 types.
    Rung 1 fixes its question of `widths` when no state has X=0: in 2⁻ᵏ of models. Rung 2 when each of 4 pairs of
    opposite types lacks one: in 16·2⁻ᵏ - 32·(3/8)ᵏ + 24·4⁻ᵏ - 8·8⁻ᵏ of them, by inclusion and exclusion.
    Raises CourseError for what is no number of states. Taught in chapter 08.
    """
    import pandas as pd

    wanted = np.array(_numbers(states, index, 1, 1_000, "whole numbers of states, such as [1, 2, 4],"))
    (n,) = _numbers([n], index, 1, _MOST_DRAWN, "a whole number of models")
    rng = generator(rng, "exact share")
    types = (rng.multinomial(k, [1 / 8] * 8, size=n).reshape(n, 2, 2, 2) for k in wanted)
    one, two = np.array([(widths(counts) == 0).mean(axis=0) for counts in types]).T
    half, other, quarter, eighth = (np.power(share, wanted) for share in (1 / 2, 3 / 8, 1 / 4, 1 / 8))
    formula = 16 * half - 32 * other + 24 * quarter - 8 * eighth
    columns = [column for step in STEPS for column in (step, f"{step}, by formula")]
    values = np.stack([one, half, two, formula], axis=1)
    return pd.DataFrame(values, index=pd.Index(wanted, name="states"), columns=columns)


def _numbers(given: Any, kind: Callable[[Any], Any], least: int, most: int, what: str) -> list[Any]:
    try:
        numbers = [kind(each) for each in given]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or not all(least <= each <= most for each in numbers):
        raise CourseError(f"This needs {what} from {least} to {most:,}; got {given!r}.")
    return numbers


def _need_asked(rung: Any, why: str, names: Sequence[Any]) -> None:
    if not is_whole(rung, 1, 2):
        raise CourseError(f"rung is 1 (seeing) or 2 (doing); got {rung!r}. {why}")
    if len(names) > _MOST_VARIABLES:
        raise CannotAnswer(
            f"{len(names)} variables are too many to list every action on; {_MOST_VARIABLES} can be. Leave some out, "
            "with graph.project([...])."
        )
