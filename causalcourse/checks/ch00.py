"""The checks of chapter 00, The ladder."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.checks.compare import Mistake, findings, integers, judge_function, number, probability
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

if TYPE_CHECKING:
    import pandas as pd

_QUESTIONS = (
    (1, "Question A: nobody acts here, and nobody imagines another past. Two groups are compared as they are found."),
    (2, "Question B: the city means to change something. That is more than looking at cities as they are."),
    (
        3,
        "Question C: this headache has already gone. You are asked about the same headache in a world that did not happen.",
    ),
    (
        1,
        "Question D: the e-mail is what it is. Nobody puts the word there to see what follows; one thing seen helps predict another.",
    ),
    (3, "Question E: one loan, one person, one past that is already known. The question changes a part of that past."),
    (2, "Question F: you set the price, for customers in general. It is no pattern found, and nobody's other past."),
)


@exercise(
    "00.1",
    why="A and D compare what is found, B and F ask what an action will bring, C and E ask about one case that already ended one way.",
    hints=(
        "For each question ask: does anybody *change* something? If not, it is rung 1.",
        "If somebody does: is it about the future of many, or about one case whose end is already known?",
        "Two questions stand on each rung. Look for 'would it have', and for 'if we'.",
    ),
)
def _rungs(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [rung for rung, _ in _QUESTIONS]

    def first_slip(given: list[int]) -> str:
        return next(reason for (rung, reason), g in zip(_QUESTIONS, given, strict=True) if rung != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(6, low=1, high=3), explain=first_slip)


@exercise(
    "00.2",
    why="You looked only at the patients with X = x, and took the share of them that recovered. That is what the bar in P(Y | X) means.",
    hints=(
        "'Among those with X = x' is a selection of rows. Which rows?",
        'In pandas, `records[records["X"] == x]` keeps the rows with X = x.',
        "Of the rows you kept, take the mean of the column Y: the mean of zeros and ones is the share of ones.",
    ),
)
def _seen(answer: object, rng: np.random.Generator) -> Verdict:
    def draw(x: int) -> tuple:
        return clinic.random_model(rng).sample(400, rng)[["X", "Y"]], x

    def share(records: pd.DataFrame, x: int, y: int) -> float:
        return float(((records["X"] == x) & (records["Y"] == y)).mean())

    def truth(records: pd.DataFrame, x: int) -> float:
        return float(records.loc[records["X"] == x, "Y"].mean())

    mistakes = (
        Mistake(
            "joint instead of conditional",
            lambda records, x: share(records, x, 1),
            "You divided by the number of all patients: that is the share who have X = x *and* recovered. "
            "The question is about the patients with X = x only.",
        ),
        Mistake(
            "conditioning turned round",
            lambda records, x: share(records, x, 1) / records["Y"].mean(),
            "That is the bar the other way round: P(X = x | Y = 1), the share with X = x among those who recovered.",
        ),
        Mistake(
            "ignores x",
            lambda records, x: records["Y"].mean(),
            "That is the rate among every patient; x plays no part in it.",
        ),
        Mistake(
            "the other arm",
            lambda records, x: truth(records, 1 - x),
            "That is the rate in the other arm: among those with X different from x.",
        ),
    )
    cases = _for_both_arms(draw, truth, mistakes)
    return judge_function(answer, cases, truth, returns=probability(), mistakes=mistakes)


def _for_both_arms(draw: Callable[[int], tuple], truth: Callable[..., float], mistakes: tuple) -> list[tuple]:
    """Three telling cases of `draw(x)` for each x: with one x alone, a function that ignores it could pass."""
    return [case for x in (0, 1) for case in telling(lambda x=x: draw(x), truth, mistakes, count=3)]


def _random_joint(rng: np.random.Generator) -> np.ndarray:
    """The joint table P(z, x, y) of a random clinic, shape (2, 2, 2)."""
    return _table(clinic.random_model(rng))


def _adjusted(p: np.ndarray, x: int) -> float:
    return float((p[:, x, 1] / p[:, x].sum(axis=1) * p.sum(axis=(1, 2))).sum())


@exercise(
    "00.3",
    why="Acting does not change how common each kind of patient is, so you weighted each kind's recovery rate by P(z) and not by P(z | x).",
    hints=(
        "If everybody gets x, who are the patients? All of them: the mild and the severe, as common as they are in the hospital.",
        "You need P(z), from p.sum(axis=(1, 2)), and P(y = 1 | x, z), which is p[:, x, 1] divided by something.",
        "P(y = 1 | x, z) is p[z, x, 1] / (p[z, x, 0] + p[z, x, 1]). Multiply by P(z), and add up over z.",
    ),
)
def _done(answer: object, rng: np.random.Generator) -> Verdict:
    mistakes = (
        Mistake(
            "conditioning instead of doing",
            lambda p, x: p[:, x, 1].sum() / p[:, x].sum(),
            "Your answer equals P(y | x): what we see among patients who *happened* to get x. The question asks what we would see "
            "had everybody got x. How common is each kind of patient then?",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p, x: (p[:, x, 1] / p[:, x].sum(axis=1)).mean(),
            "You weighted the two kinds of patient equally. They are not equally common here.",
        ),
        Mistake(
            "never divides",
            lambda p, x: (p.sum(axis=(1, 2)) * p[:, x, 1]).sum(),
            "p[z, x, 1] is a joint probability, P(z, x, y = 1). To get a recovery rate among those with z and x, divide it by something.",
        ),
        Mistake(
            "joint",
            lambda p, x: p[:, x, 1].sum(),
            "That is P(x, y = 1): the share of patients who both got x and recovered. Here everybody gets x.",
        ),
        Mistake(
            "the other arm", lambda p, x: _adjusted(p, 1 - x), "That is the answer for the other arm, do(X = 1 - x)."
        ),
    )
    cases = _for_both_arms(lambda x: (_random_joint(rng), x), _adjusted, mistakes)
    return judge_function(answer, cases, _adjusted, returns=probability(), mistakes=mistakes)


@functools.lru_cache(maxsize=64)
def _table(model: SCM) -> np.ndarray:
    """The joint table P(z, x, y) of a clinic, shape (2, 2, 2)."""
    return model.joint().to_numpy().reshape(2, 2, 2)


def _rates(model: SCM) -> tuple[list[float], list[float]]:
    """P(Y = 1 | X = x) and P(Y = 1 | do(X = x)) for x = 0, 1, in a clinic."""
    p = _table(model)
    return [p[:, x, 1].sum() / p[:, x].sum() for x in (0, 1)], [_adjusted(p, x) for x in (0, 1)]


def _weighted(model: SCM, weight: Callable[[np.ndarray], np.ndarray]) -> float:
    """The effect on each kind of patient of a clinic, averaged with weights made from the joint P(z, x, y)."""
    p = _table(model)
    effect = p[:, 1, 1] / p[:, 1].sum(axis=1) - p[:, 0, 1] / p[:, 0].sum(axis=1)
    return float(np.average(effect, weights=weight(p)))


@exercise(
    "00.4",
    why="You computed what acting brings. With `do` the equation of X is replaced, so the simulated patients no longer tell you by "
    "their treatment how ill they are.",
    hints=(
        "Who, in the consultant's simulation, decides which patients are treated?",
        "`model.do(X=1)` gives a new model in which everybody is treated.",
        "Sample from model.do(X=1) and from model.do(X=0), take the mean of Y in each, and subtract.",
    ),
)
def _effect(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(model: SCM, rng: np.random.Generator) -> float:
        done = _rates(model)[1]
        return done[1] - done[0]

    def draw() -> tuple:
        return clinic.random_model(rng, of=10), np.random.default_rng(int(rng.integers(2**32)))

    mistakes = (
        Mistake(
            "the consultant's own function",
            lambda m, _: _rates(m)[0][1] - _rates(m)[0][0],
            "That is still what the consultant computes: you pick out simulated patients who *happen* to be treated. In the simulation, "
            "too, the sick are treated more often.",
        ),
        Mistake(
            "filters after doing",
            lambda m, _: _rates(m)[1][1] - _rates(m)[0][0],
            "One of your two groups comes from a world where X is set; the other was picked out from a world where X is not yet set.",
        ),
        Mistake(
            "one arm",
            lambda m, _: _rates(m)[1][1],
            "That is one arm only, P(Y = 1 | do(X = 1)). An effect compares two.",
        ),
        Mistake(
            "the treated only",
            lambda m, _: _weighted(m, lambda p: p[:, 1].sum(axis=1)),
            "That is the effect on those who happen to be treated. The question is about everybody.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda m, _: _weighted(m, lambda p: np.ones(2)),
            "You weighted the mild and the severe equally. They are not equally common in the model.",
        ),
        Mistake(
            "regression",
            lambda m, _: _weighted(m, lambda p: p[:, 0].sum(axis=1) * p[:, 1].sum(axis=1) / p.sum(axis=(1, 2))),
            "That is what a linear regression on X and Z gives: it weights the two kinds by how evenly each is treated, and not by "
            "how common it is.",
        ),
    )
    # far enough apart to be seen above the noise of sampling
    cases = telling(draw, truth, mistakes, count=3, apart=0.04)
    return judge_function(answer, cases, truth, returns=number(), mistakes=mistakes, tolerance=0.025)


@exercise(
    "00.5",
    why="You kept the kinds of patient that fit what happened, with their probabilities, and asked how those very patients fare in the other world.",
    hints=(
        "Which rows of `happened` fit her? She was treated, and she died.",
        "Keep the same rows of `imagined`. What do they say about Y?",
        "The rows are not equally likely: weight each by its p, and divide by the sum of the p that you kept.",
    ),
)
def _would_have_lived(answer: object, rng: np.random.Generator) -> Verdict:
    def like_her(h: pd.DataFrame) -> pd.Series:
        return (h["X"] == 1) & (h["Y"] == 0)

    def share(p: pd.Series, keep: pd.Series, y: pd.Series) -> float:
        return float((p * y)[keep].sum() / p[keep].sum())

    mistakes = (
        Mistake(
            "forgets what happened",
            lambda h, i: (i["p"] * i["Y"]).sum(),
            "That is P(Y = 1 | do(X = 0)): the share of all patients who would recover if nobody were treated. It does not use what "
            "happened to this patient.",
        ),
        Mistake(
            "sees instead of imagining",
            lambda h, i: share(h["p"], h["X"] == 0, h["Y"]),
            "That is P(Y = 1 | X = 0): how other patients fared, those who happened not to be treated. She was treated.",
        ),
        Mistake(
            "uses only the treatment",
            lambda h, i: share(h["p"], h["X"] == 1, i["Y"]),
            "You used that she was treated, but not that she died. Her death, too, tells something about her.",
        ),
        Mistake(
            "counts rows",
            lambda h, i: i["Y"][like_her(h)].mean(),
            "You counted rows. They are kinds of patient, and some kinds are more common than others: see the column p.",
        ),
        Mistake(
            "never divides",
            lambda h, i: (h["p"] * i["Y"])[like_her(h)].sum(),
            "That is the share of *all* patients who died treated and would have lived. Divide, to make it a share of those who died treated.",
        ),
    )

    def draw() -> tuple:
        # few faces on each die, so that a loop over the rows is quick as well
        model = clinic.random_model(rng, "independent", of=8)
        happened, imagined = (m.worlds()[["p", "X", "Y"]] for m in (model, model.do(X=0)))
        return happened, imagined

    def truth(happened: pd.DataFrame, imagined: pd.DataFrame) -> float:
        return share(happened["p"], like_her(happened), imagined["Y"])

    cases = telling(draw, truth, mistakes, count=3)
    wrong_world = (
        Mistake(
            "reads the world that happened",
            lambda h, i: 0.0,
            "That is 0 for every hospital. Do you read Y from `happened`? There she died. Read it from `imagined`.",
        ),
        Mistake(
            "looks for her in the imagined world",
            lambda h, i: float("nan"),
            "It is NaN (not a number). Do you choose the rows in `imagined`? Nobody is treated there: choose them in `happened`.",
        ),
    )
    return judge_function(answer, cases, truth, returns=probability(), mistakes=(*mistakes, *wrong_world))


def _judged_by_its_model(p: np.ndarray, model: Any) -> str:
    """What is wrong with a model that should have the joint p[x, y] and no effect of X on Y, or ""."""
    if not isinstance(model, SCM):
        return f"It returned {type(model).__name__}. Return an SCM: SCM(noise=..., equations=...)."
    if set(model.equations) != {"X", "Y"}:
        return f"The model's variables are {', '.join(model.equations)}. They should be 'X' and 'Y', and no others."
    every = model.worlds()
    if not every[["X", "Y"]].isin([0, 1]).all(axis=None):
        return "In your model X or Y takes a value other than 0 and 1."
    table = np.array([[every.loc[(every["X"] == x) & (every["Y"] == y), "p"].sum() for y in (0, 1)] for x in (0, 1)])
    under = [model.do(X=x).worlds() for x in (0, 1)]
    effect = [float((world["p"] * world["Y"]).sum()) for world in under]
    if abs(effect[1] - effect[0]) > 1e-9:
        return (
            f"In your world acting on X changes P(Y = 1), from {effect[0]:.3f} under do(X = 0) to {effect[1]:.3f} under do(X = 1). "
            "Does the equation for Y listen to X?"
        )
    if (under[0]["Y"] != under[1]["Y"]).any():
        return "On average X does nothing in your world. But for some units setting X does change Y, up for some and down for others."
    if np.allclose(table, p, atol=1e-9):
        return ""
    if np.allclose(table, p.T, atol=1e-9):
        return "The records of your world are the table turned round: X and Y have changed places."
    if np.allclose(table, np.outer(p.sum(axis=1), p.sum(axis=0)), atol=1e-9):
        return "X does nothing in your world, as asked. But its records show no correlation at all, and the table does."
    return "X does nothing in your world, as asked. But its records are not the table p: P(X, Y) differs from it."


@exercise(
    "00.6",
    why="X does nothing to Y in your world, and its records are that very table. So no table of two variables proves an effect. "
    "(One way for any table: a hidden cause with a state for each of its cells.)",
    hints=(
        "If X has no effect on Y, and they still go together, something else must move both.",
        "Give both equations the same noise U. How many states does it need to make four different pairs (x, y)?",
        "Four states with probabilities p.ravel(), one for each cell. State U makes x = U // 2; and y?",
    ),
)
def _no_effect(answer: object, rng: np.random.Generator) -> Verdict:
    tables = []
    while len(tables) < 3:
        p = rng.dirichlet([1.0, 1.0, 1.0, 1.0]).reshape(2, 2)
        apart = (np.abs(p - p.T).max(), np.abs(p - np.outer(p.sum(1), p.sum(0))).max(), p.min())
        if min(apart) > 0.02:
            tables.append(p)
    if not callable(answer):
        return judge_function(answer, [(p,) for p in tables], lambda p: "", returns=number())

    @functools.wraps(answer)
    def examined(p: np.ndarray) -> str:
        # the model's equations are the learner's code as well, so they run where the function runs
        return _judged_by_its_model(p.copy(), answer(p))

    return judge_function(examined, [(p,) for p in tables], lambda p: "", returns=findings(), explain=str)
