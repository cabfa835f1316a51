# Two commands: `make run` and `make test`. They need Python >= 3.11 (with venv and pip) and make, nothing else,
# and skip what is done. Further: lock record bench study check clean.

SHELL := /bin/sh
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

# The first of these that is new enough; name another with `make run PYTHON=/path/to/python`.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
ADDRESS ?= 127.0.0.1
PORT ?= 8501
CPU_THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# A stamp carries the hash of its lock: another lock, another stamp.
digest = $(firstword $(shell cksum < $(1) 2>/dev/null))
RUN_STAMP := $(VENV)/.run-$(call digest,requirements.txt)
TEST_STAMP := $(VENV)/.test-$(call digest,requirements-test.txt)
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: run test lint types imports record bench study lock check clean

run: $(RUN_STAMP)
	@$(BIN)/python -m engine migrate >/dev/null
	@exec $(BIN)/streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT)

test: $(TEST_STAMP)
	@failed=""; \
	$(BIN)/ruff check . || failed="$$failed ruff"; \
	$(BIN)/mypy || failed="$$failed mypy"; \
	$(BIN)/lint-imports || failed="$$failed import-linter"; \
	$(CPU_THREADS) $(BIN)/python -m pytest $(PYTEST_ARGS) || failed="$$failed pytest"; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

lint: $(TEST_STAMP)
	@$(BIN)/ruff check .

types: $(TEST_STAMP)
	@$(BIN)/mypy

imports: $(TEST_STAMP)
	@$(BIN)/lint-imports

check: test

# Cassettes, anew from the real hosts: for whoever has a network (from the test exchange: python -m tests.record).
record: $(TEST_STAMP)
	@$(BIN)/python -m tests.record --real

bench: $(TEST_STAMP)
	@$(CPU_THREADS) $(BIN)/python -m tests.bench

study: $(TEST_STAMP)
	@failed=""; \
	$(CPU_THREADS) $(BIN)/python -m tests.study || failed="$$failed skill"; \
	$(CPU_THREADS) $(BIN)/python -m tests.study.kills || failed="$$failed kills"; \
	$(CPU_THREADS) $(BIN)/python -m tests.study.parity || failed="$$failed parity"; \
	$(CPU_THREADS) $(BIN)/python -m tests.study.growth || failed="$$failed growth"; \
	$(CPU_THREADS) $(BIN)/python -m tests.study.soak || failed="$$failed soak"; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "AAITI needs Python 3.11 or newer: install it, or make run PYTHON=/path/to/python" >&2; exit 2; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(VENV)/bin/python
	@echo "installing requirements.txt"
	@$(PIP_INSTALL) -r requirements.txt
	@rm -f $(VENV)/.run-*; touch $@

$(TEST_STAMP): | $(VENV)/bin/python
	@echo "installing requirements-test.txt"
	@$(PIP_INSTALL) -r requirements-test.txt
	@rm -f $(VENV)/.run-* $(VENV)/.test-*; touch $(RUN_STAMP) $@  # the test lock holds the other one whole

# The locks are made on the oldest supported Python, from the public registry only, whatever pip is told elsewhere;
# pins that still fit stay as they are (`make lock UPGRADE=--upgrade` takes the newest).
LOCK_PYTHON ?= python3.11
LOCK := build/lock
COMPILE = env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(UPGRADE)

lock: $(LOCK)/bin/pip-compile
	@$(COMPILE) --output-file requirements.txt pyproject.toml
	@$(COMPILE) --extra test --extra postgres --extra dask --constraint requirements.txt \
		--output-file requirements-test.txt pyproject.toml

$(LOCK)/bin/pip-compile:
	@$(LOCK_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "make lock needs Python 3.11, the oldest that is supported: LOCK_PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(LOCK_PYTHON) -m venv $(LOCK)
	@$(LOCK)/bin/python -m pip install --quiet --disable-pip-version-check 'pip-tools>=7.6,<8'

clean:
	@rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
