# Two commands do all: `make figures` and `make test`. Both set everything up first.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
PYTHONS ?= 3.11 3.12 3.13
QUICK := tests/data tests/stats tests/evidence tests/words tests/findings
FUZZ := tests/house/test_fuzz.py tests/figures/test_legibility.py tests/sweep/test_grid.py \
  tests/stats/test_arguments.py

# Python's variables are meant for another Python; how a terminal is written to is not among them.
unexport $(filter-out PYTHONUTF8 PYTHONIOENCODING,$(filter PYTHON%,$(.VARIABLES)))
# Setting up uses the Python that is there; it never downloads another.
export UV_PYTHON_DOWNLOADS := never
# Every package of the lock has its hashes; the collection itself, a folder, has none.
export UV_REQUIRE_HASHES := 0
# A user without a home, or whose home cannot be written to, has one in build/.
export HOME := $(if $(shell test -d "$$HOME" -a -w "$$HOME" && echo yes),$(HOME),$(CURDIR)/build/home)

# On Debian and Ubuntu, what Python, make and git do not bring.
DEBIAN := On Debian or Ubuntu: apt install python3-pip python3-venv make git

define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  found=$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo missing); \
  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$found;" \
    "name another: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: lab-as-root
.PHONY: help figures slides pages docs test test-quick test-changed test-all bench faults fuzz lint lab explore refresh messages lock licences clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

figures: $(VENV)/.ready ## Set up, run every notebook, write figures/
	$(BIN)/lupuscart figures

slides: $(VENV)/.ready ## Write a PowerPoint deck; runs what is not up to date: OPTIONS="--language zh"
	$(BIN)/lupuscart slides $(OPTIONS)

pages: $(VENV)/.ready ## Write build/pages/, a site to be opened in a browser; runs what is not up to date
	$(BIN)/lupuscart pages $(OPTIONS)

docs: $(VENV)/.ready ## Write the reference pages of the statistics: build/reference/
	$(BIN)/python -m lupuscart.site.reference build/reference

test: $(VENV)/.ready lint ## Set up, lint, run all tests, check every notebook and figure
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 -n 2 --dist loadscope

test-quick: $(VENV)/.ready lint ## A minute: the faster tests of data, statistics, evidence, words and findings, with fewer examples
	$(BIN)/python -m pytest -q -n 2 --dist loadscope -m "not slow" --hypothesis-profile=quick $(QUICK)

test-changed: $(VENV)/.ready lint ## Only the tests that what differs from the last commit can touch (SINCE=main for a branch)
	$(BIN)/python tests/changed.py --since $(or $(SINCE),HEAD) -q -n 2 --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=120

test-all: ## The same on every supported Python that is present
	@for v in $(PYTHONS); do \
	  if python$$v -c '' 2>/dev/null; then \
	    $(MAKE) test PYTHON=python$$v VENV=.venv-$$v || exit 1; \
	  else echo "Python $$v: not present, not tested"; fi; \
	done

bench: $(VENV)/.ready ## Time the package beside other programs, in one run: build/bench/
	$(BIN)/python -m benchmarks

faults: $(VENV)/.ready ## Kill rebuild, refresh, deck and site at random moments and look at what stands
	$(BIN)/python -m tests.faults

fuzz: $(VENV)/.ready ## Thousands of damaged tables, names, grids and arguments, drawn anew (minutes)
	$(BIN)/python -m pytest -s $(FUZZ) --hypothesis-profile=fuzz

lint: $(VENV)/.ready ## Check the style of code and notebooks
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lab: lab-as-root $(VENV)/.ready ## Open JupyterLab on this machine only (LANGUAGE=zh for Chinese; as root: OPTIONS=--allow-root)
	$(BIN)/lupuscart lab $(if $(LANGUAGE),--language $(LANGUAGE)) $(OPTIONS)

lab-as-root:
	@test "$$(id -u)" -ne 0 || test -n "$(filter --allow-root,$(OPTIONS))" || { \
	  echo "JupyterLab does not start as root unasked; in a container: make lab OPTIONS=--allow-root" >&2; exit 1; }

explore: $(VENV)/.ready ## Show the sliders as a page without code (LANGUAGE=zh for Chinese)
	$(BIN)/lupuscart explore $(if $(LANGUAGE),--language $(LANGUAGE))

refresh: $(VENV)/.ready ## Run every notebook and store its outputs (the one way they change)
	$(BIN)/lupuscart refresh

messages: $(VENV)/.ready ## Bring the catalogues of Chinese up to date with what is English elsewhere
	$(BIN)/python tests/messages.py

lock: $(UV) ## Write requirements.lock anew from pyproject.toml
	$(UV) pip compile -q --universal --python-version 3.11 --all-extras --upgrade --generate-hashes \
	  --no-emit-index-url --no-header -o requirements.lock pyproject.toml

licences: $(VENV)/.ready ## Write LICENSES.md, the licence of every package in the lock
	$(BIN)/python tests/licences.py

clean: ## Remove what can be made again
	rm -rf build dist .venv* .uv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv takes a package for installed before all its files are there. So whatever was cut short begins
# anew from nothing, and the mark is made at the very end; it is this make's own until then, so that
# another one that begins meanwhile takes it away.
$(VENV)/.ready: MARK = $(VENV)/.begun-$$PPID
$(VENV)/.ready: requirements.lock pyproject.toml | $(UV)
	$(check_python)
	@rm -f $@ $(VENV)/.begun-*
	@test ! -e $(VENV)/pyvenv.cfg || find -H $(VENV) -mindepth 1 ! -path $(VENV)/pyvenv.cfg -delete
	@mkdir -p $(VENV) && touch $(MARK)
	$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip sync -q --require-hashes --python $(BIN)/python requirements.lock
	$(UV) pip install -q --no-deps --no-build-isolation --python $(BIN)/python -e .
	@mv $(MARK) $@ || { echo "another make began to set up $(VENV) meanwhile; run make again" >&2; exit 1; }

# pip copies file by file: what was cut short stays in build/.
.uv/bin/uv:
	$(check_python)
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  echo "$(PYTHON) has no pip, and uv is not installed. $(DEBIAN)" >&2; exit 1; }
	rm -rf .uv build/uv
	PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 PIP_REQUIRE_HASHES=0 $(PYTHON) -m pip install -q --target build/uv uv
	mv build/uv .uv
