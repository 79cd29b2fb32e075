"""The exact answer to a question of the engines."""

from __future__ import annotations

from causalcourse.counterfactual.exact import exact
from causalcourse.counterfactual.query import CounterfactualError
from causalcourse.engines.mechanism import nobody
from causalcourse.engines.question import AnyQuestion, checked, spelled_out
from causalcourse.errors import CannotAnswer, NoSuchUnit
from causalcourse.scm import SCM


def truth(model: SCM, question: AnyQuestion | str) -> float:
    """The exact answer: by listing all states of finite noise, or in closed form for a linear model of normal noise.

    Raises QuestionError, and CannotAnswer for other models and for units that never occur.
    Source: Pearl 2009, theorem 7.1.7 (abduction, action, prediction). Taught in chapter 03.
    """
    question = checked(question, model)
    try:
        return exact(model, spelled_out(question))
    except NoSuchUnit:
        raise nobody(question) from None
    except CounterfactualError as error:
        raise CannotAnswer(str(error)) from None
