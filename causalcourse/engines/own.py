"""The course's own engine: draw units, look at them, act on them; the same units in every world."""

from __future__ import annotations

import numpy as np

from causalcourse.engines.mechanism import count, in_worlds
from causalcourse.engines.question import Answer, AnyQuestion
from causalcourse.scm import SCM

NAME = "causalcourse"


def answer(model: SCM, question: AnyQuestion, n: int, rng: np.random.Generator) -> Answer:
    """The answer counted from `n` units drawn from the model.

    Raises CannotAnswer when hardly any unit fits what was seen. Taught in chapter 03.
    """
    noise = model.draw_noise(n, rng)  # the same noise: the same units
    return count(question, in_worlds(question, lambda action: model.do(**action).solve(noise)), n)
