"""LaLonde's data: the numbers the literature knows, and no way to load a file that is not the one we ship."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pandas as pd
import pytest

from causalcourse.errors import CourseError
from causalcourse.worlds import lalonde

DATA = Path(lalonde.__file__).parents[1] / "data"
FILES = sorted(lalonde._SHA256)


@pytest.fixture
def copy_of_the_data(tmp_path, monkeypatch):
    for name in FILES:
        shutil.copy(DATA / name, tmp_path / name)
    monkeypatch.setattr(lalonde, "_FOLDER", tmp_path)
    return tmp_path


def difference(men):
    means = men.groupby("treated")["earnings_1978"].mean()
    return means[1] - means[0]


@pytest.mark.parametrize(
    ("group", "treated", "untreated"),
    [("experiment", 185, 260), ("cps", 0, 15_992), ("observational", 185, 15_992)],
)
def test_every_group_has_as_many_men_as_its_paper_says(group, treated, untreated):
    men = lalonde.load(group)
    assert (men["treated"] == 1).sum() == treated
    assert (men["treated"] == 0).sum() == untreated
    assert len(men) == treated + untreated


def test_the_experiment_gives_its_published_effect():
    assert difference(lalonde.load("experiment")) == pytest.approx(1794.34, abs=0.005)


def test_the_naive_comparison_is_far_off_and_has_the_wrong_sign():
    assert difference(lalonde.load("observational")) == pytest.approx(-8497.5, abs=0.05)


def test_the_trained_men_are_the_same_in_both_comparisons():
    experiment, observational = lalonde.load("experiment"), lalonde.load("observational")
    pd.testing.assert_frame_equal(
        experiment[experiment["treated"] == 1].reset_index(drop=True),
        observational[observational["treated"] == 1].reset_index(drop=True),
    )


@pytest.mark.parametrize("group", ["experiment", "cps", "observational"])
def test_columns_are_plain_complete_and_in_range(group):
    men = lalonde.load(group)
    assert list(men.columns) == ["treated", *lalonde.BEFORE, "earnings_1978"]
    assert men.notna().all(axis=None)
    assert men[["treated", "black", "hispanic", "married", "no_degree"]].isin([0, 1]).all(axis=None)
    assert men["age"].between(16, 55).all()
    assert (men.filter(like="earnings") >= 0).all(axis=None)


def test_the_survey_caps_the_earnings_of_1978_and_the_experiment_does_not():
    survey, experiment = lalonde.load("cps")["earnings_1978"], lalonde.load("experiment")["earnings_1978"]
    assert (survey == survey.max()).mean() == pytest.approx(0.26, abs=0.005)
    assert experiment.max() > survey.max()


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_noticed(name, copy_of_the_data):
    content = bytearray((copy_of_the_data / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy_of_the_data / name).write_bytes(content)
    with pytest.raises(CourseError, match=f"{name} is damaged"):
        lalonde.load("observational")


@pytest.mark.parametrize("name", FILES)
def test_other_numbers_in_a_sound_file_are_noticed(name, copy_of_the_data):
    text = gzip.decompress((copy_of_the_data / name).read_bytes())
    (copy_of_the_data / name).write_bytes(gzip.compress(text + text.splitlines()[-1] + b"\n"))
    with pytest.raises(CourseError, match=f"{name} is damaged"):
        lalonde.load("observational")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_its_cure(name, copy_of_the_data):
    (copy_of_the_data / name).unlink()
    with pytest.raises(CourseError, match=rf"{name} cannot be read.*[Ii]nstall the package again"):
        lalonde.load("observational")


def test_an_unknown_group_is_refused_with_the_nearest_name():
    with pytest.raises(CourseError, match="Did you mean 'experiment'"):
        lalonde.load("experment")


def test_whoever_changes_a_table_changes_only_their_own():
    mine = lalonde.load("experiment")
    mine["earnings_1978"] = 0.0
    assert difference(lalonde.load("experiment")) > 1000


def test_the_readme_of_the_data_gives_the_checksums_that_are_checked():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert all(name in text and digest in text for name, digest in lalonde._SHA256.items())
