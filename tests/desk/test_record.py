"""What was done is remembered, by any number of notebooks, on any disk, and never at the price of a check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from filelock import FileLock

from causalcourse.checks import record


def stored(home):
    return json.loads((home / "progress.json").read_text(encoding="utf-8"))


def test_what_was_done_is_in_the_file(home):
    record.attempted("00.1")
    record.passed("00.1")
    record.hinted("00.2", 2)
    record.predicted("00.a", "b")
    assert stored(home)["exercises"] == {"00.1": {"attempts": 2, "passed": True}, "00.2": {"hints": 2}}
    assert stored(home)["predictions"] == {"00.a": "b"}
    assert record.done() == {"00.1"}
    assert record.hints_given("00.2") == 2
    assert record.hints_given("07.7") == 0
    assert [p.name for p in home.iterdir() if p.suffix == ".part"] == []


def test_half_a_character_does_not_stop_the_saving(home):
    record.predicted("00.\udce9", "a")
    record.passed("00.1")
    assert stored(home)["exercises"] == {"00.1": {"attempts": 1, "passed": True}}
    assert record.done() == {"00.1"}


def test_a_byte_order_mark_left_by_an_editor_is_no_damage(home):
    record.passed("00.1")
    file = home / "progress.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    record.passed("00.2")
    assert record.done() == {"00.1", "00.2"}
    assert record.notices() == []


def test_a_pass_is_not_lost_by_a_later_wrong_answer_nor_a_hint_by_an_earlier_one():
    record.passed("00.1")
    record.attempted("00.1")
    record.hinted("00.1", 3)
    record.hinted("00.1", 1)
    assert record.done() == {"00.1"}
    assert record.hints_given("00.1") == 3


def test_fields_of_a_newer_version_are_kept(home):
    home.mkdir()
    newer = {"version": 9, "exercises": {"00.1": {"passed": True, "stars": 4}}, "garden": ["rose"]}
    (home / "progress.json").write_text(json.dumps(newer))
    record.attempted("00.1")
    after = stored(home)
    assert after["garden"] == ["rose"]
    assert after["version"] == 9
    assert after["exercises"]["00.1"] == {"passed": True, "stars": 4, "attempts": 1}


WRITER = """
import sys
from causalcourse.checks import record
record.LOCK_SECONDS = 60
for k in range(15):
    record.passed(f"{sys.argv[1]}.{k}")
    record.attempted("00.1")
"""


def test_two_notebooks_at_once_lose_nothing(home, environment):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, f"{n:02d}"], env=environment) for n in range(1, 6)]
    assert [w.wait(60) for w in writers] == [0] * 5
    assert record.done() == {f"{n:02d}.{k}" for n in range(1, 6) for k in range(15)}
    assert stored(home)["exercises"]["00.1"]["attempts"] == 75


def test_a_notebook_killed_while_writing_damages_nothing(home, environment):
    endless = WRITER.replace("range(15)", "range(10**9)")
    done = frozenset()
    for n in range(5):
        writer = subprocess.Popen([sys.executable, "-c", endless, f"{n:02d}"], env=environment)
        until = time.monotonic() + 20
        while not any(id.startswith(f"{n:02d}.") for id in record.done()) and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.013 * n)
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        now = record.done()
        assert now > done
        done = now
    record.passed("99.1")
    assert record.done() == done | {"99.1"}
    assert record.notices() == []


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"[1, 2]",
        b'{"exercises": []}',
        b'{"exercises": {"00.1": 3}}',
        b"[" * 100_000,
    ],
    ids=[
        "empty",
        "cut off",
        "not text",
        "null",
        "a list",
        "exercises a list",
        "an entry a number",
        "nested for ever",
    ],
)
def test_a_damaged_file_is_set_aside_said_once_and_never_fatal(home, damage):
    home.mkdir()
    (home / "progress.json").write_bytes(damage)
    assert record.done() == frozenset()
    record.passed("00.1")
    record.passed("00.2")
    assert record.done() == {"00.1", "00.2"}
    assert (home / "progress.damaged-1.json").read_bytes() == damage
    [notice] = record.notices()
    assert "progress.damaged-1.json" in notice
    assert record.notices() == []


def test_a_second_damaged_file_does_not_replace_the_first(home):
    home.mkdir()
    for text in ("one", "two"):
        (home / "progress.json").write_text(text)
        record.passed("00.1")
    assert [(home / f"progress.damaged-{n}.json").read_text() for n in (1, 2)] == ["one", "two"]


def test_fields_of_a_wrong_type_do_no_harm(home):
    home.mkdir()
    (home / "progress.json").write_text('{"exercises": {"00.1": {"hints": "many", "attempts": null, "passed": "yes"}}}')
    assert record.hints_given("00.1") == 0
    assert record.done() == frozenset()
    record.passed("00.1")
    assert stored(home)["exercises"]["00.1"] == {"hints": "many", "attempts": 1, "passed": True}


def test_a_folder_where_the_file_should_be_is_set_aside(home):
    (home / "progress.json").mkdir(parents=True)
    record.passed("00.1")
    assert record.done() == {"00.1"}
    assert (home / "progress.damaged-1.json").is_dir()


def only_in_memory():
    record.passed("00.1")
    record.hinted("00.2", 1)
    assert record.done() == {"00.1"}
    assert record.hints_given("00.2") == 1
    return record.notices()


def test_without_a_folder_to_write_in_it_works_in_memory_and_says_so_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CAUSALCOURSE_HOME", str(tmp_path / "file" / "home"))
    [notice] = only_in_memory()
    assert "CAUSALCOURSE_HOME" in notice


def test_on_a_disk_that_refuses_it_works_in_memory_and_catches_up_later(home, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", refuse)
        [notice] = only_in_memory()
        assert "cannot be saved" in notice
    record.passed("00.3")
    assert set(stored(home)["exercises"]) == {"00.1", "00.2", "00.3"}


def test_without_a_home_folder_it_works_in_memory_and_says_so_once(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("CAUSALCOURSE_HOME")
    monkeypatch.setattr(record.Path, "home", no_home)
    [notice] = only_in_memory()
    assert "no home folder" in notice


def test_switched_off_it_reads_and_writes_nothing(home, monkeypatch):
    record.passed("00.7")
    before = (home / "progress.json").read_bytes()
    monkeypatch.setenv("CAUSALCOURSE_PROGRESS", "off")
    assert only_in_memory() == []
    assert (home / "progress.json").read_bytes() == before


def test_on_colab_it_says_once_that_the_disk_goes_with_the_session(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    record.passed("00.1")
    record.passed("00.2")
    assert [("Colab" in notice) for notice in record.notices()] == [True]


def test_a_lock_that_cannot_be_had_loses_nothing(home, monkeypatch):
    monkeypatch.setattr(record, "LOCK_SECONDS", 0.2)
    record.passed("00.1")
    with FileLock(str(home / "progress.json") + ".lock"):
        begun = time.monotonic()
        record.passed("00.2")
        assert time.monotonic() - begun < 2.5
        assert record.done() == {"00.1", "00.2"}
    assert set(stored(home)["exercises"]) == {"00.1"}
    record.passed("00.3")
    assert set(stored(home)["exercises"]) == {"00.1", "00.2", "00.3"}
