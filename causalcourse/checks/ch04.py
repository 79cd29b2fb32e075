"""The checks of chapter 04, Adjustment."""

from __future__ import annotations

import numpy as np

from causalcourse.adjustment import is_adjustment_set
from causalcourse.checks.compare import Mistake, array, integers, judge_function, number, yes_no
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM
from causalcourse.separation import separated

# drawing, what to adjust for, and what to say of a wrong answer
_SUGGESTED = (
    ("Z -> X -> Y; Z -> Y", "Z", "A: which back door is there, and what stands on it?"),
    ("X -> M -> Y; X -> Y", "M", "B: on which kind of path does M lie?"),
    ("X -> Y; A -> X; A -> K; B -> K; B -> Y", "K", "C: is the path through K open before anybody looks at K?"),
    ("X -> Y; P -> Y", "P", "D: does P lie on any path between X and Y, or below one?"),
    ("X -> Y -> D", "D", "E: what does D tell you of Y?"),
    ("Z -> X -> Y; Z <-> Y", "Z", "F: the hidden H reaches X by one way only. Who stands on it?"),
)


@exercise(
    "04.1",
    why="A, D and F leave every causal path alone and no other path open; B, C and E do not.",
    hints=(
        "Two questions for each: is the variable on a causal path, or below one? And which paths that are not causal are open?",
        "A collider that nobody looks at closes its path by itself. Looking at it opens the path.",
        "Three of the six may be adjusted for. One of them is not needed, and does no harm.",
    ),
)
def _may_i(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [int(bool(is_adjustment_set(drawing, "X", "Y", given))) for drawing, given, _ in _SUGGESTED]

    def first_slip(given: list[int]) -> str:
        return next(s[2] for s, t, g in zip(_SUGGESTED, truth, given, strict=True) if t != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(6, low=0, high=1), explain=first_slip)


def _two_confounders(rng: np.random.Generator) -> tuple[np.ndarray]:
    """p[a, b, x, y] with a and b dependent, every cell positive."""
    pair = rng.dirichlet(np.ones(6)).reshape(2, 3)
    treat, recover = rng.uniform(0.1, 0.9, (2, 3)), rng.uniform(0.1, 0.9, (2, 3, 2))
    arm = pair[..., None] * np.stack([1 - treat, treat], axis=-1)
    return (arm[..., None] * np.stack([1 - recover, recover], axis=-1),)


@exercise(
    "04.2",
    why="Each pair (a, b) is one kind of patient: compare within it, then weigh by how common the pair is.",
    hints=(
        "Treat (a, b) as one variable with six values. What is the back-door formula then?",
        "P(Y=1 | a, b, x) is `p[..., 1] / p.sum(axis=3)`; P(a, b) is `p.sum(axis=(2, 3))`.",
        'Sum over a and b of P(a, b) P(Y=1 | a, b, x): `np.einsum("ab,abx->x", weight, recovery)`.',
    ),
)
def _pair(answer: object, rng: np.random.Generator) -> Verdict:
    def weighed(p: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return np.einsum("ab,abx->x", weight, p[..., 1] / p.sum(3))

    def truth(p: np.ndarray) -> np.ndarray:
        return weighed(p, p.sum((2, 3)))

    def only(p: np.ndarray, axis: int) -> np.ndarray:
        q = p.sum(axis)
        return q.sum((1, 2)) @ (q[..., 1] / q.sum(2))

    mistakes = (
        Mistake(
            "not adjusted",
            lambda p: p[..., 1].sum((0, 1)) / p.sum((0, 1, 3)),
            "That is P(Y=1 | x), what is seen. Both back doors are open.",
        ),
        Mistake("only a", lambda p: only(p, 1), "You adjusted for A alone. The back door through B is still open."),
        Mistake("only b", lambda p: only(p, 0), "You adjusted for B alone. The back door through A is still open."),
        Mistake(
            "as if independent",
            lambda p: weighed(p, np.outer(p.sum((1, 2, 3)), p.sum((0, 2, 3)))),
            "You weigh by P(a) P(b). A and B go together here: weigh by P(a, b).",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p: weighed(p, np.full((2, 3), 1 / 6)),
            "The six kinds count the same in your sum. Weigh each by how common it is.",
        ),
    )
    cases = telling(lambda: _two_confounders(rng), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=array(0, 1, what="two numbers"), mistakes=mistakes)


def _criterion(graph: CausalGraph, x: str, y: str, z: list[str]) -> bool:
    return not graph.descendants(x) & set(z) and bool(separated(graph.cut_out_of(x), x, y, z))


def _without_arcs(graph: CausalGraph, x: str) -> CausalGraph:
    """The graph in which x shares no hidden cause with anybody."""
    return CausalGraph(graph.nodes, graph.directed, tuple(arc for arc in graph.bidirected if x not in arc))


_CRITERION_SLIPS = (
    Mistake(
        "descendants allowed",
        lambda g, x, y, z: bool(separated(g.cut_out_of(x), x, y, z)),
        "You use descendants of x. Your function says yes to a set with a variable that the treatment changes.",
    ),
    Mistake(
        "children only",
        lambda g, x, y, z: not set(g.children(x)) & set(z) and bool(separated(g.cut_out_of(x), x, y, z)),
        "You leave out the children of x. Its descendants farther down are not allowed either.",
    ),
    Mistake(
        "in the full graph",
        lambda g, x, y, z: not g.descendants(x) & set(z) and bool(separated(g, x, y, z)),
        "You ask for separation in the full graph. There the causal paths are open too; block the back doors only.",
    ),
    Mistake(
        "arrows in are cut",
        lambda g, x, y, z: not g.descendants(x) & set(z) and bool(separated(g.cut_into(x), x, y, z)),
        "You cut the arrows *into* x. Those are the back doors; cut the arrows out of x and keep the doors.",
    ),
    Mistake(
        "hidden causes forgotten",
        lambda g, x, y, z: _criterion(_without_arcs(g, x), x, y, z),
        "You look at the doors x <- only. x <-> begins with an arrow into x as well: a hidden common cause.",
    ),
    Mistake(
        "all parents needed",
        lambda g, x, y, z: set(g.parents(x)) <= set(z) and not g.descendants(x) & set(z),
        "You ask for all parents of x. A door may be closed farther along the path, and hidden causes have no name.",
    ),
    Mistake(
        "given nothing",
        lambda g, x, y, z: not g.descendants(x) & set(z) and bool(separated(g.cut_out_of(x), x, y)),
        "Your answer does not depend on what z blocks or opens. Give z to `separated`.",
    ),
    Mistake(
        "the other criterion",
        lambda g, x, y, z: bool(is_adjustment_set(g, x, y, z)),
        "That is the adjustment criterion of the chapter. It allows a descendant of x now and then; Pearl's does not.",
    ),
    Mistake("turned round", lambda *case: not _criterion(*case), "Yes and no have changed places."),
)


def _telling_graphs(rng: np.random.Generator, mistakes: tuple[Mistake, ...]) -> list[tuple]:
    """Thirty questions, half of them yes, on which the truth and every known mistake can be told apart."""
    answers = [_criterion, *(mistake.answer for mistake in mistakes)]
    while True:
        cases: dict[bool, list[tuple]] = {True: [], False: []}
        while min(map(len, cases.values())) < 15:
            graph = random_graph(6, rng, density=0.4, bidirected=0.15)
            x, y, *rest = rng.permutation(graph.nodes).tolist()
            z = [node for node in graph.nodes if node in rest and rng.random() < 0.5]
            cases[_criterion(graph, x, y, z)].append((graph, x, y, z))
        chosen = [*cases[True][:15], *cases[False][:15]]
        said = {tuple(bool(answer(*case)) for case in chosen) for answer in answers}
        if len(said) == len(answers):
            return [chosen[i] for i in rng.permutation(len(chosen))]


@exercise(
    "04.3",
    why="No descendant of X is used, and with the arrows out of X gone, z separates X from Y.",
    hints=(
        "Two conditions. The first is about `graph.descendants(x)`: how many of `z` may be among them?",
        "For the second: in `graph.cut_out_of(x)` only back doors are left. Are x and y separated there, given z?",
        "Return False when `graph.descendants(x) & set(z)` is not empty; else `separated(graph.cut_out_of(x), x, y, z)`.",
    ),
)
def _back_doors(answer: object, rng: np.random.Generator) -> Verdict:
    cases = _telling_graphs(rng, _CRITERION_SLIPS)
    return judge_function(answer, cases, _criterion, returns=yes_no(), mistakes=_CRITERION_SLIPS)


def _weighted_patients(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = 60
    e = rng.uniform(0.1, 0.9, n)
    x = (rng.random(n) < e).astype(int)
    return x, 10 * e + rng.normal(size=n) + 3 * x + 5, e


@exercise(
    "04.4",
    why="Each arm was weighed until it looked like everybody, and each weighted mean was divided by its own weights.",
    hints=(
        "A treated patient weighs 1 / e. What does an untreated patient weigh?",
        "An untreated patient got what she had with probability 1 - e: she weighs 1 / (1 - e).",
        "`np.average(y[t], weights=w[t]) - np.average(y[~t], weights=w[~t])` with t = (x == 1).",
    ),
)
def _weigh(answer: object, rng: np.random.Generator) -> Verdict:
    def contrast(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        t = x == 1
        return float(np.average(y[t], weights=w[t]) - np.average(y[~t], weights=w[~t]))

    def truth(x: np.ndarray, y: np.ndarray, e: np.ndarray) -> float:
        return contrast(x, y, np.where(x == 1, 1 / e, 1 / (1 - e)))

    mistakes = (
        Mistake(
            "not weighed", lambda x, y, e: contrast(x, y, np.ones(len(x))), "All patients count the same. Weigh them."
        ),
        Mistake(
            "one weight for both",
            lambda x, y, e: contrast(x, y, 1 / e),
            "You weigh the untreated by 1 / e as well. They got what they had with probability 1 - e.",
        ),
        Mistake(
            "weighed by the probability",
            lambda x, y, e: contrast(x, y, np.where(x == 1, e, 1 - e)),
            "You weigh by the probability. It is its *inverse*: the rarer her treatment, the more patients she stands for.",
        ),
        Mistake(
            "weights swapped",
            lambda x, y, e: contrast(x, y, np.where(x == 1, 1 / (1 - e), 1 / e)),
            "The weights have changed places: a treated patient weighs 1 / e, an untreated one 1 / (1 - e).",
        ),
        Mistake(
            "divided by n",
            lambda x, y, e: float((x * y / e).mean() - ((1 - x) * y / (1 - e)).mean()),
            "You divide by the number of patients. The task asks for weighted means: divide by the sum of the weights in each arm.",
        ),
        Mistake(
            "divided by the arm's size",
            lambda x, y, e: float((y / e)[x == 1].mean() - (y / (1 - e))[x == 0].mean()),
            "You divide by the number of patients in the arm. The weights count instead: divide by their sum.",
        ),
        Mistake("arms swapped", lambda x, y, e: -truth(x, y, e), "The sign is turned round: treated minus untreated."),
    )
    cases = telling(lambda: _weighted_patients(rng), truth, mistakes, count=4, apart=0.02)
    return judge_function(answer, cases, truth, returns=number(), mistakes=mistakes)


def _blood_value(rng: np.random.Generator) -> tuple[np.ndarray]:
    model: SCM = random_discrete("Z -> X; Z -> Y; X -> Y; X -> C; Y -> C", rng)
    return (model.joint(["Z", "X", "C", "Y"]).to_numpy().reshape(2, 2, 2, 2),)


@exercise(
    "04.5",
    why="You let the blood value go before dividing, and adjusted for severity alone.",
    hints=(
        "Which of the two, Z and C, comes after the treatment? What is C on the path X -> C <- Y?",
        "C is a collider. It must not be among what you condition on: sum it out of the table first.",
        "With q = p.sum(axis=2), which is q[z, x, y], use the back-door formula for Z.",
    ),
)
def _clean(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray) -> float:
        q = p.sum(2)
        rate = q[:, :, 1] / q.sum(2)
        return float(q.sum((1, 2)) @ (rate[:, 1] - rate[:, 0]))

    def both(p: np.ndarray) -> float:
        rate = p[..., 1] / p.sum(3)
        return float((p.sum((1, 3)) * (rate[:, 1] - rate[:, 0])).sum())

    def only_c(p: np.ndarray) -> float:
        q = p.sum(0)  # q[x, c, y]
        rate = q[..., 1] / q.sum(2)
        return float(q.sum((0, 2)) @ (rate[1] - rate[0]))

    def seen(p: np.ndarray) -> float:
        q = p.sum((0, 2))
        return float(q[1, 1] / q[1].sum() - q[0, 1] / q[0].sum())

    def equal(p: np.ndarray) -> float:
        q = p.sum(2)
        rate = q[:, :, 1] / q.sum(2)
        return float((rate[:, 1] - rate[:, 0]).mean())

    mistakes = (
        Mistake(
            "both",
            both,
            "That is what they did: C is a collider, and adjusting for it makes a difference that X does not make.",
        ),
        Mistake("only c", only_c, "You adjusted for C and not for Z. It should be the other way round."),
        Mistake("neither", seen, "Without any adjustment the back door through Z is open."),
        Mistake(
            "kinds weighted equally",
            equal,
            "C is gone, well done. Weigh the kinds by P(z): they are not equally common.",
        ),
        Mistake("arms swapped", lambda p: -truth(p), "The sign is turned round: treated minus untreated."),
    )
    cases = telling(lambda: _blood_value(rng), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)


def _gappy(rng: np.random.Generator) -> tuple[np.ndarray]:
    """p[z, x, y] in which one kind is always treated, another never, and two are seen in both arms."""
    weight, treat = rng.dirichlet(np.full(4, 3.0)), rng.uniform(0.2, 0.8, 4)
    always, never = rng.permutation(4)[:2]
    treat[always], treat[never] = 1, 0
    recover = rng.uniform(0.1, 0.9, (4, 2))
    arm = weight[:, None] * np.stack([1 - treat, treat], axis=1)
    return (arm[..., None] * np.stack([1 - recover, recover], axis=-1),)


def _limits_if(p: np.ndarray, low: float, high: float) -> np.ndarray:
    """The smallest and the largest effect when a rate that nobody saw lies between `low` and `high`."""
    arm = p.sum(2)
    rate = p[:, :, 1] / np.where(arm > 0, arm, 1)
    least, most = np.where(arm > 0, rate, low), np.where(arm > 0, rate, high)
    return arm.sum(1) @ np.stack([least[:, 1] - most[:, 0], most[:, 1] - least[:, 0]], axis=1)


def _limits(p: np.ndarray) -> np.ndarray:
    return _limits_if(p, 0, 1)


def _trimmed(p: np.ndarray) -> np.ndarray:
    arm = p.sum(2)
    both = (arm > 0).all(1)
    gap = (p[both, 1, 1] / arm[both, 1]) - (p[both, 0, 1] / arm[both, 0])
    return np.full(2, arm[both].sum(1) @ gap / arm[both].sum())


def _alike(p: np.ndarray) -> np.ndarray:
    """Each kind made equally common."""
    return p / p.sum((1, 2), keepdims=True) / len(p)


@exercise(
    "04.6",
    why="Where an arm was never seen you put in the worst number, then the best; where both were seen nothing is left open.",
    hints=(
        "For each kind there are two rates, treated and untreated. Which of them can you compute, and what could the others be?",
        "For the smallest effect the missing treated rates are 0 and the missing untreated rates are 1; for the largest the reverse.",
        "Weigh each kind's smallest and largest difference by P(z) = p.sum(axis=(1, 2)) and add up.",
    ),
)
def _no_overlap(answer: object, rng: np.random.Generator) -> Verdict:
    mistakes = (
        Mistake(
            "those with overlap only",
            _trimmed,
            "You left out the kinds without overlap: that is the effect on the others. Everybody counts, so the interval must have a width.",
        ),
        Mistake(
            "missing is zero",
            lambda p: np.full(2, _limits_if(p, 0, 0)[0]),
            "A rate that nobody saw is taken for 0. It may be anything from 0 to 1: give the worst case and the best.",
        ),
        Mistake(
            "missing is a half",
            lambda p: np.full(2, _limits_if(p, 0.5, 0.5)[0]),
            "A rate that nobody saw is taken for one half. Why?",
        ),
        Mistake(
            "ends swapped", lambda p: _limits(p)[::-1], "The two ends have changed places: the smallest comes first."
        ),
        Mistake(
            "nothing known",
            lambda p: np.array([-1.0, 1.0]),
            "The kinds that were seen in both arms narrow it: there the difference is known.",
        ),
        Mistake(
            "severity forgotten",
            lambda p: _limits(np.stack([p.sum(0) * [[0], [1]], p.sum(0) * [[1], [0]]])),
            "You put the worst and the best in for every patient's other arm. Where her kind was seen in it, you know more.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p: _limits(_alike(p)),
            "The four kinds count the same in your sum. Weigh each by how common it is.",
        ),
    )
    cases = telling(lambda: _gappy(rng), _limits, mistakes, count=4)
    return judge_function(answer, cases, _limits, returns=array(-1, 1, what="two numbers"), mistakes=mistakes)
