"""The residual stream, what a model holds at each token as it reads: looked at, and added to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, is_whole
from causalcourse.lm.arrays import to_array, to_tokens

if TYPE_CHECKING:
    import torch

    from causalcourse.lm.model import GPT, Edit

_ROWS = 512  # texts that are read at once


def stream(model: GPT, tokens: np.ndarray, layer: float) -> np.ndarray:
    """What a model holds at each token as it reads, shape (texts, tokens, width).

    layer: 0 after the embedding, 1, 2, ... after each block, and 0.5, 1.5, ... within one: after attention has brought
    what it brings from other tokens, and before the token itself works on it. Raises CourseError for another layer,
    DataError for tokens that do not fit. Source: Elhage et al. 2021 (the residual stream). Taught in chapter 12.
    """
    check_layer(model, layer)
    tokens = to_tokens(tokens)
    if tokens.ndim != 2:
        raise DataError(f"This needs tokens of shape (texts, tokens); got {tokens.dtype} of shape {tokens.shape}.")
    # some texts at a time: a model keeps every layer of those it reads, and only one is wanted
    parts = [_stream(model, tokens[k : k + _ROWS], layer) for k in range(0, max(1, len(tokens)), _ROWS)]
    return np.concatenate(parts)


def _stream(model: GPT, tokens: np.ndarray, layer: float) -> np.ndarray:
    if layer == int(layer):
        return to_array(model.activations(tokens)[int(layer)])
    kept: list[torch.Tensor] = []
    # what the second half of a block is given is the stream there
    norm = model.blocks[int(layer)].before_mlp
    hook = norm.register_forward_pre_hook(lambda module, given: kept.append(given[0].detach()))
    try:
        model.activations(tokens)
    finally:
        hook.remove()
    return to_array(library("torch").cat(kept))


@contextmanager
def adding(model: GPT, layer: float, token: int, added: np.ndarray | None) -> Iterator[Edit | None]:
    """Within, what the model holds at one token of each text is more by `added`, shape (texts, width).

    Yields the `edit=` to read those texts with. Raises CourseError for a layer that is none, DataError for what cannot
    be added. Taught in chapter 12.
    """
    check_layer(model, layer)
    if added is None:
        yield None
        return
    if not is_whole(token):
        raise DataError(f"The token is the number of one, 0, 1, ...; got {token!r}.")
    extra = library("torch").from_dlpack(finite(added, "What is added").astype(np.float32))

    def more(h: torch.Tensor) -> torch.Tensor:
        if extra.shape != (len(h), h.shape[-1]) or not -h.shape[1] <= token < h.shape[1]:
            raise DataError(
                f"What is added has the shape (texts, width), here {(len(h), h.shape[-1])}, and goes to one of "
                f"{h.shape[1]} tokens; got {tuple(extra.shape)} for token {token}."
            )
        h = h.clone()
        h[:, token] += extra.to(h.device)
        return h

    if layer == int(layer):
        yield lambda k, h: more(h) if k == layer else h
        return
    # within a block: what attention brings is added to the stream next, so more of it is more in the stream
    hook = model.blocks[int(layer)].attention.register_forward_hook(lambda module, given, brought: more(brought))
    try:
        yield None
    finally:
        hook.remove()


def check_layer(model: GPT, layer: Any) -> None:
    """Whether a model has such a layer, 0, 0.5, 1, ...; raises CourseError if not. Used from chapter 12."""
    if not hasattr(model, "activations"):
        raise CourseError(f"This needs a model, such as load('town') gives; got {type(model).__name__}.")
    number = isinstance(layer, (int, float, np.number)) and not isinstance(layer, bool)
    if not number or not 0 <= layer <= model.shape.layers or 2 * layer != int(2 * layer):
        raise CourseError(
            f"layer= is 0 (the embedding), 0.5, 1, ... or {model.shape.layers} (after the last block); halves are "
            f"within a block, after its attention. Got {layer!r}."
        )


def finite(given: Any, what: str) -> np.ndarray:
    """An array of finite numbers. Raises DataError, with `what` they are, for others. Used from chapter 12."""
    numbers = to_array(given)
    with np.errstate(over="ignore"):
        # a model reckons with numbers of 32 bits, in which a very large one is infinite
        fits = numbers.dtype.kind in "fiu" and np.isfinite(numbers.astype(np.float32)).all()
    if not fits:
        raise DataError(f"{what} is an array of finite numbers; got {numbers.dtype} of shape {numbers.shape}.")
    return numbers
