"""A GPT that one can read in a sitting: a decoder-only transformer whose attention mask is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from causalcourse.errors import CourseError, DataError, is_whole
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.randomness import generator

Edit = Callable[[int, Tensor], Tensor]
_SD, _WIDTH = 0.02, 768  # of GPT-2: how far its first weights spread, and its width
_SIZE, _SLOWEST = 0.3, 200.0  # of the waves that positions start as; the slowest turns once in 200 * 2π tokens
_MOST_WEIGHTS, _MOST_LAYERS = 100_000_000, 100  # more would fill the memory of a small computer
_ROWS = 512  # texts that are read at once where no gradient is needed


@dataclass(frozen=True)
class Shape:
    """The size of a model: words in its vocabulary, tokens in its longest text, layers, heads in each, width.

    Raises CourseError for a size that is none, or heads that do not divide the width. Taught in chapter 12.
    """

    vocab: int
    length: int
    layers: int = 4
    heads: int = 4
    width: int = 64

    def __post_init__(self) -> None:
        for field in fields(self):
            size = getattr(self, field.name)
            if not is_whole(size, 1):
                raise CourseError(f"Shape({field.name}=...) needs a whole number from 1; got {size!r}.")
            object.__setattr__(self, field.name, int(size))
        if self.width % self.heads:
            fits = self.heads * (self.width // self.heads + 1)
            raise CourseError(f"{self.heads} heads cannot share a width of {self.width}. Try width={fits}.")
        weights = (2 * self.vocab + self.length + 12 * self.layers * self.width) * self.width
        if weights > _MOST_WEIGHTS or self.layers > _MOST_LAYERS:
            raise CourseError(
                f"A model of this shape has about {weights:,} weights in {self.layers:,} layers; this course's have up "
                f"to {_MOST_WEIGHTS:,} in {_MOST_LAYERS}. Try a smaller width=, and fewer layers=."
            )


class Attention(nn.Module):
    """Each token looks at those it may see, and takes over a weighted mean of what they offer. Taught in chapter 12."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.ask = nn.Linear(shape.width, 3 * shape.width)  # query, key and value, one below the other
        self.out = nn.Linear(shape.width, shape.width)

    def forward(self, h: Tensor, mask: Tensor | None) -> Tensor:
        """h: shape (texts, tokens, width); mask as GPT.forward made it, None for causal. Taught in chapter 12."""
        b, t, w = h.shape
        query, key, value = self.ask(h).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        # softmax(query · key / sqrt(width of a head)) · value, for each head
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        return self.out(mixed.transpose(1, 2).reshape(b, t, w))


class Block(nn.Module):
    """Attention, then a network with one hidden layer; each adds to the residual stream. Taught in chapter 12."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.attention = Attention(shape)
        self.mlp_in, self.mlp_out = nn.Linear(shape.width, 4 * shape.width), nn.Linear(4 * shape.width, shape.width)

    def forward(self, h: Tensor, mask: Tensor | None) -> Tensor:
        """The residual stream after this block, shape (texts, tokens, width). Taught in chapter 12."""
        h = h + self.attention(self.before_attention(h), mask)
        return h + self.mlp_out(F.gelu(self.mlp_in(self.before_mlp(h))))


class GPT(nn.Module):
    """A language model: from a text to the logits of each next token. Its first weights are drawn from `rng`.

    Source: Radford et al. 2019 (GPT-2: norms before each part, learned positions), without dropout.
    Taught in chapter 12.
    """

    def __init__(self, shape: Shape, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        if not isinstance(shape, Shape):
            raise CourseError(f"GPT needs a shape, such as Shape(vocab=7, length=49); got {shape!r}.")
        self.shape = shape
        self.token = nn.Embedding(shape.vocab, shape.width)
        self.position = nn.Embedding(shape.length, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.unembed = nn.Linear(shape.width, shape.vocab, bias=False)
        self._draw_weights(generator(rng, "lm"))

    def forward(self, tokens: Tensor, mask: Tensor | None = None, edit: Edit | None = None) -> Tensor:
        """The logits of the token after each, shape (texts, tokens, vocabulary); tokens: shape (texts, tokens).

        mask: bool, (tokens, tokens) or (texts, tokens, tokens), True where the token of a row may look at that of
        a column; none looks ahead whatever it says; without it, each sees itself and all before. edit(layer, h) is
        handed the residual stream, shape (texts, tokens, width), after the embedding (layer 0) and each block
        (1, 2, ...), and what it returns goes on. Raises DataError for what does not fit. Taught in chapter 12.
        """
        tokens = self.tensor(tokens)
        self._check(tokens)
        mask = None if mask is None else _causal(mask, tokens)
        h = _edited(edit, 0, self.token(tokens) + self.position.weight[: tokens.shape[1]])
        for layer, block in enumerate(self.blocks, 1):
            h = _edited(edit, layer, block(h, mask))
        return self.unembed(self.norm(h))

    def activations(self, tokens: Any, mask: Tensor | None = None) -> list[Tensor]:
        """The residual stream after the embedding and each block, layers + 1 of shape (texts, tokens, width).

        Without gradient. Raises DataError for tokens that do not fit. Taught in chapter 12.
        """
        kept: list[Tensor] = []  # layer by layer, batch by batch
        with torch.no_grad():
            for rows, m in _batches(self.tensor(tokens), mask):
                self(rows, m, lambda layer, h: kept.append(h) or h)
        layers = self.shape.layers + 1
        return [torch.cat(kept[layer::layers]) for layer in range(layers)]

    def predict(self, tokens: np.ndarray, mask: Tensor | None = None, edit: Edit | None = None) -> np.ndarray:
        """The probabilities of the token after each whole text, shape (texts, vocabulary); tokens: (texts, tokens).

        Texts are read in batches, so an `edit` must treat each alike. Raises DataError. Taught in chapter 12.
        """
        with torch.no_grad():
            parts = [self(rows, m, edit)[:, -1] for rows, m in _batches(self.tensor(tokens), mask)]
            return to_numpy(torch.cat(parts).double().softmax(-1))

    def tensor(self, tokens: Any) -> Tensor:
        """Tokens as this model reads them, where its weights are. Raises DataError. Used from chapter 12."""
        if not isinstance(tokens, Tensor) or tokens.dtype != torch.int64:
            tokens = to_tokens(tokens)
            if tokens.dtype.kind != "i":
                raise DataError(f"Tokens are whole numbers, such as town.walks(...) gives; got {tokens.dtype}.")
            # a copy, because torch takes no array that cannot be written to
            tokens = torch.from_dlpack(tokens.copy())
        return tokens.to(self.token.weight.device)

    def _check(self, tokens: Tensor) -> None:
        if tokens.ndim != 2 or not 1 <= tokens.shape[1] <= self.shape.length:
            raise DataError(
                f"This model reads tokens of shape (texts, tokens), 1 to {self.shape.length} a text: it has learned no "
                f"positions beyond; got {tuple(tokens.shape)}."
            )
        low, high = (int(tokens.min()), int(tokens.max())) if tokens.numel() else (0, 0)
        if low < 0 or high >= self.shape.vocab:
            raise DataError(f"This model knows the tokens 0 to {self.shape.vocab - 1}; got {low} to {high}.")

    def _draw_weights(self, rng: np.random.Generator) -> None:
        """As in GPT-2: small, and smaller still where a block adds to the stream, which has many such additions.

        Two changes for small models: a narrower layer has larger weights, for sums of the same size; and positions
        start as waves, for which "the token before" is the same turn everywhere. Both make them learn faster.
        """
        spread = _SD * np.sqrt(_WIDTH / self.shape.width)
        for name, weights in self.named_parameters():
            if weights.ndim == 2:
                adds = name.endswith(("out.weight", "mlp_out.weight"))
                sd = spread / np.sqrt(2 * self.shape.layers) if adds else spread
                drawn = rng.normal(0, sd, tuple(weights.shape)).astype(np.float32)
                weights.data.copy_(torch.from_dlpack(drawn))
            elif name.endswith("bias"):
                weights.data.zero_()
        self.position.weight.data.copy_(_waves(self.shape))


def _waves(shape: Shape) -> Tensor:
    """Sines and cosines of the position, each pair slower than the one before (Vaswani et al. 2017, sec. 3.5)."""
    place = torch.arange(shape.width)
    turn = torch.arange(shape.length)[:, None] * _SLOWEST ** (-2 * (place // 2) / shape.width)
    return _SIZE * torch.where(place % 2 == 0, turn.sin(), turn.cos())


def _causal(mask: Tensor, tokens: Tensor) -> Tensor:
    """The mask with nothing ahead, shape (1 or texts, 1, tokens, tokens), where the second axis is for the heads."""
    b, t = tokens.shape
    mask = bools(mask, "mask=")
    if mask.shape not in ((t, t), (b, t, t)):
        raise DataError(f"mask= has the shape {(t, t)} or {(b, t, t)}; got {mask.dtype}, {tuple(mask.shape)}.")
    mask = mask.to(tokens.device).tril()
    if not mask.any(-1).all():
        raise DataError("mask= leaves a token nothing to look at. Let each see itself: mask | torch.eye(n).bool().")
    return mask.view(-1, 1, t, t)


def _edited(edit: Edit | None, layer: int, h: Tensor) -> Tensor:
    """What an edit makes of the stream, which goes on only if it is one still."""
    if edit is None:
        return h
    if not callable(edit):
        raise CourseError(f"edit= is a function of a layer's number and its stream; got {edit!r}.")
    made = edit(layer, h)
    if not isinstance(made, Tensor) or made.shape != h.shape or made.dtype != h.dtype:
        got = f"{made.dtype}, {tuple(made.shape)}" if isinstance(made, Tensor) else type(made).__name__
        raise DataError(
            f"edit(layer, h) returns the stream, whatever the layer: a tensor of {h.dtype}, {tuple(h.shape)}; got "
            f"{got} at layer {layer}. Return h where nothing is to change."
        )
    return made


def bools(given: Any, name: str) -> Tensor:
    """True and False as a tensor. Raises DataError for anything else. Used from chapter 12."""
    if not isinstance(given, Tensor):
        given = to_array(given)
        given = torch.tensor(given.tolist(), dtype=torch.bool) if given.dtype == bool else given
    if given.dtype != torch.bool:
        raise DataError(f"{name} is an array, True or False each; got {given.dtype}, {tuple(given.shape)}.")
    return given


def _batches(tokens: Tensor, mask: Tensor | None) -> Iterator[tuple[Tensor, Tensor | None]]:
    mask = None if mask is None else bools(mask, "mask=")
    if tokens.ndim != 2 or (mask is not None and mask.ndim == 3 and len(mask) != len(tokens)):
        yield tokens, mask  # neither fits, and the model says so
        return
    for start in range(0, max(1, len(tokens)), _ROWS):
        rows = slice(start, start + _ROWS)
        yield tokens[rows], mask[rows] if mask is not None and mask.ndim == 3 else mask


# by DLPack, because torch 2.2, the last one for Macs with an Intel processor, was built for NumPy 1
def to_numpy(tensor: Tensor) -> np.ndarray:
    """The tensor as an array, without its gradient. Used from chapter 12."""
    return np.from_dlpack(tensor.detach().cpu().contiguous())
