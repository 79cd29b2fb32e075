import io
import json
import sys

import numpy as np
import pytest

from causalcourse import claim, rng, say
from causalcourse.errors import ClaimFailed, CourseError


def test_a_claim_that_holds_prints_its_sentence(capsys):
    claim("one is less than two", np.float64(1) < 2)
    assert capsys.readouterr().out == "✓ one is less than two\n"


def test_a_claim_that_fails_stops_the_lesson():
    with pytest.raises(ClaimFailed, match="the earth is flat"):
        claim("the earth is flat", False)


@pytest.mark.parametrize("truth", [1, "yes", None, float("nan"), np.array([True, True]), np.array(True)])
def test_a_claim_needs_one_true_or_false(truth):
    with pytest.raises(CourseError, match="neither true nor false"):
        claim("something", truth)


def test_with_a_ledger_every_claim_is_written_and_none_raises(tmp_path, monkeypatch, capsys):
    ledger = tmp_path / "claims.jsonl"
    monkeypatch.setenv("CAUSALCOURSE_CLAIMS", str(ledger))
    monkeypatch.setenv("CAUSALCOURSE_SEED", "7")
    claim("true", True)
    claim("faüx", False)
    assert [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()] == [
        {"sentence": "true", "held": True, "seed": "7"},
        {"sentence": "faüx", "held": False, "seed": "7"},
    ]
    assert capsys.readouterr().out.endswith("✗ faüx\n")


def test_say_outside_a_notebook_prints_the_words(capsys):
    say("**half** of them")
    assert capsys.readouterr().out == "**half** of them\n"


def test_one_name_gives_one_stream_and_another_name_another():
    assert rng("a").random() == rng("a").random()
    assert rng("a").random() != rng("b").random()


def test_one_environment_variable_reseeds_every_stream(monkeypatch):
    before = rng("a").random()
    monkeypatch.setenv("CAUSALCOURSE_SEED", "1")
    assert rng("a").random() != before
    monkeypatch.setenv("CAUSALCOURSE_SEED", "0")
    assert rng("a").random() == before


def test_the_default_streams_never_change():
    # stored notebooks depend on these bits: a new value here means every notebook must be rebuilt
    assert rng("the default stream").integers(1_000_000) == 894018


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "? half ?"), ("utf-8", "✓ half ?")])
def test_what_cannot_be_written_is_replaced(monkeypatch, encoding, shown):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    claim("half \ud800", True)
    sys.stdout.flush()
    assert written.getvalue().decode(encoding) == f"{shown}\n"


@pytest.mark.parametrize("seed", ["seven", "1.5", ""])
def test_a_seed_that_is_no_number_is_refused_in_plain_words(seed, monkeypatch):
    monkeypatch.setenv("CAUSALCOURSE_SEED", seed)
    with pytest.raises(CourseError, match="whole number"):
        rng("a")


def test_a_stream_needs_a_name():
    with pytest.raises(CourseError, match="name"):
        rng(3)
