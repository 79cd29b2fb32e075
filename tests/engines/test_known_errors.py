"""Facts about libraries that the course shows: each test passes while the library errs, and says so when it is fixed.

The versions are those the course is tested with; docs/known-errors.md is the same list in words.
"""

from __future__ import annotations

import logging
import re
import warnings
from importlib.metadata import version

import pytest

from causalcourse import rng
from causalcourse.engines import ask, to_dowhy, to_pgmpy, truth
from causalcourse.hierarchy import furthest_apart
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

_LUCK = [0.1] * 10
# the mediator Z shares a hidden cause U with the treatment X
HIDDEN_MEDIATION = SCM(
    {"U": [0.5, 0.5], "U_X": _LUCK, "U_Z": _LUCK, "U_Y": _LUCK},
    {
        "X": lambda U, U_X: 2 + 6 * U > U_X,
        "Z": lambda U, X, U_Z: 1 + 4 * X + 4 * U > U_Z,
        "Y": lambda Z, U_Y: 2 + 6 * Z > U_Y,
    },
)
# the clinic with a side effect W, which severity Z and treatment X bring about
SIDE_EFFECT = SCM(
    {"U_Z": [0.5, 0.5], "U_X": _LUCK, "U_W": _LUCK, "U_Y": _LUCK},
    {
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: 2 + 6 * Z > U_X,
        "W": lambda X, Z, U_W: 1 + 3 * X + 5 * Z > U_W,
        "Y": lambda X, Z, U_Y: 8 - 5 * Z + X > U_Y,
    },
)
# X -> Y and X <-> Y: no data on X and Y can say what X does to Y
BOW = SCM(
    {"U": [0.5, 0.5], "U_X": _LUCK, "U_Y": _LUCK},
    {"X": lambda U, U_X: 2 + 6 * U > U_X, "Y": lambda X, U, U_Y: 1 + 4 * X + 4 * U > U_Y},
)


def still(library: str, errs: bool, case: str) -> None:
    """Fail, saying what to change, once the library no longer errs."""
    assert errs, f"{case}: fixed in {library} {version(library)}: update the course (docs/known-errors.md names where)."


def adjusted(model: SCM, x: int, z: str) -> float:
    """The sum over z of P(Y=1 | X=x, z) P(z), exactly."""
    return sum(truth(model, f"P(Y=1 | X={x}, {z}={k})") * truth(model, f"P({z}={k})") for k in (0, 1))


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def test_pgmpy_adjusts_for_a_mediator():
    """X -> Z -> Y with X <-> Z: nothing observed can be adjusted for, and {Z} is offered and confirmed."""
    from pgmpy.base import DAG
    from pgmpy.identification import Adjustment

    network = to_pgmpy(HIDDEN_MEDIATION)
    graph = DAG(network.edges(), latents=network.latents, roles={"exposures": "X", "outcomes": "Y"})
    offered, success = Adjustment(variant="minimal").identify(graph)
    wrong = success and offered.get_role("adjustment") == ["Z"] and Adjustment().validate(offered)
    still("pgmpy", wrong, "Adjustment returns the mediator {Z} on X -> Z -> Y, X <-> Z")
    effect = truth(HIDDEN_MEDIATION, "P(Y=1 | do(X=1))") - truth(HIDDEN_MEDIATION, "P(Y=1 | do(X=0))")
    assert effect == pytest.approx(0.24)
    assert adjusted(HIDDEN_MEDIATION, 1, "Z") - adjusted(HIDDEN_MEDIATION, 0, "Z") == pytest.approx(0)


def test_pgmpy_query_forgets_when_evidence_came_after_the_action():
    """P(Y=1 | do(X=1), W=1), with W below X: severity is weighed as if X had not been set."""
    from pgmpy.inference import CausalInference

    question = "P(Y=1 | do(X=1), W=1)"
    exact = truth(SIDE_EFFECT, question)
    assert f"{exact:.3f}" == "0.554"  # as docs/known-errors.md says
    assert ask("pgmpy", SIDE_EFFECT, question).value == pytest.approx(exact, abs=1e-9)  # cut first, then condition
    query = CausalInference(to_pgmpy(SIDE_EFFECT)).query(["Y"], do={"X": 1}, evidence={"W": 1}, show_progress=False)
    still("pgmpy", abs(query.get_value(Y=1) - exact) > 0.03, f"CausalInference.query on {question}")
    assert f"{query.get_value(Y=1):.3f}" == "0.480"
    # its answer is the sum over z of P(Y=1 | X=1, z) P(z | W=1), the second factor from the world without the action
    seen = sum(truth(SIDE_EFFECT, f"P(Y=1 | X=1, Z={z})") * truth(SIDE_EFFECT, f"P(Z={z} | W=1)") for z in (0, 1))
    assert query.get_value(Y=1) == pytest.approx(seen, abs=1e-9)


def test_pgmpy_query_sums_over_a_variable_that_was_set():
    """P(Y=1 | do(X=1, Z=0)) with Z -> X: the answer is that of do(X=1) alone."""
    from pgmpy.inference import CausalInference

    question = "P(Y=1 | do(X=1, Z=0))"
    exact = truth(SIDE_EFFECT, question)
    assert ask("pgmpy", SIDE_EFFECT, question).value == pytest.approx(exact, abs=1e-9)
    query = CausalInference(to_pgmpy(SIDE_EFFECT)).query(["Y"], do={"X": 1, "Z": 0}, show_progress=False)
    still("pgmpy", abs(query.get_value(Y=1) - exact) > 0.2, f"CausalInference.query on {question}")
    assert query.get_value(Y=1) == pytest.approx(truth(SIDE_EFFECT, "P(Y=1 | do(X=1))"), abs=1e-9)


def test_pgmpy_writes_dagitty_text_without_the_latents():
    from pgmpy.base import DAG

    graph = DAG([("X", "Y"), ("U", "X"), ("U", "Y")], latents={"U"}, roles={"exposures": "X", "outcomes": "Y"})
    text = graph.to_dagitty()
    still("pgmpy", "latent" not in text and not DAG.from_dagitty(text).latents, "to_dagitty drops latents")
    assert DAG.from_dagitty("dag { U [latent] U -> X U -> Y X -> Y }").latents == {"U"}  # reading keeps them


def test_dowhy_id_takes_latents_for_observed_and_never_says_no():
    from dowhy import CausalModel

    model = CausalModel(BOW.sample(100, rng("bow")), "X", "Y", graph=to_dowhy(BOW))
    formula = str(model.identify_effect(method_name="id-algorithm"))
    still("dowhy", "P(Y|U,X)" in formula, "the ID algorithm conditions on the hidden U of the bow graph")
    assert "U" not in model._data.columns


def test_dowhy_offers_an_unobserved_instrument():
    """U -> X -> Y and X <- H -> Y, with U and H hidden: U would make a good instrument if anybody could see it."""
    import networkx as nx
    from dowhy import CausalModel

    graph = nx.DiGraph([("U", "X"), ("X", "Y"), ("H", "X"), ("H", "Y")])
    model = CausalModel(BOW.sample(100, rng("bow")), "X", "Y", graph=graph)
    estimand = model.identify_effect(proceed_when_unidentifiable=True)
    still("dowhy", estimand.get_instrumental_variables() == ["U"], "an unobserved node is offered as instrument")
    with pytest.raises(KeyError):
        model.estimate_effect(estimand, method_name="iv.instrumental_variable")


def test_dowhy_refutes_with_one_subset_again_and_again():
    import numpy as np
    from dowhy import CausalModel

    model = CausalModel(BOW.sample(200, rng("subsets")), "X", "Y", graph="digraph { X -> Y; }")
    estimand = model.identify_effect()
    estimate = model.estimate_effect(estimand, method_name="backdoor.linear_regression")

    def effect(subsets: int, seed: object) -> float:
        how = {"method_name": "data_subset_refuter", "num_simulations": subsets, "random_state": seed}
        return model.refute_estimate(estimand, estimate, show_progress_bar=False, **how).new_effect

    one, ten = effect(1, 1), effect(10, 1)
    still("dowhy", one == pytest.approx(ten, abs=1e-12), "all subsets of the data are the same one")
    assert effect(10, np.random.RandomState(1)) != pytest.approx(one, abs=1e-4)


def test_dowhy_takes_the_average_effect_off_everybody_who_is_yes_or_no():
    pytest.importorskip("dowhy")
    from dowhy import gcm

    gcm.config.disable_progress_bars()
    model = clinic.model()
    records = model.sample(10_000, rng("gcm clinic"))
    learned = gcm.InvertibleStructuralCausalModel(to_dowhy(model))
    learned.set_causal_mechanism("Z", gcm.EmpiricalDistribution())
    for name in ("X", "Y"):
        learned.set_causal_mechanism(name, gcm.AdditiveNoiseModel(gcm.ml.create_linear_regressor()))
    gcm.fit(learned, records)
    dead = records[(records["X"] == 1) & (records["Y"] == 0)]
    said = gcm.counterfactual_samples(learned, {"X": lambda x: 0}, observed_data=dead)["Y"]
    assert truth(model, "P(Y_{X=0}=1 | X=1, Y=0)") == 0
    still("dowhy", said.mean() < -0.05, "counterfactual_samples gives a share below zero for a 0/1 outcome")


def test_chirho_does_not_work_back_from_a_deterministic_site_and_says_nothing():
    pytest.importorskip("chirho")
    import pyro
    import torch
    from chirho.counterfactual.handlers import MultiWorldCounterfactual
    from chirho.indexed.ops import IndexSet, gather
    from chirho.interventional.handlers import do
    from chirho.observational.handlers import condition

    def patient():
        u, x = (pyro.sample(name, pyro.distributions.Normal(0.0, 1.0)) for name in ("U", "X"))
        return pyro.deterministic("Y", x + u, event_dim=0)

    seen, action = {"X": torch.tensor(1.0), "Y": torch.tensor(3.0)}, {"X": torch.tensor(0.0)}
    pyro.set_rng_seed(0)
    with MultiWorldCounterfactual(), do(actions=action), condition(data=seen), pyro.plate("units", 50_000):
        y_0 = gather(patient(), IndexSet(X={1})).flatten()
    # X = 1 and Y = 3 leave U = 2, so that Y would be 2 for every one of them
    still("chirho", abs(float(y_0.mean())) < 0.05 and float(y_0.std()) > 0.9, "condition on a deterministic site")


def test_y0_has_a_formula_for_the_probability_of_necessity():
    pytest.importorskip("y0")
    from y0.algorithm.identify import idc_star
    from y0.dsl import X, Y
    from y0.graph import NxMixedGraph

    try:
        said = str(idc_star(NxMixedGraph.from_edges(directed=[(X, Y)]), {Y @ -X: -Y}, {X: +X, Y: +Y}))
    except Exception:  # a refusal is what it should say
        said = ""
    pair = [clinic.model(severe=0, response=response) for response in ("robust", "independent")]
    assert furthest_apart(*pair, 2) < 1e-12, "all that can be seen and done is the same"
    answers = [truth(model, "P(Y_{X=0}=0 | X=1, Y=1)") for model in pair]
    assert abs(answers[0] - answers[1]) > 0.05, "so that no formula gives both"
    still("y0", "P" in said, "idc_star on the probability of necessity")


def test_the_list_in_words_has_a_row_for_each_test_and_the_version_it_was_tried_in(repository):
    page = (repository / "docs/known-errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) \| .* \| `(\w+)` \|$", page, re.M)
    assert [name for *_, name in rows] == [
        name for name in globals() if re.match("test_(pgmpy|dowhy|chirho|y0)_", name)
    ]
    assert {library: tried for library, tried, _ in rows} == {
        name: version(name) for name in ("pgmpy", "dowhy", "chirho", "y0")
    }
    wrong_and_true = ["0.480", "0.554", "0.650", "0.900", "0.24"]
    assert all(number in page for number in wrong_and_true)


def test_a_library_that_is_fixed_is_told_of():
    with pytest.raises(AssertionError, match=rf"fixed in pgmpy {version('pgmpy')}: update the course"):
        still("pgmpy", False, "a case")
