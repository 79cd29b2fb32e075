"""What the repository says of itself: links lead somewhere, and nothing of one machine is named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("causalcourse/data/*.md")])


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_there_are_pages_to_look_at():
    assert {"README.md", "CONTRIBUTING.md", "teaching.md", "glossary.md"} <= {page.name for page in PAGES}


def test_no_folder_of_one_machine_is_named():
    # spelt in parts, so that this file does not name them either
    paths = ["/root" + "/", "/work" + "/main", "/opt" + "/wheels"]
    forbidden = re.compile("|".join(map(re.escape, paths)))
    found = []
    for path in tracked():
        if path.suffix in (".png", ".gz", ".safetensors") or not path.is_file():
            continue
        found += [f"{path.relative_to(ROOT)}: {hit}" for hit in forbidden.findall(path.read_text(encoding="utf-8"))]
    assert found == []


def test_every_term_of_the_glossary_is_in_the_chapter_it_names():
    rows = re.findall(r"^\| (.+?) \| .+ \| \[\d\d\]\(\.\./(\S+?)\) \|$", (ROOT / "docs/glossary.md").read_text(), re.M)
    assert len(rows) > 20
    missing = []
    for term, notebook in rows:
        text = (ROOT / notebook).read_text(encoding="utf-8").casefold()
        words = re.split(r", | \(|\)", term.casefold())
        if term != "do(X = x)" and not any(word and word in text for word in words):
            missing.append((term, notebook))
    assert missing == []
