"""The exact answer to a question of the engines."""

from __future__ import annotations

from causalcourse.counterfactual.exact import exact
from causalcourse.counterfactual.query import CounterfactualError
from causalcourse.engines.question import Question, as_question
from causalcourse.errors import CannotAnswer, NoSuchUnit
from causalcourse.scm import SCM


def truth(model: SCM, question: Question | str) -> float:
    """The exact answer: by listing all states of finite noise, or in closed form for a linear model of normal noise.

    Raises QuestionError, and CannotAnswer for other models and for units that never occur.
    Source: Pearl 2009, theorem 7.1.7 (abduction, action, prediction). Taught in chapter 03.
    """
    question = as_question(question)
    question.check(model)
    try:
        return exact(model, question.counterfactual)
    except NoSuchUnit:
        raise CannotAnswer(f"{question} has no answer: no unit of this model is as it says.") from None
    except CounterfactualError as error:
        raise CannotAnswer(str(error)) from None
