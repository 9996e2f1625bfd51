# Two commands do all: `make figures` and `make test`. Both set everything up first.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
PYTHONS ?= 3.11 3.12 3.13

# With it set, every kernel compiles pandas and matplotlib again: twice the time.
unexport PYTHONDONTWRITEBYTECODE
# Setting up uses the Python that is there; it never downloads another.
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help figures slides pages test test-all bench faults fuzz lint lab explore refresh lock licences clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

figures: $(VENV)/.ready ## Set up, run every notebook, write figures/
	$(BIN)/lupuscart figures

slides: $(VENV)/.ready ## Set up, run every notebook, write a PowerPoint deck: OPTIONS="--language zh"
	$(BIN)/lupuscart slides $(OPTIONS)

pages: $(VENV)/.ready ## Run every notebook, write build/pages/, to be opened in a browser
	$(BIN)/lupuscart pages $(OPTIONS)

test: $(VENV)/.ready lint ## Set up, lint, run all tests, check every notebook and figure
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 -n 2 --dist loadscope

test-all: ## The same on every supported Python that is present
	@for v in $(PYTHONS); do \
	  if python$$v -c '' 2>/dev/null; then \
	    $(MAKE) test PYTHON=python$$v VENV=.venv-$$v || exit 1; \
	  else echo "Python $$v: not present, not tested"; fi; \
	done

bench: $(VENV)/.ready ## Time the package beside other programs, in one run
	$(BIN)/python -m benchmarks

faults: $(VENV)/.ready ## Kill rebuild, refresh, deck and site at random moments and look at what stands
	$(BIN)/python -m tests.faults

fuzz: $(VENV)/.ready ## Thousands of damaged tables and parameters, drawn anew (minutes)
	$(BIN)/python -m pytest -s tests/house/test_fuzz.py --hypothesis-profile=fuzz

lint: $(VENV)/.ready ## Check the style of code and notebooks
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lab: $(VENV)/.ready ## Open JupyterLab on this machine only
	$(BIN)/jupyter lab --config lab/settings.py

explore: $(VENV)/.ready ## Show the sliders as a page without code (LANGUAGE=zh for Chinese)
	$(BIN)/lupuscart explore $(if $(LANGUAGE),--language $(LANGUAGE))

refresh: $(VENV)/.ready ## Run every notebook and store its outputs (the one way they change)
	$(BIN)/lupuscart refresh

lock: $(UV) ## Write requirements.lock anew from pyproject.toml
	$(UV) pip compile -q --universal --python-version 3.11 --all-extras --upgrade --generate-hashes \
	  --no-emit-index-url --no-header -o requirements.lock pyproject.toml

licences: $(VENV)/.ready ## Write LICENSES.md, the licence of every package in the lock
	$(BIN)/python tests/licences.py

clean: ## Remove what can be made again
	rm -rf build dist .venv* .uv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: requirements.lock pyproject.toml | $(UV)
	$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip sync -q --require-hashes --python $(BIN)/python requirements.lock
	$(UV) pip install -q --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

.uv/bin/uv:
	$(PYTHON) -m pip install -q --target .uv uv
