"""A question is read as a paper writes it, printed as it was read, and refused kindly when it says nothing."""

import numpy as np
import pytest

from causalcourse.engines import Question, QuestionError, compare
from causalcourse.worlds import clinic

WRITTEN = {
    "P(Y=1)": 1,
    "P(Y=1 | X=1)": 1,
    "E[Y | X=1, Z=0]": 1,
    "P(Y=1 | do(X=1))": 2,
    "P(Y=0 | do(X=1), Z=0)": 2,
    "E[Y | do(X=1, W=-0.5), Z=2]": 2,
    "P(Y_{X=0}=1 | X=1, Y=1)": 3,
    "E[Y_{X=0, W=1} | X=1]": 3,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_question_prints_as_it_was_written_and_knows_its_rung(text):
    question = Question.parse(text)
    assert str(question) == text
    assert question.rung == WRITTEN[text]
    assert Question.parse(str(question)) == question
    assert hash(question) == hash(Question.parse(text))


def test_a_question_may_be_written_in_code():
    assert Question("Y", 1, given={"X": 1}) == Question.parse("P(Y=1 | X=1)")
    assert Question("Y", do={"X": 1}, given={"Z": 0}) == Question.parse("E[ Y|do( X = 1 ),Z=0 ]")
    assert Question("Y", 1, imagine={"X": 0}, given={"X": 1, "Y": 1}) == Question.parse("P(Y_{X=0} = 1 | X=1, Y=1)")


def test_a_world_of_which_nothing_was_seen_is_the_acted_on_world():
    assert Question.parse("P(Y_{X=0}=1)") == Question.parse("P(Y=1 | do(X=0))")


def test_two_actions_are_one_action_on_two_variables():
    assert Question.parse("E[Y | do(X=1), Z=0, do(W=1)]") == Question.parse("E[Y | do(X=1, W=1), Z=0]")


def test_the_mean_of_a_probability_question_is_a_share():
    values = np.array([0, 1, 2, 2])
    assert Question.parse("P(Y=2)").score(values).mean() == 0.5
    assert Question.parse("E[Y]").score(values).mean() == 1.25


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("", "Write it like"),
        (7, "Write it like"),
        ("P(Y=1", "Write it like"),
        ("P[Y=1)", "Write it like"),
        ("the effect of X", "Write it like"),
        ("P(Y=1 | )", "Write it like"),
        ("P(Y=1 | X)", "Cannot read 'X'"),
        ("P(Y=1 | X==1)", "Cannot read 'X==1'"),
        ("P(Y=1 | do(X=1)", "Cannot read"),
        ("P(Y=1 | do X=1)", None),
        ("P(Y=1 | X=1 | Z=0)", "Cannot read"),
        ("P(Y | X=1)", "P(Y=1 | ...)"),
        ("E[Y=1 | X=1]", "asks for the mean of a statement"),
        ("P(Y=1 | X=one)", "'X' needs a number"),
        ("P(Y=1 | X=inf)", "finite number"),
        ("P(Y=yes)", "'Y' needs a number"),
        ("P(Y=1 | X=1, X=0)", "gives 'X' twice"),
        ("P(Y=1 | do(X=1), do(X=0))", "gives 'X' twice"),
        ("P(Y=1 | do(X=1), X=0)", "Y_{X=1}"),
        ("P(Y=1 | do(Y=1))", "acts on its own outcome"),
        ("P(Y=1 | Y=1)", "both asked for and given"),
        ("P(Y=1 | do(X=1), Y=1)", "both asked for and given"),
        ("P(Y_{X=0}=1 | do(X=1))", "acts once"),
        ("P(Y_{X}=1 | X=1)", "Cannot read 'X'"),
    ],
)
def test_what_is_no_question_is_refused_with_what_to_write(text, fragment):
    with pytest.raises(QuestionError) as refused:
        question = Question.parse(text)
        # "do X" reads as a name; the model does not have it
        question.check(clinic.model())
    assert fragment is None or fragment in str(refused.value)


@pytest.mark.parametrize(
    "fields",
    [{"outcome": 1}, {"outcome": "Y", "do": "X"}, {"outcome": "Y", "given": [1]}, {"outcome": "Y", "do": {1: 1}}],
)
def test_odd_fields_are_refused(fields):
    with pytest.raises(QuestionError):
        Question(**fields)


def test_a_name_that_the_model_does_not_have_is_named():
    with pytest.raises(QuestionError, match=r"names 'Zz', .*Did you mean 'Z'"):
        Question.parse("P(Y=1 | Zz=1)").check(clinic.model())


@pytest.mark.parametrize("model", [None, "X -> Y"])
def test_a_question_is_put_to_a_model_and_to_nothing_else(model):
    with pytest.raises(QuestionError, match="put to a model"):
        Question.parse("E[Y]").check(model)


def test_one_engine_may_be_named_alone_and_several_may_come_one_by_one():
    model = clinic.model()
    alone = compare(model, ["E[Y]", "E[X]"], "causalcourse", n=1_000)
    one_by_one = compare(model, ["E[Y]", "E[X]"], (name for name in ["causalcourse"]), n=1_000)
    assert alone.equals(one_by_one)
    assert not one_by_one.isna().any().any()


@pytest.mark.parametrize("questions", [None, 3])
def test_what_is_no_list_of_questions_is_refused_as_a_question(questions):
    with pytest.raises(QuestionError, match="Cannot read the question"):
        compare(clinic.model(), questions)
