"""What the learner has done, in one small file that two notebooks may write at once; no fault is fatal."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCK_SECONDS = 2.0

Change = Callable[[dict[str, Any]], None]

_pending: list[Change] = []  # what is done and not yet in the file; it is written with the next change
_unsaved: dict[str, Any] = {}  # what stands in for the file where there is none
_said: set[str] = set()
_notices: list[str] = []
_guard = threading.RLock()


def passed(id: str) -> None:
    """Remember that exercise `id` was answered rightly; it is never forgotten again. Used from chapter 00."""
    _apply(lambda data: _entry(data, id).update(passed=True, attempts=_count(_entry(data, id), "attempts") + 1))


def attempted(id: str) -> None:
    """Remember one more answer to exercise `id` that was not yet right. Used from chapter 00."""
    _apply(lambda data: _entry(data, id).update(attempts=_count(_entry(data, id), "attempts") + 1))


def hinted(id: str, given: int) -> None:
    """Remember that `given` hints of exercise `id` have been shown. Used from chapter 00."""
    _apply(lambda data: _entry(data, id).update(hints=max(given, _count(_entry(data, id), "hints"))))


def predicted(id: str, key: str) -> None:
    """Remember the option chosen at the prediction `id`. Used from chapter 00."""
    _apply(lambda data: data["predictions"].update({id: key}))


def hints_given(id: str) -> int:
    """How many hints of exercise `id` have been shown so far. Used from chapter 00."""
    return _count(read()["exercises"].get(id, {}), "hints")


def done() -> frozenset[str]:
    """The ids of the exercises answered rightly. Used from chapter 00."""
    entries = read()["exercises"]
    return frozenset(id for id, entry in entries.items() if entry.get("passed") is True)


def notices() -> list[str]:
    """What the learner should hear about the file, once; the list is emptied. Used from chapter 00."""
    with _guard:
        heard = list(_notices)
        _notices.clear()
    return heard


def where() -> Path | None:
    """The file, or None when it is switched off or there is no home folder. Used from chapter 00."""
    if os.environ.get("CAUSALCOURSE_PROGRESS", "").lower() == "off":
        return None
    try:
        home = os.environ.get("CAUSALCOURSE_HOME")
        return (Path(home).expanduser() if home else Path.home() / ".causalcourse") / "progress.json"
    except RuntimeError:
        _say("There is no home folder here, so your progress is kept only until the kernel stops.")
        return None


def read() -> dict[str, Any]:
    """Everything remembered, with what is not yet in the file. Used from chapter 00."""
    with _guard:
        file = where()
        data = _empty() if file is None else _load(file, set_aside=False)
        if file is None:
            data = _sound(json.loads(json.dumps(_unsaved))) or _empty()
        for change in _pending:
            change(data)
        return data


def _apply(change: Change) -> None:
    with _guard:
        file = where()
        if file is None:
            _sound(_unsaved)
            change(_unsaved)
            return
        _pending.append(change)
        try:
            _write(file)
        except Exception as error:  # a full or read-only disk, a lock held: the check itself has gone well
            if type(error).__name__ != "Timeout":
                _say(
                    f"Your progress cannot be saved in {file.parent} ({type(error).__name__}), so it is kept "
                    "only until the kernel stops. The environment variable CAUSALCOURSE_HOME names another "
                    "folder."
                )


def _write(file: Path) -> None:
    """Read, merge and replace the file under a lock, so that two notebooks at once lose nothing."""
    from filelock import FileLock

    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(file) + ".lock", timeout=LOCK_SECONDS):
        data = _load(file, set_aside=True)
        for change in _pending:
            change(data)
        part = file.with_name(file.name + ".part")  # only the holder of the lock writes it
        with part.open("w", encoding="utf-8") as stream:
            json.dump(data, stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    _pending.clear()
    if "google.colab" in sys.modules:
        _say("On Colab your progress is kept until this session ends.")


def _load(file: Path, set_aside: bool) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")  # an editor may have put a byte-order mark there
    except FileNotFoundError:
        return _empty()
    except (UnicodeDecodeError, IsADirectoryError):
        text = ""
    except OSError:
        if not set_aside:
            return _empty()
        raise
    try:
        data = _sound(json.loads(text))
    except (ValueError, RecursionError):
        data = None
    if data is None and set_aside:
        _put_aside(file)
    return data if data is not None else _empty()


def _put_aside(file: Path) -> None:
    number = 1
    while (aside := file.with_name(f"progress.damaged-{number}.json")).exists():
        number += 1
    os.replace(file, aside)
    _say(
        f"Your progress file could not be read. It is kept as {aside.name} in {file.parent}, and a new one is begun.",
        again=True,
    )


def _empty() -> dict[str, Any]:
    return {"version": 1, "exercises": {}, "predictions": {}}


def _sound(data: Any) -> dict[str, Any] | None:
    """`data` with the parts this version needs; None when it is not a record at all. Unknown fields stay."""
    if not isinstance(data, dict):
        return None
    for part, empty in _empty().items():
        if part != "version" and not isinstance(data.setdefault(part, empty), dict):
            return None
    data.setdefault("version", 1)
    return data if all(isinstance(entry, dict) for entry in data["exercises"].values()) else None


def _entry(data: dict[str, Any], id: str) -> dict[str, Any]:
    return data["exercises"].setdefault(id, {})


def _count(entry: dict[str, Any], field: str) -> int:
    number = entry.get(field, 0)
    return number if type(number) is int else 0


def _say(text: str, again: bool = False) -> None:
    if again or text not in _said:
        _said.add(text)
        _notices.append(text)
