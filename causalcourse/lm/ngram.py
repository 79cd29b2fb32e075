"""Counting what follows what: the baseline that has statistics of short stretches and no map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from causalcourse.errors import CourseError, DataError, is_whole
from causalcourse.lm.arrays import to_tokens

Predictor = Callable[[np.ndarray], np.ndarray]
"""From texts of shape (n, tokens) to the probabilities of the next token, (n, vocabulary). Taught in chapter 12."""

_MOST = 100_000  # tokens, each with a column of what a predictor says


def ngram(texts: np.ndarray, order: int, vocab: int | None = None) -> Predictor:
    """A predictor that has counted, in `texts`, which token follows each stretch of `order` - 1 tokens.

    texts: shape (n, tokens). A stretch that was never followed by anything is cut at its front until one was; order 1
    counts tokens alone. vocab: how many tokens there are, by default those up to the largest in `texts`.
    Raises CourseError for an order that is none, DataError for texts that are no tokens. Source: Shannon 1948, sec. 3.
    Taught in chapter 12.
    """
    _check_vocab(vocab)
    texts = _tokens(texts, vocab)
    words = int(texts.max()) + 1 if vocab is None else int(vocab)
    _check_vocab(words)
    # above 62 two words are too many already, and the power itself would take long
    if not is_whole(order, 1, 62) or words ** int(order) >= 2**62:
        raise CourseError(f"ngram(texts, order) needs a whole number from 1, and not a large one; got {order!r}.")
    counts = [_counted(texts, k, words) for k in range(min(int(order), texts.shape[1]))]

    def predict(tokens: np.ndarray) -> np.ndarray:
        tokens = _tokens(tokens, words)
        chances = np.empty((len(tokens), words))
        unknown = np.arange(len(tokens))
        for k in reversed(range(min(len(counts), tokens.shape[1] + 1))):
            followed = _look_up(counts[k], _stretch(tokens[unknown, tokens.shape[1] - k :], words), words)
            total = followed.sum(axis=1, keepdims=True)
            known = total[:, 0] > 0
            chances[unknown[known]] = followed[known] / total[known]
            unknown = unknown[~known]
        return chances

    return predict


def _counted(texts: np.ndarray, k: int, words: int) -> tuple[np.ndarray, np.ndarray]:
    """Every stretch of k tokens with its next one, as one number, in order; and how often it occurs."""
    windows = np.lib.stride_tricks.sliding_window_view(texts, k + 1, axis=1)
    return np.unique(_stretch(windows, words), return_counts=True)


def _stretch(windows: np.ndarray, words: int) -> np.ndarray:
    """The tokens of the last axis as the digits of one number."""
    number = np.zeros(windows.shape[:-1], dtype=np.int64)
    for k in range(windows.shape[-1]):
        number = number * words + windows[..., k]
    return number


def _look_up(counted: tuple[np.ndarray, np.ndarray], stretch: np.ndarray, words: int) -> np.ndarray:
    """How often each token followed each stretch, shape (stretches, words)."""
    seen, times = counted
    wanted = stretch[:, None] * words + np.arange(words)
    place = np.searchsorted(seen, wanted).clip(max=len(seen) - 1)
    return np.where(seen[place] == wanted, times[place], 0)


def _check_vocab(vocab: Any) -> None:
    if vocab is not None and not is_whole(vocab, 1, _MOST):
        raise CourseError(f"vocab= is how many tokens there are, a whole number from 1 to {_MOST:,}; got {vocab!r}.")


def _tokens(texts: np.ndarray, vocab: int | None) -> np.ndarray:
    texts = to_tokens(texts)
    if texts.ndim != 2 or not texts.size or texts.dtype.kind != "i" or texts.min() < 0:
        raise DataError(
            f"Texts are whole numbers from 0, of shape (n, tokens); got {texts.dtype} of shape {texts.shape}."
        )
    if vocab is not None and texts.max() >= vocab:
        raise DataError(
            f"The tokens here are 0 to {vocab - 1} (vocab={vocab}); got {texts.max()}. Try a larger vocab=."
        )
    return texts
