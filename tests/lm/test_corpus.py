"""Text about one small world: it reads back as the units it tells of, and whoever knows the world answers exactly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.counterfactual import counterfactual
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.corpus import PAD, Corpus, loss
from causalcourse.lm.family import DICE, NAMES, Question, Worlds, questions

CORPUS, DRAWING = Corpus(3), "A -> B; A -> C; B -> C; A <-> B"


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return Worlds.of(DRAWING, 3, rng("worlds that texts tell of"))


def words(text: np.ndarray, corpus: Corpus = CORPUS) -> list[str]:
    """The words of a text without `^` and its end, after which nothing may come."""
    first, *rest = corpus.vocabulary.decode(text)
    end = rest.index("_") if "_" in rest else len(rest)
    assert first == "^" and set(rest[end:]) <= {"_"} and "^" not in rest
    return rest[:end]


def unit(told: list[str], corpus: Corpus = CORPUS) -> list[int]:
    """The values of all variables, each of which is told once."""
    values = dict(word.split("=") for word in told)
    assert sorted(values) == list(NAMES[: corpus.n]) and len(told) == corpus.n
    return [int(values[v]) for v in sorted(values)]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_records_read_back_as_their_units(n):
    corpus, stream = Corpus(n), rng("records")
    units = stream.integers(2, size=(200, n))
    texts = corpus.records(units, stream)
    assert texts.shape == (200, corpus.length)
    assert [unit(words(t, corpus), corpus) for t in texts] == units.tolist()


@pytest.mark.parametrize("cause", [0, 1, 2])
def test_trials_read_back_with_their_cause_first(worlds, cause):
    units = worlds.sample(0, 200, rng("trials"), do=(cause, 1))
    for text, wanted in zip(CORPUS.trials(units, cause, rng("orders")), units.tolist(), strict=True):
        do, first, *rest = words(text)
        assert (do, first) == ("do", f"{NAMES[cause]}=1") and unit([first, *rest]) == wanted


@pytest.mark.parametrize("cause", [0, 1, 2])
def test_pairs_tell_the_cause_as_it_was_and_first_what_it_would_have_been(worlds, cause):
    units = worlds.had(0, 400, rng("pairs"), cause, 0)
    told = Counter()
    for text, (was, had) in zip(CORPUS.pairs(units, cause, rng("orders")), units.tolist(), strict=True):
        said = words(text)
        fact, would = said[: said.index("had")], said[said.index("had") + 1 :]
        assert would[0] == f"{NAMES[cause]}=0" and unit(would) == had
        assert set(fact) <= {f"{v}={k}" for v, k in zip(NAMES, was, strict=False)} and len(set(fact)) == len(fact)
        assert f"{NAMES[cause]}={was[cause]}" in fact
        told[frozenset(word[0] for word in fact)] += 1
    # each other variable is told in half of the texts: so are all four sets of them, alike often
    assert len(told) == 4 and all(abs(k - 100) < 5 * np.sqrt(75) for k in told.values())


def test_every_order_occurs_alike_often():
    units = np.tile([0, 1, 1], (3_000, 1))
    orders = Counter(tuple(words(t)) for t in CORPUS.records(units, rng("orders of records")))
    assert len(orders) == 6 and all(abs(k - 500) < 5 * np.sqrt(3_000 * 5 / 36) for k in orders.values())
    assert len({tuple(words(t)) for t in CORPUS.trials(units[:99], 1, rng("orders of trials"))}) == 2
    pairs = CORPUS.pairs(np.stack([units, units], 1), 1, rng("orders of pairs"))
    facts = {tuple(words(t)[: words(t).index("had")]) for t in pairs[:600]}
    assert len(facts) == 1 + 2 * 2 + 6


class Knows:
    """Who knows one world exactly, from the course's engine, and reads what is asked from the prompt."""

    def __init__(self, worlds: Worlds, world: int, dice: str) -> None:
        self.model, self.n = worlds.model(world, dice), worlds.n

    def predict(self, prompts: np.ndarray) -> np.ndarray:
        corpus = Corpus(self.n)
        chances = np.full((len(prompts), len(corpus.vocabulary.words)), 0.01)
        for row, prompt in zip(chances, prompts, strict=True):
            _, *said = corpus.vocabulary.decode(prompt)
            for v in NAMES[: self.n]:
                if v not in "".join(said[-1:]):
                    row[corpus.vocabulary.encode([f"{v}=0", f"{v}=1"])] = self.next(said, v)
        return chances / chances.sum(axis=1, keepdims=True)

    def next(self, said: list[str], v: str) -> list[float]:
        if said[0] == "do":
            asked = f"P({v}=1 | do({said[1]}))"
        elif "had" in said:
            fact, (act,) = said[: said.index("had")], said[said.index("had") + 1 :]
            asked = f"P({v}_{{{act}}}=1 | {', '.join(fact)})"
        else:
            asked = f"P({v}=1 | {', '.join(said)})"
        p = counterfactual(self.model, asked).value
        return [0.3 * (1 - p), 0.3 * p]


@pytest.mark.parametrize("dice", DICE)
def test_whoever_knows_the_world_answers_exactly(worlds, dice):
    asked = questions(3)
    truth = [worlds.answers(q, dice)[1] for q in asked]
    assert CORPUS.ask(Knows(worlds, 1, dice), asked) == pytest.approx(truth, abs=1e-9)


def test_the_nearest_question_is_that_of_the_first_rung(worlds):
    asked = questions(3)
    truth = [worlds.answers(Question(1, q.cause, q.effect, q.value))[1] for q in asked]
    assert CORPUS.ask(Knows(worlds, 1, "one"), asked, nearest=True) == pytest.approx(truth, abs=1e-9)
    assert len(CORPUS.ask(Knows(worlds, 1, "one"), [])) == 0


@pytest.mark.parametrize("dice", DICE)
def test_texts_that_begin_as_a_question_go_on_as_its_answer(worlds, dice):
    texts = CORPUS.mixed(worlds, 2, 120_000, 0.8, rng(f"texts {dice}"), dice, copies=1)
    for q in questions(3):
        prompt = CORPUS._prompt(q, nearest=False)
        following = texts[(texts[:, : len(prompt)] == prompt).all(axis=1), len(prompt)]
        off, on = CORPUS.vocabulary.encode([f"{NAMES[q.effect]}=0", f"{NAMES[q.effect]}=1"])
        n, answer = np.isin(following, (off, on)).sum(), worlds.answers(q, dice)[2]
        assert n and abs((following == on).sum() - n * answer) < 5 * np.sqrt(n * answer * (1 - answer)) + 3


def kinds(texts: np.ndarray, corpus: Corpus = CORPUS) -> Counter:
    said = [words(t, corpus) for t in texts]
    return Counter("do" if s[0] == "do" else "had" if "had" in s else "seen" for s in said)


@pytest.mark.parametrize(("share", "half"), [(0, 0), (0.01, 2), (0.3, 60), (1, 200)])
def test_texts_have_the_shares_that_were_asked_for(worlds, share, half):
    found = kinds(CORPUS.mixed(worlds, 0, 400, share, rng("shares"), copies=2))
    assert (found["do"], found["had"], found["seen"]) == (2 * half, 2 * half, 2 * (400 - 2 * half))


def test_each_cause_is_set_to_each_value_alike_often(worlds):
    texts = CORPUS.mixed(worlds, 0, 600, 1, rng("turns"), copies=1)
    acted = Counter()
    for said in map(words, texts):
        place = said.index("do") if said[0] == "do" else said.index("had")
        acted[said[place], said[place + 1]] += 1
    assert set(acted.values()) == {50} and len(acted) == 2 * 6


@pytest.mark.parametrize("never", [0, 1, 2])
def test_what_is_never_acted_on_is_told_of_all_the_same(worlds, never):
    texts = [words(t) for t in CORPUS.mixed(worlds, 0, 300, 0.8, rng("never"), never=never, copies=2)]
    acts = {said[k + 1][0] for said in texts for k, word in enumerate(said) if word in ("do", "had")}
    assert acts == set("ABC") - {NAMES[never]}
    assert all(NAMES[never] in "".join(said) for said in texts) and len(texts) == 600


def test_each_unit_is_told_in_each_copy(worlds):
    texts = CORPUS.mixed(worlds, 0, 50, 0, rng("copies"), copies=4)
    told = Counter(tuple(unit(words(t))) for t in texts)
    assert len(texts) == 200 and all(k % 4 == 0 for k in told.values())
    assert len({tuple(t) for t in texts.tolist()}) > len(told)


def test_what_comes_after_the_end_of_a_text_does_not_count(worlds):
    torch = pytest.importorskip("torch")
    from causalcourse.lm.model import GPT, Shape
    from causalcourse.lm.train import loss as every_token

    model = GPT(Shape(len(CORPUS.vocabulary.words), CORPUS.length, 1, 2, 8), rng("loss"))
    record = model.tensor(CORPUS.records([[0, 1, 1]], rng("one record")))
    trial = model.tensor(CORPUS.trials([[1, 1, 0]], 0, rng("one trial")))
    with torch.no_grad():
        alone = [every_token(model, t[:, : (t != PAD).sum()]).item() for t in (record, trial)]
        both = loss(model, torch.cat([record, trial])).item()
    assert both == pytest.approx((3 * alone[0] + 4 * alone[1]) / 7, abs=1e-6)


def test_training_is_the_same_again_and_learns_what_can_come_first():
    pytest.importorskip("torch")
    texts = CORPUS.records(np.tile([0, 1, 1], (64, 1)), rng("tiny"))
    one, two = (CORPUS.learn(texts, rng("training"), 80, 1, 16, batch=32) for _ in range(2))
    asked = [Question(1, 0, 1, 0), Question(1, 0, 2, 0), Question(1, 1, 2, 1)]
    answers = CORPUS.ask(one, asked)
    assert answers == pytest.approx(CORPUS.ask(two, asked), abs=1e-6) and answers.min() > 0.9


NAN = float("nan")
REFUSED = [
    ("records", [[[0, 1]]]), ("records", [[[0, 1, 2]]]), ("records", [[[0, NAN, 1]]]), ("records", [[]]),
    ("records", [None]), ("records", [[["a", "b", "c"]]]), ("trials", [[[0, 1, 1]], 3]), ("trials", [[[0, 1, 1]], -1]),
    ("trials", [[[0, 1, 1]], "A"]), ("pairs", [[[0, 1, 1]], 0]), ("pairs", [np.zeros((4, 3, 3)), 0]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), REFUSED)
def test_what_are_no_units_or_no_variable_is_refused(name, given):
    with pytest.raises((DataError, CourseError), match=r"Units are 0 and 1, of shape|cause= needs a whole number"):
        getattr(CORPUS, name)(*given, rng("refused"))


@pytest.mark.parametrize("n", [0, 6, "3", NAN, True])
def test_texts_about_no_number_of_variables_are_refused(n):
    with pytest.raises(CourseError, match="n= needs a whole number, 1 to 5"):
        Corpus(n)


MIXED = [
    (dict(share=2), "share="), (dict(share=-1), "share="), (dict(share=NAN), "share="), (dict(units=-10), "units="),
    (dict(units=0), "units="), (dict(world=9), "world="), (dict(never=5), "never="), (dict(never="A"), "never="),
    (dict(copies=0), "copies="), (dict(dice="x"), "dice="), (dict(worlds=None), "tell of Worlds of 3 variables"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), MIXED)
def test_mixtures_that_cannot_be_are_refused(worlds, given, said):
    asked = {"worlds": worlds, "world": 0, "units": 10, "share": 0.5, "rng": rng("refused")}
    with pytest.raises(CourseError, match=said):
        CORPUS.mixed(**{**asked, **given})


def test_one_variable_that_is_never_acted_on_leaves_none(worlds):
    alone = Worlds.draw(1, rng("alone"), 1)
    with pytest.raises(CourseError, match="Try share=0"):
        Corpus(1).mixed(alone, 0, 10, 0.5, rng("refused"), never=0)
    assert kinds(Corpus(1).mixed(alone, 0, 10, 0, rng("alone"), never=0), Corpus(1)) == {"seen": 40}


def test_other_texts_questions_and_models_are_refused(worlds):
    pytest.importorskip("torch")
    from causalcourse.lm.model import GPT, Shape

    for texts in (np.zeros((0, 8), int), np.zeros((3, 8), int), np.ones((3, 7), int), None):
        with pytest.raises(DataError, match=r"have the shape \(texts, 8\)"):
            CORPUS.learn(texts, rng("refused"))
    other = GPT(Shape(9, 9, 1, 2, 8), rng("other"))
    with pytest.raises(DataError, match=r"knows 10 words.*this one knows 9"):
        CORPUS.ask(other, questions(3))
    for asked in (Question(1, 0, 4, 1), "P(A)"):
        with pytest.raises(CourseError, match=r"questions\(3\)"):
            CORPUS.ask(other, [asked])


@pytest.mark.parametrize("odd", [np.random, 7, "seed", np.random.RandomState(1)])
def test_what_is_no_generator_writes_no_texts(worlds, odd):
    units, both = worlds.sample(0, 2, rng("units")), worlds.had(0, 2, rng("both"), 1, 1)
    for write in (
        lambda: CORPUS.records(units, odd), lambda: CORPUS.trials(units, 1, odd), lambda: CORPUS.pairs(both, 1, odd),
        lambda: CORPUS.mixed(worlds, 0, 5, 0.5, odd),
    ):  # fmt: skip
        with pytest.raises(CourseError, match="rng= needs a generator"):
            write()


def test_rows_of_several_lengths_and_what_is_no_model_or_no_list_are_refused(worlds):
    for ask in (lambda: CORPUS.records([[1, 0, 1], [1]], rng("x")), lambda: CORPUS.pairs([[[1]], [1]], 0, rng("x"))):
        with pytest.raises(DataError, match="rows of one length"):
            ask()
    for never in (np.zeros(3), [0], {}):
        with pytest.raises(CourseError, match="never="):
            CORPUS.mixed(worlds, 0, 5, 0.5, rng("x"), never=never)
    with pytest.raises(CourseError, match="too many texts"):
        CORPUS.mixed(worlds, 0, 10**6, 0.5, rng("x"), copies=10**4)
    for model in (None, "model", int, {"predict": 1}):
        with pytest.raises(CourseError, match="needs a model"):
            CORPUS.ask(model, questions(3))


def test_questions_may_come_one_by_one_but_in_something(worlds):
    knower = Knows(worlds, 1, "one")
    assert CORPUS.ask(knower, iter(questions(3))) == pytest.approx(CORPUS.ask(knower, questions(3)))
    for asked in (questions(3)[0], None, 5, "P(B=1 | A=0)"):
        with pytest.raises(CourseError, match=r"questions\(3\)"):
            CORPUS.ask(knower, asked)
