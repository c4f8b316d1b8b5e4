# Everything a developer or the CI runs. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$$p"; break; }; done)
UV_VERSION := $(shell sed -n 's/^uv==//p' requirements-dev.in)
READY := $(VENV)/.ready

SOURCES := $(wildcard layers/connector/connector layers/connector/vendors functions cli local)

export SAM_CLI_TELEMETRY := 0
# Company networks often have their own certificate authority in the system store.
export UV_SYSTEM_CERTS := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The functions' packages, as in the deployed layers.
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/connector:$(CURDIR)/functions

# Nothing below `deploy` may ever reach a real account, whatever the caller's shell holds.
OFFLINE := env -u AWS_PROFILE -u AWS_SESSION_TOKEN -u AWS_ENDPOINT_URL AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 \
	AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_EC2_METADATA_DISABLED=true

.PHONY: help environment lock test lint types validate build demo up crash bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

environment: $(READY)  ## the Python environment in .venv, from requirements-dev.txt

$(READY): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 on PATH. Install one, or run: make environment PYTHON=/path/to/python3" >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check -q install "uv==$(UV_VERSION)"
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -r requirements-dev.txt \
		|| $(BIN)/python -m pip --disable-pip-version-check -q install -r requirements-dev.txt
	$(BIN)/python -m pip --disable-pip-version-check -q install --no-deps --no-build-isolation -e .
	touch $@

lock: $(READY)  ## resolve requirements-dev.in again into requirements-dev.txt, and the layers' too
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt
	for layer in layers/*/requirements.in; do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header $$layer -o $${layer%.in}.txt; done

# Deployments share the machine with nobody; everything else runs in two processes, and its summary comes last.
test: $(READY)  ## all tests (ARGS="tests/unit -k budget" for some)
ifeq ($(strip $(ARGS)),)
	$(OFFLINE) $(BIN)/python -m pytest -m "cloud or package"
	$(OFFLINE) $(BIN)/python -m pytest -n 2 --dist loadfile -m "not cloud and not package"
else
	$(OFFLINE) $(BIN)/python -m pytest $(ARGS)
endif

lint: $(READY)  ## ruff
	$(BIN)/ruff check .

types: $(READY)  ## mypy --strict
	$(BIN)/mypy $(SOURCES)
	$(BIN)/mypy layers/build.py

validate: $(READY)  ## the template: sam, cfn-lint, and the translated form
	$(OFFLINE) $(BIN)/sam validate --lint
	$(BIN)/cfn-lint template.yaml
	$(OFFLINE) $(BIN)/python -m pytest -q tests/template -k translated

build: $(READY)  ## build for the template's defaults (ARGS="--parameter-overrides Runtime=... Architecture=...")
	$(OFFLINE) $(BIN)/sam build $(ARGS)

# Standard output belongs to the demo alone, also on the first run: ARGS=--json prints one JSON document there.
demo:  ## everything on this machine: build, deploy, simulators, records moving, both sides compared (ARGS=--json)
	@$(MAKE) --no-print-directory environment >&2
	@$(OFFLINE) $(BIN)/python -m local.demo $(ARGS)

up: $(READY)  ## the same, left running for you (ARGS="--connections FILE --no-simulators" for servers of your own)
	$(OFFLINE) $(BIN)/ml-connector up $(ARGS)

crash: $(READY)  ## the crash matrix (ARGS=--short for a part, ARGS=--deployed for real kills)
	$(OFFLINE) $(BIN)/python -m tests.crash $(ARGS)

bench: $(READY)  ## benchmarks: ratios, not clocks
	$(OFFLINE) $(BIN)/python -m tests.performance $(ARGS)

clean:  ## remove what was built (the environment stays)
	rm -rf .aws-sam .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov dist
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
