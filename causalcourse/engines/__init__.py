"""The same model handed to the libraries people use, and the same question put to each of them."""

from causalcourse.engines.chirho import to_chirho
from causalcourse.engines.compare import ENGINES, ask, compare, why_dashes
from causalcourse.engines.dowhy import to_dowhy, to_gcm
from causalcourse.engines.exact import truth
from causalcourse.engines.pgmpy import to_pgmpy
from causalcourse.engines.pyro import to_pyro
from causalcourse.engines.question import Answer, Question, QuestionError
from causalcourse.errors import CannotAnswer

__all__ = [
    "ENGINES",
    "Answer",
    "CannotAnswer",
    "Question",
    "QuestionError",
    "ask",
    "compare",
    "to_chirho",
    "to_dowhy",
    "to_gcm",
    "to_pgmpy",
    "to_pyro",
    "truth",
    "why_dashes",
]
