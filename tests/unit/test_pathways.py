"""The published case studies: our models against what the paper's programs and our reference give, and the studies."""

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.docalculus import identify
from causalcourse.errors import CourseError, DataError
from causalcourse.worlds import pathways, studies

MANY = 400_000
XS = [f"X{i}" for i in range(1, 6)]


def same(one, two):
    arcs = [set(map(frozenset, g.bidirected)) for g in (one, two)]
    return set(one.directed) == set(two.directed) and arcs[0] == arcs[1]


def test_many_causes_have_almost_no_effect_and_look_as_if_they_had():
    model = pathways.many_causes()
    data = model.sample(MANY, rng("many"))
    none, all_five = ((data[XS] == k).all(axis=1) for k in (0, 1))
    assert data.loc[all_five, "Y"].mean() - data.loc[none, "Y"].mean() == pytest.approx(0.451, abs=0.01)
    acted = [model.do(**dict.fromkeys(XS, k)).sample(MANY, rng("acted")).Y.mean() for k in (0, 1)]
    assert acted == pytest.approx([0.2180, 0.2227], abs=0.003)
    assert same(pathways.MANY_CAUSES.project([*XS, "M", "Y"]), model.graph)


@pytest.mark.parametrize(("cause", "truth"), [("EGFR", 0.3114), ("Sil6r", 0.2111)])
def test_the_storm_under_two_drugs(cause, truth):
    model = pathways.sars()
    assert same(pathways.SARS, model.graph)
    assert identify(pathways.SARS, f"cytok | do({cause})").proof.verify()
    assert model.do(**{cause: 20}).sample(MANY, rng("storm")).cytok.mean() == pytest.approx(truth, abs=0.004)


def test_the_napkin_with_numbers():
    model = pathways.napkin()
    assert same(pathways.NAPKIN, model.graph)
    acted = [model.do(X=k).sample(MANY, rng("napkin")).Y.mean() for k in (0, 1)]
    assert acted == pytest.approx([2.5, 5.5], abs=0.06)


# the means of the paper's first stored data set
SEEN = {"SOS": 45.97, "Ras": 47.57, "PI3K": 63.53, "AKT": 56.04, "Raf": 35.72, "Mek": 77.76, "Erk": 88.42}
ACTED = {"Ras": 58.29, "PI3K": 66.75, "AKT": 57.30, "Raf": 40.25, "Mek": 79.97, "Erk": 88.84}


@pytest.mark.parametrize(("actions", "means"), [({}, SEEN), ({"SOS": 70}, ACTED)])
def test_simulated_cells_have_the_published_means(actions, means):
    cells = pathways.igf(600, rng("cells"), **actions)
    assert cells[list(means)].mean().to_numpy() == pytest.approx(list(means.values()), abs=1.5)
    assert ((cells >= 0) & (cells.drop(columns=["EGF", "IGF"]) <= 100).all(axis=None)).all(axis=None)


def test_the_growth_factors_leave_an_arc():
    seen = pathways.IGF.project([n for n in pathways.IGF.nodes if n not in ("EGF", "IGF")])
    assert set(map(frozenset, seen.bidirected)) == {frozenset(("SOS", "PI3K"))}
    assert identify(seen, "Erk | do(SOS)")


def test_the_papers_estimates_stand_beside_their_sizes():
    table = pathways.paper()
    assert set(table["n"]) <= {15, 30, 60, 100, 200, 300}
    assert table["mean"].notna().all()


@pytest.mark.parametrize("name", studies.STUDIES)
def test_a_study_says_what_made_it_and_can_be_read(name):
    table = studies.study(name)
    assert len(table) >= 25
    first = (studies.FOLDER / "studies" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"# made by: python -m studies.{name}")


def test_a_stored_row_is_what_the_study_computes():
    consistency = pytest.importorskip("studies.consistency")
    stored = studies.study("consistency")
    assert set(consistency.WAYS) < set(stored["way"]) and stored["estimate"].notna().mean() > 0.99
    name, n, seed = "front door", 100, 3
    again = pd.DataFrame(consistency.effects(name, n, seed, consistency.telling(name)))
    stored = stored[(stored["graph"] == name) & (stored["n"] == n) & (stored["seed"] == seed)]
    tables = again["way"] != "normal, network"  # a climb of many steps may end elsewhere with another torch
    assert np.allclose(stored["estimate"][tables.to_numpy()], again["estimate"][tables], atol=2e-3, equal_nan=True)


def test_a_stored_bias_is_what_two_hundred_data_sets_say():
    bias = pytest.importorskip("studies.bias")
    stored = studies.study("bias").set_index(["graph", "n"]).loc[("back door", 300)]
    (again,) = bias.bias("back door", 300, bias.telling("back door"))
    assert again["bias"] == pytest.approx(stored["bias"], abs=1e-4)
    assert again["error of it"] == pytest.approx(stored["error of it"], abs=1e-4)


def test_another_study_is_refused():
    with pytest.raises(CourseError, match="Did you mean 'spread'"):
        studies.study("spraed")


def test_a_missing_study_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(studies, "FOLDER", tmp_path)
    with pytest.raises(DataError, match="make study"):
        studies.study("guides")
