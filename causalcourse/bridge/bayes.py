"""Fits that end in many programs and not in one: Pyro's variational inference, and NUTS on the exact likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.normal import NormalModel
from causalcourse.bridge.plan import side_by_side
from causalcourse.bridge.program import drawn_weights, to_program
from causalcourse.bridge.progress import progress
from causalcourse.bridge.tables import Result, TableModel
from causalcourse.engines.mechanism import library
from causalcourse.engines.pyro import torch_seed
from causalcourse.errors import CourseError, DataError

if TYPE_CHECKING:
    from causalcourse.bridge.fitting import Fitted

_DRAWS = 200  # from a posterior or a guide
_WARM = 200
STEPS = 3_000  # of variational inference
_MOST_ROWS = 20_000  # for it
_RATE = 0.02


def posterior(model: TableModel | NormalModel, method: str, rng: np.random.Generator) -> Fitted:
    """See `fit(method=...)`. Raises CourseError for another method, DataError for tables and "nuts".

    Used from chapter 06.
    """
    from causalcourse.bridge.fitting import Fitted

    ways = {"svi": _svi, "nuts": _nuts}
    if method not in ways:
        raise CourseError(f"method is 'exact', 'svi' or 'nuts'; got {method!r}.")
    pyro = library("pyro")
    with torch_seed(rng):
        pyro.clear_param_store()
        found, rested = ways[method](model, rng)
        pyro.clear_param_store()
    many = len(found) if isinstance(found, list) else len(next(iter(found.values())))
    score = model.score(found, side_by_side(model.plan.rows, many))
    return Fitted(
        model, Result(found, score, np.full(many, rested)), np.full(many, np.nan), found if many > 1 else None
    )


def _svi(model: TableModel | NormalModel, rng: np.random.Generator) -> tuple[Any, bool]:
    """Tables: their peak, hidden nodes enumerated. Normal: a mean-field guide over weights and every hidden value."""
    pyro, torch = library("pyro"), library("torch")
    infer, guides = library("pyro.infer"), library("pyro.infer.autoguide")
    if (many := int(model.plan.rows.sum())) > _MOST_ROWS:
        raise DataError(
            f"method='svi' looks at every one of {many:,} rows in each of {STEPS:,} steps, which takes hours. Take "
            f"method='exact', to which rows that are alike are one, or {_MOST_ROWS:,} rows: data.sample({_MOST_ROWS})."
        )
    program, rows = to_program(model), _unrolled(model)
    if isinstance(model, TableModel):
        tables = pyro.poutine.block(program, expose_fn=lambda site: site["name"].startswith("table "))
        # from a random start: where all begins even, hidden values are alike, and no step tells them apart
        first = {f"table {v}": torch.as_tensor(t[0]) for v, t in model.start(1, rng).items()}
        guide = guides.AutoDelta(tables, init_loc_fn=guides.initialization.init_to_value(values=first))
        loss = infer.TraceEnum_ELBO(max_plate_nesting=1)
    else:
        guide, loss = guides.AutoNormal(program), infer.Trace_ELBO()
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # guides make their parameters in it
    try:
        decay = (0.01) ** (1 / STEPS)
        climb = infer.SVI(program, guide, pyro.optim.ClippedAdam({"lr": _RATE, "lrd": decay}), loss)
        losses = []
        with progress("Variational inference", STEPS) as tick:
            for _ in range(STEPS):
                losses.append(climb.step(rows=rows))
                tick(1)
        drawn = [guide(rows=rows) for _ in range(1 if isinstance(model, TableModel) else _DRAWS)]
    finally:
        torch.set_default_dtype(before)
    window = STEPS // 10
    last, earlier = np.mean(losses[-window:]), np.mean(losses[-2 * window : -window])
    rested = bool(abs(last - earlier) < 1e-3 * len(rows))
    if isinstance(model, TableModel):
        return {v: drawn[0][f"table {v}"].detach().numpy()[None] for v in model.plan.graph.nodes}, rested
    return [_weights(d) for d in drawn], rested


def _nuts(model: TableModel | NormalModel, _: np.random.Generator) -> tuple[Any, bool]:
    """The posterior of the weights under the likelihood from which hidden nodes are integrated out."""
    if isinstance(model, TableModel):
        raise DataError("method='nuts' is for latents='normal'; tables have 'exact' and 'svi'.")
    pyro, infer = library("pyro"), library("pyro.infer")
    total = float(model.plan.rows.sum())
    cases = [(group, group.cases(model.plan.rows)) for group in model.groups]

    def program() -> None:
        weights = drawn_weights(model)
        pyro.factor("rows", total * sum(group.likelihood(weights, c) for group, c in cases))

    peak = model.fit(model.start(1, np.random.default_rng(0)), model.plan.rows[:, None]).found[0]
    begin = infer.autoguide.init_to_value(values={f"weights {name}": w for name, w in peak.items()})
    kernel = infer.NUTS(program, init_strategy=begin, max_tree_depth=7)
    with progress("Drawing from the posterior", _WARM + _DRAWS) as tick:
        run = infer.MCMC(
            kernel, num_samples=_DRAWS, warmup_steps=_WARM, disable_progbar=True, hook_fn=lambda *_: tick(1)
        )
        run.run()
    samples = run.get_samples()
    return [_weights({name: s[k] for name, s in samples.items()}) for k in range(_DRAWS)], not sum(
        map(len, run.diagnostics()["divergences"].values())
    )


def _weights(sites: Any) -> dict:
    return {name.removeprefix("weights "): w.detach() for name, w in sites.items() if name.startswith("weights ")}


def _unrolled(model: TableModel | NormalModel) -> Any:
    """The table again, with rows that are alike as often as they occur."""
    data = model.plan.data
    return data.loc[data.index.repeat(model.plan.rows.astype(int))].reset_index(drop=True)
