"""How many tokens a second a small language model is trained on, beside a plain one in the style of nanoGPT.

Both have 4 layers, 4 heads and a width of 64, and read the same 32 walks of 49 tokens a step. Beside ours stands the
usual model of the same size and the usual loop around it: joint projection, fused attention, GELU, pre-norm, AdamW,
clipped gradients. They run by turns, in one process with one thread. The number is our tokens a second divided by its;
at least 1 is asked of us, within what two runs of the same model differ by.
"""

from __future__ import annotations

import itertools
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from causalcourse import rng
from causalcourse.lm.model import GPT, Shape
from causalcourse.lm.town import MOVES, WORDS, Town
from causalcourse.lm.train import train

SHAPE = Shape(vocab=len(WORDS.words), length=1 + 2 * MOVES)
STEPS, BATCH, ROUNDS = 60, 32, 11


class PlainBlock(nn.Module):
    """A pre-norm block as most small GPTs have it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.joint, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        q, k, v = self.joint(self.norm_1(x)).split(width, dim=2)
        q, k, v = (z.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2) for z in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(y.transpose(1, 2).contiguous().view(batch, tokens, width))
        return x + self.mlp(self.norm_2(x))


class Plain(nn.Module):
    """The model around such blocks, its last matrix tied to the first."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(shape.vocab, shape.width), nn.Embedding(shape.length, shape.width)
        self.blocks = nn.Sequential(*(PlainBlock(shape.width, shape.heads) for _ in range(shape.layers)))
        self.norm, self.head = nn.LayerNorm(shape.width), nn.Linear(shape.width, shape.vocab, bias=False)
        self.head.weight = self.words.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def ours(town: Town, stream: np.random.Generator) -> float:
    """Tokens a second of `train` on a GPT."""
    return train(GPT(SHAPE, stream), lambda n: town.walks(n, MOVES, stream), STEPS, batch=BATCH, rng=stream).speed


def plain(town: Town, stream: np.random.Generator) -> float:
    """Tokens a second of the usual loop on the usual model, on the same kind of batches."""
    model = Plain(SHAPE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.99), weight_decay=0.1)
    read, began = 0, time.perf_counter()
    for _ in range(STEPS):
        texts = torch.from_numpy(town.walks(BATCH, MOVES, stream))
        logits, following = model(texts[:, :-1]), texts[:, 1:]
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), following.reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        read += following.numel()
    return read / (time.perf_counter() - began)


if __name__ == "__main__":
    os.environ["TQDM_DISABLE"] = "1"
    torch.set_num_threads(1)
    town, stream = Town.random(rng("town")), rng("bench language model")
    sizes = [sum(p.numel() for p in m.parameters()) for m in (GPT(SHAPE, stream), Plain(SHAPE))]
    speeds: dict[str, list[float]] = {"ours": [], "plain": []}
    for turn, (name, way) in itertools.product(range(ROUNDS + 1), (("ours", ours), ("plain", plain))):
        found = way(town, stream)
        if turn:  # the first warms up
            speeds[name].append(found)
    ratios = np.divide(speeds["ours"], speeds["plain"])
    middle = {name: np.median(runs) for name, runs in speeds.items()}
    for name, size in zip(speeds, sizes, strict=True):
        print(f"{name:6s} {size:8,} parameters   {middle[name]:8,.0f} tokens a second")
    print(f"ours reads {middle['ours'] / middle['plain']:.2f} times as many")
    print(f"(round by round {ratios.min():.2f} to {ratios.max():.2f}, {ROUNDS} rounds)")
