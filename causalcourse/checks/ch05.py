"""The checks of chapter 05, do-calculus."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalcourse.checks.compare import Mistake, array, integers, judge_function, judge_made
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.docalculus import Derivation, identify
from causalcourse.errors import CourseError
from causalcourse.expression import parse
from causalcourse.graph import CausalGraph

# drawing, one side, the other side, and what to ask of a wrong answer
_EQUALITIES = (
    ("Z -> X -> Y", "P(Y | do(X), Z)", "P(Y | do(X))", "A: something that is *seen* leaves."),
    ("Z -> X -> Y; Z -> Y", "P(Y | do(X), Z)", "P(Y | X, Z)", "B: setting becomes seeing. Is a back door open?"),
    ("Y -> X", "P(Y | do(X))", "P(Y)", "C: something that is *set* leaves."),
    ("X -> Y; X <-> Y", "P(Y | do(X))", "P(Y | X)", "D: setting becomes seeing. Is a back door open?"),
    ("X -> M -> Y; X <-> Y", "P(Y | do(X, M))", "P(Y | do(M))", "E: something that is *set* leaves."),
    (
        "X -> M -> Y; X <-> Y",
        "P(Y | do(X), M)",
        "P(Y | do(X, M))",
        "F: seeing becomes setting. With X set, which back door is open?",
    ),
    (
        "X -> W; X <-> Y",
        "P(Y | do(X), W)",
        "P(Y | W)",
        "G: W is below X and is given. Which arrows does rule 3 cut then?",
    ),
)


def _rule(drawing: str, before: str, after: str) -> int:
    """The one rule that leads from one side to the other, 0 for none."""
    from causalcourse.docalculus.verify import refusal

    graph, a, b = CausalGraph.parse(drawing), parse(before), parse(after)
    return next((k for k in (1, 2, 3) if not refusal(graph, f"rule {k}", a, b)), 0)


@exercise(
    "05.1",
    why="Rule 1 moves what is seen, rule 3 what is set, rule 2 turns one into the other; each asks its own separation.",
    hints=(
        "First look at what changes: something seen, something set, or a seeing that becomes a setting?",
        "Then cut: rule 1 the arrows into what is set; rule 2 those out of what changes as well; rule 3 those into it. Separated?",
        "Two of the seven are allowed by no rule. In one a back door is open; in the other what is given lies below what was set.",
    ),
)
def _which_rule(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [_rule(*equality[:3]) for equality in _EQUALITIES]

    def first_slip(given: list[int]) -> str:
        return next(e[3] for e, t, g in zip(_EQUALITIES, truth, given, strict=True) if t != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=0, high=3), explain=first_slip)


def _town(rng: np.random.Generator) -> tuple[np.ndarray]:
    """p[x, m, y] of a random model with the front-door drawing, every cell positive."""
    gene = rng.dirichlet([2, 2])
    x = rng.dirichlet([1, 1], size=2)  # P(x | gene)
    m = rng.dirichlet([1, 1, 1], size=2)  # P(m | x)
    y = rng.uniform(0.05, 0.95, (3, 2))  # P(Y=1 | m, gene)
    p = np.einsum("u,ux,xm,muy->xmy", gene, x, m, np.stack([1 - y, y], axis=-1))
    return (p / p.sum(),)


@exercise(
    "05.2",
    why="The inner sum adjusts M's effect for X, the outer one asks how much M there is under do(x).",
    hints=(
        "Three ingredients: P(m | x), P(x'), P(Y=1 | m, x'). Which x is set, and which is averaged over?",
        "P(Y=1 | m, x') is `p[:, :, 1] / p.sum(axis=2)`, indexed [x', m]. Weigh it by P(x') = `p.sum(axis=(1, 2))`.",
        "With px = P(x) and m_given_x[x, m]: `m_given_x @ (px @ y_given_xm)`.",
    ),
)
def _frontdoor(answer: object, rng: np.random.Generator) -> Verdict:
    def rates(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        px = p.sum((1, 2))
        return px, p.sum(2) / px[:, None], p[..., 1] / p.sum(2)

    def truth(p: np.ndarray) -> np.ndarray:
        px, tar, ill = rates(p)
        return tar @ (px @ ill)

    mistakes = (
        Mistake(
            "what is seen",
            lambda p: p[..., 1].sum(1) / p.sum((1, 2)),
            "That is P(Y=1 | x), what is seen. In the inner sum x' runs over everybody; it is not the x you set.",
        ),
        Mistake(
            "adjusts for m",
            lambda p: rates(p)[2] @ p.sum((0, 2)),
            "You adjusted for M. It is a mediator: it carries the effect, and the back door stays open.",
        ),
        Mistake(
            "not weighed",
            lambda p: rates(p)[1] @ rates(p)[2].mean(0),
            "Both values of x' count the same in your inner sum. How common is each?",
        ),
        Mistake(
            "inner back door",
            lambda p: rates(p)[1] @ (p[..., 1].sum(0) / p.sum((0, 2))),
            "You took P(Y=1 | m) for P(Y=1 | do(m)). The back door M <- X <-> Y is open: adjust for X.",
        ),
        Mistake(
            "m not under x",
            lambda p: np.repeat(p.sum((0, 2)) @ (rates(p)[0] @ rates(p)[2]), 2),
            "Your answer is the same for both x. How much M is there when x is set?",
        ),
        Mistake("swapped", lambda p: truth(p)[::-1], "The two numbers have changed places: x = 0 comes first."),
    )
    cases = telling(lambda: _town(rng), truth, mistakes, count=3)
    return judge_function(answer, cases, truth, returns=array(0, 1), mistakes=mistakes)


def _proved(made: Any, graph: CausalGraph, query: str) -> str:
    """What keeps a returned object from being the proof that was asked for; "" when nothing does."""
    if not isinstance(made, Derivation):
        return (
            f"It returned {type(made).__name__}. Return a Derivation: what d.sum_over(...) and the other methods give."
        )
    if made.graph != graph or made.query != Derivation(graph, query).query:
        return "Yours starts from another drawing or another question. Start from the d of the blank."
    verification = made.proof.verify()
    if not verification:
        return str(verification)
    if not made.goal:
        return f"Every step holds, and you are not there yet: {made.goal.why}"
    return ""


def _judge_proof(answer: object, drawing: str, query: str) -> Verdict:
    graph = CausalGraph.parse(drawing)
    return judge_made(answer, [()], lambda: "", lambda made: _proved(made, graph, query))


@exercise(
    "05.3",
    why="Every step holds by its law, and no do(...) is left: a proof that the checker accepts.",
    hints=(
        "Nothing can be done to P(y | do(x)) itself. Which variable would help if it were known? Bring it in with sum_over.",
        "After sum_over('Z') and chain('Y', 'Z') there are two factors. In one rule 2 applies, in the other rule 3.",
        "rule2('X', at='P(Y | do(X), Z)') turns do(X) into X. What does setting X do to Z, which comes before it?",
    ),
)
def _prove_backdoor(answer: object, rng: np.random.Generator) -> Verdict:
    return _judge_proof(answer, "Z -> X -> Y; Z -> Y", "Y | do(X)")


@exercise(
    "05.4",
    why="Each dose was taken care of where it stands: what comes after a variable does nothing to it.",
    hints=(
        "Bring in what lies between the doses, Z, and split: one factor about Z, one about Y.",
        "Z comes after the first dose and before the second. Which of the two can be left out there, and which turned into seeing?",
        "For Y, with Z known: does the first dose still reach it? Leave it out with rule 3 first, then rule 2 for the second dose.",
    ),
)
def _prove_two_doses(answer: object, rng: np.random.Generator) -> Verdict:
    return _judge_proof(answer, "X1 -> Z -> X2 -> Y; Z -> Y; X1 <-> X2", "Y | do(X1, X2)")


@exercise(
    "05.5",
    why="Rule 2 for X needs its back doors to M closed, and the arc X <-> M is one. The two form a hedge.",
    hints=(
        "Three steps use rule 2. For each, draw the graph without the arrows out of the variable that is exchanged. What is left?",
        "The drawing has one arc, between X and M. Which step would need it closed?",
        "It is one of the last two steps. And is X, M a pair that a hidden cause holds together, with the action cutting through?",
    ),
)
def _wrong_step(answer: object, rng: np.random.Generator) -> Verdict:
    drawing = CausalGraph.parse("X -> M -> Y; X <-> M")
    known = int(bool(identify(drawing, "Y | do(X)")))

    def slip(given: list[int]) -> str:
        step = int(given[0])
        if step == 6:
            return "The step is the right one. But does another proof save the claim? Ask identify."
        if step == 7:
            return "Step 7 holds; something goes wrong before it."
        return (
            f"Step {step} holds. Draw the graph its rule looks at."
            if step
            else "There is a wrong step: they are numbered from 1."
        )

    return judge_function(answer, [()], lambda: [6, known], returns=integers(2, low=0, high=7), explain=slip)


def _answers(text: Any) -> str:
    """What keeps a drawn graph from making the effect identifiable; "" when nothing does."""
    if not isinstance(text, str):
        return f"A graph is written as text, such as 'X -> Y; X <-> Y'; this is {type(text).__name__}."
    try:
        graph = CausalGraph.parse(text)
    except CourseError as error:
        return f"That is no graph. {error}"
    if not {"X", "Y"} <= set(graph.nodes):
        return "The graph needs the nodes X and Y."
    if "Y" not in graph.siblings("X"):
        return "The hidden cause X <-> Y has gone. It cannot be wished away: keep it in the drawing."
    if "X" not in graph.ancestors("Y"):
        return "In your graph X no longer acts on Y: no arrows lead from X to Y. The question was about its effect."
    found = identify(graph, "Y | do(X)")
    if found:
        return ""
    hedge = str(found.hedge)
    helpless = " An instrument does not help here: it needs an assumption more." if graph.parents("X") else ""
    return f"The effect is not identifiable in your graph: {hedge}{helpless}"


@exercise(
    "05.6",
    why="You opened the arrow up: what the hidden cause does not reach carries the effect, and the data can follow it.",
    hints=(
        "As long as `X -> Y` stands beside `X <-> Y`, there is a hedge. Which of the two may go?",
        "The effect need not go directly. What if it ran through something that you can measure?",
        "The front door: a mediator that shares no hidden cause with X or with Y.",
    ),
)
def _answerable(answer: object, rng: np.random.Generator) -> Verdict:
    return judge_made(answer, [()], lambda: "", _answers)
