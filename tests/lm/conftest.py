"""Networks made by hand: one that holds the walker's square and looks walls up there, and one that holds nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.lm.town import BUMPED, MOVED, NORTH, Town


class Mapped:
    """Layer 0: which token this is. 1: and the square, by one unit each. 2: and what will come of the move there."""

    def __init__(self, town):
        self.town, self.squares = town, town.size**2
        self.shape = SimpleNamespace(vocab=7, layers=2, width=self.squares + 9)

    def tensor(self, tokens):
        import torch

        return torch.from_numpy(np.array(tokens))

    def __call__(self, tokens, edit=None):
        edit = edit or (lambda layer, h: h)
        return self._say(edit(2, self._look_up(edit(1, self._place(edit(0, self._embed(tokens)), tokens)))))

    def activations(self, tokens):
        kept = []
        self(self.tensor(tokens), edit=lambda layer, h: kept.append(h.clone()) or h)
        return kept

    def _embed(self, tokens):
        import torch

        h = torch.zeros(*tokens.shape, self.shape.width)
        h[..., self.squares : self.squares + 7] = torch.nn.functional.one_hot(tokens, 7).float()
        return h

    def _place(self, h, tokens):
        squares = self.town.positions(tokens.numpy())
        before = np.repeat(squares, 2, axis=1)[:, : tokens.shape[1]]  # an outcome: after it; a move: before it
        h = h.clone()
        h[..., : self.squares] += self.tensor(np.eye(self.squares, dtype=np.float32)[before])
        return h

    def _look_up(self, h):
        h = h.clone()
        move = h[..., self.squares + NORTH : self.squares + NORTH + 4]
        bumps = self.tensor(self.town.bumps)[h[..., : self.squares].argmax(-1)]
        asked = move.max(-1).values > 0.5
        bumped = bumps.gather(-1, move.argmax(-1, keepdim=True))[..., 0]
        h[..., -2] += 10.0 * (asked & ~bumped)
        h[..., -1] += 10.0 * (asked & bumped)
        return h

    def _say(self, h):
        import torch

        logits = torch.full((*h.shape[:2], 7), -5.0)
        logits[..., [MOVED, BUMPED]] = h[..., -2:]
        return logits


class Blind(Mapped):
    """It holds which token this is, and says the truth all the same: no place to read it, and none to change it."""

    def __call__(self, tokens, edit=None):
        edit = edit or (lambda layer, h: h)
        for layer, h in enumerate([self._embed(tokens)] * 3):
            edit(layer, h)
        return self._say(self._look_up(self._place(self._embed(tokens), tokens)))


@pytest.fixture(scope="session")
def town():
    return Town.random(cc.rng("town"))


@pytest.fixture(scope="session")
def mapped(town):
    pytest.importorskip("torch")
    return Mapped(town)


@pytest.fixture(scope="session")
def blind(town):
    pytest.importorskip("torch")
    return Blind(town)
