"""Every claim holds under another seed too, and the chapters stay within what a small machine has."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from tools.reseed import failures, reseed

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES_ALLOWED = 1000  # Binder's machines are small


@pytest.mark.slow
def test_every_claim_holds_under_another_seed(record_property):
    seed = secrets.randbelow(10_000) + 1
    trials = reseed(ROOT, [seed])
    claims = sum(len(trial.claims) for trial in trials)
    record_property("claims tried under another seed", f"{claims}, seed {seed}")
    assert claims
    assert failures(trials) == [], f"under CAUSALCOURSE_SEED={seed}"


def test_the_table_of_seconds_and_memory_has_every_notebook_that_runs():
    table = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\S+\.ipynb) \| [\d.]+ \| (\d+) \|$", table, flags=re.MULTILINE))
    built = {
        f"{folder}/{path.name}" for folder in ("notebooks", "solutions") for path in (ROOT / folder).glob("*.ipynb")
    }
    assert set(rows) == built != set()
    assert max(map(int, rows.values())) < MEGABYTES_ALLOWED
