# Everything here runs on a bare machine with GNU make and Python 3.11 or newer. What it needs is
# installed into .venv from the lock files: pinned, checked against hashes, wheels only (but for one
# that the tests alone need, and that has none).

VENV := .venv
BIN := $(VENV)/bin
DEMO_READY := $(VENV)/.ready-for-demo
TESTS_READY := $(VENV)/.ready-for-tests

MINUTES ?= 5
SEED ?= $(shell date +%s)

.PHONY: help demo test check bench chaos lock
.DELETE_ON_ERROR:

help:
	@echo 'make demo     start the playground on http://127.0.0.1:8080: no token, no account'
	@echo 'make test     run all tests'
	@echo 'make check    lint, format, types, import rules, dependencies'
	@echo 'make bench    speed beside peers (BENCH=name for one)'
	@echo 'make chaos    kill, cut and refill for a while (SEED=number, MINUTES=number, PLAY=name for one)'
	@echo 'make lock     bring the lock files in line with pyproject.toml (UPGRADE=1 renews all pins)'

demo: $(DEMO_READY)
	$(BIN)/actionbot demo

test: $(TESTS_READY)
	$(BIN)/pytest -n 2 --dist loadfile

check: $(TESTS_READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(TESTS_READY)
	$(BIN)/python -m tests.benchmarks $(BENCH)

chaos: $(TESTS_READY)
	$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) $(if $(PLAY),--play $(PLAY))

# The larger set is resolved first and holds the smaller one, so that what is tested is what runs.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade)

lock: $(if $(wildcard $(BIN)/uv),,$(TESTS_READY))
	$(COMPILE) --group build --group dev --output-file requirements-dev.txt
	$(COMPILE) --group build --constraint requirements-dev.txt --output-file requirements.txt

# --- installing ---------------------------------------------------------------------------------

PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input $(if $(CI),--quiet)

# dkimpy is given out as source alone. It is built with the setuptools that requirements.txt locks, so
# that is installed before requirements-dev.txt.
FORM = --only-binary :all: --no-binary dkimpy --use-pep517 --no-build-isolation

# $(call install,lock file): what is locked, then the project itself, where it lies.
define install
	@echo 'Installing what $(1) names into $(VENV): half a minute or so, once.'
	@$(PIP) install --require-hashes $(FORM) -r $(1) \
		&& $(PIP) install --quiet --no-deps --no-build-isolation --editable . \
		|| { echo 'make: the installation failed, for the reason above. It needs the network;' \
			'once that is mended, call make again.' >&2; exit 1; }
	@touch $@
endef

$(DEMO_READY): requirements.txt pyproject.toml | $(BIN)/python
	$(call install,requirements.txt)

$(TESTS_READY): requirements-dev.txt $(DEMO_READY)
	$(call install,requirements-dev.txt)

# A link to an interpreter that is gone counts as missing, so the folder is made anew.
$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$$python -c 'import ensurepip, venv' 2>/dev/null || { missing=$${missing:-$$python}; continue; }; \
		exec $$python -m venv --clear $(VENV); \
	done; \
	if [ -n "$$missing" ]; then \
		echo "make: $$missing lacks its venv module. On Debian or Ubuntu: apt install $$missing-venv" >&2; \
	else \
		echo 'make: Python 3.11 or newer is needed, and none of python3, python3.11 ... 3.14 is.' >&2; \
	fi; \
	exit 1
