"""The truths behind chapter 13's exercises, each beside a second way to find them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from causalcourse.checks import looks, mixtures, networks, priors, vendors
from causalcourse.counterfactual import bounds, counterfactual
from causalcourse.docalculus import identify, is_identifiable
from causalcourse.random_models import Table
from causalcourse.randomness import rng
from causalcourse.scm import SCM

SEEDS = range(5)
FRONT_DOOR = "A -> B -> C; A <-> C"


@pytest.mark.parametrize("seed", SEEDS)
def test_what_reads_a_value_is_its_childrens_queries_whatever_is_done_to_it(seed):
    arrows, do = looks.drawing(rng(f"looks {seed}"))
    n, made = len(arrows), looks.looks(arrows, do)
    for i in range(n):
        children = {j for j in np.flatnonzero(arrows[i]) if j not in do}
        assert {int(r) for r in np.flatnonzero(made[:, i])} == {i, *(n + j for j in children)}
        assert np.flatnonzero(made[:, n + i]).tolist() == [n + i]


@pytest.mark.parametrize("seed", SEEDS)
def test_marked_trials_answer_as_do_calculus_does_and_unmarked_ones_lie_between_seeing_and_doing(seed):
    p, s, n = mixtures.records(rng(f"mixed {seed}"))
    marked, unmarked, _ = mixtures.mixed(p, s, n)
    zxy = {name: Table(("U",), row) for name, row in zip("ZXY", np.indices((2, 2, 2)).reshape(3, 8), strict=True)}
    found = identify("Z -> X -> Y; Z -> Y", "Y | do(X)").estimand
    values = {free.node: 1 for free in found.free}
    assert marked == pytest.approx(found.evaluate(SCM({"U": p.ravel()}, zxy).joint(), **values))
    low, high = sorted((marked, p[:, 1, 1].sum() / p[:, 1].sum()))
    assert low <= unmarked <= high


def test_the_standard_error_is_how_far_counts_of_marked_trials_stray():
    stream = rng("strays")
    p, s, n = mixtures.records(stream)
    marked, _, error = mixtures.mixed(p, s, n)
    treated = round(n * s / 2)
    counted = stream.binomial(treated, marked, 40_000) / treated
    assert counted.std() == pytest.approx(error, rel=0.05)


def model(qa, qb, qc):
    """The causal transformer of 13.4 as a structural model with one die for each variable."""
    noise = {"U": np.full(len(qa), 1 / len(qa))}
    equations = {}
    for name, heard, rate in (("A", ("U",), qa), ("B", ("A",), qb), ("C", ("B", "U"), qc)):
        cuts, rank = np.unique(rate, return_inverse=True)
        noise[f"D_{name}"] = np.diff([0, *cuts, 1])
        below = np.arange(len(cuts) + 1) <= rank.reshape(*rate.shape, 1)
        equations[name] = Table((*heard, f"D_{name}"), below.astype(int))
    return SCM(noise, equations)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_noise_summed_out_the_model_answers_as_do_calculus_does_from_its_records_alone(seed):
    case = networks.drawn_noise(rng(f"noise {seed}"))
    seen, *done = networks.summed_out(*case)
    records = model(*case).joint()
    assert seen == pytest.approx(counterfactual(model(*case), "P(C=1 | A=1)").value)
    for acted, given in zip("AB", done, strict=True):
        found = identify(FRONT_DOOR, f"C | do({acted})").estimand
        assert given == pytest.approx(found.evaluate(records, **{free.node: 1 for free in found.free}))


def test_with_the_arc_elsewhere_no_records_answer_the_third_question():
    assert not is_identifiable("A -> B -> C; B <-> C", "C | do(B)")


@pytest.mark.parametrize("seed", SEEDS)
def test_one_die_for_each_variable_answers_as_the_structural_model_does(seed):
    for c in (0, 1):
        qb, qc, _ = networks.chain(rng(f"chain {seed}"), c)
        given = networks.would(qb, qc, c)[0]
        scm = model(np.array([0.5, 0.5]), qb, np.stack([qc, qc], axis=1))
        assert given == pytest.approx(counterfactual(scm, f"P(C_{{A=1}}=1 | A=0, C={c})").value)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_kinds_of_dice_leave_the_same_trials(seed):
    # what would be, averaged over the two facts, is what acting does, whatever the dice have in common
    qb, qc, _ = networks.chain(rng(f"trials {seed}"), 0)
    c = (1 - qb[0]) * qc[0] + qb[0] * qc[1]
    averaged = (1 - c) * networks.would(qb, qc, 0) + c * networks.would(qb, qc, 1)
    assert averaged == pytest.approx(np.full(2, (1 - qb[1]) * qc[0] + qb[1] * qc[1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_great_many_records_leave_the_spread_that_is_said_to_be_left(seed):
    prior, p, done, counts = priors.worlds(rng(f"priors {seed}"), 30)
    mean, spread, left = priors.believed(prior, p, done, counts)
    assert priors.believed(prior, p, done, 10_000 * counts)[1] == pytest.approx(left)
    w = prior * (p**counts).prod(axis=(1, 2))
    assert mean == pytest.approx(np.average(done, weights=w))
    assert spread == pytest.approx(np.sqrt(np.cov(done, aweights=w, ddof=0)))


def test_where_the_table_fixes_the_effect_nothing_is_left_of_the_spread():
    prior, p, _, counts = priors.worlds(rng("fixed"), 30)
    done = p[:, 1, 1] / p[:, 1].sum(axis=1)
    assert priors.believed(prior, p, done, counts)[2] == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_slip_of_a_vendor_is_the_one_it_was_made_for(seed):
    for number, (make, slip) in enumerate(vendors.VENDORS):
        assert vendors.first_unshown(*make(rng(f"vendor {number} {seed}"))) == slip


@pytest.mark.parametrize("seed", SEEDS)
def test_the_vendors_tell_all_mistakes_from_the_truth_and_from_each_other(seed):
    shown = [make(rng(f"judged {seed}")) for make, _ in vendors.VENDORS]
    judges = [vendors.first_unshown, *(mistake.answer for mistake in vendors.VENDOR_MISTAKES)]
    judged = [[judge(*vendor) for vendor in shown] for judge in judges]
    assert all(a != b for a, b in combinations(judged, 2))


@pytest.mark.parametrize("place", [0, -1])
def test_who_looks_at_one_other_training_alone_lets_a_vendor_pass(place):
    shown = [make(rng(f"one training {place}")) for make, _ in vendors.VENDORS]
    alone = [v if v.again is None else v._replace(again=v.again[[place]]) for v in shown]
    assert any(vendors.first_unshown(*a) != slip for a, (_, slip) in zip(alone, vendors.VENDORS, strict=True))


def test_a_vendor_without_a_slip_in_four_sentences_still_leaves_the_third_rung_open():
    qa, qb, qc = 0.5, np.array([0.2, 0.8]), np.array([[0.3, 0.6], [0.4, 0.8]])
    a, b, c = (np.stack([1 - np.asarray(q), q], axis=-1) for q in (qa, qb, qc))
    p = a[:, None, None] * b[:, :, None] * c
    scm = SCM({"U": p.ravel()}, {v: Table(("U",), row) for v, row in zip("ABC", bits(), strict=True)})
    found = bounds("A -> B -> C; A -> C", "P(C_{B=1}=1 | B=0, C=0)", scm)
    assert found.high - found.low > 0.1


def bits():
    return np.indices((2, 2, 2)).reshape(3, 8)
