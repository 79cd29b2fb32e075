"""How long it takes to say whether an effect is identifiable, and to prove it, beside y0 and pyAgrum in the same run.

The graphs have 1.5 arrows and 0.3 `<->` for each node; the question is about a node and one of its descendants. y0
gives a formula without a proof, pyAgrum a formula and its value on a network whose chances are drawn at random. Each
library gets its graph built; all verdicts are compared. `--write` puts the table and a picture into docs/.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.peers import agrum, agrum_model, y0_identify
from causalcourse import rng
from causalcourse.docalculus import identify, is_identifiable
from causalcourse.engines.referees import to_y0
from causalcourse.expression import Probability, Symbol
from causalcourse.graph import CausalGraph

SIZES = (6, 10, 15, 20, 30, 50, 100, 200)
QUESTIONS = 100
PATIENCE = 20.0  # seconds that a library gets for its questions at one size
DOCS = Path(__file__).resolve().parents[1] / "docs"


def graph_with(n: int, draw: np.random.Generator) -> CausalGraph:
    """A random graph with 1.5 n arrows and 0.3 n hidden common causes."""
    nodes = [f"V{i}" for i in range(n)]

    def pairs(count: int) -> tuple[tuple[str, str], ...]:
        chosen: dict[tuple[int, int], None] = {}
        while len(chosen) < count:
            a, b = sorted(draw.choice(n, 2, replace=False).tolist())
            chosen[a, b] = None
        return tuple((nodes[a], nodes[b]) for a, b in chosen)

    return CausalGraph(tuple(nodes), pairs(round(1.5 * n)), pairs(round(0.3 * n)))


def questions(n: int) -> Iterator[tuple[CausalGraph, str, str]]:
    draw = rng(f"identification {n}")
    for _ in range(QUESTIONS):
        graph = graph_with(n, draw)
        x = draw.choice([node for node in graph.nodes if graph.children(node)])
        yield (
            graph,
            str(x),
            str(draw.choice([node for node in graph.order if node in graph.descendants(x) and node != x])),
        )


def timed(ask: Callable[[], object]) -> tuple[float, object]:
    begun = time.perf_counter()
    answer = ask()
    return 1000 * (time.perf_counter() - begun), answer


def y0_verdict(model: object, x: str, y: str) -> bool | None:
    try:
        return y0_identify(model, {y}, {x}) is not None
    except nx.NetworkXError:  # y0 loses nodes that an action leaves without an edge
        return None


def y0(graph: CausalGraph, x: str, y: str) -> tuple[float, object]:
    model = to_y0(graph)
    return timed(lambda: y0_verdict(model, x, y))


def pyagrum(graph: CausalGraph, x: str, y: str) -> tuple[float, object]:
    model = agrum_model(graph)
    return timed(lambda: agrum(graph, {y}, {x}, model))


def raced(ask: Callable[[CausalGraph, str, str], tuple[float, object]], n: int) -> list[tuple[float, object]]:
    """Milliseconds and verdicts, in a process that is stopped after PATIENCE; the question it was at counts so far."""
    fork = multiprocessing.get_context("fork")
    receive, send = fork.Pipe(False)

    def work() -> None:
        warnings.simplefilter("ignore")
        ask(CausalGraph.parse("A -> B -> C; A <-> C"), "A", "C")  # imports are not counted
        for question in questions(n):
            send.send(ask(*question))

    process = fork.Process(target=work)
    process.start()
    answers, ends = [], time.perf_counter() + PATIENCE
    begun = time.perf_counter()
    while len(answers) < QUESTIONS and receive.poll(max(0, ends - time.perf_counter())):
        answers.append(receive.recv())
        begun = time.perf_counter()
    if len(answers) < QUESTIONS:
        answers.append((1000 * (time.perf_counter() - begun), None))
    process.kill()
    return answers


def measured(n: int) -> dict[str, Any]:
    """Milliseconds for each question and library, and the lengths of the proofs."""
    times: dict[str, list[float]] = {"proof": [], "verdict": []}
    verdicts, lengths = [], []
    for graph, x, y in questions(n):
        query = Probability((Symbol(y),), (), (Symbol(x),))
        spent, found = timed(lambda graph=graph, query=query: identify(graph, query))
        times["proof"].append(spent)
        times["verdict"].append(timed(lambda graph=graph, query=query: is_identifiable(graph, query))[0])
        verdicts.append(bool(found))
        if found:
            assert found.proof.verify(models=0)
            lengths.append(len(found.proof))
    for name, ask in (("y0", y0), ("pyAgrum", pyagrum)):
        answers = raced(ask, n)
        assert all(theirs in (ours, None) for (_, theirs), ours in zip(answers, verdicts, strict=False)), f"{name}, {n}"
        times[name] = [spent for spent, _ in answers]
    return {"n": n, "times": times, "lengths": lengths, "answered": sum(verdicts)}


def row(result: dict[str, Any]) -> str:
    times, lengths = result["times"], result["lengths"]
    ours, alone, y0_median, agrum_median = (statistics.median(times[k]) for k in ("proof", "verdict", "y0", "pyAgrum"))
    asked = "".join(f"; {name} got {len(spent)}" for name, spent in times.items() if len(spent) < QUESTIONS)
    cells = [
        result["n"], f"{ours:.2f}", f"{max(times['proof']):.0f}", f"{alone:.2f}",
        f"{y0_median:.1f}", f"{agrum_median:.1f}",
        f"{ours / y0_median:.2f}", f"{ours / agrum_median:.2f}", f"{statistics.median(lengths):.0f}, {max(lengths)}",
        f"{result['answered']} of {QUESTIONS}{asked}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


COLUMNS = [
    "nodes", "ours, with proof: median ms", "slowest ms", "verdict alone: median ms",
    "y0: median ms", "pyAgrum: median ms",
    "ours / y0", "ours / pyAgrum", "steps of a proof: median, most", "identifiable",
]  # fmt: skip
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---:|' * len(COLUMNS)}"


def picture(results: list[dict[str, Any]]) -> None:
    """Proof length against the number of nodes: every proof a dot, the median a line."""
    import matplotlib.pyplot as plt

    from causalcourse import show

    _, axes = show.figure("Most proofs stay short however large the graph is", "nodes of the graph")
    draw = rng("jitter")
    for result in results:
        spread = result["n"] * np.exp(draw.uniform(-0.05, 0.05, len(result["lengths"])))
        axes.plot(spread, result["lengths"], "o", ms=3, color=show.COLOURS["muted"])
    medians = [statistics.median(result["lengths"]) for result in results]
    axes.plot([result["n"] for result in results], medians, "-o", color="black", label="median")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(SIZES, [str(n) for n in SIZES])
    axes.minorticks_off()
    axes.set_yticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    axes.set_ylabel("steps of the proof")
    axes.text(SIZES[-1], medians[-1] * 1.15, "median", ha="right")
    plt.savefig(DOCS / "pictures" / "proof_length.png", dpi=100)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table and the picture into docs/")
    arguments = parser.parse_args()
    identify("A -> B", "B | do(A)")  # imports are not counted
    results = []
    print(HEAD)
    for n in SIZES:
        results.append(measured(n))
        print(row(results[-1]), flush=True)
    if arguments.write:
        page = DOCS / "identification.md"
        before, _, rest = page.read_text(encoding="utf-8").partition("<!-- table -->\n")
        after = rest.partition("<!-- end -->")[2]
        table = "\n".join([HEAD, *map(row, results)])
        page.write_text(f"{before}<!-- table -->\n{table}\n<!-- end -->{after}", encoding="utf-8")
        picture(results)
