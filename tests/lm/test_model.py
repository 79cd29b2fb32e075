"""What a GPT may see, what an edit changes, and what its weights start from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import CourseError, DataError

torch = pytest.importorskip("torch")

from causalcourse.lm.model import GPT, Shape, to_numpy  # noqa: E402

SHAPE = Shape(vocab=7, length=12, layers=3, heads=2, width=16)


@pytest.fixture
def model() -> GPT:
    """A model whose weights are large, so that what changes shows."""
    made = GPT(SHAPE, rng("test model"))
    with torch.no_grad():
        for weights in made.parameters():
            if weights.ndim > 1:
                weights *= 10
    return made


def texts(n: int = 5, length: int = 10, name: str = "texts") -> np.ndarray:
    return rng(name).integers(7, size=(n, length))


def logits(model: GPT, tokens: np.ndarray, **how: object) -> np.ndarray:
    return to_numpy(model(model.tensor(tokens), **how))


def by_hand(model: GPT, tokens: np.ndarray) -> np.ndarray:
    """The same network in NumPy, a text, a token and a head at a time, as the formulas have it."""
    w = {name: to_numpy(p).astype(float) for name, p in model.state_dict().items()}
    heads, size = SHAPE.heads, SHAPE.width // SHAPE.heads

    def norm(h: np.ndarray, name: str) -> np.ndarray:
        h = (h - h.mean(-1, keepdims=True)) / np.sqrt(h.var(-1, keepdims=True) + 1e-5)
        return h * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(h: np.ndarray, name: str) -> np.ndarray:
        return h @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def gelu(x: np.ndarray) -> np.ndarray:
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2

    result = []
    for row in tokens:
        h = w["token.weight"][row] + w["position.weight"][: len(row)]
        for k in range(SHAPE.layers):
            asked = linear(norm(h, f"blocks.{k}.before_attention"), f"blocks.{k}.attention.ask")
            query, key, value = (part.reshape(len(row), heads, size) for part in np.split(asked, 3, axis=-1))
            mixed = np.zeros((len(row), heads, size))
            for t in range(len(row)):
                for head in range(heads):
                    score = np.exp(key[: t + 1, head] @ query[t, head] / math.sqrt(size))
                    mixed[t, head] = score / score.sum() @ value[: t + 1, head]
            h = h + linear(mixed.reshape(len(row), -1), f"blocks.{k}.attention.out")
            inner = gelu(linear(norm(h, f"blocks.{k}.before_mlp"), f"blocks.{k}.mlp_in"))
            h = h + linear(inner, f"blocks.{k}.mlp_out")
        result.append(norm(h, "norm") @ w["unembed.weight"].T)
    return np.array(result)


def test_the_network_is_what_the_formulas_say(model):
    assert np.allclose(logits(model, texts()), by_hand(model, texts()), rtol=1e-3, atol=1e-3)


def test_no_token_sees_what_comes_after_it(model):
    tokens = texts()
    for t in range(1, 10):
        other = tokens.copy()
        other[:, t:] = (other[:, t:] + 1) % 7
        assert np.allclose(logits(model, tokens)[:, :t], logits(model, other)[:, :t], atol=1e-5)
        assert not np.allclose(logits(model, tokens)[:, t:], logits(model, other)[:, t:], atol=1e-2)


def test_a_mask_of_everything_is_no_mask(model):
    everything = torch.ones(10, 10, dtype=torch.bool)
    expected = logits(model, texts())
    assert np.allclose(logits(model, texts(), mask=everything), expected, atol=1e-4)
    assert np.allclose(logits(model, texts(), mask=everything.repeat(5, 1, 1)), expected, atol=1e-4)


def test_what_a_mask_hides_changes_nothing_and_what_it_shows_does(model):
    mask = torch.ones(10, 10, dtype=torch.bool)
    mask[4:, 3] = False
    tokens, other = texts(), texts()
    other[:, 3] = (other[:, 3] + 1) % 7
    change = np.abs(logits(model, tokens, mask=mask) - logits(model, other, mask=mask)).max(axis=(0, 2))
    assert change[3] > 0.01 and (np.delete(change, 3) < 1e-5).all()
    per_text = mask.repeat(5, 1, 1)
    per_text[1] = True
    change = np.abs(logits(model, tokens, mask=per_text) - logits(model, other, mask=per_text)).max(axis=2)
    assert (change[1, 4:] > 0.01).all() and (change[0, 4:] < 1e-5).all()


def test_an_edit_that_changes_nothing_changes_nothing_and_sees_every_layer(model):
    seen = {}

    def watch(layer, h):
        seen[layer] = h
        return h

    assert np.array_equal(logits(model, texts(), edit=watch), logits(model, texts()))
    assert list(seen) == [0, 1, 2, 3] and {tuple(h.shape) for h in seen.values()} == {(5, 10, 16)}
    for layer, h in enumerate(model.activations(texts())):
        assert torch.allclose(h, seen[layer], atol=1e-5) and not h.requires_grad


@pytest.mark.parametrize("layer", range(4))
def test_swapping_a_whole_layer_between_texts_swaps_what_they_say(model, layer):
    source = model.activations(texts(name="source"))[layer]
    swapped = logits(model, texts(), edit=lambda k, h: source if k == layer else h)
    assert np.allclose(swapped, logits(model, texts(name="source")), atol=1e-4)


def test_an_edit_of_a_token_is_felt_there_and_later_and_never_before(model):
    def push(layer, h):
        return h + 3 * (torch.arange(10) == 6)[:, None] * torch.linspace(-1, 1, 16) if layer == 1 else h

    change = np.abs(logits(model, texts(), edit=push) - logits(model, texts())).max(axis=(0, 2))
    assert (change[:6] < 1e-5).all() and (change[6:] > 0.01).all()


def test_predict_is_the_softmax_of_the_last_token_in_batches_or_not(model):
    tokens = texts(1_100)
    chances = model.predict(tokens)
    z = logits(model, tokens)[:, -1].astype(float)
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert chances.shape == (1_100, 7) and chances.dtype == np.float64
    assert np.allclose(chances, expected, atol=1e-5) and np.allclose(chances.sum(axis=1), 1)
    mask = torch.rand(1_100, 10, 10) < 0.5
    mask |= torch.eye(10, dtype=torch.bool)
    alone = [model.predict(tokens[k : k + 1], mask[k : k + 1])[0] for k in (0, 511, 512, 1_099)]
    assert np.allclose(model.predict(tokens, mask)[[0, 511, 512, 1_099]], alone, atol=1e-5)


def test_no_text_at_all_gives_no_prediction(model):
    assert model.predict(np.zeros((0, 4), int)).shape == (0, 7)


def test_weights_are_drawn_from_the_stream_as_in_gpt_2():
    one, again, other = (GPT(Shape(7, 49), rng(name)) for name in ("a", "a", "b"))
    same = [torch.equal(p, q) for p, q in zip(one.parameters(), again.parameters(), strict=True)]
    assert all(same) and not torch.equal(one.token.weight, other.token.weight)
    spread = 0.02 * math.sqrt(768 / 64)
    assert one.blocks[0].attention.ask.weight.std().item() == pytest.approx(spread, rel=0.05)
    assert one.blocks[0].mlp_out.weight.std().item() == pytest.approx(spread / math.sqrt(8), rel=0.05)
    assert not one.blocks[0].mlp_in.bias.any()
    first = GPT(Shape(7, 49), rng("a")).predict(texts(50))
    assert first.max() < 0.6  # a new model is sure of nothing


@pytest.mark.parametrize("size", [{"layers": 0}, {"width": 2.5}, {"vocab": True}, {"heads": 3}, {"length": "9"}])
def test_a_shape_that_is_none_is_refused(size):
    with pytest.raises(CourseError, match=r"whole number|width="):
        Shape(**{"vocab": 7, "length": 12, **size})


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (np.zeros((2, 13), int), "1 to 12 a text"),
        (np.zeros((2, 0), int), "1 to 12 a text"),
        (np.zeros(4, int), "shape"),
        (np.full((1, 3), 7), "0 to 6; got 7"),
        (np.full((1, 3), -1), "0 to 6; got -1"),
        (np.zeros((1, 3)), "whole numbers"),
        ([["N", "x"]], "whole numbers"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(model, tokens, said):
    with pytest.raises(DataError, match=said):
        model.predict(tokens)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (torch.ones(10, 10), "True or False"),
        (torch.ones(9, 9, dtype=torch.bool), "got torch.bool, .9, 9."),
        (torch.ones(10, 10, dtype=torch.bool).triu(1), "nothing to look at"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(model, mask, said):
    with pytest.raises(DataError, match=said):
        logits(model, texts(), mask=mask)


@pytest.mark.parametrize("kind", [torch.uint8, torch.int16, torch.int32])
def test_tokens_of_any_whole_type_are_read_alike(model, kind):
    expected = model.predict(texts())
    assert np.array_equal(model.predict(torch.tensor(texts().tolist(), dtype=kind)), expected)
    assert np.array_equal(to_numpy(model(texts().astype(np.uint8))), logits(model, texts()))


@pytest.mark.parametrize(
    "tokens", [5, None, "N", [[0, 1], [0]], torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool)]
)
def test_what_are_no_tokens_is_refused_everywhere(model, tokens):
    for read in (model, model.predict, model.activations):
        with pytest.raises(DataError):
            read(tokens)


def test_a_mask_may_be_an_array_and_fits_all_texts(model):
    mask = np.tri(10, dtype=bool)
    assert np.allclose(logits(model, texts(), mask=mask), logits(model, texts()), atol=1e-4)
    for wrong in (5, "x", np.ones((10, 10)), torch.ones(600, 10, 10).bool()):
        with pytest.raises(DataError, match="mask="):
            model.predict(texts(512), wrong)


@pytest.mark.parametrize(
    "edit",
    [5, lambda k, h: None, lambda k, h: h[:, :1], lambda k, h: h[..., :3], lambda k, h: h.double(), lambda k, h: 0.0],
)
def test_an_edit_hands_on_the_whole_stream(model, edit):
    with pytest.raises(CourseError, match="edit"):
        model.predict(texts(), edit=edit)


@pytest.mark.parametrize("size", [{"vocab": 10**9}, {"layers": 10**6, "width": 2}, {"width": 10**30}])
def test_a_model_too_large_for_a_small_computer_is_refused(size):
    with pytest.raises(CourseError, match="smaller width="):
        Shape(**{"vocab": 7, "length": 12, "heads": 1, **size})


def test_a_shape_is_of_plain_numbers_and_a_model_has_one():
    assert repr(Shape(np.int64(7), np.int64(9))) == repr(Shape(7, 9))
    with pytest.raises(CourseError, match="needs a shape"):
        GPT((7, 12))
