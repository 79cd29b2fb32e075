"""An n-gram's probabilities are the shares one counts by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.ngram import ngram

TEXTS = rng("ngram texts").integers(3, size=(40, 9))


def by_hand(texts: np.ndarray, order: int, text: list[int], words: int) -> list[float]:
    """The shares of what follows the longest known end of a text, counted stretch by stretch."""
    for k in range(min(order - 1, len(text)), -1, -1):
        end = text[len(text) - k :]
        after = Counter(row[i + k] for row in texts.tolist() for i in range(len(row) - k) if row[i : i + k] == end)
        if after:
            return [after[w] / after.total() for w in range(words)]
    raise AssertionError


@pytest.mark.parametrize("order", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("length", [1, 2, 4, 9, 12])
def test_probabilities_are_the_shares_one_counts_by_hand(order, length):
    asked = rng(f"asked {length}").integers(3, size=(10, length))
    expected = [by_hand(TEXTS, order, row, 3) for row in asked.tolist()]
    assert np.allclose(ngram(TEXTS, order)(asked), expected)


def test_a_longer_memory_than_a_text_changes_nothing():
    assert np.array_equal(ngram(TEXTS, 9)(TEXTS[:, :-1]), ngram(TEXTS, 20)(TEXTS[:, :-1]))


def test_a_memory_as_long_as_the_texts_knows_them_by_heart():
    texts = np.unique(TEXTS[:, :-1], axis=0)
    told = np.column_stack([texts, np.arange(len(texts)) % 3])
    assert (ngram(told, 9)(texts).argmax(axis=1) == told[:, -1]).all()


def test_a_token_never_seen_has_a_column_when_it_is_said_to_exist():
    chances = ngram(TEXTS, 2, vocab=5)(np.array([[4], [0]]))
    assert chances.shape == (2, 5) and np.allclose(chances.sum(axis=1), 1)
    assert np.allclose(chances[0, :3], np.bincount(TEXTS.flat) / TEXTS.size) and not chances[:, 3:].any()


@pytest.mark.parametrize("order", [0, -1, 1.5, True, "2", 200])
def test_an_order_that_is_none_is_refused(order):
    with pytest.raises(CourseError, match="whole number"):
        ngram(TEXTS, order)


@pytest.mark.parametrize("texts", [np.zeros((0, 3), int), np.array([[0.5]]), np.array([1, 2]), np.array([[-1, 2]])])
def test_texts_that_are_no_tokens_are_refused(texts):
    with pytest.raises(DataError, match="whole numbers"):
        ngram(texts, 2)


def test_a_vocabulary_too_small_for_the_texts_is_refused():
    with pytest.raises(DataError, match="vocab=2"):
        ngram(TEXTS, 2, vocab=2)


@pytest.mark.parametrize("vocab", [0, -1, 7.0, True, "7", 10**9, np.nan])
def test_a_vocabulary_that_is_none_is_refused(vocab):
    with pytest.raises(CourseError, match="vocab="):
        ngram(TEXTS, 2, vocab=vocab)


def test_large_numbers_are_refused_at_once():
    with pytest.raises(CourseError, match="not a large one"):
        ngram(TEXTS, 10**9)  # the power of 3 alone would take minutes
    with pytest.raises(CourseError, match="vocab="):
        ngram(np.array([[10**12, 1]]), 1)


def test_texts_of_any_whole_type_are_counted_alike():
    for kind in (np.uint8, np.int8, np.uint64):
        found = ngram(TEXTS.astype(kind), 6)(TEXTS[:, :5].astype(kind))
        assert np.array_equal(found, ngram(TEXTS, 6)(TEXTS[:, :5]))
    with pytest.raises(DataError, match="one length"):
        ngram([[0, 1], [0]], 2)
