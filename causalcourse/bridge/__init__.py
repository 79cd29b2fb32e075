"""From a drawing and a table to a program with hidden nodes, and from its fit to an effect. Taught in chapter 06."""

from causalcourse.bridge.fitting import Estimate, Fitted, fit, model
from causalcourse.bridge.program import to_program
from causalcourse.bridge.refusal import Spread, Unanswerable

__all__ = ["Estimate", "Fitted", "Spread", "Unanswerable", "fit", "model", "to_program"]
