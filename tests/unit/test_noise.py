"""Noise: each distribution has the moments it is named for, and one that cannot be is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from causalcourse import rng
from causalcourse.errors import ModelError
from causalcourse.noise import Exponential, Finite, Laplace, Normal, Uniform, as_noise


@pytest.mark.parametrize(
    ("noise", "oracle"),
    [
        (Normal(2, 3), stats.norm(2, 3)),
        (Uniform(-1, 4), stats.uniform(-1, 5)),
        (Exponential(2), stats.expon(scale=2)),
        (Laplace(1, 2), stats.laplace(1, 2)),
        (as_noise(stats.gamma(3)), stats.gamma(3)),
        (as_noise(stats.norm), stats.norm()),
    ],
)
def test_draws_follow_the_distribution(noise, oracle):
    draws = noise.draw(20_000, rng("noise"))
    assert draws.shape == (20_000,)
    assert stats.kstest(draws, oracle.cdf).pvalue > 1e-4


@pytest.mark.parametrize("p", [[0.3, 0.7], [0.2, 0.5, 0.3], [1.0], [0.05] * 20])
def test_finite_states_are_those_numpy_chooses(p):
    assert (Finite(p).draw(5_000, rng("f")) == rng("f").choice(len(p), size=5_000, p=p)).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Finite([0.5, 0.6]), ["sum to 1", "0.6"]),
        (lambda: Finite([-0.5, 1.5]), ["not negative"]),
        (lambda: Finite([]), ["probabilities"]),
        (lambda: Finite("half"), ["probabilities"]),
        (lambda: Normal(0, -1), ["Normal needs", "at least 0"]),
        (lambda: Normal("0"), ["Normal needs", "finite mean"]),
        (lambda: Normal(None, 1), ["Normal needs"]),
        (lambda: Normal(float("nan")), ["Normal needs"]),
        (lambda: Uniform(1, 1), ["smaller than high"]),
        (lambda: Exponential(0), ["above 0"]),
        (lambda: Laplace(0, float("inf")), ["scale"]),
    ],
)
def test_what_cannot_be_a_distribution_is_refused(make, words):
    with pytest.raises(ModelError) as refused:
        make()
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_what_is_no_noise_at_all_is_left_to_the_model_to_name():
    assert as_noise("half") is None
    assert as_noise(3) is None
    assert as_noise(Normal) is None
    assert as_noise(stats.gamma) is None  # a family, its shape still to be given


def test_a_table_of_values_in_scipys_form_is_noise():
    table = stats.rv_discrete(values=([0, 1, 5], [0.2, 0.3, 0.5]))
    assert set(as_noise(table).draw(200, rng("table"))) == {0, 1, 5}


def test_probabilities_may_come_as_a_column():
    assert as_noise(pd.Series([0.25, 0.75])) == Finite([0.25, 0.75])
