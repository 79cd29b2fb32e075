"""Experiments on other variables, and other populations: the same engine, and proofs from these data alone."""

from __future__ import annotations

import numpy as np
import pytest
from questions import asked, wrong_by

from causalcourse import rng
from causalcourse.docalculus import identify, is_identifiable
from causalcourse.docalculus.identify import NotSupported
from causalcourse.expression import ExpressionError, P, parse
from causalcourse.noise import Finite
from causalcourse.random_models import random_discrete, random_graph, random_populations

SURROGATE = "Z -> X -> Y; X <-> Z; Z <-> Y"  # Bareinboim & Pearl 2012, fig. 1 b
ELSEWHERE = "X -> Y; Z -> Y; Z -> X; X <-> Y"  # Z decides who is treated, and how well it works


def test_an_experiment_on_a_surrogate_identifies_what_seeing_alone_does_not():
    assert not identify(SURROGATE, "Y | do(X)")
    found = identify(SURROGATE, "Y | do(X)", ["P(v)", "P(v | do(Z))"])
    assert found and found.proof.verify()
    assert {str(p.do[0].node) for p in found.estimand.probabilities()} == {"Z"}


def test_its_estimand_is_evaluated_on_the_records_of_that_experiment():
    model = random_discrete(SURROGATE, np.random.default_rng(0))
    estimand = identify(SURROGATE, "Y | do(X)", ["P(v | do(Z))"]).estimand
    trial = model.do(Z=Finite([0.5, 0.5])).sample(200_000, rng("surrogate"))
    guessed = estimand.evaluate({"P(v | do(Z))": trial})
    assert np.abs(guessed - P("Y | do(X)").evaluate(model)).max() < 0.02


def test_an_effect_learned_in_a_trial_is_carried_to_people_who_are_otherwise_like_it():
    """Pearl & Bareinboim 2014, the age example: the effect in each group is the same, how common the groups are not."""
    found = identify("Z -> X -> Y; Z -> Y; X <-> Y", "Y | do(X)", ["P(v)", "P^trial(v | do(X))"], {"trial": ["Z"]})
    assert found.estimand == parse("Σ_Z P^{trial}(Y | do(X), Z) P(Z)")
    assert found.proof.verify() and "transport" in {step.law for step in found.proof.steps}


def test_a_transport_says_which_mechanisms_differ(capsys):
    identify("Z -> X -> Y; Z -> Y; X <-> Y", "Y | do(X)", ["P(v)", "P^trial(v | do(X))"], {"trial": ["Z"]}).proof.show()
    assert "Y ⊥ S_Z | Z, X" in capsys.readouterr().out


def test_it_is_not_carried_to_people_in_whom_the_outcome_comes_about_otherwise():
    found = identify(ELSEWHERE, "Y | do(X)", ["P(v)", "P^trial(v | do(X))"], {"trial": ["Y"]})
    assert not found and "cannot be identified" in str(found)


@pytest.mark.parametrize("seed", range(4))
def test_random_data_sets(seed):
    draw = np.random.default_rng(seed)
    identified = more = 0
    for k in range(120):
        graph = random_graph(int(draw.integers(3, 6)), draw, draw.uniform(0.2, 0.7), draw.uniform(0.3, 0.7))
        nodes = draw.permutation(graph.nodes).tolist()
        query = asked([nodes[0]], [nodes[1]], nodes[2:3] if draw.random() < 0.3 else [])
        differs = {"t": tuple(v for v in nodes if draw.random() < 0.25)}
        data = ["P(v)"] * (draw.random() < 0.8)
        for _ in range(int(draw.integers(1, 3))):
            acted = ", ".join(v for v in nodes if draw.random() < 0.3)
            data.append(f"P{'^t' * (draw.random() < 0.5)}(v{f' | do({acted})' if acted else ''})")
        found = identify(graph, query, data, differs)
        assert bool(found) == is_identifiable(graph, query, data, differs)
        if not found:
            continue
        identified += 1
        more += not identify(graph, query)
        assert found.proof.verify(1), f"{graph}: {query}: {data}"
        at_hand = {(p.population, frozenset(s.node for s in p.do)) for p in map(parse, data)}
        assert {(p.population, frozenset(s.node for s in p.do)) for p in found.estimand.probabilities()} <= at_hand
        worlds = random_populations(graph, np.random.default_rng(k), differs)
        assert wrong_by(found.estimand, query, worlds) < 1e-9, f"{graph}: {query}: {data}"
    assert identified > 30 and more


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (["P(v | S)"], NotSupported, "selection bias"),
        (["P^t(v)"], ExpressionError, "differs="),
        (["foo"], ExpressionError, "Cannot read"),
        (["P(v | do(Q))"], ExpressionError, "not a node"),
        (["P(Y)"], NotSupported, "leaves variables of the graph out"),
        (["P(X, Y | do(Z))", "P(X, Y)"], NotSupported, "leaves variables"),
        ([], ExpressionError, "at hand"),
        (None, ExpressionError, "at hand"),
        (3, ExpressionError, "at hand"),
    ],
)
def test_data_that_cannot_be_used_are_refused_in_words(data, error, says):
    with pytest.raises(error, match=says):
        identify(SURROGATE, "Y | do(X)", data)


def test_data_may_name_their_variables():
    assert identify(SURROGATE, "Y | do(X)", ["P(X, Y | do(Z))"]).estimand == parse("P(Y | X, do(Z))")


def test_where_populations_differ_is_a_dictionary():
    with pytest.raises(ExpressionError, match="differs="):
        identify(SURROGATE, "Y | do(X)", ["P^t(v)"], ["t"])


def test_the_question_is_about_the_population_without_a_name():
    with pytest.raises(ExpressionError, match="without a name"):
        identify(SURROGATE, "P^{t}(Y | do(X))")
