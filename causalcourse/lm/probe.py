"""Probes: what can be read off a network's activations, and how much of it the probe brought along itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, did_you_mean, is_whole
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.lm.share import Share
from causalcourse.lm.stream import check_layer, stream
from causalcourse.randomness import generator

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from causalcourse.lm.model import GPT

KINDS = ("linear", "mlp")
"""A softmax regression; or the same behind one hidden layer. Taught in chapter 12."""

_MOST_LABELS = 10_000  # a probe has a direction for each
_HIDDEN = 64  # units of the mlp's layer
_DECAY = 1e-4  # times the squared weights, added to the loss
_STEPS = {"linear": 150, "mlp": 300}  # of L-BFGS


@dataclass(frozen=True, eq=False)
class Probe:
    """A classifier that was trained on activations: `accuracy` on texts held out, and its 95 % interval in `share`.

    `directions`: of a linear probe, the direction in which each label's score grows, shape (labels, width); None of an
    mlp. Taught in chapter 12.
    """

    kind: str
    share: Share
    directions: np.ndarray | None = field(repr=False)
    width: int
    _scores: Callable[[np.ndarray], np.ndarray] = field(repr=False)

    @property
    def accuracy(self) -> float:
        """The share of held-out rows whose label it gives. Taught in chapter 12."""
        return self.share.value

    def predict(self, activations: Any) -> np.ndarray:
        """The label of each row; activations: shape (..., width). Raises DataError. Taught in chapter 12."""
        rows = to_array(activations)
        if rows.ndim < 1 or rows.shape[-1] != self.width or rows.dtype.kind != "f" or not np.isfinite(rows).all():
            raise DataError(
                f"This probe reads finite numbers of shape (..., {self.width}), as it was trained on; got {rows.dtype} "
                f"of shape {rows.shape}."
            )
        return self._scores(rows.reshape(-1, rows.shape[-1])).argmax(1).reshape(rows.shape[:-1])


def probe(
    activations: Any, labels: Any, kind: str = "linear", rng: np.random.Generator | None = None, held_out: float = 0.25
) -> Probe:
    """A probe for labels 0, 1, ..., trained on all texts but a share `held_out`, and tried on those.

    activations: shape (texts, width), or (texts, places, width) for several tokens of each text, which then stay on
    one side of the split; labels: the same without the width. The interval takes all rows as independent; those of one
    text are not quite. Raises CourseError for a kind or share that is none, DataError for arrays that do not fit.
    Source: Alain & Bengio 2016. Taught in chapter 12.
    """
    if kind not in KINDS:
        raise CourseError(f"kind={kind!r} is no probe here: they are {' and '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
    if not isinstance(held_out, (int, float)) or isinstance(held_out, bool) or not 0 < held_out < 1:
        raise CourseError(f"held_out= is the share of texts that the probe is tried on, 0 to 1; got {held_out!r}.")
    rows, labels = _fitting(to_array(activations), to_array(labels))
    rng, texts = generator(rng, "probe"), len(rows)
    order = rng.permutation(texts)
    tried = min(texts - 1, max(1, round(held_out * texts)))
    tested, trained = order[:tried], order[tried:]
    known = labels[trained].ravel()
    scores, directions = _fit(rows[trained].reshape(len(known), -1), known, int(labels.max()) + 1, kind, rng)
    found = scores(rows[tested].reshape(-1, rows.shape[-1])).argmax(1)
    return Probe(kind, Share.of(found == labels[tested].ravel()), directions, rows.shape[-1], scores)


def control_task(
    tokens: np.ndarray, labels: np.ndarray, places: Sequence[int], rng: np.random.Generator | None = None, last: int = 4
) -> np.ndarray:
    """Labels that mean nothing: for each stretch of `last` tokens one label, drawn from `labels` once and for all.

    tokens: shape (texts, tokens); labels: (texts, places), those of the tokens at `places`; so is what comes back. A
    probe that is good at these has learned them by heart. Raises DataError for what does not fit.
    Source: Hewitt & Liang 2019, sec. 2. Taught in chapter 12.
    """
    rng = generator(rng, "control task")
    tokens, labels, places = _told(tokens, labels, places)
    if not is_whole(last, 1, tokens.shape[1]):
        raise DataError(f"last= is how many tokens a label hangs on, 1 to {tokens.shape[1]}; got {last!r}.")
    padded = np.pad(tokens, ((0, 0), (last, 0)), constant_values=-1)
    stretches = np.stack([padded[:, p + 1 : p + 1 + last] for p in places], axis=1)
    kinds, which = np.unique(stretches.reshape(-1, last), axis=0, return_inverse=True)
    return rng.choice(labels.ravel(), len(kinds))[which.reshape(labels.shape)]


def controls(
    model: GPT,
    tokens: np.ndarray,
    labels: np.ndarray,
    places: Sequence[int],
    kind: str = "linear",
    rng: np.random.Generator | None = None,
    layers: Iterable[float] | None = None,
    untrained: GPT | None = None,
) -> pd.DataFrame:
    """A probe on what a model holds after each layer (0 is the embedding), beside what it must be compared with.

    tokens: shape (texts, tokens); labels: (texts, places), those of the tokens at `places`. layers: as `stream` takes
    them, all whole ones by default; a row for each. Columns, accuracies all: `probe`, with `low` and `high`, its 95 %
    interval; `untrained`, the same on a model whose weights are as they were drawn; `another text`, with the labels
    of another text at the same places, which is what a place alone tells; `control task`, labels that mean nothing;
    `selectivity`, the probe less the control task; `majority`, the share of the commonest label. Raises as `probe` and
    `stream` do. Source: Hewitt & Liang 2019 (control tasks, selectivity). Taught in chapter 12.
    """
    import pandas as pd

    rng = generator(rng, "controls")
    tokens, labels, places = _told(tokens, labels, places)
    untrained = _beside(model, untrained, tokens, rng)
    swapped, drawn = labels[rng.permutation(len(labels))], control_task(tokens, labels, places, rng)
    majority = float(np.bincount(labels.ravel()).max() / labels.size)
    layers = _listed(range(model.shape.layers + 1) if layers is None else layers)
    rows = []
    for layer in layers:
        here, bare = (stream(m, tokens, layer)[:, places] for m in (model, untrained))
        found = probe(here, labels, kind, rng)
        others = ((bare, labels), (here, swapped), (here, drawn))
        rest = [probe(x, y, kind, rng).accuracy for x, y in others]
        share = found.share
        rows.append([share.value, share.low, share.high, *rest, share.value - rest[-1], majority])
    columns = ["probe", "low", "high", "untrained", "another text", "control task", "selectivity", "majority"]
    return pd.DataFrame(rows, pd.Index(layers, name="layer"), columns)


def _beside(model: GPT, untrained: GPT | None, tokens: np.ndarray, rng: np.random.Generator) -> GPT:
    """The untrained model that a model is compared with, which must be of its shape."""
    if len(tokens) < 2:
        raise DataError(f"These probes need two texts at least, one of them to be tried on; got {len(tokens)}.")
    check_layer(model, 0)
    untrained = type(model)(model.shape, rng) if untrained is None else untrained
    check_layer(untrained, 0)
    if untrained.shape != model.shape:
        raise DataError(f"untrained= has the shape of the model, {model.shape}; got {untrained.shape}.")
    return untrained


def _listed(layers: Any) -> list[float]:
    if not isinstance(layers, Iterable):
        raise CourseError(f"layers= is a list, such as [0, 0.5, 1]; got {layers!r}.")
    return list(layers)


def _told(tokens: Any, labels: Any, places: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tokens, labels, places = to_tokens(tokens), to_tokens(labels), to_tokens(places)
    fits = tokens.ndim == 2 and places.ndim == 1 and labels.shape == (len(tokens), len(places))
    whole = tokens.dtype.kind == "i" and labels.dtype.kind in "ib" and labels.size and labels.min() >= 0
    if fits and not whole:
        raise DataError(
            "Tokens are whole numbers, and labels whole numbers from 0, one at least; got tokens of "
            f"{tokens.dtype} and labels of {labels.dtype}, shape {labels.shape}."
        )
    if not fits or places.dtype.kind not in "iu" or not ((places >= 0) & (places < tokens.shape[1])).all():
        raise DataError(
            "This needs tokens of shape (texts, tokens), places that are numbers of tokens in a text, and a label for "
            f"each text and place, shape (texts, places); got {tokens.shape}, {places.tolist()} and {labels.shape}. "
            "For walks: places=range(0, 49, 8) and town.positions(walks)[:, ::4]."
        )
    return tokens, labels, places


def _fit(
    x: np.ndarray, y: np.ndarray, classes: int, kind: str, rng: np.random.Generator
) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray | None]:
    """The scores of rows, and the directions of a linear probe."""
    torch = library("torch")
    mean, sd = x.mean(0, dtype=float), x.std(0, dtype=float) + 1e-6
    sizes = [x.shape[1], classes] if kind == "linear" else [x.shape[1], _HIDDEN, classes]
    weights = []
    for into, out in itertools.pairwise(sizes):
        start = np.zeros((into, out)) if kind == "linear" else rng.normal(0, into**-0.5, (into, out))
        weights += [_tensor(start), _tensor(np.zeros(out))]
    _minimise(weights, _tensor((x - mean) / sd), torch.from_dlpack(y.astype(np.int64)), _STEPS[kind])
    arrays = [np.from_dlpack(w.detach()).astype(float) for w in weights]

    def scores(rows: np.ndarray) -> np.ndarray:
        h = (rows - mean) / sd
        if kind == "mlp":
            h = np.maximum(h @ arrays[0] + arrays[1], 0)
        return h @ arrays[-2] + arrays[-1]

    return scores, (arrays[0] / sd[:, None]).T if kind == "linear" else None


def _minimise(weights: list[torch.Tensor], x: torch.Tensor, y: torch.Tensor, steps: int) -> None:
    """Change the weights until cross-entropy, with a little decay, grows no smaller."""
    torch = library("torch")
    for w in weights:
        w.requires_grad_()
    # full batches, so that L-BFGS applies, which needs no rate to be tuned
    optimizer = torch.optim.LBFGS(weights, max_iter=steps, tolerance_change=1e-7, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        h = x @ weights[0] + weights[1]
        if len(weights) > 2:
            h = h.relu() @ weights[2] + weights[3]
        value = torch.nn.functional.cross_entropy(h, y) + _DECAY * sum((w**2).sum() for w in weights[::2])
        value.backward()
        return value

    optimizer.step(loss)


def _tensor(array: np.ndarray) -> torch.Tensor:
    return library("torch").from_dlpack(np.ascontiguousarray(array, dtype=np.float32))


def _fitting(rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if rows.ndim not in (2, 3) or rows.shape[:-1] != labels.shape or len(rows) < 2 or not rows.size:
        raise DataError(
            "A probe needs activations of shape (texts, width) or (texts, places, width), of two texts at least, and "
            f"labels of the same shape without the width; got {rows.shape} and {labels.shape}."
        )
    if rows.dtype.kind != "f" or not (np.abs(rows) <= np.finfo(np.float32).max).all():
        raise DataError("Activations are finite numbers, such as model.activations(tokens)[2][:, -1] gives.")
    if labels.dtype.kind not in "iub" or labels.min() < 0 or labels.max() >= _MOST_LABELS:
        raise DataError(
            f"Labels are whole numbers from 0, below {_MOST_LABELS:,}, such as town.positions(tokens)[:, -1] gives."
        )
    return rows, labels.astype(np.int64)
