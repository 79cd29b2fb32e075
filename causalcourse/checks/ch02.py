"""The checks of chapter 02, Graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.checks import drawings
from causalcourse.checks.compare import Mistake, array, judge_function, number, yes_no
from causalcourse.checks.draw import covering, telling
from causalcourse.checks.drawings import Pair, Parents, graph_of
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.equivalence import markov_equivalent
from causalcourse.separation import separated

if TYPE_CHECKING:
    import pandas as pd


@exercise(
    "02.1",
    why="Where two arrowheads meet the middle is a collider, and opens when it is given. Everything else closes.",
    hints=(
        "Draw the four paths. On which of them do two arrowheads meet in Z?",
        "A chain or a fork is open as long as Z is not given. A collider is the other way round.",
        "It is a collider when left is '->' and right is '<-'. Then the answer is `given`, else it is `not given`.",
    ),
)
def _is_open(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(left: str, right: str, given: bool) -> bool:
        return given == (left == "->" and right == "<-")

    mistakes = (
        Mistake(
            "no colliders",
            lambda left, right, given: not given,
            "You let Z block whenever it is given. Where two arrowheads meet in Z it is the other way round.",
        ),
        Mistake(
            "all colliders",
            lambda left, right, given: given,
            "You let Z open the path whenever it is given. Only a collider does; a chain and a fork are closed by it.",
        ),
        Mistake(
            "the fork as collider",
            lambda left, right, given: given == (left == "<-" and right == "->"),
            "You took the fork, A <- Z -> B, for the collider. In a collider the arrowheads meet *in* Z.",
        ),
        Mistake(
            "a collider never opens",
            lambda left, right, given: not given and not (left == "->" and right == "<-"),
            "Chain and fork are right. You keep the collider closed even when it is given: that is when it opens.",
        ),
        Mistake(
            "only chains",
            lambda left, right, given: given != (left == right),
            "Chains are right. Of the other two, fork and collider, you treat both as colliders. A fork is like a chain.",
        ),
    )
    cases = [(left, right, given) for left in ("->", "<-") for right in ("->", "<-") for given in (True, False)]
    cases = [cases[k] for k in rng.permutation(8)]
    return judge_function(answer, cases, truth, returns=yes_no(), mistakes=mistakes)


@exercise(
    "02.2",
    why="You asked each inner node which kind it is on this path, and one that blocks was enough.",
    hints=(
        "The inner nodes stand at places 2, 4, ... of the list, each with an arrow before and one after it.",
        "A collider: the arrow before it ends in '>' and the arrow after it begins with '<'. `<->` does both.",
        "Return True at the first node that blocks: a non-collider in `given`, or a collider with neither it nor "
        "anything of `below[node]` in `given`. At the end return False.",
    ),
)
def _blocked(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(path: list[str], given: set[str], below: dict[str, set[str]]) -> bool:
        return any(drawings.path_blocked(path, given, below))

    mistakes = (
        Mistake(
            "no colliders",
            lambda path, given, below: bool(set(path[2:-1:2]) & given),
            "You let every given node block. A collider blocks when it is *not* given.",
        ),
        Mistake(
            "forgets what lies below",
            lambda path, given, below: any(drawings.path_blocked(path, given, below, deep=False)),
            "A collider opens when it is given. It also opens when something *below* it is given: a hint is enough.",
        ),
        Mistake(
            "what lies below blocks as well",
            lambda path, given, below: any(drawings.path_blocked(path, given, below, through=True)),
            "You let a given node block from *below* a chain or a fork as well. Their middle blocks only when it is given itself.",
        ),
        Mistake(
            "all have to block",
            lambda path, given, below: all(drawings.path_blocked(path, given, below)),
            "You ask that *every* inner node blocks. One is enough.",
        ),
        Mistake(
            "only the first node",
            lambda path, given, below: drawings.path_blocked(path, given, below)[0],
            "You decide at the first inner node. If it does not block, go on to the next.",
        ),
        Mistake(
            "no heads on <->",
            lambda path, given, below: any(drawings.path_blocked(path, given, below, heads="none")),
            "You do not read `<->` as having arrowheads. It has one at either end, so it can make a collider.",
        ),
    )
    cases = covering(lambda: drawings.path_question(rng), truth, mistakes, count=12)
    return judge_function(answer, cases, truth, returns=yes_no(), mistakes=mistakes)


@exercise(
    "02.3",
    why="Separated is a statement about all paths at once, and yours holds on drawings you had not seen.",
    hints=(
        "With paths: find all of them, in whatever direction the arrows point, and ask 02.2 about each.",
        "Without paths: first collect x, y, given and all their ancestors. Only edges among these matter.",
        "Join every two parents of a kept node, forget directions, walk from x without stepping on a given node. If you never reach y, they are separated.",
    ),
)
def _d_separated(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(parents: Parents, x: str, y: str, given: set[str]) -> bool:
        return bool(separated(graph_of(parents), x, y, given))

    mistakes = (
        Mistake(
            "no colliders",
            lambda parents, x, y, given: drawings.moral_separated(parents, x, y, given, marry=False, ancestors=False),
            "You let given nodes block, and nothing else. Then a collider blocks when it is given; it should be the other way round.",
        ),
        Mistake(
            "forgets what lies below",
            lambda parents, x, y, given: drawings.every_path_blocked(parents, x, y, given, deep=0),
            "You forgot that a collider opens also when one of its *descendants* is given.",
        ),
        Mistake(
            "one step below only",
            lambda parents, x, y, given: drawings.every_path_blocked(parents, x, y, given, deep=1),
            "A collider opens when any of its *descendants* is given. You look at its children, and no further down.",
        ),
        Mistake(
            "one blocked path is enough",
            lambda parents, x, y, given: drawings.every_path_blocked(parents, x, y, given, needs=any),
            "You call them separated as soon as *one* path is blocked. Every path has to be: one that is open joins them.",
        ),
        Mistake(
            "only along the arrows",
            drawings.along_arrows,
            "You follow arrows in their own direction only. A path may go against them: a fork joins its two ends as well.",
        ),
        Mistake(
            "keeps everything",
            lambda parents, x, y, given: drawings.moral_separated(parents, x, y, given, ancestors=False),
            "You joined the parents of *every* node. A collider of which nothing is known must not: leave out first what is no ancestor of x, y or the given.",
        ),
        Mistake(
            "joins no parents",
            lambda parents, x, y, given: drawings.moral_separated(parents, x, y, given, marry=False),
            "You left out the step that joins two parents of the same node. A given collider ties its parents together.",
        ),
    )
    always = Mistake("always", lambda *_: True, "")  # told by judge_function, once it differs from the others
    cases = covering(lambda: drawings.hinted_question(rng), truth, [*mistakes, always], count=14)
    return judge_function(answer, cases, truth, returns=yes_no(), mistakes=mistakes)


@exercise(
    "02.4",
    why="On every drawing your set leaves no path open. So each missing arrow makes a claim that can be tested.",
    hints=(
        "One of the two may be an ancestor of the other. Which of the two can have its causes known without opening anything?",
        "Everything that goes into a node comes through its parents. What if they are all given?",
        "The parents of the later one: of x if y is an ancestor of x, else of y.",
    ),
)
def _separating_set(answer: object, rng: np.random.Generator) -> Verdict:
    mistakes = (
        Mistake(
            "nothing",
            lambda parents, x, y: set(),
            "You give nothing. That leaves every chain and every fork between them open.",
        ),
        Mistake(
            "everything",
            lambda parents, x, y: set(parents) - {x, y},
            "You give all the others. Among them are colliders, and those you open.",
        ),
        Mistake(
            "parents of x",
            lambda parents, x, y: set(parents[x]),
            "You take the parents of x, whichever of the two comes first. If x acts on y, they do not lie between.",
        ),
        Mistake(
            "parents of y",
            lambda parents, x, y: set(parents[y]),
            "You take the parents of y, whichever of the two comes first. If y acts on x, they do not lie between.",
        ),
        Mistake(
            "neighbours in common",
            lambda parents, x, y: drawings.neighbours(parents, x) & drawings.neighbours(parents, y),
            "You take what is joined to both. A common effect is among those, and giving it opens a path; and longer paths do not pass through them.",
        ),
        Mistake(
            "neighbours of x",
            lambda parents, x, y: drawings.neighbours(parents, x) - {y},
            "You take everything that is joined to x, its effects as well. An effect may be a collider on a path to y.",
        ),
    )

    # each mistake must leave a path open somewhere; a set that is right by luck on one drawing is not on all
    cases = covering(
        lambda: drawings.question(rng)[:3], lambda *_: True, [drawings.separates(m) for m in mistakes], count=12
    )
    found: list[str] = []
    return judge_function(
        answer, cases, Pair, returns=drawings.separator(found), mistakes=mistakes, explain=lambda _: found[0]
    )


@exercise(
    "02.5",
    why="The same pairs and the same v-structures: then no table of records, of whatever size, tells the two apart.",
    hints=(
        "Two things to compare. First: which pairs are joined, whichever way the arrow points?",
        "Then the v-structures: a node with two parents that no arrow joins. Collect (pair of parents, node).",
        "A pair without direction is a `frozenset((a, b))`. `combinations(parents[node], 2)` lists the pairs of parents; keep those that are not joined. Compare the two sets of one drawing with those of the other.",
    ),
)
def _same_claims(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(one: Parents, other: Parents) -> bool:
        return bool(markov_equivalent(graph_of(one), graph_of(other)))

    mistakes = (
        Mistake(
            "only the pairs",
            lambda one, other: drawings.pairs_joined(one) == drawings.pairs_joined(other),
            "You compare which pairs are joined. Chain and collider join the same pairs: compare the v-structures too.",
        ),
        Mistake(
            "only the v-structures",
            lambda one, other: drawings.vees(one) == drawings.vees(other),
            "You compare the v-structures. Two drawings can have none, and still join different pairs.",
        ),
        Mistake(
            "every collider",
            lambda one, other: (
                drawings.pairs_joined(one) == drawings.pairs_joined(other)
                and drawings.colliders(one) == drawings.colliders(other)
            ),
            "You count every collider. One whose two parents are joined is no v-structure: it makes no claim about them.",
        ),
        Mistake(
            "the same colliders",
            lambda one, other: (
                drawings.pairs_joined(one) == drawings.pairs_joined(other)
                and {n for _, n in drawings.vees(one)} == {n for _, n in drawings.vees(other)}
            ),
            "You compare *where* the v-structures collide, and not which two parents meet there. Both belong to a v-structure.",
        ),
        Mistake(
            "as many v-structures",
            lambda one, other: (
                drawings.pairs_joined(one) == drawings.pairs_joined(other)
                and len(drawings.vees(one)) == len(drawings.vees(other))
            ),
            "You count the v-structures. Two drawings can have as many, in different places.",
        ),
        Mistake(
            "the same drawing",
            lambda one, other: set(graph_of(one).directed) == set(graph_of(other).directed),
            "You ask whether the drawings are the same, arrow by arrow. Turning an arrow may leave all claims as they were.",
        ),
        Mistake(
            "as many arrows",
            lambda one, other: len(graph_of(one).directed) == len(graph_of(other).directed),
            "You compare how many arrows there are. Which pairs they join matters, and where they collide.",
        ),
    )
    cases = covering(lambda: drawings.two_drawings(rng), truth, mistakes, count=12)
    return judge_function(answer, cases, truth, returns=yes_no(), mistakes=mistakes)


@exercise(
    "02.6",
    why="Age is the middle of a fork, so it is held fixed. The ward is a collider, so it is left alone.",
    hints=(
        "Draw it: age acts on both illnesses, and both illnesses bring people to the ward. What is each on its path?",
        "Holding the middle of a fork closes a path. Holding a collider opens one.",
        "The analyst's function with 'old' alone: group by age, and leave the ward out.",
    ),
)
def _more_arthritis(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(people: pd.DataFrame) -> float:
        return drawings.held_fixed(people, "old")

    mistakes = (
        Mistake(
            "the analyst's own function",
            lambda people: drawings.held_fixed(people, "old", "ward"),
            "That is still the analyst's number: the ward is held fixed, a collider, and that opens a path.",
        ),
        Mistake(
            "nothing held",
            lambda people: drawings.held_fixed(people),
            "Nothing is held fixed. Age acts on both illnesses, and the question asks to compare people of the same age group.",
        ),
        Mistake(
            "only the ward held",
            lambda people: drawings.held_fixed(people, "ward"),
            "You held the ward fixed and not age. It is the other way round: age is a common cause, the ward a common effect.",
        ),
        Mistake(
            "patients only",
            lambda people: drawings.held_fixed(people[people["ward"] == 1], "old"),
            "You look at patients on the ward only. To select people by a common effect is to hold it fixed.",
        ),
        Mistake(
            "nobody from the ward",
            lambda people: drawings.held_fixed(people[people["ward"] == 0], "old"),
            "You left the patients out. That, too, selects people by a common effect of the illnesses.",
        ),
        Mistake(
            "age groups weighted equally",
            lambda people: float(np.mean([drawings.held_fixed(group) for _, group in people.groupby("old")])),
            "The two age groups count the same in your average. Weight each by its share of all people.",
        ),
        Mistake(
            "the young only",
            lambda people: drawings.held_fixed(people[people["old"] == 0]),
            "That is the answer for the young. Average over both age groups.",
        ),
        Mistake(
            "the old only",
            lambda people: drawings.held_fixed(people[people["old"] == 1]),
            "That is the answer for the old. Average over both age groups.",
        ),
    )
    cases = telling(lambda: (drawings.two_illnesses(rng),), truth, mistakes, count=3, apart=0.003)
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)


@exercise(
    "02.7",
    why="What acting changes lies below it. The table is the same for all three; what lies below is not.",
    hints=(
        "Which arrows lead out of V in each drawing? If none leads from V to S, setting V leaves S as it is.",
        "Where V acts on S and nothing acts on V, seeing is doing: P(S=1 | do(V=1)) is P(S=1 | V=1), from the table.",
        "Row 1: P(S=1 | V=1) and P(V=1). Row 2: P(S=1) and P(V=1). Row 3: P(S=1) and P(V=1 | S=1).",
    ),
)
def _three_worlds(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray) -> np.ndarray:
        s_v, v_s, s, v = drawings.seen_in(p)
        return np.array([[s_v, v], [s, v], [s, v_s]])

    def of(make: Any) -> Any:
        return lambda p: np.array(make(*drawings.seen_in(p)))

    mistakes = (
        Mistake(
            "seeing everywhere",
            of(lambda s_v, v_s, s, v: [[s_v, v_s]] * 3),
            "These are P(S=1 | V=1) and P(V=1 | S=1), what is *seen*, the same in every row. Ask in each drawing what lies below what is set.",
        ),
        Mistake(
            "nothing ever changes",
            of(lambda s_v, v_s, s, v: [[s, v]] * 3),
            "You let no action change anything. In the first drawing V acts on S, through A; in the third S acts on V.",
        ),
        Mistake(
            "the fork acts",
            of(lambda s_v, v_s, s, v: [[s_v, v], [s_v, v_s], [s, v_s]]),
            "Rows 1 and 3 are right. In the fork neither V nor S has an arrow out: what happens to one when you set the other?",
        ),
        Mistake(
            "against the arrows",
            of(lambda s_v, v_s, s, v: [[s_v, v_s], [s, v], [s_v, v_s]]),
            "The fork is right. In the chains you let an action travel against the arrows as well: to set S in V -> A -> S does not change V.",
        ),
        Mistake(
            "rows 1 and 3 swapped",
            of(lambda s_v, v_s, s, v: [[s, v_s], [s, v], [s_v, v]]),
            "Rows 1 and 3 have changed places: in the first drawing V acts on S, in the third S acts on V.",
        ),
        Mistake(
            "columns swapped",
            of(lambda s_v, v_s, s, v: [[v, s_v], [v, s], [v_s, s]]),
            "The two columns have changed places: first P(S=1 | do(V=1)), then P(V=1 | do(S=1)).",
        ),
    )
    cases = telling(lambda: (drawings.chain_joint(rng),), truth, mistakes, count=4, apart=0.03)
    kind = array(0, 1, what="an array of probabilities")
    return judge_function(answer, cases, truth, returns=kind, mistakes=mistakes)
