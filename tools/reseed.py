"""Try every claim under other random numbers: `python -m tools.reseed [--seeds N] [--first K] [NN ...]`."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tools.build import ROOT
from tools.execute import ONE_THREAD
from tools.outputs import not_passed

SECONDS_ALLOWED = 900  # for one script under one seed


@dataclass(frozen=True)
class Trial:
    """What one script did under one seed: its claims with whether they held, and what else went wrong."""

    script: str
    seed: int
    claims: tuple[tuple[str, bool], ...]
    troubles: tuple[str, ...]


def try_script(path: Path, root: Path, seed: int) -> Trial:
    """Run one script of a lesson as a plain program under this seed, its claims written down, not raised."""
    with tempfile.TemporaryDirectory(prefix="causalcourse-") as home:
        ledger = Path(home) / "claims.jsonl"
        environment = {
            **os.environ,
            **dict.fromkeys(ONE_THREAD, "1"),
            "CAUSALCOURSE_SEED": str(seed),
            "CAUSALCOURSE_CLAIMS": str(ledger),
            "CAUSALCOURSE_PROGRESS": "off",
            "CAUSALCOURSE_HOME": home,
            "MPLBACKEND": "Agg",  # draws, shows nothing
            "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONIOENCODING": "utf-8",
        }
        command = [sys.executable, "-W", "ignore", str(path)]
        options = {"cwd": home, "env": environment, "capture_output": True, "encoding": "utf-8"}
        try:
            done = subprocess.run(command, timeout=SECONDS_ALLOWED, **options)
            troubles = list(troubles_of(path, done))
        except subprocess.TimeoutExpired:
            troubles = [f"ran longer than {SECONDS_ALLOWED} seconds"]
        lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
    entries = [json.loads(line) for line in lines]
    claims = tuple((entry["sentence"], entry["held"]) for entry in entries)
    return Trial(path.relative_to(root).as_posix(), seed, claims, tuple(troubles))


def troubles_of(path: Path, done: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """An exception the script ended with, and solutions that did not pass their own checks."""
    if done.returncode:
        yield f"raised {(done.stderr.strip() or 'nothing it said').splitlines()[-1]}"
    if path.name == "exercises.py":
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r'\bcheck\(\s*"(\d\d\.\d+)"', text)
        for id, why in not_passed(asked if not done.returncode else (), done.stdout).items():
            yield f"the solution of {id} does not pass its own check: {why}"


def failures(trials: Sequence[Trial]) -> list[str]:
    """One sentence, with its seeds, for each claim that failed, each other trouble, each silent chapter."""
    found: dict[tuple[str, str], list[int]] = {}
    for trial in trials:
        failed = [f"claim failed: {sentence}" for sentence, held in trial.claims if not held]
        for what in (*failed, *trial.troubles):
            found.setdefault((trial.script, what), []).append(trial.seed)
        if trial.script.endswith("/chapter.py") and not trial.claims:
            found.setdefault((trial.script, "makes no claims"), []).append(trial.seed)
    listed = {key: ", ".join(map(str, sorted(set(seeds)))) for key, seeds in found.items()}
    return [f"{script}: {what} (under seed {seeds})" for (script, what), seeds in listed.items()]


def reseed(root: Path, seeds: Sequence[int], numbers: Sequence[str] = ()) -> list[Trial]:
    """Try the chapters with these numbers, or all, and their solutions, under each seed."""
    folders = sorted(path for path in (root / "lessons").iterdir() if path.is_dir())
    chosen = [folder for folder in folders if not numbers or folder.name[:2] in numbers]
    scripts = [folder / name for folder in chosen for name in ("chapter.py", "exercises.py")]
    tasks = [(script, seed) for script in scripts if script.is_file() for seed in seeds]
    return [try_script(script, root, seed) for script, seed in tqdm(tasks, unit="run", disable=None)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.reseed", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NN", help="chapters to try (default: all)")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many seeds (default: 5)")
    parser.add_argument("--first", type=int, default=1, metavar="K", help="the first of them (default: 1)")
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.seeds)
    trials = reseed(ROOT, seeds, options.numbers)
    if not trials:
        print(f"No chapter {', '.join(options.numbers)}.", file=sys.stderr)
        return 1
    found = failures(trials)
    count = len({(trial.script, sentence) for trial in trials for sentence, _ in trial.claims})
    chapters = len({trial.script for trial in trials if trial.script.endswith("/chapter.py")})
    print("\n".join(found), end="\n" if found else "")
    print(
        f"{count} claims in {chapters} chapters under seeds {seeds[0]} to {seeds[-1]}: "
        f"{'all hold.' if not found else f'{len(found)} problems.'}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
