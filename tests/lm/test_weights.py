"""The weights that ship are those of their recipe, whole, small, and good at what they are for."""

from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import DataError
from causalcourse.lm.coherence import coherence, detour_walks, legality

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from causalcourse.lm.model import GPT, Shape  # noqa: E402
from causalcourse.lm.town import MOVES, Town  # noqa: E402
from causalcourse.lm.train import loss, train  # noqa: E402
from causalcourse.lm.weights import FOLDER, load, recipe, save  # noqa: E402
from studies.weights import HASTE, outcomes_right  # noqa: E402


@pytest.fixture(scope="module")
def shipped() -> tuple[GPT, Town]:
    return load("town")


@pytest.fixture(scope="module")
def commuter() -> tuple[GPT, Town]:
    return load("commuter")


@pytest.fixture(scope="module")
def hurried(commuter) -> np.ndarray:
    return detour_walks(commuter[1], rng("ways that nobody trained on"), HASTE, "across", 300, MOVES)


@pytest.fixture(scope="module")
def walks(shipped) -> np.ndarray:
    return shipped[1].walks(300, MOVES, rng("walks that nobody trained on"))


def test_the_shipped_model_knows_what_comes_of_a_move(shipped, walks):
    model, _ = shipped
    right = outcomes_right(model.predict, walks)
    assert right.mean() > 0.998 and right[-6:].mean() > 0.995


def test_the_shipped_commuter_knows_its_own_roads_and_holds_no_map(commuter, hurried, walks):
    model, town = commuter
    own, off = (legality(model.predict, town, w).value for w in (hurried, walks[:100]))
    assert own > 0.995 and off < 0.9
    assert coherence(model.predict, town, rng("commuter's pairs"), pairs=40).compression.value < 0.4


def test_the_loss_in_the_recipe_is_that_of_the_weights(shipped, commuter, walks, hurried):
    for name, model, texts in (("town", shipped[0], walks), ("commuter", commuter[0], hurried)):
        with torch.no_grad():
            found = loss(model, model.tensor(texts)).item()
        assert found == pytest.approx(recipe(name)["loss"], abs=0.015)


def test_the_shipped_town_is_the_one_the_recipes_name(shipped, commuter, monkeypatch):
    monkeypatch.delenv("CAUSALCOURSE_SEED", raising=False)
    assert shipped[1] == commuter[1] == Town.random(rng("town"))


def test_all_weights_together_are_under_five_megabytes():
    sizes = {entry.name: len(entry.read_bytes()) for entry in FOLDER.iterdir()}
    models = {name.removesuffix(".safetensors") for name in sizes if not name.endswith(".json")}
    assert models == {"town", "commuter", "parameters", "prompt"} and sum(sizes.values()) < 5_000_000


def test_every_file_of_weights_has_a_recipe_that_says_how_it_was_made():
    names = {
        entry.name.removesuffix(".safetensors") for entry in FOLDER.iterdir() if entry.name.endswith(".safetensors")
    }
    for name in names:
        made = recipe(name)
        assert {"command", "seed", "shape", "steps", "seconds", "sha256"} <= set(made) and {"loss", "error"} & set(made)
        content = (FOLDER / f"{name}.safetensors").read_bytes()
        assert hashlib.sha256(content).hexdigest() == made["sha256"]


def test_weights_saved_and_loaded_are_the_same_model(tmp_path, walks):
    model, town = GPT(Shape(7, 49, 2, 2, 16), rng("saved")), Town.random(rng("other"), 4)
    save("mine", model, town, {"seed": "saved"}, tmp_path)
    again, there = load("mine", tmp_path)
    assert there == town and again.shape == model.shape and recipe("mine", tmp_path)["seed"] == "saved"
    assert np.array_equal(again.predict(walks), model.predict(walks))
    first = (tmp_path / "mine.safetensors").read_bytes()
    save("mine", model, town, {"seed": "saved"}, tmp_path)
    assert (tmp_path / "mine.safetensors").read_bytes() == first


def test_a_changed_byte_is_an_error_and_never_a_changed_model(tmp_path):
    for ending in ("json", "safetensors"):
        shutil.copy(str(FOLDER / f"town.{ending}"), tmp_path)
    path = tmp_path / "town.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="are damaged"):
        load("town", tmp_path)
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        load("town", tmp_path)
    (tmp_path / "town.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="no JSON"):
        load("town", tmp_path)


def test_a_name_that_is_none_is_refused_with_one_like_it():
    with pytest.raises(DataError, match="Did you mean 'town'"):
        load("twon")


@pytest.mark.slow
def test_a_model_retrained_at_reduced_size_comes_to_the_same_conclusion():
    """It predicts what comes of a move far better than where the walker is not known, by a map it made itself."""
    town, stream = Town.random(rng("village"), size=3), rng("retrained")
    model = GPT(Shape(7, 17, 2, 2, 32), stream)
    train(model, lambda n: town.walks(n, 8, stream), 500, batch=32, rng=stream)
    walks = town.walks(300, 8, rng("new"))
    right = outcomes_right(model.predict, walks)
    blind = max((walks[:, 2::2] == outcome).mean() for outcome in np.unique(walks[:, 2::2]))
    assert right.mean() > blind + 0.3 and right.mean() > 0.9


@pytest.mark.parametrize(
    "changed",
    [
        {"shape": None},
        {"shape": {"vocab": 7}},
        {"shape": {"vocab": 8, "length": 49}},
        {"sha256": 5},
        {"town": {}},
        {"town": 5},
        {"town": {"size": 6, "walls": [[0, 9]], "start": 21}},
        {"sha256": hashlib.sha256(b"no weights").hexdigest()},
    ],
)
def test_a_recipe_that_does_not_fit_is_damaged_and_never_another_model(changed, tmp_path):
    content = b"no weights" if len(str(changed.get("sha256"))) > 9 else (FOLDER / "town.safetensors").read_bytes()
    (tmp_path / "town.safetensors").write_bytes(content)
    (tmp_path / "town.json").write_text(json.dumps({**recipe("town"), **changed}), encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        load("town", tmp_path)


@pytest.mark.parametrize("text", ["[]", "5", "null", "{}"])
def test_json_that_is_no_recipe_is_refused(text, tmp_path):
    (tmp_path / "town.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        load("town", tmp_path)


def test_a_folder_or_a_name_that_is_none_is_refused(tmp_path):
    assert recipe("town", str(FOLDER)) == recipe("town")
    for folder in (None, 5, "nowhere", tmp_path / "nowhere"):
        with pytest.raises(DataError, match="folder"):
            load("town", folder)
    with pytest.raises(DataError, match="need a name"):
        save("../up", GPT(Shape(7, 9, 1, 1, 4)), None, {}, tmp_path)
