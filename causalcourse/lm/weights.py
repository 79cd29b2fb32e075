"""Trained models that come with the course, each with the recipe that made it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from causalcourse.engines.mechanism import library
from causalcourse.errors import DataError, ModelError, did_you_mean
from causalcourse.lm.model import GPT, Shape, to_numpy
from causalcourse.lm.town import Town, check_town
from causalcourse.lm.train import check_model

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FOLDER: Traversable = files("causalcourse") / "data" / "weights"
_CURE = "Install the package again, or fetch the file again from the repository."


def load(name: str = "town", folder: Traversable = FOLDER) -> tuple[GPT, Town]:
    """The model that was trained on walks through a town, and the town. Its weights are checked by their SHA-256.

    Raises DataError and CannotAnswer as `model` does. Taught in chapter 12.
    """
    town = recipe(name, folder).get("town")
    if town is None:
        raise DataError(f"The model '{name}' has read of no town. Try model({name!r}).")
    try:
        read = Town(town["size"], frozenset(map(tuple, town["walls"])), town["start"])
    except (KeyError, TypeError, ModelError):
        raise _damaged(name, "what it says of the town makes none") from None
    return model(name, folder), read


def model(name: str, folder: Traversable = FOLDER) -> GPT:
    """A trained model; its weights are checked by their SHA-256.

    Raises DataError for a name that is none, or a file that is missing or damaged; CannotAnswer without the package
    safetensors. Taught in chapter 12.
    """
    made = recipe(name, folder)
    try:
        content = (_folder(folder) / f"{name}.safetensors").read_bytes()
    except OSError as error:
        raise DataError(f"The weights '{name}' cannot be read ({type(error).__name__}). {_CURE}") from None
    if hashlib.sha256(content).hexdigest() != made["sha256"]:
        raise DataError(
            f"The weights '{name}' are damaged: their contents are not the ones this course ships "
            f"(their SHA-256 checksum differs). {_CURE}"
        )
    load_bytes = library("safetensors.numpy").load
    try:
        stored = load_bytes(content)
        found = GPT(Shape(**made["shape"]))
        # copies, because torch takes no array that cannot be written to
        found.load_state_dict({key: torch.from_dlpack(weights.copy()) for key, weights in stored.items()})
    except Exception as error:  # the library has errors of its own, and torch those of all kinds
        raise _damaged(name, f"its shape is not that of the weights ({type(error).__name__})") from None
    return found.eval()


def recipe(name: str = "town", folder: Traversable = FOLDER) -> dict[str, Any]:
    """How weights were made: town, shape, seed, command, steps, seconds, what they reached, and their SHA-256.

    Raises DataError for a name that is none, or a file that is missing or damaged. Taught in chapter 12.
    """
    folder = _folder(folder)
    try:
        known = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    except OSError as error:
        raise DataError(f"There is no folder {str(folder)!r} with weights ({type(error).__name__}). {_CURE}") from None
    if not isinstance(name, str) or name not in known:
        raise DataError(
            f"There are no weights called {name!r}. This course has: {', '.join(known)}." + did_you_mean(name, known)
        )
    try:
        made = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except ValueError:
        raise _damaged(name, "it is no JSON") from None
    except OSError as error:
        raise _damaged(name, f"it cannot be read ({type(error).__name__})") from None
    if not isinstance(made, dict) or not {"shape", "sha256"} <= made.keys():
        raise _damaged(name, "it lacks the shape of the model, or the checksum")
    return made


def _damaged(name: str, why: str) -> DataError:
    return DataError(f"The recipe of the weights '{name}' is damaged: {why}. {_CURE}")


def _folder(folder: Any) -> Traversable:
    if isinstance(folder, str):
        return Path(folder)
    if not hasattr(folder, "iterdir"):
        raise DataError(f"folder= is a folder with weights; got {folder!r}. Leave it out for those of the course.")
    return folder


def save(name: str, model: GPT, town: Town | None, made: dict[str, Any], folder: Path) -> None:
    """Write a model's weights and their recipe, to which shape, town if any, and SHA-256 are added, into a folder.

    The same weights give the same bytes. Raises CannotAnswer without the package safetensors,
    DataError for a name that is none. Used from chapter 12.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise DataError(f"Weights need a name of letters, digits and _, such as 'village'; got {name!r}.")
    check_model(model)
    folder = _folder(folder)
    weights = {key: to_numpy(value) for key, value in model.state_dict().items()}
    content = library("safetensors.numpy").save(weights)
    written = {**made, "shape": asdict(model.shape)}
    if town is not None:
        check_town(town)
        written["town"] = {"size": town.size, "walls": sorted(map(list, town.walls)), "start": town.start}
    written["sha256"] = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(content)
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in written.items())
    (folder / f"{name}.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8", newline="\n")
