"""How long `check` takes for a right answer, beside calling the answer on the same cases.

For each exercise the first right answer of its shelf is judged as `check` judges it, and is then called on
the cases that the check tried, without the desk around it. The ratio is the price of the sandbox, the oracle
and the named mistakes; it is large where the answer itself is almost free, so read it beside the seconds.
"""

from __future__ import annotations

import os
import runpy
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ["CAUSALCOURSE_PROGRESS"] = "off"
os.environ["CAUSALCOURSE_SEED"] = "0"

from causalcourse.checks import sandbox
from causalcourse.checks.desk import judge

ROUNDS = 5
LESSONS = Path(__file__).resolve().parents[1] / "lessons"


def seconds(action: Callable[[], object]) -> float:
    """Median seconds of an action, over a few rounds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def arguments_of(id: str, answer: Callable) -> list[tuple]:
    """The cases on which the check of exercise `id` tries an answer, overheard at the sandbox's door."""
    heard: list[tuple] = []
    run = sandbox.run

    def listening(function: Callable, cases: list[tuple], *rest: object, **options: object) -> object:
        heard.extend(cases)
        return run(function, cases, *rest, **options)

    sandbox.run = listening
    try:
        judge(id, answer)
    finally:
        sandbox.run = run
    return heard


def main() -> None:
    """Print seconds and ratio for every exercise, and the slowest check."""
    print(f"{'exercise':<10}{'check s':>9}{'direct s':>10}{'ratio':>9}")
    slowest = (0.0, "")
    for shelf in sorted(LESSONS.glob("*/shelf.py")):
        for id, (answer, *_) in runpy.run_path(str(shelf))["RIGHT"].items():
            assert judge(id, answer).passed, f"the shelf's right answer to {id} does not pass"
            checked = seconds(lambda id=id, answer=answer: judge(id, answer))
            slowest = max(slowest, (checked, id))
            cases = arguments_of(id, answer) if callable(answer) else []
            if not cases:
                print(f"{id:<10}{checked:>9.3f}{'-':>10}{'-':>9}")
                continue
            direct = seconds(lambda answer=answer, cases=cases: [answer(*case) for case in cases])
            print(f"{id:<10}{checked:>9.3f}{direct:>10.4f}{checked / direct:>9.0f}")
    print(f"slowest: {slowest[1]}, {slowest[0]:.3f} s")


if __name__ == "__main__":
    main()
