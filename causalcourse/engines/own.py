"""The course's own engine: draw units, look at them, act on them; the same units in every world."""

from __future__ import annotations

import numpy as np

from causalcourse.engines.mechanism import count
from causalcourse.engines.question import Answer, Question
from causalcourse.scm import SCM

NAME = "causalcourse"


def answer(model: SCM, question: Question, n: int, rng: np.random.Generator) -> Answer:
    """The answer counted from `n` units drawn from the model.

    Raises QuestionError, and CannotAnswer when hardly any unit fits what was seen. Taught in chapter 03.
    """
    question.check(model)
    noise = model.draw_noise(n, rng)
    asked = model.do(**dict(question.action)).solve(noise)
    # on rung 3 what was seen was seen before acting, in the same unit: the same noise
    seen = model.solve(noise) if question.rung == 3 else asked
    return count(question, seen, asked, n)
