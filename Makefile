# These commands need GNU make and Python 3.11 or newer. Everything else is installed into .venv from
# the lock files: pinned, checked against hashes, and as wheels. The one exception is dkimpy, which
# only the tests use: it has no wheel.

# Tests start many processes, which are slow to start without compiled modules.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
DEMO_READY := $(VENV)/.ready-for-demo
TESTS_READY := $(VENV)/.ready-for-tests

MINUTES ?= 5
SEED ?= $(shell date +%s)

.PHONY: help demo test test-slow check audit bench chaos lock wheel
.DELETE_ON_ERROR:

help:
	@echo 'make demo       start the playground on http://127.0.0.1:8080 (no token, no account)'
	@echo 'make test       run all tests but the slow ones (ONLY=storage/mail for one package)'
	@echo 'make test-slow  run the slow tests: browser, other mail servers, kills, benchmarks'
	@echo 'make check      check style, formatting, types, import rules and dependencies'
	@echo 'make audit      look for known vulnerabilities in the dependencies (part of make check)'
	@echo 'make bench      measure speed next to other software (BENCH=name for one benchmark)'
	@echo 'make chaos      kill processes and cut connections (SEED=number, MINUTES=number, PLAY=name)'
	@echo 'make wheel      build the wheel of the last commit in build/dist, the same one every time'
	@echo 'make lock       update the lock files from pyproject.toml (UPGRADE=1 updates all pins)'

demo: $(DEMO_READY)
	$(BIN)/actionbot demo

# Tests wait for databases and mail servers, so the fast ones get twice as many workers as cores.
# The slow ones measure, and get one for each core.
CORES = $(shell nproc)
PYTEST = $(BIN)/pytest --dist loadfile

test: $(TESTS_READY)
	$(PYTEST) -n $$((2 * $(CORES))) $(if $(ONLY),tests/$(ONLY),-m 'not slow')

test-slow: $(TESTS_READY)
	$(PYTEST) -n $(CORES) -m slow

check: $(TESTS_READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy docs/examples
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/bandit --quiet --severity-level medium --recursive bot conversations storage
	$(MAKE) --no-print-directory audit

# The report is written only if the data about vulnerabilities could be fetched.
AUDIT = --require-hashes --disable-pip --progress-spinner off --timeout 10 \
	--requirement requirements.txt --output build/audit.txt

audit: $(TESTS_READY)
	@mkdir -p build && rm -f build/audit.txt
	@$(BIN)/pip-audit $(AUDIT) 2>build/audit.log \
		|| { if [ -e build/audit.txt ]; then cat build/audit.txt; exit 1; fi; \
			echo 'audit: nothing was checked: no data about vulnerabilities could be fetched' \
				'(see build/audit.log).' >&2; exit 0; }

bench: $(TESTS_READY)
	$(BIN)/python -m tests.benchmarks $(BENCH)

chaos: $(TESTS_READY)
	$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) $(if $(PLAY),--play $(PLAY))

# From what git has, with the time of the commit, so that everybody gets the same file.
wheel: $(DEMO_READY)
	@rm -rf build/source build/dist && mkdir -p build/source build/dist
	@git -c tar.umask=022 archive HEAD | (umask 022 && tar -x -C build/source)
	@umask 022 && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(PIP) wheel --quiet --no-deps \
		--no-build-isolation --wheel-dir build/dist ./build/source
	@cd build/dist && sha256sum *.whl

# The larger set is resolved first and constrains the smaller one: what is tested is what runs.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade)

lock: $(if $(wildcard $(BIN)/uv),,$(TESTS_READY))
	$(COMPILE) --group build --group dev --output-file requirements-dev.txt
	$(COMPILE) --group build --constraint requirements-dev.txt --output-file requirements.txt

# --- installing ---------------------------------------------------------------------------------

PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input $(if $(CI),--quiet)

# dkimpy is published as source only. It is built with the setuptools that requirements.txt locks, so
# requirements.txt is installed before requirements-dev.txt.
PIP_OPTIONS = --only-binary :all: --no-binary dkimpy --use-pep517 --no-build-isolation

# $(call install,LOCK_FILE): install the locked packages, then the project itself in editable mode.
define install
	@echo 'Installing the packages in $(1) into $(VENV): about half a minute, once.'
	@$(PIP) install --require-hashes $(PIP_OPTIONS) -r $(1) \
		&& $(PIP) install --quiet --no-deps --no-build-isolation --editable . \
		|| { echo 'make: the installation failed, see above. It needs the network;' \
			'fix that, then run make again.' >&2; exit 1; }
	@touch $@
endef

$(DEMO_READY): requirements.txt pyproject.toml | $(BIN)/python
	$(call install,requirements.txt)

$(TESTS_READY): requirements-dev.txt $(DEMO_READY)
	$(call install,requirements-dev.txt)

# If the linked interpreter no longer exists, the folder is created again.
$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$$python -c 'import ensurepip, venv' 2>/dev/null || { missing=$${missing:-$$python}; continue; }; \
		exec $$python -m venv --clear $(VENV); \
	done; \
	if [ -n "$$missing" ]; then \
		echo "make: $$missing lacks its venv module. On Debian or Ubuntu: apt install $$missing-venv" >&2; \
	else \
		echo 'make: Python 3.11 or newer is needed; python3 and python3.11 to 3.14 are missing or older.' >&2; \
	fi; \
	exit 1
