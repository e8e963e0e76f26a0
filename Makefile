.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
DATA_DIR ?= .codeocean-mock
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --constraint $(CONSTRAINTS)

.PHONY: help run test lint format openapi openapi-check bench constraints clean

help:  ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of packages: a set is installed again only when its list has changed.
$(VENV)/.run: $(BIN)/python pyproject.toml $(CONSTRAINTS)
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) --editable '.[test,bench]'
	@touch $@

run: $(VENV)/.run  ## Start a Code Ocean with demo data (PORT=8000 DATA_DIR=.codeocean-mock)
	$(BIN)/codeocean-mock serve --port $(PORT) --data-dir $(DATA_DIR)

test: $(VENV)/.test  ## Run all tests, with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95

lint: $(VENV)/.test  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test  ## Put the code into the project's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

openapi: $(VENV)/.run  ## Write openapi/ and docs/seed.schema.json
	$(BIN)/codeocean-mock openapi --format json > openapi/openapi.json
	$(BIN)/codeocean-mock openapi --format yaml > openapi/openapi.yaml
	$(BIN)/codeocean-mock seed schema > docs/seed.schema.json

openapi-check: $(VENV)/.test  ## Fail when openapi/ or docs/seed.schema.json is stale or not valid
	$(BIN)/codeocean-mock openapi --format json | diff -u openapi/openapi.json -
	$(BIN)/codeocean-mock openapi --format yaml | diff -u openapi/openapi.yaml -
	$(BIN)/codeocean-mock seed schema | diff -u docs/seed.schema.json -
	$(BIN)/openapi-spec-validator openapi/openapi.json openapi/openapi.yaml

bench: $(VENV)/.bench  ## Measure speed beside a bare FastAPI route and moto
	$(BIN)/python -m benchmarks

constraints: $(BIN)/python  ## Write constraints.txt anew, from the newest releases of everything
	rm -rf $(VENV)/pins
	$(PYTHON) -m venv $(VENV)/pins
	$(VENV)/pins/bin/pip --disable-pip-version-check --quiet install '.[test,bench]'
	(echo '# Pinned versions; made by "make constraints".'; \
	  $(VENV)/pins/bin/pip freeze --exclude codeocean-mock) > $(CONSTRAINTS)
	rm -rf $(VENV)/pins

clean:  ## Remove what was made, data included
	rm -rf $(VENV) $(DATA_DIR) .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
