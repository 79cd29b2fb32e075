"""A world told in a prompt: drawing, records and question read back, beliefs sum to 1, and the readers that ship."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from causalcourse import rng
from causalcourse.errors import CourseError, DataError
from causalcourse.lm.family import NAMES, Question, Worlds, questions

torch = pytest.importorskip("torch")

from causalcourse.lm import weights  # noqa: E402
from causalcourse.lm.in_context import BINS, Prompts, counted, interval, learn, middle  # noqa: E402
from causalcourse.lm.model import GPT, Shape  # noqa: E402

MIDDLES = (np.arange(BINS) + 0.5) / BINS


def some(n: int = 3, worlds: int = 12) -> Worlds:
    return Worlds.draw(worlds, rng(f"worlds in prompts {n}"), n, arc=0.4 if n < 5 else 0.0)


def table(joint: np.ndarray, n: int) -> list[float]:
    """P(variable = 1 | all before it), in order of time, for each state of those before it."""
    p, found = joint.reshape((2,) * n), []
    for k in range(n):
        for before in itertools.product((0, 1), repeat=k):
            off, on = (p[(*before, value)].sum() for value in (0, 1))
            found.append(on / (off + on) if off + on else 0.5)
    return found


def beliefs(rows: int = 40, spread: float = 0.3) -> np.ndarray:
    return rng(f"beliefs {spread}").dirichlet(np.full(BINS, spread), rows)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_prompts_tell_drawing_percentages_and_question(n):
    worlds, prompts = some(n), Prompts(n)
    asked = [questions(n)[k % len(questions(n))] for k in range(12)]
    texts = prompts.write(worlds.joint(), asked, worlds)
    assert texts.shape == (12, prompts.length)
    for world, (text, q) in enumerate(zip(texts, asked, strict=True)):
        *said, question = prompts.vocabulary.decode(text)
        assert question == str(q)
        drawn = dict(zip(itertools.combinations(NAMES[:n], 2), said[: prompts.pairs], strict=True))
        graph = worlds.graph(world)
        assert {pair for pair, word in drawn.items() if word in ("->", "both")} == set(graph.directed)
        assert {pair for pair, word in drawn.items() if word in ("<->", "both")} == set(graph.bidirected)
        percent = [float(word.removesuffix("%")) / 100 for word in said[prompts.pairs :]]
        assert np.abs(np.array(percent) - table(worlds.joint()[world], n)).max() <= 0.005 + 1e-12


def test_without_a_drawing_each_pair_is_a_question_mark():
    worlds, prompts = some(), Prompts()
    told, untold = (prompts.write(worlds.joint(), questions(3)[:12], w) for w in (worlds, None))
    assert {*prompts.vocabulary.decode(untold[:, : prompts.pairs].ravel())} == {"?"}
    assert (told[:, prompts.pairs :] == untold[:, prompts.pairs :]).all()


def test_counts_and_chances_are_told_alike_and_who_never_occurs_is_told_as_half():
    prompts, asked = Prompts(2), questions(2)[:1]
    counts = np.array([[0, 0, 30, 10]])
    text = prompts.write(counts, asked)
    assert (text == prompts.write(counts / 40, asked)).all()
    assert prompts.vocabulary.decode(text[0]) == ["?", "100%", "50%", "25%", str(asked[0])]
    assert prompts.vocabulary.decode(prompts.write(0 * counts, asked)[0])[1:4] == ["50%"] * 3


def test_each_answer_is_followed_by_the_word_nearest_to_it():
    prompts, answers = Prompts(), np.array([0, 1e-9, 0.0199, 0.021, 0.5, 0.98, 0.999, 1])
    texts = np.zeros((len(answers), prompts.length), int)
    written = prompts.with_answers(texts, answers)
    assert (written[:, :-1] == texts).all()
    said = [float(word.split()[1]) for word in prompts.vocabulary.decode(written[:, -1])]
    assert said[0] == 0.01 and said[-1] == 0.99
    assert np.abs(np.array(said) - answers).max() <= 0.5 / BINS + 1e-9


def test_what_is_believed_is_about_the_answers_alone_and_sums_to_one():
    prompts = Prompts(2)
    vocabulary = len(prompts.vocabulary.words)
    model = GPT(Shape(vocabulary, prompts.length, 1, 2, 8), rng("believes something"))
    texts = prompts.write(some(2).joint(), [questions(2)[0]] * 12)
    believed = prompts.believed(model, texts)
    chances = model.predict(texts)[:, vocabulary - BINS :]
    assert believed.shape == (12, BINS) and believed.sum(axis=1) == pytest.approx(1)
    assert believed / believed[:, :1] == pytest.approx(chances / chances[:, :1])
    assert all(word.startswith("answer") for word in prompts.vocabulary.words[prompts.first_answer :])


def test_the_middle_is_the_mean_and_is_exact_where_one_answer_is_sure():
    assert middle(np.eye(BINS)) == pytest.approx(MIDDLES)
    assert middle(beliefs()) == pytest.approx([np.average(MIDDLES, weights=b) for b in beliefs()])


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 1])
@pytest.mark.parametrize("spread", [0.03, 0.3, 10.0])
def test_an_interval_holds_its_share_and_none_is_shorter(share, spread):
    for believed, (low, high) in zip(beliefs(20, spread), interval(beliefs(20, spread), share), strict=True):
        first, end = round(low * BINS), round(high * BINS)
        assert believed[first:end].sum() >= share - 1e-8
        shorter = [believed[k : k + end - first - 1].sum() for k in range(BINS)]
        assert max(shorter) < share
        earlier = [believed[k : k + end - first].sum() for k in range(first)]
        assert max(earlier, default=0) < share


def test_an_interval_about_a_sure_answer_is_that_answer():
    found = interval(np.eye(BINS))
    assert np.diff(found) == pytest.approx(1 / BINS) and found.mean(axis=1) == pytest.approx(MIDDLES)
    assert interval(np.full((1, BINS), 1 / BINS), 1.0) == pytest.approx(np.array([[0, 1]]))


def test_counted_units_are_as_frequent_as_they_are_likely():
    worlds = some()
    counts = counted(worlds, 20_000, rng("counted"))
    assert (counts.sum(axis=1) == 20_000).all() and not counted(worlds, 0, rng("none")).any()
    p = worlds.joint()
    assert (np.abs(counts - 20_000 * p) < 5 * np.sqrt(20_000 * p * (1 - p)) + 1).all()


def lessons(monkeypatch, prompts: Prompts, worlds: Worlds, told: float, n: int, units: int = 10**8) -> np.ndarray:
    """What `learn` would have a model read."""
    read = []
    monkeypatch.setattr("causalcourse.lm.train.train", lambda model, draw, *_, **__: read.append(draw(n)))
    learn(prompts, worlds, rng("lessons"), 1, told, units, layers=1, width=8)
    return read[0]


@pytest.mark.parametrize("told", [0, 0.6, 1])
def test_lessons_are_about_one_world_each_and_their_answers_exact(monkeypatch, told):
    worlds, prompts = some(3, 5), Prompts()
    texts = lessons(monkeypatch, prompts, worlds, told, 400)
    known = {str(q): (q, worlds.answers(q)) for q in questions(3)}
    written = prompts.write(worlds.joint(), questions(3)[:5], worlds)
    percents, which = slice(prompts.pairs, prompts.length - 1), []
    for text in texts:
        # with so many records a percentage is at most one off, where it lay between two
        world = int(np.abs(written[:, percents] - text[percents]).max(axis=1).argmin())
        assert np.abs(written[world, percents] - text[percents]).max() <= 1
        *said, question, answer = prompts.vocabulary.decode(text)
        assert abs(float(answer.split()[1]) - known[question][1][world]) <= 0.5 / BINS + 1e-9
        if "?" not in said:
            assert (text[: prompts.pairs] == written[world, : prompts.pairs]).all()
        which.append((world, question, "?" not in said))
    assert len({w for w, *_ in which}) == 5 and {q for _, q, _ in which} == set(known)
    assert abs(np.mean([seen for *_, seen in which]) - told) <= 5 * np.sqrt(told * (1 - told) / 400)


def test_a_small_reader_begins_to_read_the_first_rung_off_its_prompt():
    worlds, prompts, q = Worlds.draw(600, rng("to learn from"), 2), Prompts(2), Question(1, 0, 1, 1)
    model = learn(prompts, worlds, rng("small reader"), 150, layers=1, width=32, batch=64)
    fresh = Worlds.draw(100, rng("to be asked about"), 2)
    truth = fresh.answers(q)
    said = middle(prompts.believed(model, prompts.write(fresh.joint(), [q] * 100)))
    assert np.abs(said - truth).mean() < 0.8 * np.abs(0.5 - truth).mean()


NAN = float("nan")


@pytest.mark.parametrize("n", [1, 6, "x", NAN, True])
def test_prompts_about_no_number_of_variables_are_refused(n):
    with pytest.raises(CourseError, match="n= needs a whole number, 2 to 5"):
        Prompts(n)


def test_prompts_of_what_does_not_fit_are_refused():
    worlds, prompts, six = some(3, 6), Prompts(), questions(3)[:6]
    p = worlds.joint()
    for records, asked in ((p, six[:3]), (p * NAN, six), (-p, six), (p * np.inf, six), ("a", six), ([], [])):
        with pytest.raises(DataError, match=r"Prompts need records of shape|Numbers are needed"):
            prompts.write(records, asked)
    for told in (worlds.take(0), some(2, 6)):
        with pytest.raises(DataError, match="Prompts need a drawing of 3 variables for each of 6"):
            prompts.write(p, six, told)
    for strange in (Question(1, 0, 4, 1), "x"):
        with pytest.raises(CourseError, match=r"No prompt asks .*questions\(3\)"):
            prompts.write(p, [*six[:5], strange])
    for texts, answers in ((2, [0.5]), (1, [NAN]), (1, [1.5]), (1, [-0.5]), (1, "a")):
        with pytest.raises(DataError, match=r"needs an answer from 0 to 1|Numbers are needed"):
            prompts.with_answers(np.zeros((texts, prompts.length), int), answers)


def test_beliefs_and_shares_that_are_none_are_refused():
    even = np.full((1, BINS), 1 / BINS)
    for believed in (even * BINS, even[0], even * NAN, np.ones((1, 9)) / 9, [], "a"):
        for ask in (interval, middle):
            with pytest.raises(DataError, match=r"Beliefs have the shape|Numbers are needed"):
                ask(believed)
    for share in (0, -0.1, 1.2, NAN, "half"):
        with pytest.raises(CourseError, match="share= is a share of the belief"):
            interval(even, share)
    for units in (-1, 2.5, "a"):
        with pytest.raises(CourseError, match="units= needs a whole number"):
            counted(some(), units, rng("refused"))


def test_other_models_worlds_and_numbers_to_learn_from_are_refused():
    other = GPT(Shape(9, 11, 1, 2, 8), rng("other"))
    with pytest.raises(DataError, match="this one knows 9"):
        Prompts().believed(other, np.zeros((1, 11), int))
    for worlds in (some(2), some().take([])):
        with pytest.raises(CourseError, match=r"Prompts\(3\) tell of Worlds of 3 variables"):
            learn(Prompts(), worlds, rng("refused"), 2)
    for lots in ([], [some(), some(2)], [some(), "more"], "worlds", None):
        with pytest.raises(CourseError, match=r"Prompts\(3\) tell of Worlds of 3 variables"):
            learn(Prompts(), lots, rng("refused"), 2)
    for given in (dict(told=2), dict(told=NAN), dict(units=-1), dict(steps=0), dict(width=3)):
        with pytest.raises(CourseError):
            learn(Prompts(), some(), rng("refused"), **{"steps": 2, **given})


# the readers of chapter 13


@cache
def reader(name: str) -> GPT:
    pytest.importorskip("safetensors")
    return weights.model(name)


def believed(
    name: str, worlds: Worlds, asked: list[Question], told: Worlds | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """What a reader believes in each world about every question, and the true answers."""
    prompts, model, found, truth = Prompts(), reader(name), [], []
    records = counted(worlds, 20_000, rng(f"records for {name}"))
    for q in asked:
        found.append(prompts.believed(model, prompts.write(records, [q] * len(worlds), told)))
        truth.append(worlds.answers(q))
    return np.concatenate(found), np.concatenate(truth)


def off(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.abs(middle(found) - truth).mean())


def inside(found: np.ndarray, truth: np.ndarray) -> float:
    low, high = interval(found).T
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("rung", [1, 2])
def test_the_reader_of_worlds_with_nothing_hidden_answers_in_fresh_ones(rung):
    found, truth = believed("parameters", Worlds.draw(200, rng("fresh worlds")), questions(3, rung))
    assert off(found, truth) < 0.03 and inside(found, truth) >= 0.8


def test_the_right_drawing_halves_the_error_of_the_reader_of_drawings_and_a_wrong_one_does_not():
    through, drawing = [Question(2, 0, 2, value) for value in (0, 1)], "A -> B -> C; A <-> C"
    doors = Worlds.of(drawing, 200, rng("doors"))
    wrong = Worlds.of("A -> B; A -> C; B -> C", 200, rng("no doors"))
    right, none, misled = (off(*believed("prompt", doors, through, told)) for told in (doors, None, wrong))
    assert right < none / 2 and misled > 0.9 * none


def test_where_no_record_decides_the_reader_of_drawings_is_less_sure_than_the_other_and_holds_the_truth():
    treat = [Question(2, 1, 2, value) for value in (0, 1)]
    bows = Worlds.of("A -> C; B -> C; B <-> C", 200, rng("bows"))
    careful, careless = believed("prompt", bows, treat, bows), believed("parameters", bows, treat)
    assert inside(*careful) > 0.8 > 0.5 > inside(*careless)
    wide, narrow = (np.diff(interval(found)).mean() for found, _ in (careful, careless))
    assert wide > 2 * narrow


ODD = object()  # stands where something odd is given


def test_what_are_no_worlds_no_prompts_no_model_and_no_generator_is_refused():
    worlds, prompts, six = some(3, 6), Prompts(), questions(3)[:6]
    written = prompts.write(worlds.joint(), six)
    for odd, (ask, *given) in itertools.product(
        ("A -> B", np.zeros(3), [1], object()),
        (
            (prompts.write, worlds.joint(), six, ODD), (counted, ODD, 5, rng("x")), (counted, worlds, 5, ODD),
            (learn, ODD, worlds, rng("x"), 1), (learn, prompts, worlds, ODD, 1), (prompts.believed, ODD, written),
        ),
    ):  # fmt: skip
        with pytest.raises(CourseError):
            ask(*(odd if g is ODD else g for g in given))
    for asked in (None, 5, six[0], "P(B=1 | A=0)", ["5%"] * 6, ["?"] * 6):
        with pytest.raises(CourseError, match=r"questions\(3\)"):
            prompts.write(worlds.joint(), asked)


def test_a_prompt_is_read_and_answered_whole_or_not_at_all():
    prompts = Prompts()
    written = prompts.write(some(3, 6).joint(), questions(3)[:6])
    model = GPT(Shape(len(prompts.vocabulary.words), prompts.length, 1, 2, 8), rng("whole"))
    for part in (written[:, :4], written[0], written * 1.0, prompts.with_answers(written, [0.5] * 6), None):
        with pytest.raises(DataError, match="Prompts are whole numbers of shape"):
            prompts.believed(model, part)
        with pytest.raises(DataError, match="Prompts are whole numbers of shape"):
            prompts.with_answers(part, [0.5] * 6)


def test_numbers_without_a_sum_or_of_two_parts_are_no_records():
    for odd in (1e308, 1j):
        with pytest.raises(DataError):
            Prompts().write(np.full((1, 8), odd), questions(3)[:1])


def test_no_beliefs_have_no_intervals_and_shares_may_be_numpys():
    assert interval(np.zeros((0, BINS))).shape == (0, 2)
    even = np.full((1, BINS), 1 / BINS)
    assert interval(even, np.float32(0.5)) == pytest.approx(interval(even, 0.5))


@pytest.mark.slow
def test_small_readers_of_two_variables_trained_anew_come_to_the_same_conclusions():
    prompts, small = Prompts(2), {"steps": 1_500, "layers": 2, "width": 32, "batch": 32}
    plain, bow = Worlds.draw(5_000, rng("plain, two"), 2), "A -> B; A <-> B"
    lots = [Worlds.draw(5_000, rng("hidden, two"), 2, arc=0.5), Worlds.of(bow, 2_000, rng("bows, two"))]
    careless = learn(prompts, plain, rng("careless"), **small)
    careful = learn(prompts, lots, rng("careful"), told=0.75, **small)
    fresh, bows = Worlds.of("A -> B", 300, rng("fresh, two")), Worlds.of(bow, 300, rng("fresh bows, two"))

    def judged(model: GPT, worlds: Worlds, told: Worlds | None = None) -> tuple[float, float, float]:
        texts = prompts.write(counted(worlds, 20_000, rng("judged")), [Question(2, 0, 1, 1)] * len(worlds), told)
        found, truth = prompts.believed(model, texts), worlds.answers(Question(2, 0, 1, 1))
        return off(found, truth), float(np.diff(interval(found)).mean()), inside(found, truth)

    (error, _, held), (_, narrow, missed) = judged(careless, fresh), judged(careless, bows)
    _, wide, kept = judged(careful, bows, bows)
    assert error < 0.03 and held > 0.85 and missed < 0.6
    assert wide > 2 * narrow and kept > 0.8
