"""Words and their ids, records and their units: what is written can be read back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.errors import DataError
from causalcourse.graph import as_graph
from causalcourse.lm.text import Records, Vocabulary, records
from causalcourse.random_models import random_discrete

WORDS = Vocabulary(("^", "N", "Z=0", "Z=1"))


def test_words_encoded_and_decoded_are_the_same_words():
    words = ["^", "Z=1", "N", "N", "Z=0"]
    assert WORDS.decode(WORDS.encode(words)) == words
    assert WORDS.encode([]).tolist() == [] and WORDS.decode([]) == []


def test_an_unknown_word_is_named_with_its_place_and_one_like_it():
    with pytest.raises(DataError, match=r"Word 2 of the text, 'Z=l', .* Did you mean 'Z="):
        WORDS.encode(["^", "Z=l"])


@pytest.mark.parametrize("tokens", [[4], [-1], [0.5], [[0, 1]], ["N"]])
def test_ids_that_are_none_are_refused(tokens):
    with pytest.raises(DataError):
        WORDS.decode(tokens)


@pytest.mark.parametrize("words", [("a", "b", "a"), (), ("a", ""), (1, 2)])
def test_words_that_make_no_vocabulary_are_refused(words):
    with pytest.raises(DataError):
        Vocabulary(words)


@pytest.mark.parametrize("states", [2, 3])
def test_records_read_back_are_the_units_they_tell_of(states):
    model = random_discrete(as_graph("Y <- X; Z -> X; Z -> Y; X <-> Y"), rng("records"), states)
    units = model.sample(200, rng("units"))
    form = Records.of(model, states)
    tokens = records(model, 200, rng("units"), states)
    assert tokens.shape == (200, 4) and len(form.vocabulary.words) == 1 + 3 * states
    pd.testing.assert_frame_equal(form.read(tokens), units[list(form.variables)], check_dtype=False)
    first = units.iloc[0]
    assert form.vocabulary.decode(tokens[0]) == ["^", *(f"{v}={first[v]}" for v in form.variables)]


def test_a_record_tells_of_causes_before_their_effects():
    model = random_discrete(as_graph("Y <- X; Z -> X"), rng("order"))
    assert Records.of(model).variables == ("Z", "X", "Y")


def test_what_is_no_record_is_refused_with_what_it_says():
    form = Records(("Z", "X"))
    with pytest.raises(DataError, match=r"Text 1 is no record: it says '\^ X=0 Z=1'"):
        form.read(np.array([[0, 1, 3], [0, 3, 2]]))
    with pytest.raises(DataError, match="shape"):
        form.read(np.array([[0, 1]]))
    with pytest.raises(DataError, match="no column 'X'"):
        form.write(pd.DataFrame({"Z": [0]}))
    with pytest.raises(DataError, match="values 0 to 1"):
        form.write(pd.DataFrame({"Z": [0], "X": [2]}))
    with pytest.raises(DataError, match="twice"):
        Records(("Z", "Z"))


@pytest.mark.parametrize("words", [None, 5, ("a", 1), ("a", "")])
def test_what_makes_no_vocabulary_is_refused(words):
    with pytest.raises(DataError):
        Vocabulary(words)
    with pytest.raises(DataError):
        Records(words)


@pytest.mark.parametrize("words", [None, 5, [["a"]], [{}], [None]])
def test_what_are_no_words_is_refused(words):
    with pytest.raises(DataError):
        Vocabulary(("a", "b")).encode(words)


@pytest.mark.parametrize("values", [0, True, 2.0, 10**6])
def test_a_number_of_values_that_is_none_is_refused(values):
    with pytest.raises(DataError, match="values="):
        Records(("X",), values)


@pytest.mark.parametrize(
    "units",
    [
        None,
        {"Z": [0], "X": [1]},
        np.zeros((2, 2)),
        pd.Series({"Z": 0, "X": 1}),
        pd.DataFrame([[0, 0, 1]], columns=["Z", "X", "X"]),
        pd.DataFrame({"Z": [0, 1], "X": [0, pd.NA]}),
        pd.DataFrame({"Z": [0, 1], "X": [0, np.nan]}),
    ],
)
def test_units_that_are_no_table_without_gaps_are_refused(units):
    with pytest.raises(DataError):
        Records(("Z", "X")).write(units)


def test_records_are_of_a_model_and_tokens_of_any_whole_type():
    with pytest.raises(DataError, match="SCM"):
        Records.of("X -> Y")
    form, tokens = Records(("Z", "X")), np.array([[0, 1, 4], [0, 2, 3]])
    assert form.read(tokens.astype(np.uint64)).equals(form.read(tokens))
    with pytest.raises(DataError, match="no record"):
        form.read(np.array([[0, 0, 3]], dtype=np.uint8))
