# make demo: compare two programmes in a small city. make test: the tests in minutes. make test-long: the rest.
VENV ?= .venv
BIN := $(VENV)/bin
# The first Python that is new enough, unless one is given: make demo PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	2>/dev/null && echo $$p && break; done)

.PHONY: demo test test-long lint docs view-setup clean

demo: $(VENV)/.ready
	rm -rf out/demo
	mkdir -p out
	$(BIN)/peel compare district fellowship training --replicates 8 --years 1 --out out/demo
	@echo "The report is one file that any browser opens: out/demo/report.html"

test: $(VENV)/.ready
	$(BIN)/python -m pytest tests -n 2 -m "not long" -q

test-long: $(VENV)/.ready
	$(BIN)/python -m pytest tests -m long -q

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.ready
	$(BIN)/peel docs

# Browser files that `peel view` needs to work without the internet; fetched once with npm.
view-setup: $(VENV)/.ready
	$(BIN)/peel view --setup

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Peel needs Python 3.11, 3.12 or 3.13 with its venv module;" \
	  "install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

$(VENV)/.lint: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	touch $@

clean:
	rm -rf $(VENV) out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
