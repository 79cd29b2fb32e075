# The two commands: `make lab` to learn, `make test` to prove everything. `make help` lists the rest.
# Written for GNU make 3.81 and a plain sh, so that it runs on macOS as it comes.

VENV   = .venv
PY     = $(VENV)/bin/python
ARGS   =
SEEDS  = 5
# JupyterLab refuses to run for root, which is who runs it inside a container
ROOT   = $(shell [ "`id -u 2>/dev/null`" = 0 ] && echo --allow-root)
# more threads than cores make torch many times slower, and two tests run at a time
THREADS = TQDM_DISABLE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
PYTEST = $(THREADS) $(PY) -m pytest -n 2 --dist loadfile

.PHONY: help lab test test-fast build bench study reseed doctor clean-venv

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'

lab: $(VENV)/.lessons  ## install what is missing and open JupyterLab at chapter 00 (ARGS="--no-browser" and the like)
	@$(PY) -m jupyterlab $(ROOT) --LabApp.default_url=/lab/tree/notebooks/00_ladder.ipynb $(ARGS)

test: $(VENV)/.dev  ## install what is missing and prove everything: notebooks, exercises, checks, browser
	@failed=0; \
	echo "Are the notebooks what lessons/ says?"; $(PY) -m tools.build --check || failed=2; \
	$(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout=300 $(ARGS) tests notebooks solutions || exit 1; \
	[ $$failed = 0 ] || echo "The tests passed, but notebooks differ from lessons/ (see the top): make build" >&2; \
	exit $$failed

test-fast: $(VENV)/.dev  ## the same without its slow parts, in less than two minutes
	@failed=0; \
	$(PY) -m tools.build --check || failed=1; \
	$(PYTEST) -m "not slow and not browser and not network" $(ARGS) tests || failed=1; \
	exit $$failed

build: $(VENV)/.dev  ## build notebooks/, exercises/ and solutions/ from lessons/, what has changed only
	@$(PY) -m tools.build $(ARGS)

bench: $(VENV)/.dev  ## the course's engines beside their peers, as ratios within one run
	@for file in benchmarks/*.py; do echo "== $$file"; $(THREADS) PYTHONPATH=. $(PY) $$file || exit 1; done

study: $(VENV)/.dev  ## run the longer studies of docs/studies.md, on all cores (an hour or two)
	@for name in consistency bias spread published guides places efficiency; do $(THREADS) $(PY) -m studies.$$name || exit 1; done

reseed: $(VENV)/.dev  ## try every claim under other random numbers (SEEDS=5)
	@$(PY) -m tools.reseed --seeds $(SEEDS) $(ARGS)

doctor: $(VENV)/.lessons  ## look at this machine, and say in one sentence per problem what to do
	@$(PY) -m causalcourse doctor

clean-venv:  ## remove the environment in .venv; the next command makes it again
	rm -rf $(VENV)

# ---- the environment: made once, installed into again only when the two files below have changed

$(VENV)/.made:
	@for p in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then found=$$p; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  has=`python3 --version 2>/dev/null || echo "no Python"`; \
	  echo "This course needs Python 3.11, 3.12 or 3.13, and finds $$has here. Install one of them (python.org has it), or say where it is: make lab PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	  echo "Making an environment of its own for the course in $(VENV), with `$$found --version`."; \
	  $$found -m venv --clear $(VENV) || { rm -rf $(VENV); \
	    echo "Python could not make an environment. On Debian and Ubuntu, 'sudo apt-get install python3-venv' brings what is missing." >&2; exit 1; }; \
	fi
	@touch $@

$(VENV)/.lessons: $(VENV)/.made pyproject.toml constraints.txt constraints-conda.txt
	@echo "Installing what the lessons need. The first time this takes a few minutes and about 3 GB."
	@$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e ".[lessons,dowhy]"
	@# no question about news on the first start: a learner has enough to read
	@$(PY) -m jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" >/dev/null 2>&1 || true
	@touch $@

$(VENV)/.dev: $(VENV)/.lessons
	@echo "Installing what the tests and the builder need."
	@$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e ".[lessons,dowhy,dev]"
	@touch $@
