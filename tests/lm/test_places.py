"""Chapter 13's studies: their worlds are what they are named, and a stored row is what the study computes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.docalculus import is_identifiable
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.lm.corpus import Corpus
from causalcourse.lm.family import NAMES, Question, Worlds, questions
from causalcourse.worlds import studies

torch = pytest.importorskip("torch")
pytest.importorskip("joblib")

from causalcourse.lm.causal import CausalTransformer  # noqa: E402
from causalcourse.lm.in_context import Prompts  # noqa: E402
from causalcourse.lm.model import GPT, Shape  # noqa: E402
from studies import efficiency, places  # noqa: E402

KINDS = tuple(places.DRAWINGS)


def stored(name: str) -> pd.DataFrame:
    if not (studies.FOLDER / "studies" / f"{name}.csv").is_file():
        pytest.skip(f"the study '{name}' is not stored yet")
    return studies.study(name)


@pytest.fixture
def untrained(monkeypatch) -> None:
    """Every model of the studies as it is before its training."""

    def blank(words: int, length: int) -> GPT:
        return GPT(Shape(words, length, 1, 2, 8), rng("blank"))

    prompts = Prompts()
    reader = blank(len(prompts.vocabulary.words), prompts.length)
    monkeypatch.setattr(Corpus, "learn", lambda c, *_, **__: blank(len(c.vocabulary.words), c.length))
    monkeypatch.setattr(CausalTransformer, "fit", lambda *_, **__: None)
    monkeypatch.setattr(places, "reader", lambda *_, **__: reader)
    monkeypatch.setattr(places, "shipped", lambda *_, **__: reader)


@pytest.mark.parametrize("kind", KINDS)
def test_in_each_world_of_the_study_seeing_is_not_doing(kind):
    drawing, cause, effect = places.DRAWINGS[kind]
    first = []
    for seed in range(places.SEEDS):
        worlds, asked = places.world(kind, seed)
        assert len(worlds) == 1 and set(worlds.graph(0).directed) == set(as_graph(drawing).directed)
        assert hidden(worlds.graph(0)) == hidden(drawing)
        assert len(asked) == 8 and {(q.cause, q.effect) for q in asked} == {(cause, effect)}
        seen, done = (np.array([worlds.answers(q)[0] for q in asked if q.rung == rung]) for rung in (1, 2))
        assert np.abs(seen - done).mean() >= places.GAP
        first.append(worlds.joint()[0])
    assert len(np.unique(np.round(first, 6), axis=0)) == places.SEEDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_kinds_of_worlds_are_what_they_are_called_and_a_wrong_drawing_is_wrong(kind):
    drawing, cause, effect = places.DRAWINGS[kind]
    x, y = NAMES[cause], NAMES[effect]
    right, wrong = as_graph(drawing), as_graph(places.WRONG[kind])
    assert is_identifiable(right, f"{y} | do({x})") == (kind != "hidden, not identified")
    assert bool(right.bidirected) == ("nothing hidden" not in kind)
    assert right != wrong and not wrong.bidirected
    # whoever believes the wrong drawing gives an answer, and another one
    assert is_identifiable(wrong, f"{y} | do({x})")


def all_parts(seed: int) -> pd.DataFrame:
    return pd.DataFrame([row for part in (*KINDS, "readers") for row in places.errors(seed, part)])


def test_a_study_has_every_model_in_every_world_on_every_rung(untrained):
    table = all_parts(1)
    models = set(map(tuple, table[["place", "model"]].drop_duplicates().to_numpy()))
    assert len(models) == 2 + 4 + 2 + 4 and len(table) == 3 * (3 * 12 + 2 * 8)  # readers know three variables
    assert {place for place, _ in models} == {"control", "data", "architecture", "parameters", "prompt"}
    assert not table.duplicated(["world", "place", "model", "rung"]).any() and set(table["world"]) == set(KINDS)
    assert table["error"].between(0, 1).all() and set(table["rung"]) == {1, 2, 3}


def test_the_study_of_records_has_every_model_on_two_rungs(untrained):
    table = pd.DataFrame(efficiency.errors(1, 50))
    models = ["counting", "no drawing", "right drawing", "all arrows"]
    assert table[["model", "rung"]].to_numpy().tolist() == [[model, rung] for rung in (1, 2) for model in models]
    assert table["error"].between(0, 1).all()


def test_in_the_worlds_of_the_study_of_records_nothing_is_hidden_and_seeing_is_not_doing():
    for seed in range(efficiency.SEEDS):
        worlds = efficiency.world(seed)
        seen, done = (np.stack([worlds.answers(q) for q in questions(5, rung)]) for rung in (1, 2))
        assert not worlds.arcs.any() and np.abs(seen - done).mean() >= efficiency.GAP


def hidden(drawing: CausalGraph | str) -> set[frozenset[str]]:
    """The pairs that have an arc."""
    return set(map(frozenset, as_graph(drawing).bidirected))


def test_a_reader_is_trained_as_its_name_says(monkeypatch):
    read = []
    monkeypatch.setattr(places, "learn", lambda p, worlds, rng, steps, told=0.0: read.append((worlds, told)))
    for name in ("parameters", "prompt"):
        places.reader(name, 0)
    (plain, none), (lots, some) = read
    assert not plain.arcs.any() and none == 0 and 0 < some < 1
    assert lots[0].arcs.any() and [hidden(lot.graph(0)) for lot in lots[1:]] == [*map(hidden, places.OFTEN)]


def apart() -> Worlds:
    """A world with nothing hidden in which seeing and doing differ by a fifth, and every state of A, B is common."""
    drawn = Worlds.of("A -> B; A -> C; B -> C", 400, rng("seeing is not doing"))
    seen, done = (np.stack([drawn.answers(Question(r, 1, 2, v)) for v in (0, 1)]) for r in (1, 2))
    common = drawn.joint().reshape(-1, 4, 2).sum(axis=2).min(axis=1)
    best = np.argmax(np.where(np.abs(seen - done).mean(axis=0) > 0.2, common, 0))
    assert common[best] > 0.03
    return drawn.take(int(best))


@pytest.mark.slow
def test_records_teach_a_plain_model_seeing_and_one_with_the_drawing_doing():
    worlds, corpus, stream = apart(), Corpus(3), rng("seeing is not doing, trained")
    asked = [Question(2, 1, 2, value) for value in (0, 1)]
    seen, done = (np.array([worlds.answers(Question(r, 1, 2, v))[0] for v in (0, 1)]) for r in (1, 2))
    units = worlds.sample(0, 5_000, stream)
    plain = corpus.learn(corpus.records(units, stream), stream, steps=250, batch=128)
    said = corpus.ask(plain, asked, nearest=True)
    assert np.abs(said - seen).mean() < 0.5 * np.abs(said - done).mean()
    drawn = CausalTransformer(worlds.graph(0), rng=stream)
    drawn.fit(pd.DataFrame(units, columns=list("ABC")), rng=stream)
    told = np.array([drawn.ask(str(q)) for q in asked])
    assert np.abs(told - done).mean() < 0.03


def test_the_stored_places_have_five_seeds_three_kinds_and_every_model(untrained):
    table, again = stored("places"), all_parts(0)
    assert table["seed"].nunique() >= 5 and set(table["world"]) == set(KINDS)
    assert not table.duplicated(["seed", "world", "place", "model", "rung"]).any()
    key = ["world", "place", "model", "rung"]
    for _, rows in table.groupby("seed"):
        assert set(map(tuple, rows[key].to_numpy())) == set(map(tuple, again[key].to_numpy()))
    assert table["error"].between(0, 1).all()


def test_the_stored_falls_have_five_seeds_every_size_and_every_model():
    table = stored("efficiency")
    assert table["seed"].nunique() >= 5 and set(table["records"]) == set(efficiency.SIZES)
    assert set(table["model"]) == {"counting", "no drawing", "right drawing", "all arrows"}
    assert set(table["rung"]) == {1, 2}
    assert not table.duplicated(["seed", "records", "model", "rung"]).any()
    assert len(table) == table["seed"].nunique() * len(efficiency.SIZES) * 8 and table["error"].between(0, 1).all()


def rungs(answers: np.ndarray, worlds: Worlds, asked: list[Question]) -> list[float]:
    """The mean error on each rung."""
    off = np.abs(answers - np.array([worlds.answers(q)[0] for q in asked]))
    return [off[[q.rung == rung for q in asked]].mean() for rung in (1, 2, 3)]


def assert_stored(place: str, model: str, kind: str, found: list[float], slack: float) -> None:
    table = stored("places").set_index(["seed", "world", "place", "model", "rung"])["error"].sort_index()
    assert found == pytest.approx(table.loc[(0, kind, place, model)].to_numpy(), abs=slack)


def test_a_stored_row_of_the_architecture_is_what_the_study_computes():
    stored("places")
    worlds, asked = places.world("nothing hidden", 0)
    for place, model, answers in places.from_drawings("nothing hidden", worlds, asked, 0):
        # another torch rounds otherwise, and a training may end a little elsewhere
        assert_stored(place, model, "nothing hidden", rungs(answers, worlds, asked), 0.005)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[:1])
def test_a_stored_row_of_a_control_is_what_the_study_computes(kind):
    stored("places")
    worlds, asked = places.world(kind, 0)
    place, model, answers = next(places.from_texts(worlds, asked, 0))
    assert (place, model) == ("control", "records")
    assert_stored(place, model, kind, rungs(answers, worlds, asked), 0.02)


@pytest.mark.slow
def test_a_stored_fall_is_what_the_study_computes():
    table = stored("efficiency").set_index(["seed", "records", "model", "rung"])["error"].sort_index()
    for row in efficiency.errors(0, efficiency.SIZES[0]):
        kept = table.loc[(0, efficiency.SIZES[0], row["model"], row["rung"])]
        assert row["error"] == pytest.approx(kept, abs=0.02 if row["model"] == "no drawing" else 0.01)
