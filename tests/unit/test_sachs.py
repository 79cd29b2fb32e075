"""The cells of Sachs et al.: as many as the paper has, as the source gives them, and no other file."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from causalcourse.errors import CourseError
from causalcourse.graph import as_graph
from causalcourse.worlds import sachs

DATA = Path(sachs.__file__).parents[1] / "data"
FILES = sorted(sachs._SHA256)


@pytest.fixture
def copy_of_the_data(tmp_path, monkeypatch):
    for name in FILES:
        shutil.copy(DATA / name, tmp_path / name)
    monkeypatch.setattr(sachs, "_FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("condition", "cells"), [("seeing", 853), ("mek_inhibitor", 799)])
def test_every_condition_has_as_many_cells_as_its_source_says(condition, cells):
    table = sachs.load(condition)
    assert table.shape == (cells, 11)
    assert tuple(table.columns) == sachs.MOLECULES


@pytest.mark.parametrize("condition", ["seeing", "mek_inhibitor"])
def test_every_measurement_is_a_finite_number_of_at_least_one(condition):
    table = sachs.load(condition)
    assert np.isfinite(table.to_numpy()).all()
    assert table.to_numpy().min() >= 1  # so that its logarithm exists
    assert (table.nunique() > 100).all()


def test_the_first_cell_is_the_first_cell_of_the_published_table():
    assert list(sachs.load().iloc[0]) == [26.4, 13.2, 8.82, 18.3, 58.8, 6.61, 17.0, 414.0, 17.0, 44.9, 40.0]


def test_blocking_mek_lowers_erk_and_the_two_conditions_are_different_cells():
    seeing, blocked = sachs.load().median(), sachs.load("mek_inhibitor").median()
    assert blocked["Erk"] < seeing["Erk"] / 4
    assert blocked["Mek"] > 10 * seeing["Mek"]  # what is measured is its phosphorylated form, not its work


@pytest.mark.filterwarnings("ignore")
def test_the_drawing_is_the_one_that_pgmpy_ships():
    from pgmpy.utils import get_example_model  # its successor, load_model, fetches the model from the network

    theirs = as_graph(get_example_model("sachs"))
    assert set(sachs.network().directed) == set(theirs.directed)
    assert len(theirs.directed) == 17


@pytest.mark.parametrize("name", FILES)
def test_other_numbers_in_a_sound_file_are_noticed(name, copy_of_the_data):
    text = gzip.decompress((copy_of_the_data / name).read_bytes())
    (copy_of_the_data / name).write_bytes(gzip.compress(text + text.splitlines()[-1] + b"\n"))
    with pytest.raises(CourseError, match=f"{name} is damaged"):
        sachs.load(name.removeprefix("sachs_").removesuffix(".csv.gz"))


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_its_cure(name, copy_of_the_data):
    (copy_of_the_data / name).unlink()
    with pytest.raises(CourseError, match=rf"{name} cannot be read.*[Ii]nstall the package again"):
        sachs.load(name.removeprefix("sachs_").removesuffix(".csv.gz"))


def test_an_unknown_condition_is_refused_with_the_nearest_name():
    with pytest.raises(CourseError, match="Did you mean 'mek_inhibitor'"):
        sachs.load("mek_inhibiter")


def test_whoever_changes_a_table_changes_only_their_own():
    mine = sachs.load()
    mine["Raf"] = 0.0
    assert sachs.load()["Raf"].min() >= 1


def test_the_readme_of_the_data_gives_the_checksums_that_are_checked():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert all(name in text and digest in text for name, digest in sachs._SHA256.items())
