"""What would have been: counterfactual questions, asked of structural models. Taught in chapter 07."""

from causalcourse.counterfactual.asking import Imagined, counterfactual, imagine
from causalcourse.counterfactual.bounds import Bounds, bounds
from causalcourse.counterfactual.fairness import fairness
from causalcourse.counterfactual.named import (
    Quantity,
    direct_effect,
    disablement,
    enablement,
    ett,
    indirect_effect,
    necessity,
    necessity_and_sufficiency,
    sufficiency,
)
from causalcourse.counterfactual.pathways import PathEffect, path_effect
from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Event, Variable
from causalcourse.counterfactual.worlds import Parallel, parallel

__all__ = [
    "Bounds",
    "Counterfactual",
    "CounterfactualError",
    "Event",
    "Imagined",
    "Parallel",
    "PathEffect",
    "Quantity",
    "Variable",
    "bounds",
    "counterfactual",
    "direct_effect",
    "disablement",
    "enablement",
    "ett",
    "fairness",
    "imagine",
    "indirect_effect",
    "necessity",
    "necessity_and_sufficiency",
    "parallel",
    "path_effect",
    "sufficiency",
]
