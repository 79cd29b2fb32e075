"""In a real Jupyter kernel: a function that never ends is stopped, and the next cell runs."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
CELLS = [
    """
    from causalcourse.checks.compare import judge_function, number
    from causalcourse.checks.registry import exercise
    from causalcourse import check
    @exercise("99.1", why="Twice is x + x.", hints=("1", "2", "3"))
    def judge(answer, rng):
        return judge_function(answer, [(1.0,), (2.5,)], lambda x: 2 * x, returns=number(), seconds=1.0)
    """,
    """
    def endless(x):
        print("on my way")
        while True:
            try:
                x += 1
            except:
                pass
    check("99.1", endless)
    """,
    """
    def broken(x):
        return x / 0
    check("99.1", broken)
    """,
    """
    import os, time
    def ends_the_kernel(x):
        from IPython.display import display
        display("not to be seen")
        os.system("echo not to be seen")
        time.sleep(0.5)  # long enough for what was sent to arrive
        os._exit(3)
    check("99.1", ends_the_kernel)
    """,
    'check("99.1", lambda x: x + x)',
    "print(6 * 7)",
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(inspect.cleandoc(cell)) for cell in CELLS])
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CAUSALCOURSE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    env.pop("PYTEST_CURRENT_TEST", None)  # with it a kernel does not show what other programs print
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(home)}})
    client.execute(env=env)
    return [cell.outputs for cell in notebook.cells]


def text(outputs):
    assert len(outputs) == 1, outputs
    assert set(outputs[0]["data"]) == {"text/html", "text/plain"}
    return outputs[0]["data"]["text/plain"]


def test_an_endless_function_is_stopped_and_the_kernel_runs_the_next_cell(ran):
    assert "not finished after 1 s" in text(ran[1])
    assert "on my way" in text(ran[1])
    assert ran[5][0]["text"] == "42\n"


def test_an_error_shows_the_line_of_the_learners_own_cell(ran):
    assert "ZeroDivisionError: float division by zero, at line 2: return x / 0" in text(ran[2])


def test_a_function_that_ends_its_process_shows_nothing_but_the_message(ran):
    assert "exit status 3" in text(ran[3])
    assert "not to be seen" not in str(ran[3])


def test_the_right_answer_then_passes(ran):
    assert text(ran[4]) == "✓ 99.1 passed. Twice is x + x."
