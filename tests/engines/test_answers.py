"""Every engine is held to enumeration, or to closed form, on models and questions drawn at random."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.engines import ENGINES, CannotAnswer, Question, ask, truth
from causalcourse.graph import CausalGraph
from causalcourse.noise import Exponential, Laplace, Normal, Uniform
from causalcourse.random_models import random_discrete, random_graph, random_linear
from causalcourse.scm import SCM

UNITS = 20_000
MODELS = 14
FAR = 4.5  # standard errors; some 400 comparisons stay below it but once in 400 runs, and the seeds are fixed
SAMPLING = [name for name in ENGINES if name != "pgmpy"]


def enumerated(model: SCM, question: Question) -> float:
    """Abduction, action, prediction over every state of the noise, unit by unit."""
    acted = model.do(**dict(question.action)).worlds()
    seen = model.worlds() if question.rung == 3 else acted
    p = seen["p"].to_numpy(copy=True)
    for name, value in question.given:
        p = p * (seen[name].to_numpy() == value)
    return float((p * question.score(acted[question.outcome].to_numpy())).sum() / p.sum())


@functools.cache
def discrete(number: int) -> SCM:
    """A random model of four variables; every second one without latents, every third one with three states."""
    draw = rng(f"discrete {number}")
    graph = random_graph(4, draw, density=0.6, bidirected=0.5 * (number % 2))
    graph = CausalGraph(graph.nodes, graph.directed, graph.bidirected[:3])  # with more, its worlds are too many to list
    return random_discrete(graph, draw, states=3 if number % 3 == 0 else 2)


def questions(number: int) -> list[Question]:
    """Seven questions of a model: the last of its causal order is the outcome, the rest are acted on and seen."""
    draw = rng(f"questions {number}")
    *others, y = discrete(number).graph.order
    x, w, z = draw.permutation(others).tolist()
    value = None if draw.random() < 0.3 else int(draw.integers(2))
    a, b, c = draw.integers(2, size=3).tolist()
    return [
        Question(y, value, given={x: a}),
        Question(y, value, given={x: a, z: b}),
        Question(y, value, do={x: a}),
        Question(y, value, do={x: a}, given={z: b}),  # z may lie below x
        Question(x, value, do={w: a, z: c}),  # w and z may lie below x, and one below the other
        Question(y, value, imagine={x: 1 - a}, given={x: a, y: b}),
        Question(y, value, imagine={x: a, w: b}, given={z: c, y: b}),
    ]


@functools.cache
def told(engine: str, number: int) -> list[tuple[Question, float, float, float]]:
    """(question, enumeration, value, error) for each question of a model that the engine claims."""
    answers = []
    for i, question in enumerate(questions(number)):
        try:
            answer = ask(engine, discrete(number), question, UNITS, rng(f"{engine} {number} {i}"))
        except CannotAnswer:
            continue
        answers.append((question, enumerated(discrete(number), question), *answer))
    return answers


@pytest.mark.parametrize("number", range(MODELS))
@pytest.mark.parametrize("engine", SAMPLING)
def test_an_engine_that_samples_is_within_sampling_error_of_enumeration(engine, number):
    for question, exact, value, error in told(engine, number):
        assert 0 < error < 0.1, f"{question}: an error of {error}"
        assert abs(value - exact) < FAR * error, f"{engine} says {question} = {value} ± {error}; it is {exact}"


@pytest.mark.parametrize("engine", SAMPLING)
def test_the_stated_standard_errors_are_the_real_ones(engine):
    """A bias too small for one comparison shows in all of them: mean squared z is 1 for honest errors."""
    z = [(value - exact) / error for number in range(MODELS) for _, exact, value, error in told(engine, number)]
    assert len(z) >= 5 * MODELS
    assert 0.5 < np.mean(np.square(z)) < 1.6
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))


@pytest.mark.parametrize("number", range(MODELS))
def test_pgmpy_is_exact_where_it_answers(number):
    for question, exact, value, error in told("pgmpy", number):
        assert error == 0
        assert value == pytest.approx(exact, abs=1e-9), str(question)


@pytest.mark.parametrize("number", range(MODELS))
def test_the_truth_is_enumeration(number):
    for question in questions(number):
        assert truth(discrete(number), question) == pytest.approx(enumerated(discrete(number), question), abs=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_answers_all_it_can(engine):
    rungs = {"causalcourse": {1, 2, 3}, "pgmpy": {1, 2}, "pyro": {1, 2, 3}, "chirho": {1, 2, 3}, "dowhy.gcm": {1, 2}}
    for number in range(MODELS):
        claimed = [question for question, *_ in told(engine, number)]
        assert claimed == [question for question in questions(number) if question.rung in rungs[engine]]


def test_the_truth_needs_no_list_of_all_worlds():
    """Twelve variables with hidden causes: 8**12 worlds and more, and an exact counterfactual all the same."""
    graph = CausalGraph.parse("; ".join(f"V{i} -> V{i + 1}" for i in range(12)) + "; V0 <-> V12")
    model = random_discrete(graph, rng("a long chain"))
    question = Question("V12", 1, imagine={"V3": 0}, given={"V3": 1, "V12": 1})
    value, error = ask("causalcourse", model, question, 50_000, rng("long"))
    assert abs(truth(model, question) - value) < FAR * error


# --- linear-Gaussian models, held to closed form -----------------------------------------------------------------


def linear(number: int, bidirected: float) -> tuple[SCM, np.ndarray, np.ndarray, list[str]]:
    """A random linear model, its matrix of weights B (row: effect), its loadings on the noise, and its variables."""
    draw = rng(f"linear {number} {bidirected}")
    model = random_linear(random_graph(5, draw, density=0.6, bidirected=bidirected), draw)
    names, noise = list(model.graph.order), list(model.noise)
    b, load = np.zeros((5, 5)), np.zeros((5, len(noise)))
    for i, name in enumerate(names):
        for cause, weight in model.equations[name].weights.items():
            if cause in names:
                b[i, names.index(cause)] = weight
            else:
                load[i, noise.index(cause)] = weight * model.noise[cause].sd
    return model, b, load, names


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("engine", SAMPLING)
def test_the_mean_after_acting_on_a_linear_model_is_the_total_effect(engine, number):
    model, b, _, names = linear(number, 0.4)
    x, y = names[1], names[-1]
    cut = b.copy()
    cut[1] = 0
    exact = 2 * np.linalg.inv(np.eye(5) - cut)[-1, 1]
    question = Question(y, do={x: 2})
    value, error = ask(engine, model, question, UNITS, rng(f"linear {engine} {number}"))
    assert abs(value - exact) < FAR * error
    assert truth(model, question) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("number", range(6))
def test_the_truth_of_seeing_in_a_linear_model_is_its_regression(number):
    model, b, load, names = linear(number, 0.4)
    mixing = np.linalg.inv(np.eye(5) - b) @ load
    covariance = mixing @ mixing.T
    exact = covariance[-1, :2] @ np.linalg.solve(covariance[:2, :2], [1.5, -0.5])
    question = Question(names[-1], given={names[0]: 1.5, names[1]: -0.5})
    assert truth(model, question) == pytest.approx(exact, abs=1e-9)
    for engine in SAMPLING:
        with pytest.raises(CannotAnswer, match="continuous variable was given an exact value"):
            ask(engine, model, question, 1000)


@pytest.mark.parametrize("number", range(6))
def test_a_fully_seen_unit_of_a_linear_model_is_imagined_exactly_by_gcm(number):
    model, b, _, names = linear(number, 0)
    cut = b.copy()
    cut[1] = 0
    seen = dict(zip(names, rng(f"unit {number}").normal(size=5).tolist(), strict=True))
    question = Question(names[-1], imagine={names[1]: 0.25}, given=seen)
    exact = seen[names[-1]] + (0.25 - seen[names[1]]) * np.linalg.inv(np.eye(5) - cut)[-1, 1]
    assert ask("dowhy.gcm", model, question) == (pytest.approx(exact, abs=1e-9), 0)
    assert truth(model, question) == pytest.approx(exact, abs=1e-9)


def test_a_linear_model_with_a_hidden_cause_is_imagined_by_gaussian_conditioning():
    """X = U + A, Y = X + U + B, all noise standard normal: seeing X = 2, Y = 6 says U = 2 (normal equations by hand).

    V = (X, Y) has covariance [[2, 3], [3, 6]], and U has covariances (1, 2) with it: [1, 2] @ inv @ [2, 6] = 2.
    A = X - U = 0 and B = Y - X - U = 2, so Y_{X=0} = 0 + 2 + 2 = 4.
    """
    noise = {"U": Normal(), "A": Normal(), "B": Normal()}
    model = SCM(noise, {"X": lambda U, A: U + A, "Y": lambda X, U, B: X + U + B})
    assert truth(model, "E[Y_{X=0} | X=2, Y=6]") == pytest.approx(4, abs=1e-9)


@pytest.mark.parametrize("engine", SAMPLING)
@pytest.mark.parametrize("noise", [Normal(1, 2), Normal(1, 0), Uniform(-1, 2), Exponential(2), Laplace(1, 0.5)])
def test_continuous_noise_has_the_same_distribution_in_every_engine(engine, noise):
    import scipy.stats as stats

    frozen = {
        Normal(1, 2): stats.norm(1, 2),
        Uniform(-1, 2): stats.uniform(-1, 3),
        Exponential(2): stats.expon(scale=2),
        Laplace(1, 0.5): stats.laplace(1, 0.5),
    }.get(noise)
    model = SCM({"U": noise}, {"X": lambda U: U, "Y": lambda X: X > 1.2})
    value, error = ask(engine, model, "P(Y=1)", UNITS, rng(f"{engine} {noise}"))
    assert abs(value - (0.0 if frozen is None else frozen.sf(1.2))) < FAR * error
