"""What would have been: counterfactual questions, asked of structural models. Taught in chapter 07."""

from causalcourse.counterfactual.asking import Imagined, counterfactual, imagine
from causalcourse.counterfactual.bounds import Bounds, bounds
from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Event, Variable
from causalcourse.counterfactual.worlds import Parallel, parallel

__all__ = [
    "Bounds",
    "Counterfactual",
    "CounterfactualError",
    "Event",
    "Imagined",
    "Parallel",
    "Variable",
    "bounds",
    "counterfactual",
    "imagine",
    "parallel",
]
