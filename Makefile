SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run check test everywhere faults bench catalogues lock format clean

VENV := .venv
BIN := $(VENV)/bin
# A stamp is newer than the lock it was installed from, so a second `make setup` has nothing to do.
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
RULES := tests/test_architecture.py tests/test_catalogues.py tests/test_docs.py tests/model
# Three at a time; what failed beside others once more alone.
PYTEST := PYTHON=$(BIN)/python sh tests/twice.sh
# Once more on what production has: of what reaches a database or Redis all that may come out otherwise there.
OTHER := --database postgres --redis debian --workers 2
WITHOUT_RULES := $(patsubst %,--ignore=%,$(RULES))
ELSEWHERE := $(OTHER) $(WITHOUT_RULES) --ignore=tests/test_packaging.py
SOURCES := o2o booking halls messages orders qr staff websocket tests benchmarks scripts
BENCH ?=
# Each test's processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(DEVELOPMENT) ## make .venv and install the locked dependencies

run: $(RUNTIME) ## start everything with demo data on 127.0.0.1:8000 (O2O_HOST, O2O_PORT)
	@$(BIN)/o2o demo

check: $(DEVELOPMENT) ## lint, types, import contracts, catalogues, docs, the protocol's model
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q --numprocesses 3 --dist loadfile $(RULES)

test: $(DEVELOPMENT) ## install what tests need where that is possible, and run all that make check does not
	@sh tests/needs.sh
	$(PYTEST) $(WITHOUT_RULES)
	$(PYTEST) $(ELSEWHERE) --differing

everywhere: $(DEVELOPMENT) ## run everything on PostgreSQL, the machine's Redis and two workers too, each page included
	@sh tests/needs.sh
	$(PYTEST) $(ELSEWHERE) --reaching

faults: $(DEVELOPMENT) ## kill, cut and silence everything as often as the promises want it, into docs/faults.md
	@sh tests/needs.sh
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults $(OTHER)

bench: $(DEVELOPMENT) ## measure, each figure beside its baseline, into docs/performance.md; BENCH=name for one
	@$(BIN)/o2o bench --record $(BENCH)

format: $(DEVELOPMENT) ## put the sources into the project's form
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

catalogues: $(DEVELOPMENT) ## bring locales/ up to what code and templates say
	$(BIN)/python -m scripts.catalogues

lock: $(DEVELOPMENT) ## write requirements/ anew from pyproject.toml
	@sh requirements/lock.sh $(BIN)/uv

clean: ## remove .venv and caches; var/ and its data stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@sh requirements/venv.sh $(VENV)

# The project itself is installed in place; its build tool is in the lock too, so nothing is fetched unlocked.
$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies"
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements/dev.txt $(RUNTIME)
	@echo "Installing what development needs"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
