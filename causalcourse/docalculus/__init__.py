"""Which causal questions these data can answer, with proof. Taught in chapter 05."""

from causalcourse.docalculus.derivation import Derivation, StepRefused
from causalcourse.docalculus.hedge import Counterexample, Hedge
from causalcourse.docalculus.identify import Identification, NotIdentifiable, identify, is_identifiable
from causalcourse.docalculus.proof import Proof, Step, Verification
from causalcourse.docalculus.verify import verify

__all__ = [
    "Counterexample",
    "Derivation",
    "Hedge",
    "Identification",
    "NotIdentifiable",
    "Proof",
    "Step",
    "StepRefused",
    "Verification",
    "identify",
    "is_identifiable",
    "verify",
]
