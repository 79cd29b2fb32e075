"""Questions of several worlds, put to every engine: who answers is held to the exact answer, who does not says why."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.counterfactual import Counterfactual
from causalcourse.engines import ENGINES, CannotAnswer, Question, QuestionError, ask, compare, truth, why_dashes
from causalcourse.engines.question import as_question, spelled_out
from causalcourse.errors import CourseError
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete, random_graph, random_linear
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

UNITS = 20_000
MODELS = 8
FAR = 4  # standard errors; the seeds are fixed
SAMPLING = ["causalcourse", "pyro", "chirho"]

# how a question looks, with X, W, M, Y for the variables of a model in causal order; and its rung
SHAPES = {
    "P(Y_{X=0}=0, Y_{X=1}=1)": 3,
    "P(Y_{X=0}=1 | X=1, Y=1)": 3,
    "P(Y_{X=0}=1 | X=1, W=0, M=1)": 3,
    "P(Y_{X=0}=1 | X=1, Y=1, M_{X=1}=0)": 3,
    "P(Y_{X=0}=1, M=1 | Y_{W=1}=0)": 3,
    "P(Y_{W=0, M=1}=1, Y_{X=1}=0 | Y=1)": 3,
    "P(Y=1 | do(M=M_{X=0}), X=1)": 3,
    "E[Y_{X=1, M_{X=0}} - Y_{X=0}]": 3,
    "E[Y_{X=1, M_{X=0, W_{X=1}}} | W=1]": 3,
    "E[Y_{X=1, W_{X=0}, M_{X=1}} - 2 M_{W=1}]": 3,
    "E[Y_{X=1} - Y_{X=0} | X=1, Y=1]": 3,
    "E[Y_{X=1} - Y_{X=0}]": 2,
    "E[Y - 0.5 M | do(X=1), W=0]": 2,
    "P(M=1, Y=0 | do(X=1))": 2,
    "P(M=1, Y=0 | X=1)": 1,
    "E[M + Y | W=1]": 1,
}


@functools.cache
def model(number: int) -> SCM:
    """A random model of four variables; every second one with hidden causes, every third one with three states."""
    draw = rng(f"worlds {number}")
    graph = random_graph(4, draw, density=0.7, bidirected=0.3 * (number % 2))
    names = dict(zip(graph.order, "XWMY", strict=True))
    return random_discrete(graph.relabelled(names), draw, states=3 if number % 3 == 0 else 2)


@functools.cache
def told(engine: str, number: int) -> dict[str, tuple[float, float]]:
    """(value, error) for each question that the engine answers."""
    answers = {}
    for text in SHAPES:
        try:
            answers[text] = ask(engine, model(number), text, UNITS, rng(f"{engine} {number} {text}"))
        except CannotAnswer:
            continue
    return answers


@pytest.mark.parametrize("number", range(MODELS))
@pytest.mark.parametrize("engine", ENGINES)
def test_who_answers_is_within_sampling_error_of_the_truth(engine, number):
    for text, (value, error) in told(engine, number).items():
        exact = truth(model(number), text)
        assert abs(value - exact) < FAR * error + 1e-9, f"{engine} says {text} = {value} ± {error}; it is {exact}"


def test_who_answers_what():
    up_to_2 = [text for text, rung in SHAPES.items() if rung < 3]
    for number in range(MODELS):
        for engine in ENGINES:
            assert list(told(engine, number)) == (list(SHAPES) if engine in SAMPLING else up_to_2), engine


@pytest.mark.parametrize("engine", [*SAMPLING, "dowhy.gcm"])
def test_the_errors_are_those_of_sums_and_of_worlds_that_share_their_noise(engine):
    z = [
        (value - truth(model(number), text)) / error
        for number in range(MODELS)
        for text, (value, error) in told(engine, number).items()
    ]
    # where no unit of a model can move, the value is exact and its error is not 0: z is smaller than by chance
    assert 0.4 < np.mean(np.square(z)) < 1.6


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("engine", [*SAMPLING, "dowhy.gcm"])
def test_the_error_of_a_difference_is_that_of_unit_by_unit_and_of_independent_samples_in_gcm(engine, number):
    one, zero = (model(number).do(X=x).worlds() for x in (1, 0))
    squares = one["p"] @ (one["Y"] - zero["Y"]) ** 2 - (one["p"] @ (one["Y"] - zero["Y"])) ** 2
    if engine == "dowhy.gcm":
        squares = sum(each["p"] @ each["Y"] ** 2 - (each["p"] @ each["Y"]) ** 2 for each in (one, zero))
    assert told(engine, number)["E[Y_{X=1} - Y_{X=0}]"][1] == pytest.approx(np.sqrt(squares / UNITS), rel=0.1)


@pytest.mark.parametrize("number", range(MODELS))
@pytest.mark.parametrize("engine", SAMPLING)
def test_worlds_that_are_the_same_are_the_same_in_each_unit(engine, number):
    """Composition and consistency (Pearl 2009, sec. 7.3.1) hold of every single unit, whatever the sample."""
    never = ("P(Y_{X=1}=0 | X=1, Y=1)", "P(M_{X=0, W_{X=0}}=1, M_{X=0}=0)", "P(Y_{Y=1}=0, M_{X=1}=1)")
    zero = ("E[Y_{X=1, M_{X=1}} - Y_{X=1}]", "E[Y_{W=W} - Y]", "E[Y_{X=0, M_{X=0}, W_{X=0}} - Y_{X=0} | Y=1]")
    for text in never + zero:
        value, error = ask(engine, model(number), text, 2_000)
        assert value == 0 and error < 0.1, text


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("engine", [*SAMPLING, "dowhy.gcm"])
def test_continuous_worlds_are_nested_too(engine, number):
    given = random_linear("X -> W -> M -> Y; X -> M; W -> Y; X -> Y; X <-> Y", rng(f"line {number}"))
    for text in ("E[Y_{X=1, M_{X=0}} - Y_{X=0}]", "E[Y_{X=1, W_{X=0}, M=0.5} - 2 M]", "E[Y_{X=0.5} - Y_{W=1}]"):
        if engine == "dowhy.gcm" and as_question(text).rung == 3:
            with pytest.raises(CannotAnswer, match="hidden cause"):
                ask(engine, given, text)
            continue
        value, error = ask(engine, given, text, UNITS, rng(f"{engine} {number} {text}"))
        assert abs(value - truth(given, text)) < FAR * error + 1e-9, text


# --- gcm, where everything was seen --------------------------------------------------------------------------------

CIRCLE = SCM(  # noise is added in a circle: seeing all three tells all noise
    {"A": [0.5, 0.5], "B": [0.5, 0.3, 0.2], "C": [0.1, 0.2, 0.7]},
    {"X": lambda A: A, "M": lambda X, B: (X + B) % 3, "Y": lambda X, M, C: (2 * M + C + X) % 3},
)


@pytest.mark.parametrize("seen", ["X=0, M=2, Y=1", "X=1, M=0, Y=0", "X=1, M=1, Y=2"])
@pytest.mark.parametrize(
    "asked",
    [
        "P(Y_{X=0}=1, Y_{X=1}=2 | %s)",
        "E[Y_{X=1} - Y_{X=0} | %s]",
        "E[Y_{X=1, M_{X=0}} - M_{X=1} | %s]",
        "E[Y_{X=1} | %s, M_{X=1}=2]",
    ],
)
def test_gcm_imagines_all_worlds_of_a_fully_seen_unit(asked, seen):
    question = asked % seen
    try:
        exact = truth(CIRCLE, question)
    except CannotAnswer:
        with pytest.raises(CannotAnswer, match="no unit of this model"):
            ask("dowhy.gcm", CIRCLE, question)
    else:
        assert ask("dowhy.gcm", CIRCLE, question) == (pytest.approx(exact, abs=1e-9), 0)


def test_gcm_adds_a_unit_of_a_linear_model_up_exactly():
    given = random_linear("X -> M -> Y; X -> Y", rng("seen"))
    text = "E[2 Y_{X=1, M_{X=0}} - Y_{X=0} | X=0.5, M=-1, Y=2]"
    assert ask("dowhy.gcm", given, text) == (pytest.approx(truth(given, text), abs=1e-9), 0)


# --- the dashes ----------------------------------------------------------------------------------------------------

SURE = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
MANY = random_discrete("A -> Y; B -> Y; C -> Y; D -> Y; E -> Y", rng("many worlds"))
DASHES = {
    ("chirho", "E[Y_{X=Z_{X=0}}]"): "sets 'X' to a number, or to what 'X' itself would be",
    ("chirho", "E[Y_{X=X_{X=0}} - Y]"): "in a world where it is left alone; X_{X=0} is neither",
    ("chirho", "E[Y_{X=0.5} - Y | Z=1]"): "one tensor, which here holds whole numbers: 0.5 is none",
    ("pgmpy", "P(Y_{X=0}=0, Y_{X=1}=1)"): "pgmpy has no counterfactuals",
    ("pgmpy", "P(X=1, Y=1 | Z=5)"): "Z=5 never occurs",
    ("dowhy.gcm", "P(Y_{X=0}=0, Y_{X=1}=1)"): "has not seen 'Z'",
    ("dowhy.gcm", "P(Y_{X=0}=0, Y_{X=1}=1 | Z=0, X=1, Y_{X=1}=1)"): "has not seen 'Y'",
    ("dowhy.gcm", "P(Y_{X=0}=0, Y_{X=1}=1 | Z=0, X=1, Y=1)"): "invertible",
    ("causalcourse", "P(Y_{X=0}=1 | Y_{X=1}=7)"): "0 of 100 sampled units",
    ("pyro", "P(Y_{X=0}=1 | Z=1, Z_{Y=0}=0)"): "0 of 100 sampled units",
}


@pytest.mark.parametrize(("engine", "question"), DASHES)
def test_a_dash_has_a_reason(engine, question):
    with pytest.raises(CannotAnswer) as refused:
        ask(engine, clinic.model(), question, 100)
    assert DASHES[engine, question] in str(refused.value)


def test_more_worlds_than_fit_in_memory_are_refused_by_who_keeps_them_all():
    actions = [", ".join(f"{v}={k}" for v in "ABCDE") for k in (0, 1)]
    text = f"P(Y_{{{actions[0]}}}=0, Y_{{{actions[1]}}}=1)"
    with pytest.raises(CannotAnswer, match="all combinations of these actions"):
        ask("chirho", MANY, text, 100_000)
    value, error = ask("chirho", MANY, text, 20_000)
    assert abs(value - truth(MANY, text)) < FAR * error
    assert abs(value - ask("causalcourse", MANY, text).value) < 2 * FAR * error


def test_what_no_unit_shows_in_any_world_has_no_answer_anywhere():
    table = compare(SURE, ["P(Y_{X=0}=1 | X_{Y=1}=1, Y=0)", "P(X=1, Y=1 | do(X=0), X=1)"], n=1_000)
    assert (table.drop(columns="rung") == "–").all(axis=None)
    assert why_dashes(table)["why"].str.endswith(".").all()


@pytest.mark.parametrize("engines", [None, 5, ["pgmpy", "pgmpi"], [["pgmpy"]]])
def test_a_table_has_engines_that_are_here(engines):
    with pytest.raises(CourseError, match="There is no engine"):
        compare(SURE, ["P(Y=1)"], engines)


@pytest.mark.parametrize("digits", [-1, 1.5, "a", None, 400])
def test_a_table_shows_a_number_of_digits(digits):
    with pytest.raises(CourseError, match="digits"):
        compare(SURE, ["P(Y=1)"], "pgmpy", digits=digits)


@pytest.mark.parametrize("table", [None, 5, pd.DataFrame({"pyro": ["–"]})])
def test_only_the_table_of_compare_says_why_it_has_dashes(table):
    with pytest.raises(CourseError, match="compare"):
        why_dashes(table)


# --- reading -------------------------------------------------------------------------------------------------------

PLAIN = ["P(Y=1 | X=1)", "E[Y | do(X=1), Z=0]", "P(Y_{X=0}=1 | X=1, Y=1)", "E[Y_{X=0, W=1} | X=1]", "P(Y_{X=0}=1)"]
RICHER = [*SHAPES, "E[2 Y]", "E[Y - X]", "P(Y_{X=0}=1 | Z_{X=0}=1)", "P(Y_{X=0}=1 | do(X=1), Z=1)"]
RICHER.remove("P(Y_{X=0}=1 | X=1, Y=1)")
RICHER.remove("P(Y_{X=0}=1 | X=1, W=0, M=1)")


def test_a_text_is_a_question_where_one_can_say_it_and_a_counterfactual_where_it_cannot():
    assert all(as_question(text) == Question.parse(text) for text in PLAIN)
    assert all(as_question(text) == Counterfactual.parse(text) for text in RICHER)
    assert all(as_question(given) is given for given in map(as_question, PLAIN + RICHER))


@pytest.mark.parametrize("text", SHAPES)
def test_a_question_knows_its_rung(text):
    assert as_question(text).rung == Counterfactual.parse(text).rung == SHAPES[text]


@pytest.mark.parametrize("text", PLAIN)
def test_a_question_has_the_same_rung_in_both_kinds_of_writing(text):
    assert spelled_out(Question.parse(text)).rung == Question.parse(text).rung == Counterfactual.parse(text).rung


def test_it_can_be_asked_as_text_and_as_an_object():
    text = "P(Y_{X=0}=0, Y_{X=1}=1)"
    query = Counterfactual.parse(text)
    assert truth(clinic.model(), text) == truth(clinic.model(), query)
    for engine in SAMPLING:
        assert ask(engine, clinic.model(), text, 500) == ask(engine, clinic.model(), query, 500)
    one, several = (compare(clinic.model(), asked, n=500) for asked in (query, [text]))
    assert one.equals(several)
    assert list(one.index) == [text] and list(one["rung"]) == [3]
    assert one.attrs["errors"][text, "pyro"] > 0


REFUSED = {
    "E[Y_{X=1, Zz_{X=0}} - Y_{X=0}]": "names 'Zz', which is not a variable of this model",
    "P(Y=1, Q=0)": "names 'Q'",
    "P(Y_{X=0}=0, Y_{X=1}=": "Here a number is expected",
    "E[Y_{X=1} - Y_{X=0}": "at its end. Here the closing bracket",
    "P(Y_{X=0}=0, Y_{X=1})": "which value of Y_{X=1}",
    "P(Y=1 | do(X=1), X=0)": "imagine: Y_{X=1}",
    "P(Y=1 | Y=1)": "both asked for and given",
    "P(Y_{X=0}=1 | do(X=1))": "acts once",
    "P(Y=1 | X=1, X=0)": "gives 'X' twice",
    "P(Y | X=1)": "P(Y=1 | ...)",
    "E[Y=1 | X=1]": "asks for the mean of a statement",
    "the effect of X": "Write it like",
    "P(Y=1 | X=one)": "'X' needs a number",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_question_to_the_model_is_refused_in_words(text):
    for put in (
        lambda: truth(clinic.model(), text),
        lambda: ask("pyro", clinic.model(), text),
        lambda: compare(clinic.model(), [text]),
    ):
        with pytest.raises(QuestionError) as refused:
            put()
        assert REFUSED[text] in str(refused.value)


@pytest.mark.parametrize("question", [None, 3, ["P(Y=1)"]])
def test_what_is_no_text_is_refused(question):
    with pytest.raises(QuestionError, match="Cannot read the question"):
        ask("pyro", clinic.model(), question)


def test_a_counterfactual_asks_for_something():
    with pytest.raises(QuestionError, match="asks for a probability"):
        Counterfactual()


@pytest.mark.parametrize("given", [None, "X -> Y"])
def test_a_counterfactual_is_put_to_a_model_and_to_nothing_else(given):
    for put in (truth, functools.partial(ask, "pyro")):
        with pytest.raises(QuestionError, match="put to a model"):
            put(given, "P(Y_{X=0}=0, Y_{X=1}=1)")


def test_a_single_value_of_what_is_continuous_has_no_truth():
    line = SCM({"A": Normal(), "B": Normal()}, {"X": lambda A: A, "Y": lambda X, B: X + B})
    with pytest.raises(CannotAnswer, match="continuous"):
        truth(line, "P(Y_{X=0}=0, Y_{X=1}=1)")
