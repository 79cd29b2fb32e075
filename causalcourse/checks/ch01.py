"""The checks of chapter 01, Potential outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalcourse.checks.compare import Mistake, array, judge_function, number, probability
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.checks.tables import (
    average_effects,
    both_outcomes,
    coin_trial,
    lots,
    naive_difference,
    p_value,
    share_of_lots,
    small_trial,
    three_terms,
    trial_with_refusals,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


@exercise(
    "01.1",
    why="A treated patient shows Y(1), an untreated one shows Y(0). The other outcome is in nobody's records.",
    hints=(
        "What does a treated patient show? And an untreated one?",
        "For each patient choose one of two numbers. `np.where(condition, this, that)` does it for all at once.",
        "Where x is 1 take y1, elsewhere y0. The same as a formula: x times y1, plus (1 - x) times y0.",
    ),
)
def _recorded(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(x: np.ndarray, y0: np.ndarray, y1: np.ndarray) -> np.ndarray:
        return np.where(x == 1, y1, y0)

    mistakes = (
        Mistake(
            "the missing half",
            lambda x, y0, y1: np.where(x == 1, y0, y1),
            "These are exactly the outcomes that stay unknown: a treated patient shows the outcome *if treated*.",
        ),
        Mistake("always treated", lambda x, y0, y1: y1, "That is what would be recorded had *everybody* been treated."),
        Mistake("never treated", lambda x, y0, y1: y0, "That is what would be recorded had *nobody* been treated."),
        Mistake(
            "the effect",
            lambda x, y0, y1: y1 - y0,
            "That is each patient's effect, y1 - y0. No hospital can write it down: it needs both outcomes.",
        ),
        Mistake(
            "forgets the untreated",
            lambda x, y0, y1: x * y1,
            "The treated are right. The untreated have outcomes as well, and not all of them are 0: use y0.",
        ),
    )
    cases = telling(lambda: tuple(rng.integers(0, 2, 12) for _ in range(3)), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=array(what="an array of outcomes"), mistakes=mistakes)


@exercise(
    "01.2",
    why="You took each patient's effect first and averaged afterwards, each time over the people the name speaks of.",
    hints=(
        "First one number for each patient: her effect, Y1 - Y0. Then three averages of it.",
        'The treated are the rows with `table["X"] == 1`. X chooses the rows; it does not choose between Y0 and Y1.',
        "With effect = table['Y1'] - table['Y0']: its mean, its mean where X is 1, its mean where X is 0.",
    ),
)
def _three_averages(answer: object, rng: np.random.Generator) -> Verdict:
    def halfway(t: pd.DataFrame) -> list[float]:
        _, att, atu = average_effects(t)
        return [(att + atu) / 2, att, atu]

    def shares_of_all(t: pd.DataFrame) -> list[float]:
        ate, att, atu = average_effects(t)
        return [ate, att * t["X"].mean(), atu * (1 - t["X"].mean())]

    mistakes = (
        Mistake(
            "seen instead of both",
            lambda t: [naive_difference(t)] * 3,
            "You compared the treated with the untreated, as the records do. Here you have both outcomes of each patient.",
        ),
        Mistake(
            "naive for everybody",
            lambda t: [naive_difference(t), *average_effects(t)[1:]],
            "ATT and ATU are right. Your ATE is what the records show, treated minus untreated, and not the average of all effects.",
        ),
        Mistake(
            "treated and untreated swapped",
            lambda t: [average_effects(t)[k] for k in (0, 2, 1)],
            "The first is right. ATT and ATU have changed places: X = 1 are the treated.",
        ),
        Mistake(
            "groups weighted equally",
            halfway,
            "ATT and ATU are right. The ATE is not halfway between them: the two groups are not equally large.",
        ),
        Mistake(
            "divides by everybody",
            shares_of_all,
            "The first is right. For ATT and ATU you divided by the number of *all* patients; divide by the number in the group.",
        ),
    )
    cases = telling(lambda: (both_outcomes(rng),), average_effects, mistakes, count=4)
    kind = array(-1, 1, what="a list of three numbers")
    return judge_function(answer, cases, average_effects, returns=kind, mistakes=mistakes)


@exercise(
    "01.3",
    why="If the treatment changes nobody, the outcomes stay and only the lot changes. The share of lots that show as much is the p-value.",
    hints=(
        "Under the sharp null `y` stays as it is. Which lots could have been drawn instead of `x`? How many patients does each treat?",
        "`combinations(range(len(x)), k)` lists all ways to choose k patients. For each, mean of y inside minus mean of y outside.",
        "Count the lots for which abs(difference) >= abs(observed difference), the real lot included, and divide by the number of lots.",
    ),
)
def _p_value(answer: object, rng: np.random.Generator) -> Verdict:
    mistakes = (
        Mistake(
            "one side only",
            lambda x, y: share_of_lots(x, y, lambda redone, seen: redone >= seen - 1e-9),
            "You counted lots with a difference as *large*. Lots that are as far from zero in the other direction count as well.",
        ),
        Mistake(
            "the other side only",
            lambda x, y: share_of_lots(x, y, lambda redone, seen: redone <= seen + 1e-9),
            "You counted lots with a difference as *small*. Count those as far from zero, in either direction.",
        ),
        Mistake(
            "strictly farther",
            lambda x, y: share_of_lots(x, y, lambda redone, seen: np.abs(redone) > abs(seen) + 1e-9),
            "You counted only lots *farther* from zero. 'At least as far' includes the ones that tie, and the real lot itself.",
        ),
        Mistake(
            "the complement",
            lambda x, y: share_of_lots(x, y, lambda redone, seen: np.abs(redone) < abs(seen) - 1e-9),
            "You counted the lots that show *less* than the real one. The p-value counts the others.",
        ),
        Mistake(
            "the count",
            lambda x, y: p_value(x, y) * lots(x),
            "That is how many lots show as much. Divide by how many lots there are, to make it a share.",
        ),
    )

    # the larger trials have 70 lots, and one of them is too little to be seen
    out = "You left the real lot out. It could have been drawn like the others, and it shows as much as itself."
    twice = "You counted the real lot twice. The list of all lots has it; one is added only to lots drawn at random."
    off_by_one = tuple(
        Mistake(name, lambda x, y, k=k: (p_value(x, y) * lots(x) + k) / (lots(x) + k), words)
        for k, name, words in ((-1, "without the real lot", out), (1, "the real lot twice", twice))
    )
    # a tolerance, so that many random shuffles pass as well as the full list
    every = mistakes + off_by_one
    cases = telling(lambda: small_trial(rng, 3), p_value, every, count=3, apart=0.03)
    cases += telling(lambda: small_trial(rng, 4), p_value, mistakes, count=2, apart=0.06)
    return judge_function(answer, cases, p_value, returns=probability(), mistakes=every, tolerance=0.02)


@exercise(
    "01.4",
    why="The three add up to what the records show: the effect, where the groups start, and who gains more.",
    hints=(
        "The first term you have from 01.2. The second looks at Y0 only. The third at effects only.",
        "Baseline bias: the mean of Y0 among the treated, minus the mean of Y0 among the untreated.",
        "Who gains: (1 - share of the treated) times (ATT - ATU). Test yourself: the three sum to treated minus untreated in the records.",
    ),
)
def _three_terms(answer: object, rng: np.random.Generator) -> Verdict:
    def changed(place: int, new: Callable[[pd.DataFrame], float]) -> Callable[[pd.DataFrame], list[float]]:
        def mistaken(t: pd.DataFrame) -> list[float]:
            terms = three_terms(t)
            terms[place] = float(new(t))
            return terms

        return mistaken

    def y1_bias(t: pd.DataFrame) -> float:
        return t["Y1"][t["X"] == 1].mean() - t["Y1"][t["X"] == 0].mean()

    def gain(t: pd.DataFrame) -> float:
        _, att, atu = average_effects(t)
        return att - atu

    mistakes = (
        Mistake(
            "ATT in place of ATE",
            changed(0, lambda t: average_effects(t)[1]),
            "The last two are right. The first is the ATT; then the sum would have no third term. Average over everybody.",
        ),
        Mistake(
            "bias in the treated outcome",
            changed(1, y1_bias),
            "The second term compares how the groups fare when *treated* (Y1). The baseline is without treatment.",
        ),
        Mistake(
            "bias turned round",
            changed(1, lambda t: -three_terms(t)[1]),
            "The baseline bias has the wrong sign: the treated come first, the untreated are subtracted.",
        ),
        Mistake(
            "what is seen as the bias",
            changed(1, naive_difference),
            "Your second term is the whole difference in the records. The baseline bias is one part of it.",
        ),
        Mistake(
            "p in place of 1 - p",
            changed(2, lambda t: t["X"].mean() * gain(t)),
            "In the third term you weighted by the share of the treated. Is it p or 1 - p?",
        ),
        Mistake("no weight", changed(2, gain), "The third term lacks its weight: (1 - p) times (ATT - ATU)."),
    )
    cases = telling(lambda: (both_outcomes(rng),), three_terms, mistakes, count=4)
    kind = array(-1, 1, what="a list of three numbers")
    return judge_function(answer, cases, three_terms, returns=kind, mistakes=mistakes)


@exercise(
    "01.5",
    why="You compared whole groups as the coin made them. Whoever leaves out patients by what happened after the toss undoes the coin's work.",
    hints=(
        "Which two groups did the coin make? Are the analyst's two groups these?",
        "Who took the drug was decided after the toss, and not by the coin. So the column 'took' must not choose who is compared.",
        "The mean of 'recovered' among all who were offered the drug, minus its mean among all who were not.",
    ),
)
def _offer(answer: object, rng: np.random.Generator) -> Verdict:
    def rate(t: pd.DataFrame, keep: pd.Series) -> float:
        return float(t["recovered"][keep].mean())

    def truth(trial: pd.DataFrame) -> float:
        return rate(trial, trial["offered"] == 1) - rate(trial, trial["offered"] == 0)

    def uptake(t: pd.DataFrame) -> float:
        took = t.groupby("offered")["took"].mean()
        return float(took[1] - took[0])

    mistakes = (
        Mistake(
            "the analyst's own function",
            lambda t: rate(t, (t["offered"] == 1) & (t["took"] == 1)) - rate(t, t["offered"] == 0),
            "That is still the analyst's comparison: those who took it are chosen by themselves and not by the coin.",
        ),
        Mistake(
            "as treated",
            lambda t: rate(t, t["took"] == 1) - rate(t, t["took"] == 0),
            "You compared by who *took* the drug. The coin did not decide that; the coin decided the offer.",
        ),
        Mistake(
            "both sides chosen",
            lambda t: rate(t, (t["offered"] == 1) & (t["took"] == 1)) - rate(t, (t["offered"] == 0) & (t["took"] == 0)),
            "You kept only those who did as the coin said, on both sides. But who does so is not decided by the coin.",
        ),
        Mistake(
            "divided by uptake",
            lambda t: truth(t) / uptake(t),
            "You divided by how much the offer raises taking. That answers another question, about the drug on those who take it "
            "because of the offer, and it needs more assumptions. Asked is the effect of the offer.",
        ),
        Mistake(
            "one arm",
            lambda t: rate(t, t["offered"] == 1),
            "That is one group only, those offered. An effect compares two.",
        ),
    )
    cases = telling(lambda: (trial_with_refusals(rng),), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)


@exercise(
    "01.6",
    why="Each kind of patient keeps its effect, and is as common as it is in your town and not as it was in the trial.",
    hints=(
        "First the trial: what is the effect on the mild, and what on the severe? Two differences of means.",
        "Then the town: a share `severe` of its patients is severe. What share is mild?",
        "(1 - severe) times the effect on the mild, plus severe times the effect on the severe.",
    ),
)
def _in_my_town(answer: object, rng: np.random.Generator) -> Verdict:
    def effect(t: pd.DataFrame) -> float:
        rates = t.groupby("X")["Y"].mean()
        return float(rates[1] - rates[0])

    def cate(t: pd.DataFrame, z: int) -> float:
        return effect(t[t["Z"] == z])

    def truth(trial: pd.DataFrame, severe: float) -> float:
        return (1 - severe) * cate(trial, 0) + severe * cate(trial, 1)

    mistakes = (
        Mistake(
            "the trial's own effect",
            lambda t, severe: effect(t),
            "That is the effect in the trial, averaged over the trial's patients. Your town has others.",
        ),
        Mistake(
            "the trial's weights",
            lambda t, severe: truth(t, float(t["Z"].mean())),
            "You weighted the two effects by how common the kinds are *in the trial*. Use your town's share.",
        ),
        Mistake(
            "weights turned round",
            lambda t, severe: truth(t, 1 - severe),
            "The weights have changed places: `severe` is the share with Z = 1.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda t, severe: truth(t, 0.5),
            "You weighted the mild and the severe equally. In your town they are not equally common.",
        ),
        Mistake(
            "only the severe",
            lambda t, severe: cate(t, 1),
            "That is the effect on the severe alone. Your town has mild patients too.",
        ),
    )

    cases = telling(lambda: (coin_trial(rng), int(rng.integers(1, 20)) / 20), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)


@exercise(
    "01.7",
    why="Nobody shows both outcomes, so the trial leaves a range. The harmed are part of those who recover untreated and of those who die treated.",
    hints=(
        "There are four kinds of people: saved, harmed, always recover, never recover. What do `a` and `b` say about their shares?",
        "a = saved + always, b = harmed + always. So harmed = saved + b - a. How small can it be? No share is below 0.",
        "At most: no more than recover untreated (b), and no more than die treated (1 - a). At least: b - a, if that is above 0.",
    ),
)
def _harmed(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(a: float, b: float) -> list[float]:
        return [max(0.0, b - a), min(b, 1 - a)]

    mistakes = (
        Mistake(
            "independent outcomes",
            lambda a, b: [b * (1 - a)] * 2,
            "b (1 - a) is the share if a patient's two outcomes had nothing to do with each other. Nothing in a trial says so.",
        ),
        Mistake(
            "the saved",
            lambda a, b: [max(0.0, a - b), min(a, 1 - b)],
            "These are the limits of the share who are *saved*: Y0 = 0 and Y1 = 1. Asked are the harmed.",
        ),
        Mistake(
            "forgets who dies",
            lambda a, b: [max(0.0, b - a), b],
            "The smallest is right. The harmed also die when treated: that, too, limits how many they can be.",
        ),
        Mistake(
            "forgets who recovers",
            lambda a, b: [max(0.0, b - a), 1 - a],
            "The smallest is right. The harmed also recover when untreated: that, too, limits how many they can be.",
        ),
        Mistake(
            "never harms on balance",
            lambda a, b: [0.0, min(b, 1 - a)],
            "The largest is right. The smallest is not always 0: if fewer recover treated than untreated, somebody is harmed.",
        ),
        Mistake(
            "a negative share",
            lambda a, b: [b - a, min(b, 1 - a)],
            "The largest is right. b - a can be negative, and a share cannot.",
        ),
        Mistake(
            "only the average effect",
            lambda a, b: [max(0.0, b - a)] * 2,
            "The smallest is right. You took it for the largest too, as if nobody were saved: the saved can hide as many harmed.",
        ),
        Mistake(
            "largest first",
            lambda a, b: truth(a, b)[::-1],
            "The two limits are right and have changed places: the smallest comes first.",
        ),
    )

    def draw(better: bool, many: bool) -> Callable[[], tuple]:
        def one() -> tuple:
            while True:
                a, b = (int(k) / 40 for k in rng.integers(3, 38, 2))
                if (a > b + 0.05) == better and abs(a - b) > 0.05 and (a + b > 1.1) == many and abs(a + b - 1) > 0.1:
                    return a, b

        return one

    # both limits change their form with a > b and with a + b > 1: one case of each kind, in random order
    cases = [draw(better, many)() for better in (True, False) for many in (True, False)]
    cases = [cases[k] for k in rng.permutation(4)]
    kind = array(0, 1, what="a list of two numbers")
    return judge_function(answer, cases, truth, returns=kind, mistakes=mistakes)
