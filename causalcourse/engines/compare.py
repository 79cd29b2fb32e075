"""One table: questions down, engines across, the exact answer beside them."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any

from causalcourse.engines import chirho, dowhy, own, pgmpy, pyro
from causalcourse.engines.exact import truth
from causalcourse.engines.question import Answer, AnyQuestion, as_question, checked
from causalcourse.errors import CannotAnswer, CourseError, did_you_mean
from causalcourse.randomness import rng as named_rng
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ENGINES = {engine.NAME: engine for engine in (own, pgmpy, pyro, chirho, dowhy)}
_DASH = "–"
_MOST_DIGITS = 15  # a float has no more


def ask(
    engine: str, model: SCM, question: AnyQuestion | str, n: int = 100_000, rng: np.random.Generator | None = None
) -> Answer:
    """One engine's answer with its standard error; engines: causalcourse, pgmpy, pyro, chirho, dowhy.gcm.

    question: a Question, a Counterfactual, or the text of either, such as "P(Y_{X=0}=0, Y_{X=1}=1)". Raises
    CannotAnswer with the reason when the engine has no honest way to it, QuestionError for a question that the model
    cannot be asked. Taught in chapter 03.
    """
    _need_engine(engine)
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 2:
        raise CourseError(f"n is how many units to draw, a whole number of at least 2; got {n!r}.")
    question = checked(question, model)
    return ENGINES[engine].answer(model, question, n, rng or named_rng(f"{engine} {question}"))


def _need_engine(engine: Any) -> None:
    if not isinstance(engine, str) or engine not in ENGINES:
        raise CourseError(
            f"There is no engine '{engine}' here (engines: {', '.join(ENGINES)})." + did_you_mean(engine, ENGINES)
        )


def compare(
    model: SCM,
    questions: Iterable[AnyQuestion | str],
    engines: Iterable[str] = tuple(ENGINES),
    n: int = 100_000,
    rng: np.random.Generator | None = None,
    digits: int = 2,
) -> pd.DataFrame:
    """A table of question x (rung, truth, engines), rounded; a dash where there is no answer, see `why_dashes(table)`.

    Engines that sample draw `n` units; `table.attrs["errors"]` has their standard errors by (question, engine).
    Raises QuestionError for a question that the model cannot be asked, CourseError for engines that are not here.
    Taught in chapter 03.
    """
    import pandas as pd

    engines = (engines,) if isinstance(engines, str) or not isinstance(engines, Iterable) else tuple(engines)
    for engine in engines:
        _need_engine(engine)
    if not isinstance(digits, Integral) or not 0 <= digits <= _MOST_DIGITS:
        raise CourseError(f"digits is how many to show behind the point, 0 to {_MOST_DIGITS}; got {digits!r}.")
    rows, errors, reasons = {}, {}, {}
    one = isinstance(questions, str | AnyQuestion) or not isinstance(questions, Iterable)
    for question in [questions] if one else questions:
        question = as_question(question)
        row: dict[str, Any] = {"rung": question.rung}
        for name in ("truth", *engines):
            try:
                told = Answer(truth(model, question), 0.0) if name == "truth" else ask(name, model, question, n, rng)
                row[name], errors[str(question), name] = f"{told.value:.{digits}f}", told.error
            except CannotAnswer as reason:
                row[name], reasons[str(question), name] = _DASH, str(reason)
        rows[str(question)] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("question")
    table.attrs |= {"errors": errors, "reasons": reasons}
    return table


def why_dashes(table: pd.DataFrame) -> pd.DataFrame:
    """For each dash of a table from `compare`: the question, the engine, and the sentence that says why.

    Raises CourseError for any other table. Taught in chapter 03.
    """
    import pandas as pd

    reasons = getattr(table, "attrs", {}).get("reasons")
    if reasons is None:
        raise CourseError(
            f"why_dashes needs the table that compare(model, questions) gave, as it was; got {type(table).__name__}."
        )
    rows = [(question, engine, why) for (question, engine), why in reasons.items()]
    return pd.DataFrame(rows, columns=["question", "engine", "why"])
