"""A proof that holds is accepted, and one that was tampered with is not: the checker on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from questions import random_questions, wrong_by

from causalcourse.docalculus import Proof, Step, identify
from causalcourse.docalculus.verify import refusal
from causalcourse.errors import CourseError
from causalcourse.expression import Product, parse
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete

FRONT_DOOR = "X -> M -> Y; X <-> Y"


@pytest.fixture(scope="module")
def proof() -> Proof:
    return identify(FRONT_DOOR, "Y | do(X)").proof


def test_the_checker_is_small_and_shares_no_code_with_the_prover(repository):
    lines = (repository / "causalcourse/docalculus/verify.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150
    imported = {line.split()[1] for line in lines if line.startswith("from causalcourse")}
    assert imported == {
        f"causalcourse.{room}"
        for room in ("docalculus.proof", "errors", "expression", "graph", "random_models", "separation")
    }


def test_the_front_door_takes_nine_steps_by_rules_two_and_three_and_two_laws(proof):
    assert [step.law for step in proof.steps] == [
        "total probability", "chain rule", "rule 2", "rule 3", "total probability", "chain rule", "rule 2", "rule 3",
        "rule 2",
    ]  # fmt: skip
    assert proof.verify()


def test_a_proof_reads_from_the_question_to_the_estimand(proof):
    assert proof.formulas[0] == proof.query and proof.formulas[-1] == proof.estimand
    assert str(proof).count("\n") == len(proof) == len(proof.steps)
    assert "aligned" in proof._repr_latex_()


def test_a_step_left_out_is_noticed(proof):
    for k in range(len(proof)):
        shorter = replace(proof, steps=(*proof.steps[:k], *proof.steps[k + 1 :]))
        assert not shorter.verify(), f"without step {k + 1}"


def test_a_step_by_another_law_is_noticed(proof):
    laws = {step.law for step in proof.steps} | {"rule 1", "conditioning", "fractions", "sums", "transport", "magic"}
    for k, step in enumerate(proof.steps):
        for law in laws - {step.law}:
            other = replace(proof, steps=(*proof.steps[:k], replace(step, law=law), *proof.steps[k + 1 :]))
            # rules 1, 2 and 3 each say what changes, so no step is by two of them
            assert other.verify(models=0).step == k + 1, f"step {k + 1} by {law}"


def test_a_wrong_formula_is_noticed(proof):
    for k, step in enumerate(proof.steps):
        for wrong in ("P(Y)", "P(Y | X)", "P(M | X, Y)", "Σ_X P(Y | X)", "P(Y, M | do(X)) P(X)"):
            tampered = replace(
                proof, steps=(*proof.steps[:k], replace(step, after=parse(wrong)), *proof.steps[k + 1 :])
            )
            assert not tampered.verify(models=0), f"step {k + 1} to {wrong}"


def test_another_end_and_another_start_are_noticed(proof):
    assert not replace(proof, estimand=parse("P(Y | X)")).verify()
    assert not replace(proof, query=parse("P(Y | do(M))")).verify()


@pytest.mark.parametrize("place", [(9,), (0, 0, 0, 0), ("M",), (None,), (slice(0, 1),)])
def test_a_place_that_is_not_there_is_noticed(proof, place):
    first = replace(proof.steps[0], place=place)
    assert "not there" in str(replace(proof, steps=(first, *proof.steps[1:])).verify())


def test_a_graph_in_which_a_rule_does_not_hold_is_noticed(proof):
    """The same proof where a hidden cause joins X and M: there the front door does not hold."""
    assert proof.verify()
    other = replace(proof, graph=CausalGraph.parse("X -> M -> Y; X <-> Y; X <-> M"))
    assert not other.verify() and other.verify().step in (3, 7, 9)
    assert not replace(proof, graph=CausalGraph.parse("X -> M")).verify()


def test_each_edge_put_in_breaks_the_proof_or_leaves_the_formula_true():
    """The checker says yes only where the formula is the truth: on random graphs, with an edge put in."""
    rng, broken = np.random.default_rng(0), 0
    for k, (graph, query) in enumerate(random_questions(500, 11, sizes=(4, 5))):
        found = identify(graph, query)
        a, b = sorted(rng.choice(len(graph.nodes), 2, replace=False))
        arc = (graph.order[a], graph.order[b])
        if not found or arc in graph.bidirected or arc[::-1] in graph.bidirected:
            continue
        other = CausalGraph(graph.nodes, graph.directed, (*graph.bidirected, arc))
        proof = replace(found.proof, graph=other)
        if proof.verify(models=0):
            assert wrong_by(proof.estimand, query, random_discrete(other, np.random.default_rng(k))) < 1e-9
        else:
            broken += 1
    assert broken > 20


# ---------------------------------------------------------------- each law, on its own

TRUE = [
    ("total probability", "P(Y | do(X))", "Σ_Z P(Y, Z | do(X))"),
    ("total probability", "1", "Σ_Z P(Z | X)"),
    ("chain rule", "P(Y, Z | W, do(X))", "P(Y | Z, W, do(X)) P(Z | W, do(X))"),
    ("chain rule", "P(Y, Z, W)", "P(Y | Z, W) P(Z | W) P(W)"),
    ("conditioning", "P(Y | Z, W)", "[P(Y, Z | W)] / [P(Z | W)]"),
    ("fractions", "[P(Y) P(Z)] / [P(Z)]", "P(Y)"),
    ("fractions", "[[P(Y)] / [P(Z)]] / [P(W)]", "[P(Y)] / [P(Z) P(W)]"),
    ("sums", "Σ_Z P(Z) P(Y)", "P(Y) Σ_Z P(Z)"),
    ("sums", "P(W) Σ_Z P(Z)", "Σ_Z P(Z) P(W)"),
]
FALSE = [
    ("total probability", "P(Y | do(X))", "Σ_Z P(Y | do(X), Z)"),
    ("total probability", "P(Y)", "Σ_Z P(Y, Z | X)"),
    ("total probability", "P(Y | X)", "Σ_X P(Y, X)"),
    ("total probability", "P(Z)", "Σ_Z P(Z)"),
    ("chain rule", "P(Y, Z)", "P(Y | Z) P(Z | Y)"),
    ("chain rule", "P(Y, Z)", "P(Y) P(Z)"),
    ("chain rule", "P(Y, Z | do(X))", "P(Y | Z, X) P(Z | do(X))"),
    ("chain rule", "P(Y, Z)", "P(Y | Z) [[P(Z)] / [P(W)]]"),
    ("chain rule", "P(Y, Z)", "P(Y) P(Y)"),
    ("chain rule", "P(Y, Z)", "P^{trial}(Y | Z) P(Z)"),
    ("conditioning", "P(Y | Z)", "[P(Y, Z)] / [P(Y)]"),
    ("conditioning", "P(Y | Z)", "[P(Y, Z | X)] / [P(Z)]"),
    ("fractions", "[P(Y)] / [P(Z)]", "[P(Z)] / [P(Y)]"),
    ("fractions", "P(Y) P(Y)", "P(Y)"),
    ("sums", "Σ_Z P(Z) P(Y | Z)", "P(Y | Z) Σ_Z P(Z)"),
    ("sums", "Σ_Z P(Y) P(Z)", "Σ_Z P(Z)"),
    ("sums", "Σ_Z P(Y)", "P(Y)"),
]


@pytest.mark.parametrize(("law", "a", "b"), TRUE)
def test_a_law_is_accepted_read_either_way(law, a, b):
    graph = CausalGraph.parse("X; Y; Z; W")
    assert refusal(graph, law, parse(a), parse(b)) == "" == refusal(graph, law, parse(b), parse(a))


@pytest.mark.parametrize(("law", "a", "b"), FALSE)
def test_what_only_looks_like_the_law_is_refused(law, a, b):
    graph = CausalGraph.parse("X; Y; Z; W")
    assert refusal(graph, law, parse(a), parse(b)) and refusal(graph, law, parse(b), parse(a))


def test_no_false_law_is_true_on_random_models():
    """The list above holds what it says: each pair differs on some model."""
    graph = CausalGraph.parse("W -> X -> Z -> Y; W -> Z; W -> Y; X -> Y; W <-> X")
    model = random_discrete(graph, np.random.default_rng(1))
    for law, a, b in FALSE:
        if "trial" not in b:
            assert wrong_by(parse(a), parse(b), model) > 1e-6, (law, a, b)
    for law, a, b in TRUE:
        assert wrong_by(parse(a), parse(b), model) < 1e-9, (law, a, b)


RULES = [  # law, graph, before, after, whether it holds
    ("rule 1", "Z -> X -> Y", "P(Y | do(X), Z)", "P(Y | do(X))", True),
    ("rule 1", "Z -> X -> Y; Z -> Y", "P(Y | do(X), Z)", "P(Y | do(X))", False),
    ("rule 2", "Z -> X -> Y; Z -> Y", "P(Y | do(X), Z)", "P(Y | X, Z)", True),
    ("rule 2", "Z -> X -> Y; Z -> Y", "P(Y | do(X))", "P(Y | X)", False),
    ("rule 2", "X -> Y", "P(Y | do(X))", "P(Y)", False),
    ("rule 3", "Y -> X", "P(Y | do(X))", "P(Y)", True),
    ("rule 3", "X -> Y", "P(Y | do(X))", "P(Y)", False),
    ("rule 3", "X -> W; X <-> Y", "P(Y | do(X))", "P(Y)", True),
    ("rule 3", "X -> W; X <-> Y", "P(Y | do(X), W)", "P(Y | W)", False),  # the arrow into X stays: X leads to W
    ("rule 3", "X -> Y", "P(Y | do(Q))", "P(Y)", False),
    ("transport", "X -> Y", "P(Y | do(X))", "P^{trial}(Y | do(X))", False),
]


@pytest.mark.parametrize(("law", "graph", "a", "b", "holds"), RULES)
def test_each_rule_asks_for_its_separation_in_its_mutilated_graph(law, graph, a, b, holds):
    graph = CausalGraph.parse(graph)
    for before, after in ((a, b), (b, a)):
        assert (refusal(graph, law, parse(before), parse(after)) == "") == holds


def test_transport_needs_mechanisms_that_do_not_differ():
    graph, a, b = CausalGraph.parse("X -> Y"), parse("P(Y | do(X))"), parse("P^{trial}(Y | do(X))")
    assert refusal(graph, "transport", a, b, {"trial": ("X",)}) == ""
    assert "not there" in refusal(graph, "transport", a, b, {"trial": ("Y",)})


def test_an_empty_proof_shows_that_a_question_is_itself():
    query = parse("P(Y | X)")
    assert Proof(CausalGraph.parse("X -> Y"), query, (), query).verify()
    assert not Proof(CausalGraph.parse("X -> Y"), query, (), parse("P(Y)")).verify()


def test_a_large_graph_is_checked_by_law_alone_and_says_so():
    graph = CausalGraph.parse("; ".join(f"V{i} -> V{i + 1}" for i in range(30)))
    verification = identify(graph, "V30 | do(V3)").proof.verify()
    assert verification and "random models" not in str(verification)


def test_what_is_no_formula_is_refused_and_not_crashed_on(proof):
    nonsense = Step("chain rule", (), proof.query, Product())
    assert not replace(proof, steps=(nonsense,)).verify()


def test_two_laws_in_one_step_are_refused_though_the_formula_is_true():
    graph = CausalGraph.parse("Y; Z; W")
    assert refusal(graph, "chain rule", parse("P(Y, Z)"), parse("P(Y | Z) Σ_W P(Z, W)"))


def test_a_rule_is_drawn_with_what_it_cuts_and_a_law_of_probability_is_not(proof):
    axes = proof.draw(3)
    dotted = {a.get_gid() for a in axes.patches if str(a.get_gid()).startswith("edge") and a.get_edgecolor()[0] == 0.6}
    assert dotted == {"edge:X<->Y", "edge:M->Y"}  # into X, which is set, and out of M
    with pytest.raises(CourseError, match="law of probability"):
        proof.draw(1)
    for number in (0, 10, "3", None):
        with pytest.raises(CourseError, match="steps 1 to 9"):
            proof.draw(number)


def test_a_proof_is_told_in_a_terminal_with_its_rules_and_separations(proof, capsys):
    proof.show()
    told = capsys.readouterr().out
    assert told.startswith("To show: P(Y | do(X)) = Σ_M P(M | X) Σ_X' P(Y | M, X') P(X')")
    assert "Y ⊥ M | X in the graph without the arrows into X and out of M" in told
    assert told.count("\n   = ") == len(proof)
