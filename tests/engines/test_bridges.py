"""What each library is handed: the same model, and a reason where it cannot be."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.engines import (
    ENGINES,
    CannotAnswer,
    ask,
    compare,
    to_chirho,
    to_dowhy,
    to_gcm,
    to_pgmpy,
    to_pyro,
    truth,
    why_dashes,
)
from causalcourse.errors import CourseError
from causalcourse.noise import Exponential, Finite, Normal, Uniform
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

SEEDS = range(6)
BOW = SCM(
    {"U": [0.5, 0.5], "U_X": [0.8, 0.2], "U_Y": [0.7, 0.3]}, {"X": lambda U, U_X: U ^ U_X, "Y": lambda X, U, U_Y: U_Y}
)


def model(seed: int) -> SCM:
    draw = rng(f"bridge {seed}")
    return random_discrete(random_graph(4, draw, 0.6, 0.4 * (seed % 2)), draw, states=2 + seed % 2)


# --- pgmpy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_network_of_pgmpy_is_valid_and_has_the_models_joint(seed):
    from pgmpy.inference import VariableElimination

    given = model(seed)
    network = to_pgmpy(given)
    assert network.check_model()
    assert set(network.latents) == set(given.latents)
    names = list(given.equations)
    factor = VariableElimination(network).query(names, show_progress=False)
    for values, p in given.joint().items():
        assert factor.get_value(**dict(zip(names, values, strict=True))) == pytest.approx(p, abs=1e-9)


def test_private_noise_leaves_no_node_in_pgmpy():
    assert set(to_pgmpy(clinic.model())) == {"Z", "X", "Y"}
    assert set(to_pgmpy(BOW)) == {"U", "X", "Y"}


@pytest.mark.parametrize("action", [1, Finite([0.25, 0.75]), lambda X: 1 - X, lambda Z: Z])
def test_a_model_that_was_acted_on_can_be_handed_over_too(action):
    acted = clinic.model().do(X=action)
    for name in ("pgmpy", "pyro", "chirho", "dowhy.gcm"):
        value, error = ask(name, acted, "P(Y=1 | Z=0)", 20_000)
        assert abs(value - truth(acted, "P(Y=1 | Z=0)")) <= 4.5 * error + 1e-9


def test_pgmpy_cannot_hold_continuous_noise_nor_values_that_never_occur():
    with pytest.raises(CannotAnswer, match="keeps tables, and the noise 'U'"):
        to_pgmpy(SCM({"U": Normal()}, {"X": lambda U: U}))
    with pytest.raises(CannotAnswer, match="X=7 never occurs"):
        ask("pgmpy", clinic.model(), "P(Y=1 | do(X=7))")
    sure = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X, "Z": lambda U: 1 - U})
    with pytest.raises(CannotAnswer, match="no unit of this model"):
        ask("pgmpy", sure, "P(Z=1 | X=1, Y=0)")


# --- Pyro and ChiRho ---------------------------------------------------------------------------------------------


def test_the_program_has_a_site_for_each_noise_term_and_each_variable():
    import pyro

    trace = pyro.poutine.trace(to_pyro(BOW)).get_trace(7)
    assert [name for name in trace.nodes if name in ("U", "U_X", "U_Y", "X", "Y")] == ["U", "U_X", "U_Y", "X", "Y"]
    assert [trace.nodes[u]["is_observed"] for u in ("U", "X")] == [False, True]
    assert trace.nodes["U"]["value"].shape == trace.nodes["X"]["value"].shape == (7,)


@pytest.mark.parametrize("name", ["Z", "X", "Y"])
def test_poutine_do_acts_on_any_variable_and_only_below_it(name):
    import pyro

    given = clinic.model()
    program = to_pyro(given)
    noise = {u: value for u, value in program(500).items() if u in given.noise}
    acted = pyro.poutine.do(pyro.poutine.condition(program, data=noise), data={name: 1})(500)
    exact = given.do(**{name: 1}).solve({u: value.numpy() for u, value in noise.items()})
    for variable, values in exact.items():
        assert (np.broadcast_to(acted[variable].numpy(), (500,)) == values).all()


def test_both_worlds_of_chirho_share_their_noise():
    import torch
    from chirho.counterfactual.handlers import MultiWorldCounterfactual
    from chirho.indexed.ops import IndexSet, gather
    from chirho.interventional.handlers import do

    given = clinic.model()
    with MultiWorldCounterfactual(), do(actions={"X": torch.tensor(1)}):
        values = to_chirho(given)(500)
        worlds = [{v: gather(values[v], IndexSet(X={i})).reshape(-1).numpy() for v in given.equations} for i in (0, 1)]
    noise = {u: values[u].numpy() for u in given.noise}
    for world, exact in zip(worlds, (given.solve(noise), given.do(X=1).solve(noise)), strict=True):
        assert all((world[v] == exact[v]).all() for v in given.equations)


@pytest.mark.parametrize("engine", ["pyro", "chirho"])
def test_an_answer_leaves_the_random_numbers_of_torch_alone_and_comes_again(engine):
    import torch

    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    once, again = (ask(engine, clinic.model(), "P(Y_{X=0}=1 | X=1)", 500, rng("again")) for _ in range(2))
    assert once == again
    assert (torch.rand(3) == expected).all()


@pytest.mark.parametrize("engine", ["pyro", "chirho"])
def test_a_torch_that_was_built_for_an_older_numpy_does(engine, monkeypatch):
    import torch

    def unavailable(*_: object, **__: object) -> None:
        raise RuntimeError("Numpy is not available")

    expected = ask(engine, clinic.model(), "P(Y_{X=0}=1 | X=1)", 500, rng("old"))
    monkeypatch.setattr(torch.Tensor, "numpy", unavailable)
    monkeypatch.setattr(torch.Tensor, "__array__", unavailable)
    monkeypatch.setattr(torch, "from_numpy", unavailable)
    assert ask(engine, clinic.model(), "P(Y_{X=0}=1 | X=1)", 500, rng("old")) == expected
    ask(engine, clinic.model(), "P(Y=1 | do(X=1), Z=0)", 500)


def test_noise_that_pyro_does_not_know_is_named():
    import scipy.stats

    strange = SCM({"U": scipy.stats.gamma(2)}, {"X": lambda U: U})
    with pytest.raises(CannotAnswer, match=r"'U' is .*no distribution of Pyro"):
        to_pyro(strange)
    assert ask("causalcourse", strange, "E[X]", 20_000).value == pytest.approx(2, abs=0.1)


# --- DoWhy -------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*assumed unobserved")
def test_the_graph_for_dowhy_finds_the_back_door_and_says_no_to_the_bow():
    from dowhy import CausalModel

    given = clinic.model()
    known = CausalModel(given.sample(100, rng("dowhy")), "X", "Y", graph=to_dowhy(given))
    assert known.identify_effect().get_backdoor_variables() == ["Z"]
    bow = CausalModel(BOW.sample(100, rng("dowhy")), "X", "Y", graph=to_dowhy(BOW))
    assert not any(bow.identify_effect().estimands[way] for way in ("backdoor", "iv", "frontdoor"))


@pytest.mark.parametrize("seed", SEEDS)
def test_samples_of_gcm_have_the_models_joint(seed):
    from dowhy import gcm

    given = model(seed)
    units = gcm.draw_samples(to_gcm(given, rng(f"gcm {seed}")), 20_000)
    found = units.groupby(list(given.equations)).size() / 20_000
    exact = given.joint()
    error = np.sqrt(exact * (1 - exact) / 20_000)
    assert (found.reindex(exact.index, fill_value=0) - exact).abs().le(4.5 * error).all()


def test_gcm_imagines_a_fully_seen_unit_where_noise_can_be_read_off():
    """X -> Y -> Z with noise that is added in a circle: seeing all three tells all noise."""
    noise = {"A": [0.5, 0.5], "B": [0.5, 0.3, 0.2], "C": [0.1, 0.2, 0.7]}
    circle = SCM(
        noise,
        {
            "X": lambda A: A,
            "Y": lambda X, B: (X + B) % 3,
            "Z": lambda X, Y, C: (2 * Y + C + X) % 3,
            "S": lambda Z: 2 * Z,
        },
    )
    worlds, acted = circle.worlds(), circle.do(X=0, Y=2).worlds()
    for row in range(len(worlds)):
        seen = ", ".join(f"{v}={worlds[v][row]}" for v in "XYZS")
        assert ask("dowhy.gcm", circle, f"E[S_{{X=0, Y=2}} | {seen}]") == (acted["S"][row], 0)
    for impossible in ("X=0, Y=0, Z=0, S=5", "X=0, Y=7, Z=0, S=0", "X=5, Y=0, Z=0, S=0"):
        with pytest.raises(CannotAnswer, match="No unit of this model"):
            ask("dowhy.gcm", circle, f"E[S_{{X=1}} | {impossible}]")


def test_gcm_stretches_continuous_noise_back():
    stretched = SCM({"A": Normal(), "B": Uniform(1, 2)}, {"X": lambda A: A, "Y": lambda X, B: np.exp(X) * (B + 1) - X})
    b = (3.0 + 0.5) / np.exp(0.5) - 1
    value = ask("dowhy.gcm", stretched, "E[Y_{X=0} | X=0.5, Y=3]").value
    assert value == pytest.approx(b + 1, abs=1e-9)


@pytest.mark.parametrize(
    ("given", "question", "fragment"),
    [
        (BOW, "P(Y_{X=0}=1 | X=1, Y=1)", "hidden cause 'U'"),
        (clinic.model(), "P(Y_{X=0}=1 | X=1, Y=1)", "has not seen 'Z'"),
        (clinic.model(), "P(Y_{X=0}=1 | X=1, Y=1, Z=0)", "invertible"),
        (
            SCM({"A": Normal(), "B": Normal()}, {"X": lambda A: A, "Y": lambda X, B: X + B**2}),
            "E[Y_{X=0} | X=1, Y=1]",
            "inv",
        ),
    ],
)
def test_gcm_says_why_it_cannot_imagine(given, question, fragment):
    with pytest.raises(CannotAnswer, match=fragment):
        ask("dowhy.gcm", given, question)


def test_values_between_the_states_reach_the_equations_whole():
    half = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: 2 * X})
    for engine in ("causalcourse", "pyro", "chirho", "dowhy.gcm"):
        assert ask(engine, half, "E[Y | do(X=0.25)]", 100).value == 0.5


@pytest.mark.parametrize("engine", ["causalcourse", "pyro", "chirho"])
def test_units_of_a_mixed_model_are_imagined_from_what_is_finite(engine):
    """Y_{X=0} = U_Y + 3 Z, and those seen with Z = 1 and W = 1 have U_Y above 1: its mean there is 1 + 1."""
    noise = {"U_Z": [0.5, 0.5], "U_X": Normal(), "U_Y": Exponential()}
    equations = {
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: Z + U_X,
        "W": lambda U_Y: U_Y > 1,
        "Y": lambda X, Z, U_Y: 2 * X + 3 * Z + U_Y,
    }
    value, error = ask(engine, SCM(noise, equations), "E[Y_{X=0} | Z=1, W=1]", 20_000)
    assert abs(value - 5) < 4.5 * error
    value, error = ask(engine, SCM(noise, equations), "E[Y_{X=0.5} | Z=1, W=1]", 20_000)
    assert abs(value - 6) < 4.5 * error


def test_chirho_says_that_a_world_of_whole_numbers_has_no_room_for_a_half():
    with pytest.raises(CannotAnswer, match=r"one tensor, which here holds whole numbers: 0\.5 is none"):
        ask("chirho", clinic.model(), "E[Y_{X=0.5} | X=1]", 100)


# --- the table ---------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_question_and_a_reason_for_each_dash():
    asked = ["P(Y=1 | X=1)", "P(Y=1 | do(X=1))", "P(Y_{X=0}=1 | X=1, Y=1)"]
    table = compare(clinic.model(), asked, n=5_000)
    assert list(table.index) == asked
    assert list(table.columns) == ["rung", "truth", *ENGINES]
    assert list(table["rung"]) == [1, 2, 3]
    assert list(table["truth"]) == ["0.50", "0.65", "0.80"]
    assert list(table["pgmpy"]) == ["0.50", "0.65", "–"]
    dashes = [(q, engine) for q in asked for engine in table if table.loc[q, engine] == "–"]
    why = why_dashes(table)
    assert list(zip(why["question"], why["engine"], strict=True)) == dashes
    assert why["why"].str.endswith(".").all()
    assert table.attrs["errors"]["P(Y=1 | X=1)", "pgmpy"] == 0


def test_the_same_table_comes_again_and_another_seed_gives_another(monkeypatch):
    asked, engines = ["P(Y=1 | X=1)"], ["causalcourse", "pyro", "dowhy.gcm"]
    one, two = (compare(clinic.model(), asked, engines, n=1_000, digits=6) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    monkeypatch.setenv("CAUSALCOURSE_SEED", "5")
    other = compare(clinic.model(), asked, engines, n=1_000, digits=6)
    assert (one[engines] != other[engines]).all(axis=None)


def test_a_library_that_is_not_installed_is_a_dash_with_what_to_install(monkeypatch):
    real = importlib.import_module

    def without(name: str, *rest: object) -> object:
        if name.partition(".")[0] in ("pgmpy", "dowhy", "chirho"):
            raise ModuleNotFoundError(name, name=name.partition(".")[0])
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    table = compare(clinic.model(), ["P(Y=1 | X=1)"], n=1_000)
    assert (table[["pgmpy", "chirho", "dowhy.gcm"]] == "–").all(axis=None)
    assert table.loc["P(Y=1 | X=1)", "pyro"] != "–"
    why = dict(zip(why_dashes(table)["engine"], why_dashes(table)["why"], strict=True))
    assert "pgmpy is not installed" in why["pgmpy"] and "'engines'" in why["pgmpy"]
    assert "'dowhy'" in why["dowhy.gcm"]


def test_a_library_that_does_not_load_is_not_said_to_be_missing(monkeypatch):
    def broken(name: str) -> object:
        raise ImportError("numpy is too new")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(CannotAnswer, match="does not load: numpy is too new"):
        ask("pgmpy", clinic.model(), "P(Y=1)")


def test_naming_the_engines_loads_none_of_them(repository):
    import subprocess
    import sys

    heavy = ("torch", "pandas", "pyro", "chirho", "dowhy", "pgmpy", "scipy", "networkx")
    program = f"import causalcourse.engines, sys; print([m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=repository)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("n", [0, 1, True, 2.5, "many"])
def test_a_number_of_units_that_is_none_is_refused(n):
    with pytest.raises(CourseError, match="whole number of at least 2"):
        ask("pyro", clinic.model(), "P(Y=1)", n)


def test_an_engine_that_is_not_there_is_named():
    with pytest.raises(CourseError, match="Did you mean 'pyro'"):
        ask("pyo", clinic.model(), "P(Y=1)")
    with pytest.raises(CourseError, match="no engine"):
        ask(["pyro"], clinic.model(), "P(Y=1)")


def test_units_that_never_occur_have_no_answer_anywhere():
    model = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
    table = compare(model, ["P(Y_{X=0}=1 | X=1, Y=0)"], n=1_000)
    assert (table.drop(columns="rung") == "–").all(axis=None)
