"""Fit a program with hidden nodes to a table, and ask it: the identification engine decides what it may be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from causalcourse.bridge.answers import answers
from causalcourse.bridge.normal import NormalModel
from causalcourse.bridge.plan import Plan, plan, side_by_side
from causalcourse.bridge.program import to_program
from causalcourse.bridge.progress import progress
from causalcourse.bridge.refusal import EQUAL, Spread, Unanswerable
from causalcourse.bridge.tables import Result, TableModel
from causalcourse.docalculus.identify import Identification, as_query, identify
from causalcourse.docalculus.proof import Proof
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, is_whole
from causalcourse.expression import Probability
from causalcourse.graph import Node
from causalcourse.randomness import generator

if TYPE_CHECKING:
    import pandas as pd

    from causalcourse.bridge.program import Program

_Z = 1.959964  # standard errors to either side that hold 95 % of a normal distribution
_AGAIN = {TableModel: 60, NormalModel: 25}  # bootstrap samples for an interval
_SPREAD = {TableModel: 200, NormalModel: 25}  # starts for the spread of equally good fits
_ALIKE = {TableModel: 60, NormalModel: 8}  # starts in search of programs that fit as well and answer otherwise
_PATIENCE = 1_000_000  # combinations to sum over in one step: beyond, that search makes do with fewer starts
_MOST_PRIOR = 1e12
_SURE = 2.0  # nats over all rows: what a likelihood ratio test at 5 % lets pass (half of 3.84)
_ASIDE = 5  # one row in five is held out


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """What a fitted program answers: a `table` with the columns value, low, high, and the proof that it may.

    `low` and `high` bound a 95 % interval: the value, 1.96 bootstrap standard errors to either side, and as far as
    programs go that fit as well (two nats over all rows). `mind` says so where that is further.
    Taught in chapter 06.
    """

    query: Probability
    table: pd.DataFrame
    identification: Identification
    mind: str = ""

    @property
    def proof(self) -> Proof:
        """The derivation that licenses the answer. Taught in chapter 06."""
        assert self.identification.proof is not None
        return self.identification.proof

    def __str__(self) -> str:
        return f"{self.table.round(3)}\n{self.identification}, proved in {len(self.proof)} steps{self._mind}"

    __repr__ = __str__

    @property
    def _mind(self) -> str:
        return f". {self.mind}" if self.mind else ""

    def _repr_html_(self) -> str:
        formula = f"${self.query.latex()} = {self.identification.estimand.latex()}$"
        return f"{self.table.round(3).to_html()}<p>{formula}, proved in {len(self.proof)} steps{self._mind}</p>"


@dataclass(frozen=True, eq=False, repr=False)
class Fitted:
    """A program and what fitting it found, from several starts: `fits` has a row for each of them.

    Taught in chapter 06.
    """

    model: TableModel | NormalModel
    result: Result
    held_out: np.ndarray
    draws: Any = None  # parameters from a posterior; None: the fit is a peak, and its intervals are bootstrapped

    @property
    def best(self) -> int:
        """The start that ended highest. Taught in chapter 06."""
        return int(self.result.score.argmax())

    @property
    def plan(self) -> Plan:
        """The drawing and the data of the fit. Used from chapter 06."""
        return self.model.plan

    @property
    def fits(self) -> pd.DataFrame:
        """For each start: nats per row on all rows, on a fifth that it had not seen, and whether it came to rest.

        Taught in chapter 06.
        """
        import pandas as pd

        columns = {"nats per row": self.result.score, "held out": self.held_out, "came to rest": self.result.rested}
        return pd.DataFrame(columns).rename_axis("start")

    @cached_property
    def program(self) -> Program:
        """The fitted program for Pyro and ChiRho: `program(n)` draws `n` units. Taught in chapter 06."""
        pyro, torch = library("pyro"), library("torch")
        found = self.model.pick(self.result.found, [self.best])
        if isinstance(self.model, TableModel):
            sites = {f"table {v}": torch.as_tensor(t[0]) for v, t in found.items()}
        else:
            sites = {f"weights {name}": w for name, w in found[0].items()}
        return pyro.condition(to_program(self.model), data=sites)

    def query(self, query: Probability | str, /, **values: Any) -> Estimate:
        """The answer to P("Y | do(X)"), once the identification engine has said that the data have one.

        values: X=1 or X=[0, 1] for the values that are meant; all of them where a column has few. The answer for a
        measured outcome is its mean. Raises Unanswerable, which carries the hedge, when the question is not
        identifiable; ExpressionError, DataError and NotSupported for one that cannot be read or asked here.
        Source: Mohammad-Taheri et al. 2022. Taught in chapter 06.
        """
        asked, licence = self._licensed(query)
        value, spread, alike = self._answered(asked, values)
        found = self._estimate(asked, licence, value.index, value.to_numpy()[:, 0], spread.to_numpy(), alike.to_numpy())
        if asked.of[0].node in self.plan.levels:
            found.table.clip(0, 1, inplace=True)
        return found

    def effect(self, query: Probability | str, /, **arms: Any) -> Estimate:
        """How much the mean outcome differs between two actions: X=(0, 1), the default, is do(X=1) against do(X=0).

        With several treatments name the arms of each. Raises what `query` raises. Taught in chapter 06.
        """
        asked, licence = self._licensed(query)
        pairs, values = _arms(self.plan, asked, arms)
        value, spread, alike = (self._contrast(table, asked, pairs) for table in self._answered(asked, values))
        name = " and ".join(f"{n} from {a} to {b}" for n, (a, b) in pairs.items())
        return self._estimate(asked, licence, [name], value, spread[None], alike[None])

    def spread(self, query: Probability | str, /, rng: np.random.Generator | None = None, **arms: Any) -> Spread:
        """The effects of many programs that fit equally well, identified or not; see `effect` for the arguments.

        Each is fitted from a start of its own, with hardly any prior; kept are those within 0.001 nats per row of
        the best. Taught in chapter 06.
        """
        asked = as_query(self.plan.drawing, query)
        pairs, values = _arms(self.plan, asked, arms)
        model, starts = _priorless(self.model), _SPREAD[type(self.model)]
        result = self._again(model, model.start(starts, generator(rng, f"spread {asked}"), 0.3), starts)
        effects = self._contrast(answers(model, result.found, asked, values), asked, pairs)
        equal = result.score > result.score.max() - EQUAL
        return Spread(asked, identify(self.plan.drawing, asked), np.atleast_1d(effects)[equal], result.score[equal])

    def _again(self, model: TableModel | NormalModel, first: Any, starts: int) -> Result:
        rows = side_by_side(self.plan.rows, starts)
        with progress("Fitting again", starts * len(model.groups)) as tick:
            return model.fit(first, rows, tick)

    def _licensed(self, query: Probability | str) -> tuple[Probability, Identification]:
        asked = as_query(self.plan.drawing, query)
        licence = identify(self.plan.drawing, asked)
        if not licence:
            raise Unanswerable(licence, self)
        return asked, licence

    def _answered(self, asked: Probability, values: Mapping[str, Any]) -> tuple[pd.DataFrame, ...]:
        """The answer; those of fits to resampled rows, or of the posterior's draws; those of equally good fits."""
        if self.draws is not None:
            every = answers(self.model, self.draws, asked, values)
            mean = every.mean(axis=1).to_frame(0)
            return mean, every, mean
        best = answers(self.model, self.model.pick(self.result.found, [self.best]), asked, values, many=10)
        return best, *(answers(self.model, found, asked, values) for found in (self.resampled, self.alike))

    def _estimate(
        self, asked: Probability, licence: Identification, index: Any, value: Any, spread: Any, alike: Any
    ) -> Estimate:
        """The table of an answer. value: shape (answers,); spread, alike: (answers, programs)."""
        import pandas as pd

        if self.draws is not None:
            low, high = np.quantile(spread, [0.025, 0.975], axis=1)
        else:
            error = _Z * spread.std(axis=1, ddof=1)
            low, high = value - error, value + error
        least, most = alike.min(axis=1), alike.max(axis=1)
        k = np.argmax(most - least - (high - low))
        mind = ""
        outcome = asked.of[0].node
        unit = 1.0 if outcome in self.plan.levels else float(self.plan.data[outcome].std())
        if most[k] - least[k] > max(high[k] - low[k], 0.005 * unit):
            mind = (
                f"Mind the gap: programs that fit these rows as well say {least[k]:.3g} to {most[k]:.3g}. Most often "
                "rows are missing of a kind that the formula needs (positivity), and a prior has filled them in."
            )
        table = pd.DataFrame({"value": value, "low": np.minimum(low, least), "high": np.maximum(high, most)}, index)
        return Estimate(asked, table, licence, mind)

    def _contrast(self, table: pd.DataFrame, asked: Probability, pairs: Mapping[str, Any]) -> np.ndarray:
        """Means of the outcome at both ends of the arms, subtracted: one number for each start."""
        outcome = asked.of[0].node
        if outcome in self.plan.levels:
            levels = self.plan.levels[outcome]
            if not np.issubdtype(levels.dtype, np.number) and levels.dtype != bool:
                raise DataError(
                    f"'{outcome}' holds no numbers and has no mean. Ask .query(...) for each value's chance."
                )
            at = table.index.get_level_values(str(outcome)).to_numpy(float)
            keys = [str(s.node) for s in asked.do]
            table = table.mul(at, axis=0).groupby(level=keys, sort=False).sum()
        ends = []
        for k in (0, 1):
            key = tuple(pairs[str(s.node)][k] for s in asked.do)
            ends.append(table.loc[key[0] if len(key) == 1 else key].to_numpy())
        return ends[1] - ends[0]

    @cached_property
    def alike(self) -> Any:
        """The parameters of programs as likely as the best, from other starts and with hardly any prior, or none.

        Used from chapter 06.
        """
        model, rng, starts = _priorless(self.model), generator(None, "alike"), _ALIKE[type(self.model)]
        if isinstance(model, TableModel):
            model = replace(model, prior=0.0)
            starts = int(np.clip(_PATIENCE // max(group.size for group in model.groups), 8, starts))
            inside, edges = model.start(starts, rng, 0.3), model.edges(starts, rng)
            first, starts = {n: np.concatenate([inside[n], edges[n]]) for n in inside}, 2 * starts
        elif any(group.lockstep for group in model.groups):
            first = model.elsewhere(self.result.found[self.best], starts, rng)
        else:
            return self.model.pick(self.result.found, [self.best])
        result = self._again(model, first, starts)
        near = result.score > result.score.max() - min(EQUAL, _SURE / self.plan.rows.sum())
        return model.pick(result.found, near)

    @cached_property
    def resampled(self) -> Any:
        """The parameters of fits to resampled rows, each begun at the best fit. Used from chapter 06."""
        rng, rows = generator(None, "bootstrap"), self.plan.rows
        again = _AGAIN[type(self.model)]
        counts = rng.multinomial(int(rows.sum()), rows / rows.sum(), size=again).T.astype(float)
        starts = self.model.pick(self.result.found, [self.best] * again)
        with progress("Resampling", again * len(self.model.groups)) as t:
            return self.model.fit(starts, counts, t).found

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "program"}  # made again when asked for

    def __str__(self) -> str:
        score, rested = self.result.score, self.result.rested
        equal = int((score > score.max() - EQUAL).sum())
        rows = int(self.plan.rows.sum())
        text = (
            f"Fitted to {rows:,} rows: {score.max():.4f} nats per row, {self.held_out[self.best]:.4f} held out. "
            f"{equal} of {len(score)} starts ended within {EQUAL:g} of the best, {rested.sum()} came to rest."
        )
        return text if rested[self.best] else text + " The best did not come to rest: give it more starts."

    __repr__ = __str__


def fit(
    graph: Any,
    data: pd.DataFrame,
    latents: int | Mapping[Node, int] | Literal["normal"] | None = None,
    mechanism: Literal["linear", "neural"] | None = None,
    hidden: Node | Iterable[Node] = (),
    starts: int = 4,
    prior: float = 1.0,
    method: Literal["exact", "svi", "nuts"] = "exact",
    rng: np.random.Generator | None = None,
) -> Fitted:
    """A program for this graph, fitted to the columns of `data`: one latent for each `<->`, and one for each `hidden`.

    One cause behind three columns or more is best drawn and named as hidden: arcs, two columns each, may be too few.
    latents: how many values each has (then every column has few values, and mechanisms are tables), or "normal" for
    standard normal ones, with `mechanism` "linear", or "neural" (one small layer). None: tables with 4 values where
    every column has few, else normal and linear. `prior`: how many rows the prior is worth.
    method: "exact" sums or integrates the latents out, by EM or L-BFGS; "nuts" samples the posterior of that
    likelihood (normal latents); "svi" is Pyro's own way: slow, and biased where normal latents share columns.
    Raises GraphError, and DataError for a table that does not fit. Source: Mohammad-Taheri et al. 2022.
    Taught in chapter 06.
    """
    made = model(graph, data, latents, mechanism, hidden, prior)
    if not is_whole(starts, 1):
        raise CourseError(f"starts is how many random starts to try, a whole number of at least 1; got {starts!r}.")
    rng = generator(rng, "fit")
    if not isinstance(method, str):
        raise CourseError(f"method is 'exact', 'svi' or 'nuts'; got {method!r}.")
    if method != "exact":
        from causalcourse.bridge.bayes import posterior

        return posterior(made, method, rng)
    rows = made.plan.rows
    aside = rng.multivariate_hypergeometric(rows.astype(int), int(rows.sum()) // _ASIDE, method="marginals")
    first = made.start(starts, rng)
    with progress("Fitting", starts * 2 * len(made.groups)) as tick:
        trained = made.fit(first, side_by_side(rows - aside, starts), tick)
        held_out = made.score(trained.found, side_by_side(aside, starts)) if aside.any() else np.full(starts, np.nan)
        return Fitted(made, made.fit(trained.found, side_by_side(rows, starts), tick), held_out)


def model(
    graph: Any,
    data: pd.DataFrame,
    latents: int | Mapping[Node, int] | Literal["normal"] | None = None,
    mechanism: Literal["linear", "neural"] | None = None,
    hidden: Node | Iterable[Node] = (),
    prior: float = 1.0,
) -> TableModel | NormalModel:
    """The program's model before any fit; see `fit` for the arguments, and `to_program` for Pyro.

    Raises GraphError and DataError. Taught in chapter 06.
    """
    made = plan(graph, data, hidden)
    measured = [n for n in made.data if n not in made.levels]
    if latents is None:
        latents = "normal" if measured or mechanism is not None else 4
    if not isinstance(prior, (int, float, np.number)) or isinstance(prior, bool) or not 0 < prior < _MOST_PRIOR:
        raise CourseError(f"prior is how many rows the prior is worth, a number above 0; got {prior!r}.")
    if isinstance(latents, str):
        named = mechanism is None or (isinstance(mechanism, str) and mechanism in ("linear", "neural"))
        if latents != "normal" or not named:
            raise CourseError(
                "latents is a number of values, such as 4, or 'normal', and mechanism then 'linear' or 'neural'; got "
                f"{latents!r} and {mechanism!r}."
            )
        return NormalModel(made, mechanism or "linear", prior)
    if measured:
        raise DataError(
            f"'{measured[0]}' is measured: it has {made.data[measured[0]].nunique():,} values, too many for a table. "
            "Group it into a few (pandas.cut), or take latents='normal'."
        )
    if mechanism is not None:
        raise CourseError("mechanism= is for latents='normal'; with a number of values mechanisms are tables.")
    return TableModel(made, _states(made, latents), prior)


def _arms(made: Plan, asked: Probability, arms: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list]]:
    """From and to for each treatment, and the values to ask for. Raises DataError where that is no effect."""
    if len(asked.of) != 1 or asked.given or not asked.do:
        raise DataError("An effect is of actions on one outcome, with nothing given, such as 'Y | do(X)'.")
    pairs = {str(s.node): arms.get(str(s.node), (0, 1)) for s in asked.do}
    if odd := [name for name in arms if name not in pairs]:
        raise DataError(f"The question does not act on '{odd[0]}' (it does on {', '.join(pairs)}).")
    if not all(isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2 for pair in pairs.values()) or any(
        np.ndim(value) for pair in pairs.values() for value in pair
    ):
        raise DataError("Name two values for each treatment, from and to, such as X=(0, 1).")
    nodes = {str(s.node): s.node for s in asked.do}
    pairs = {n: tuple(made.meant(nodes[n], value) for value in pair) for n, pair in pairs.items()}
    return pairs, {n: list(dict.fromkeys(pair)) for n, pair in pairs.items()}


def _states(made: Plan, latents: Any) -> dict[Node, int]:
    if isinstance(latents, Mapping) and (odd := [h for h in latents if h not in made.hidden]):
        listed = ", ".join(map(str, made.hidden)) or "none"
        raise CourseError(f"latents= names '{odd[0]}', which is no hidden node of this drawing (hidden: {listed}).")
    states = dict(latents) if isinstance(latents, Mapping) else dict.fromkeys(made.hidden, latents)
    for h in made.hidden:
        k = states.get(h)
        if not is_whole(k, 2, 64):
            raise CourseError(
                f"latents is how many values each hidden node has, 2 to 64, or 'normal'; for '{h}' it is {k!r}."
            )
    return states


def _priorless(given: TableModel | NormalModel) -> TableModel | NormalModel:
    return replace(given, prior=given.prior * 1e-3)
