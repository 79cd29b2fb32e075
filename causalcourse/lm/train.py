"""One loop that trains a language model."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from causalcourse.errors import CourseError, DataError, is_whole
from causalcourse.lm.model import GPT, bools
from causalcourse.randomness import generator

Draw = Callable[[int], np.ndarray]
_BETAS = (0.9, 0.99)  # of AdamW
_DECAY = 0.1  # of weights that are matrices
_CLIP = 1.0  # the longest gradient that is followed
_LAST_RATE = 0.02  # as a share of the highest
_LOOKS = 20  # at the held-out texts in a training, at most
_PATIENCE = 6  # looks in a row that bring nothing new
_GAIN = 1e-4  # share of the held-out loss that counts as new


@dataclass(frozen=True, eq=False)
class History:
    """How a training went: the loss of each step, and of the held-out texts as (step, loss), in nats a token.

    `seconds`: that it took; `tokens`: that were read; `stopped`: whether the held-out loss ended it early.
    Taught in chapter 12.
    """

    losses: np.ndarray
    held_out: tuple[tuple[int, float], ...]
    seconds: float
    tokens: int
    stopped: bool

    @property
    def speed(self) -> float:
        """Tokens a second. Taught in chapter 12."""
        return self.tokens / self.seconds

    def __str__(self) -> str:
        text = f"{len(self.losses):,} steps, {self.tokens:,} tokens in {self.seconds:.0f} s; loss {self.losses[-1]:.3f}"
        if self.held_out:
            text += f", on texts held out {self.held_out[-1][1]:.3f}"
        return text + (" (stopped early)." if self.stopped else ".")

    __repr__ = __str__


def loss(model: GPT, tokens: Tensor, mask: Tensor | None = None, counted: Tensor | None = None) -> Tensor:
    """The cross-entropy of each next token, a mean in nats; tokens: shape (texts, tokens).

    mask: what each token may look at, as `GPT.forward` takes it, for all tokens but the last. counted: bool, shape
    (tokens,) or (texts, tokens), True for the tokens whose prediction counts; the first is never predicted.
    Raises DataError when none is. Taught in chapter 12.
    """
    tokens = check_model(model).tensor(tokens)
    if tokens.ndim != 2 or tokens.shape[1] < 2:
        raise DataError(f"A loss needs texts of shape (texts, tokens), two tokens at least; got {tuple(tokens.shape)}.")
    logits, following = model(tokens[:, :-1], mask), tokens[:, 1:]
    if counted is not None:
        counted, (n, t) = bools(counted, "counted="), tokens.shape
        if counted.shape not in ((t,), (1, t), (n, t)):
            raise DataError(f"counted= has the shape {(t,)} or {(n, t)}; got {tuple(counted.shape)}.")
        kept = counted.to(tokens.device)[..., 1:].expand_as(following)
        logits, following = logits[kept], following[kept]
    if not following.numel():
        raise DataError("There is nothing to predict: a text needs two tokens at least, and counted= a True.")
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), following.reshape(-1))


def train(
    model: GPT,
    draw: Draw,
    steps: int,
    *,
    batch: int = 32,
    rate: float = 3e-3,
    rng: np.random.Generator | None = None,
    held_out: np.ndarray | None = None,
    objective: Callable[[GPT, Tensor], Tensor] = loss,
) -> History:
    """Change the model's weights, on batches of fresh texts, so that it predicts each next token as well as it can.

    draw(n): n texts, whole numbers of shape (n, tokens). rate: the highest of AdamW; it warms up over a twentieth of
    the steps and falls as a cosine does. rng: for what a model draws as it reads. held_out: texts never trained on;
    where their loss no longer falls, training ends. objective(model, tokens): what is made small. It runs on a
    graphics card if there is one, and the model is back where it was afterwards. Raises CourseError for numbers that
    are none. Source: Loshchilov & Hutter 2019 (AdamW). Taught in chapter 12.
    """
    check_model(model)
    _check(steps, batch, rate, draw=draw, objective=objective)
    rng = generator(rng, "training")
    losses, looks, tokens, began = [], [], 0, time.perf_counter()
    with _on_device(model), torch.random.fork_rng(), _bar(steps) as tell:
        torch.manual_seed(int(rng.integers(2**31)))
        optimizer = _optimizer(model, rate)
        held = None if held_out is None else model.tensor(held_out)
        for step in range(1, steps + 1):
            for group in optimizer.param_groups:
                group["lr"] = rate * _schedule(step, steps)
            texts = model.tensor(draw(batch))
            value = _value(objective(model, texts), step)
            optimizer.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
            optimizer.step()
            losses.append(value.item())
            tokens += texts[:, 1:].numel()
            if held is not None and (step % math.ceil(steps / _LOOKS) == 0 or step == steps):
                with torch.no_grad():
                    looks.append((step, float(objective(model, held))))
            tell(losses, looks)
            if _still(looks):
                break
    return History(np.array(losses), tuple(looks), time.perf_counter() - began, tokens, len(losses) < steps)


def _value(value: Any, step: int) -> Tensor:
    """What is made small, if it can be. No step is taken along a number that is none: it would ruin the weights."""
    if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
        raise CourseError(
            "objective(model, tokens) returns one number of torch that comes from the model, such as "
            f"loss(model, tokens); got {type(value).__name__}."
        )
    if not math.isfinite(value.item()):
        raise CourseError(
            f"At step {step} the loss is {value.item()}, so there is nothing to follow; the weights are those of the "
            "step before. Try a smaller rate=, and train a new model."
        )
    return value


def _schedule(step: int, steps: int) -> float:
    """The rate at a step as a share of the highest: up in a line, down as a cosine."""
    warm = max(1, steps // 20)
    if step < warm:
        return step / warm
    way = (step - warm) / max(1, steps - warm)
    return _LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * way)) / 2


def _optimizer(model: GPT, rate: float) -> torch.optim.AdamW:
    parameters = list(model.parameters())
    matrices, vectors = [p for p in parameters if p.ndim > 1], [p for p in parameters if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": _DECAY}, {"params": vectors, "weight_decay": 0.0}]
    # foreach: all weights of a group in one call, where by default each has a call of its own
    return torch.optim.AdamW(groups, lr=rate, betas=_BETAS, foreach=True)


def _still(looks: list[tuple[int, float]]) -> bool:
    """Whether the last looks at the held-out loss found nothing better than what came before them."""
    values = [value for _, value in looks]
    return len(values) > _PATIENCE and min(values[-_PATIENCE:]) > min(values[:-_PATIENCE]) * (1 - _GAIN)


@contextlib.contextmanager
def _on_device(model: GPT) -> Iterator[None]:
    """Inside, the model is on the graphics card, if there is one, and torch has no more threads than cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(before, os.cpu_count() or 1))
    home = next(model.parameters()).device
    try:
        if torch.cuda.is_available():
            model.to("cuda")
        yield
    finally:
        model.to(home)
        torch.set_num_threads(before)


@contextlib.contextmanager
def _bar(steps: int) -> Iterator[Callable[[list, list], Any]]:
    from tqdm.auto import tqdm

    # tqdm's form for notebooks does not look at this variable by itself
    with tqdm(total=steps, desc="Training", leave=False, disable=bool(os.environ.get("TQDM_DISABLE"))) as bar:

        def tell(losses: list[float], looks: list[tuple[int, float]]) -> None:
            bar.update()
            if len(losses) % 10 == 0:
                held = {"held out": f"{looks[-1][1]:.3f}"} if looks else {}
                bar.set_postfix({"loss": f"{np.mean(losses[-10:]):.3f}"} | held)

        yield tell


def check_model(model: Any) -> GPT:
    """The model, if it is one. Raises CourseError. Used from chapter 12."""
    if not isinstance(model, GPT):
        raise CourseError(f"This needs a model, such as GPT(Shape(7, 49)); got {type(model).__name__}.")
    return model


def _check(steps: Any, batch: Any, rate: Any, **functions: Any) -> None:
    for name, given in functions.items():
        if not callable(given):
            raise CourseError(f"train({name}=...) needs a function; got {type(given).__name__}.")
    for name, given, most in (("steps", steps, 10**7), ("batch", batch, 10**6)):
        if not is_whole(given, 1, most):
            raise CourseError(f"train({name}=...) needs a whole number, 1 to {most:,}; got {given!r}.")
    if not isinstance(rate, (int, float, np.number)) or isinstance(rate, bool) or not 0 < rate <= 1:
        raise CourseError(f"train(rate=...) needs a number above 0 and at most 1, such as 0.003; got {rate!r}.")
