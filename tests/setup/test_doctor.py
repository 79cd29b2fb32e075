"""The doctor: each problem, forced, gets a sentence with its cure; a sound machine gets none."""

from __future__ import annotations

import subprocess
import sys
from collections import namedtuple

import pytest

from causalcourse import cli, doctor
from causalcourse.doctor import Finding

SOUND = Finding("thing", "there", "there")


@pytest.fixture(autouse=True)
def learner(monkeypatch, tmp_path):
    monkeypatch.setenv("CAUSALCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAUSALCOURSE_PROGRESS", raising=False)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)


def assert_cured(finding: Finding, *fragments: str) -> None:
    assert not finding.ok
    assert finding.cure.count(". ") == 0, "one sentence per problem"
    for fragment in fragments:
        assert fragment in finding.cure


def test_the_supported_pythons_are_well():
    assert all(doctor.python(v).ok for v in [(3, 11, 0), (3, 12, 4), (3, 13, 15)])


@pytest.mark.parametrize("found, word", [((3, 10, 9), "too old"), ((2, 7, 18), "too old"), ((3, 14, 0), "newer")])
def test_another_python_is_refused_with_its_cure(found, word):
    assert_cured(doctor.python(found), word, ".".join(map(str, found)), "install Python 3.11", ".venv")


def test_a_missing_package_names_the_command_that_brings_it(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda name: None)
    assert_cured(doctor.package("dowhy", ">=0.14"), "dowhy is missing", "-m pip install", '"dowhy>=0.14"')


def test_a_package_that_is_too_old_is_named_with_both_versions(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda name: "1.5.3")
    assert_cured(doctor.package("pandas", ">=2.2"), "pandas 1.5.3 does not fit", '"pandas>=2.2"')


def test_numpy_2_4_is_refused_because_of_dowhy(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda name: "2.4.0")
    assert_cured(doctor.package("numpy", doctor.bounds()["numpy"]), "numpy 2.4.0", "dowhy", '"numpy>=2.0,<2.4"')


def test_a_local_build_is_as_good_as_its_version(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda name: "2.13.0+cpu")
    assert doctor.package("torch", ">=2.0").ok


def test_the_bounds_are_those_of_pyproject_with_every_extra_of_the_lessons():
    bounds = doctor.bounds()
    assert {"numpy", "pandas", "filelock", "torch", "pgmpy", "jupyterlab", "dowhy"} <= set(bounds)
    assert not {"pytest", "playwright", "causalcourse"} & set(bounds)


def test_on_colab_only_the_hard_dependencies_are_looked_at(monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    assert "numpy" in doctor.bounds()
    assert not {"jupyterlab", "torch", "dowhy"} & set(doctor.bounds())
    assert {"kernel", "browser widgets"}.isdisjoint(f.name for f in doctor.examine())


def test_too_little_memory_says_what_to_close(monkeypatch):
    monkeypatch.setattr(doctor, "free_memory", lambda: 300)
    assert_cured(doctor.memory(), "300 MB", "close other programs")


def test_memory_that_cannot_be_known_is_no_problem(monkeypatch):
    monkeypatch.setattr(doctor, "free_memory", lambda: None)
    assert doctor.memory().ok


def test_free_memory_is_no_more_than_the_machine_has():
    psutil = pytest.importorskip("psutil")
    assert 0 < doctor.free_memory() <= psutil.virtual_memory().total / 1e6


def test_a_missing_kernel_says_how_to_install_it(monkeypatch):
    from jupyter_client import kernelspec

    def none(self, name):
        raise kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", none)
    assert_cured(doctor.kernel(), "no kernel named python3", "ipykernel install --sys-prefix --name python3")


def test_a_missing_jupyter_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert_cured(doctor.kernel(), "Jupyter is missing", "jupyterlab")


def test_a_kernel_that_does_not_start_is_a_problem(monkeypatch):
    from jupyter_client import kernelspec

    Spec = namedtuple("Spec", "argv env metadata interrupt_mode language display_name resource_dir")
    broken = Spec([sys.executable, "-c", "raise SystemExit(3)"], {}, {}, "signal", "python", "broken", "")
    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", lambda self, name: broken)
    monkeypatch.setattr(doctor, "KERNEL_SECONDS", 5)
    assert_cured(doctor.kernel(), "does not work", "ipykernel install")


def test_a_kernel_without_the_package_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "start_kernel", lambda: "ModuleNotFoundError: No module named 'causalcourse'")
    assert_cured(doctor.kernel(), "No module named 'causalcourse'", "ipykernel install")


def test_the_kernel_here_starts():
    assert doctor.kernel().ok


def test_a_broken_widget_package_is_a_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert_cured(doctor.widgets(), "anywidget cannot be found", "-m pip install", "reload the page")


def test_a_missing_browser_half_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    assert_cured(doctor.widgets(), "@jupyter-widgets/jupyterlab-manager in JupyterLab")


def test_a_progress_folder_that_cannot_be_made_is_a_problem(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CAUSALCOURSE_HOME", str(tmp_path / "file" / "home"))
    assert_cured(doctor.progress_folder(), "cannot be kept", "CAUSALCOURSE_HOME")


def test_a_computer_without_a_home_is_a_problem(monkeypatch):
    monkeypatch.delenv("CAUSALCOURSE_HOME")

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(doctor.Path, "home", homeless)
    assert_cured(doctor.progress_folder(), "home directory", "CAUSALCOURSE_HOME")


def test_progress_switched_off_is_no_problem(monkeypatch):
    monkeypatch.setenv("CAUSALCOURSE_PROGRESS", "off")
    assert doctor.progress_folder().ok


def test_a_sound_machine_gives_a_table_and_status_0(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: iter([SOUND]))
    assert doctor.report() == 0
    printed = capsys.readouterr().out
    assert "found" in printed and "wanted" in printed and "thing" in printed
    assert "All is well" in printed


def test_every_problem_gets_one_numbered_sentence_and_status_1(monkeypatch, capsys):
    ill = [Finding("a", "x", "y", "First cure."), SOUND, Finding("b", "x", "y", "Second cure.")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(ill))
    assert doctor.report() == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["1. First cure.", "2. Second cure."]


def test_the_table_survives_a_terminal_without_unicode(repository):
    program = (
        "import sys; from causalcourse import doctor;"
        "doctor.examine = lambda: iter([doctor.python((3, 9, 1))]); sys.exit(doctor.report())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONIOENCODING": "ascii", "PATH": ""}, capture_output=True
    )
    assert (run.returncode, run.stderr) == (1, b"")


def test_the_doctor_runs_from_the_terminal_in_both_ways():
    for command in (
        ["-m", "causalcourse"],
        ["-c", "from causalcourse.cli import main; raise SystemExit(main())"],
    ):
        run = subprocess.run([sys.executable, *command, "doctor"], capture_output=True, text=True)
        assert run.returncode in (0, 1), run.stderr
        assert run.stdout.split()[:3] == ["found", "wanted", "well"]
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("words", [["docter"], ["doctor", "now"], ["--doctor"]])
def test_an_unknown_command_gets_a_plain_sentence_and_status_2(words, capsys):
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("causalcourse") and "Traceback" not in said


def test_a_misspelt_command_is_guessed(capsys):
    cli.main(["docter"])
    assert "Did you mean 'doctor'?" in capsys.readouterr().err


def test_no_command_shows_what_there_is(capsys):
    assert cli.main([]) == 0
    assert "causalcourse doctor" in capsys.readouterr().out
