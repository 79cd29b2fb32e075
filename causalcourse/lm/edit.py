"""Edits: change what a network holds while it reads, and see whether what it says changes as it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, did_you_mean
from causalcourse.lm.share import Share
from causalcourse.lm.town import BUMPED, NORTH, Town
from causalcourse.randomness import generator

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from causalcourse.lm.model import GPT

PLACES = {"outcome": (-2,), "move": (-1,), "both": (-2, -1)}
"""The tokens that are edited: the last outcome of a walk, the move asked about after it, or both. In chapter 12."""

_ROWS = 512  # texts that are read at once
