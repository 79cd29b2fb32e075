"""The checks of chapter 13, where the third rung can live."""

from __future__ import annotations

import numpy as np

from causalcourse.checks.compare import array, integers, judge_function, number
from causalcourse.checks.draw import telling
from causalcourse.checks.looks import LOOKS_MISTAKES, broken_rule, drawing, looks
from causalcourse.checks.mixtures import MIXTURE_MISTAKES, mixed, records
from causalcourse.checks.networks import CHAIN_MISTAKES, NOISE_MISTAKES, chain, drawn_noise, summed_out, would
from causalcourse.checks.priors import PRIOR_MISTAKES, believed, worlds
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.checks.vendors import VENDOR_MISTAKES, VENDORS, first_unshown

Data = np.ndarray | None

_STORIES = (
    (1, "A: the model has read what came of acting. Was that in its text, or in how it is built?"),
    (4, "B: nothing in training or weights is about this hospital. Who tells the model what acts on what, and where?"),
    (0, "C: records, however many, and an order of writing. Which of the two says what acting does?"),
    (3, "D: the prompt holds records and a question, so nothing of rung 2. Who told the model that nothing is hidden?"),
    (2, "E: the text holds records alone, and so does the prompt. What decides who looks at whom?"),
    (0, "F: the prompt asks for care. Does it say anything about this hospital?"),
    (1, "G: where do the sentences with *had* come from: were they built in, were they prompted, or were they read?"),
)


@exercise(
    "13.1",
    why="Whatever reaches above its records has an assumption somewhere. Size, care and the order of writing are none.",
    hints=(
        "Ask of each: what would you have to change so that the answer changes? The text that it read, the wiring, the worlds it was trained on, or the prompt?",
        "Two have it nowhere. In one a large number impresses, in the other a good resolution.",
        "Nowhere: C and F. Of the other five, two have it in the data, and one in each of the three other places.",
    ),
)
def _which_place(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [place for place, _ in _STORIES]

    def first_slip(given: list[int]) -> str:
        return next(words for (place, words), g in zip(_STORIES, given, strict=True) if place != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=0, high=4), explain=first_slip)


@exercise(
    "13.2",
    why="A query sees its parents, and acting takes away what the acted variable's query sees. Everybody else listens on.",
    hints=(
        "Begin with np.eye(2 * n, dtype=bool): every word looks at itself. Which quarter of the table holds what queries see of values?",
        "It is the lower left one, [n:, :n]. Its row i is the query of i. What must stand in it, so that the parents of i are True?",
        "The lower left quarter is arrows.T. Then for each k in do, make the row n + k of that quarter False, and leave the diagonal as it is.",
    ),
)
def _mask(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: drawing(rng), looks, LOOKS_MISTAKES, count=3, apart=0.5)
    cases.append((cases[0][0], []))  # nobody acts

    def mask(arrows: np.ndarray, do: list[int]) -> np.ndarray:
        return looks(arrows, do)

    return judge_function(answer, cases, mask, returns=array(0, 1), mistakes=LOOKS_MISTAKES, explain=broken_rule)


@exercise(
    "13.3",
    why="Marked, the trials answer by themselves, and few of them leave it rough. Unmarked, they are read in one heap with the records.",
    hints=(
        "First number: in the trials X is set by a coin, and Z is as in everybody. So it is P(Y=1 | Z=z, X=1), averaged over z with P(z).",
        "Second: go through all texts with X = 1. Which share of *all* texts are records with X = 1, and which are trials with X = 1? And how many of either have Y = 1?",
        "Second: ((1 - s) * P(X=1, Y=1) + s / 2 * first) / ((1 - s) * P(X=1) + s / 2). Third: n * s / 2 trials had X = 1.",
    ),
)
def _dropped(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: records(rng), mixed, MIXTURE_MISTAKES, count=3, apart=0.003)

    def read(p: np.ndarray, s: float, n: int) -> np.ndarray:
        return mixed(p, s, n)

    return judge_function(answer, cases, read, returns=array(0, 1), mistakes=MIXTURE_MISTAKES)


@exercise(
    "13.4",
    why="One noise word is heard at two queries, so seeing A tells of it, and setting A does not. Sum it out once, over the whole product.",
    hints=(
        "Third first: B is 1 for everybody, and ?B looks at nothing. Who then decides C, and how common is each word u?",
        "Second: A is 1 for everybody, so B is 1 at the rate qb[1], and each word is as common as any. First: how common is each word among those with A = 1?",
        "Among those with A = 1 the word u has the share qa[u] / qa.sum(). Let f be the pair (1 - qb[1], qb[1]). First f @ qc @ shares, second f @ qc.mean(axis=1), third qc[1].mean().",
    ),
)
def _summed_out(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: drawn_noise(rng), summed_out, NOISE_MISTAKES, count=3)

    def answers(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> np.ndarray:
        return summed_out(qa, qb, qc)

    return judge_function(answer, cases, answers, returns=array(0, 1), mistakes=NOISE_MISTAKES)


@exercise(
    "13.5",
    why="Both kinds of dice leave the same records and the same trials. What the dice have in common, nobody learned: it was built in.",
    hints=(
        "Take one variable at two rates, p as it is and q as it would be. How often is it 1 in both worlds: with one die, and with two?",
        "With one die min(p, q), with two p * q. That gives a table of four chances, for B at qb[0] and qb[1]. Then for each i, j of B the same for C, at qc[i] and qc[j]. Is it the same state, if i == j?",
        "If i == j it is the same die with either kind, and C stays. Add up over i, j: the chance of i, j times that of (C=c, C'=1), and divide by the same sum with (C=c) alone.",
    ),
)
def _would(answer: object, rng: np.random.Generator) -> Verdict:
    cases = [
        case for c in (0, 1) for case in telling(lambda c=c: chain(rng, c), would, CHAIN_MISTAKES, count=2, apart=0.002)
    ]
    return judge_function(answer, cases, would, returns=array(0, 1), mistakes=CHAIN_MISTAKES)


@exercise(
    "13.6",
    why="Records tell tables of records apart, and never two worlds with the same table. Between those the belief stays what it was before.",
    hints=(
        "Weigh each world by prior times the chance of the records there: the product of p[k, x, y] ** counts[x, y]. Make the weights sum to 1.",
        "For thousands of records that product is 0 on any computer. Work with its logarithm, (counts * np.log(p)).sum((1, 2)), and subtract the largest before np.exp.",
        "Third number: in the end only worlds with the largest log likelihood are left, those with the same table p. Pick these, rather than multiplying the counts: keep prior for them, 0 for the others, and take the standard deviation again.",
    ),
)
def _prior(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: worlds(rng, int(rng.integers(15, 40))), believed, PRIOR_MISTAKES, count=3, apart=0.005)
    cases.append(worlds(rng, 5_000))  # so many records that their chance is below any number
    return judge_function(answer, cases, believed, returns=array(0), mistakes=PRIOR_MISTAKES)


@exercise(
    "13.7",
    why="A drawing in the attention is obeyed, whether right or wrong. Only acting shows which it is, and no acting shows one unit in two worlds.",
    hints=(
        "Take the sentences one by one, and write for each the line that tells whether it holds. `None` shows nothing.",
        "1: said[v] must not change along an axis that is no parent of v, its own axis included. 2: the product of three factors, said[v] where v is 1 and 1 - said[v] where it is 0. 3 and 4: compare with the model's own P(C=1 | do(B=1)).",
        "The model's answer: sum over a of its P(A=a) times said[2, a, 1, 0]. 3: every number in `again` within 0.02 of it. 4: trial.mean() within 0.1. Is there anything at all that shows 5?",
    ),
)
def _vendor(answer: object, rng: np.random.Generator) -> Verdict:
    cases = [tuple(VENDORS[k][0](rng)) for k in rng.permutation(len(VENDORS))]
    returns = number(what="the number of a sentence (one whole number)")

    def first_slip(arrows: np.ndarray, p: np.ndarray, said: np.ndarray, again: Data, trial: Data) -> int:
        return first_unshown(arrows, p, said, again, trial)

    return judge_function(answer, cases, first_slip, returns=returns, mistakes=VENDOR_MISTAKES)
