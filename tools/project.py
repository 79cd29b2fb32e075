"""What the course says about itself in several places: settings in; syllabus, README, citation out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tools.source import Lesson, Refused, fault

# packages whose module has another name than they have
MODULES = {"pyro-ppl": "pyro", "scikit-learn": "sklearn", "pillow": "PIL"}


@dataclass(frozen=True)
class Settings:
    """The one place of the course's address, version and extras: pyproject.toml."""

    repository: str
    version: str
    extras: dict[str, tuple[str, ...]]  # each with the modules it brings

    def colab(self, path: str) -> str:
        """Where Colab opens the notebook `path`."""
        return f"https://colab.research.google.com/github/{self._owner_and_name}/blob/main/{quote(path)}"

    def binder(self, path: str) -> str:
        """Where Binder opens the notebook `path` in JupyterLab."""
        return f"https://mybinder.org/v2/gh/{self._owner_and_name}/main?labpath={quote(path, safe='')}"

    @property
    def _owner_and_name(self) -> str:
        return self.repository.removeprefix("https://github.com/")


def read_settings(root: Path) -> Settings:
    """The settings in pyproject.toml. Raises Refused when Colab and Binder cannot open the address."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    repository = project.get("urls", {}).get("Repository", "")
    line = next((n for n, line in enumerate(text.splitlines(), 1) if line.startswith("Repository")), 1)
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+(?<!\.git)", repository):
        wrong, expected = f"the address is {repository!r}", 'Repository = "https://github.com/owner/name"'
        raise Refused(fault(f"pyproject.toml:{line}", wrong, expected))
    extras = {name: modules(wanted) for name, wanted in project.get("optional-dependencies", {}).items()}
    return Settings(repository, project["version"], extras)


def modules(requirements: Iterable[str]) -> tuple[str, ...]:
    """The module that each requirement brings, itself left out."""
    names = (re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements)
    return tuple(MODULES.get(name, name.replace("-", "_")) for name in names if name != "causalcourse")


def syllabus(lessons: Iterable[Lesson], before: Sequence[dict] = ()) -> list[dict]:
    """One entry for each chapter, in order; chapters not among `lessons` stay as they were `before`."""
    entries = {entry["number"]: entry for entry in before}
    for lesson in lessons:
        entries[lesson.number] = {
            "number": lesson.number,
            "slug": lesson.slug,
            "title": lesson.title,
            "question": lesson.question,
            "minutes": lesson.minutes,
            "extras": list(lesson.extras),
            "exercises": [
                {"id": e.id, "title": e.title, "level": e.level, "minutes": e.minutes} for e in lesson.exercises
            ],
        }
    return [entries[number] for number in sorted(entries)]


def stored_syllabus(root: Path) -> list[dict]:
    """The syllabus as the last build left it; nothing when there is none."""
    path = root / "causalcourse" / "syllabus.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def front_matter(root: Path, settings: Settings, entries: Sequence[dict]) -> dict[str, str]:
    """Every text file the builder keeps in step, by path: as it should be."""
    texts = {"causalcourse/syllabus.json": json.dumps(entries, indent=1, ensure_ascii=False) + "\n"}
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]
    for path in (path for path in pages if path.is_file()):
        text = path.read_text(encoding="utf-8")
        text = between(text, "syllabus", syllabus_table(entries, "../" if path.parent.name == "docs" else ""))
        text = between(text, "badges", badges(settings, entries))
        texts[path.relative_to(root).as_posix()] = with_address(text, settings)
    citation = root / "CITATION.cff"
    if citation.is_file():
        text = citation.read_text(encoding="utf-8")
        for key, value in (
            ("repository-code", settings.repository),
            ("url", settings.repository),
            ("version", settings.version),
        ):
            text = re.sub(rf"^{key}:.*$", f"{key}: {value}", text, flags=re.MULTILINE)
        texts["CITATION.cff"] = text
    return texts


def between(text: str, name: str, content: str) -> str:
    """The text with what stands between `<!-- begin: name -->` and `<!-- end: name -->` replaced."""
    pattern = rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)"
    return re.sub(pattern, lambda match: f"{match[1]}{content}{match[2]}", text, flags=re.DOTALL)


def with_address(text: str, settings: Settings) -> str:
    """The text with the course's own address in every `git clone` and `git+https` command."""
    text = re.sub(r"(git clone )https://\S+", rf"\g<1>{settings.repository}", text)
    return re.sub(r"(causalcourse(?:\[\w+\])? @ git\+)https://[^\s\"'`]+", rf"\g<1>{settings.repository}", text)


def syllabus_table(entries: Sequence[dict], up: str) -> str:
    """The chapters as a Markdown table; `up` leads from the page to the repository's root."""
    rows = ["| | chapter | the question it answers | minutes | exercises |\n|---|---|---|---|---|\n"]
    for e in entries:
        page, minutes = f"{e['slug']}.ipynb", sum(exercise["minutes"] for exercise in e["exercises"])
        name, question = (e[key].replace("|", r"\|") for key in ("title", "question"))
        chapter = f"[{name}]({up}notebooks/{page}) | {question} | {e['minutes']}"
        sheet = f"[{len(e['exercises'])}]({up}exercises/{page}), {minutes} minutes"
        rows.append(f"| {e['number']} | {chapter} | {sheet} · [solutions]({up}solutions/{page}) |\n")
    return "".join(rows)


def badges(settings: Settings, entries: Sequence[dict]) -> str:
    """The two launch badges, opening the first chapter."""
    return launch(settings, f"notebooks/{entries[0]['slug']}.ipynb", "docs/badges") + "\n" if entries else ""


def launch(settings: Settings, path: str, pictures: str) -> str:
    """The badges that open the notebook `path` in Colab and Binder; `pictures` is the badges' folder."""
    places = {"Colab": settings.colab(path), "Binder": settings.binder(path)}
    return " ".join(
        f"[![Open in {name}]({pictures}/{name.lower()}.svg)]({address})" for name, address in places.items()
    )
