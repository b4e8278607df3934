# The verbs of daily work. `make up` runs Diego on a real cluster, `make test` tests it; both install what they need.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

DIEGO_TOOLS ?= $(HOME)/.cache/diego-operator/tools
export DIEGO_TOOLS
export PATH := $(CURDIR)/.venv/bin:$(DIEGO_TOOLS)/bin:$(PATH)
PYTHON ?= python3
SEED ?= 1
STEPS ?= 100000
INPUTS ?= 1000000
TARGET ?=
S ?= all
DIR ?=
STORE ?=
ENGINE ?=
KIND ?=
ROUNDS ?= 5

.PHONY: help up down images tools venv lint test simulate golden mutants crash faults fuzz bench e2e e2e-gate e2e-full

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

venv: .venv/installed ## the Python environment in .venv
.venv/installed: pyproject.toml
	@echo "[$$(date +%T)] installing the Python packages into .venv"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@.venv/bin/python -m pip install --quiet -e '.[dev]'
	@touch $@

tools: ## etcd, PostgreSQL, MariaDB, Galera, kind, helm, kubectl and a docker engine, as far as they are missing
	@scripts/tools

up: ## a kind cluster with Diego in it; safe to repeat
	@e2e/cluster/installed
down: ## remove that cluster
	@e2e/cluster/down diego
images: ## build the container images
	@e2e/cluster/images

lint: venv ## ruff, mypy, layers, generated files, charts
	@scripts/lint

test: venv ## everything but the clusters, against real stores; of stores only one: STORE=mysql
	@scripts/tools stores
	@STORE=$(STORE) scripts/test

simulate: venv ## the deterministic simulation: SEED=, STEPS=
	@python -m tests.simulation.run --seed $(SEED) --steps $(STEPS)
golden: venv ## recordings of a real BBS replayed against ours: DIR=folder of others, STORE=etcd
	@python -m tests.golden.run $(DIR) $(if $(STORE),--store $(STORE))
mutants: venv ## broken rules of the core, each of which the simulation must catch
	@python -m tests.simulation.mutants
fuzz: venv ## a million inputs to every decoder and route that strangers reach: SEED=, INPUTS=, TARGET=
	@python -m tests.fuzz.run --seed $(SEED) --inputs $(INPUTS) $(if $(TARGET),--target $(TARGET))
crash: venv ## a kill at every store operation of every kind of migration, on each engine: ENGINE=, KIND=
	@scripts/tools stores
	@python -m tests.crash.run $(if $(ENGINE),--engine $(ENGINE)) $(if $(KIND),--kind $(KIND))

faults: venv ## engines killed, paused, cut off and filled up again and again, with every answer checked: ROUNDS=
	@scripts/tools stores
	@ROUNDS=$(ROUNDS) python -m pytest -q -s tests/faults

bench: venv ## every measurement, written to docs/performance.md: takes a while
	@scripts/tools stores
	@python -m benchmarks.report

e2e-gate: venv ## the short life on kind that CI runs
	@python -m e2e.run gate
e2e: venv ## the scenarios on kind; one of them: S=S3
	@python -m e2e.run $(S)
e2e-full: venv ## all scenarios, on one cluster
	@python -m e2e.run all
