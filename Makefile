# Everything a contributor does, by name. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
SETUP := deploy/setup

.PHONY: help run test check ci bench bench-ui chaos shots pictures format types lock clean python dev page browser services

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

run: python page ## set everything up and serve the chat on http://127.0.0.1:8000
	@exec $(SETUP)/serve.sh

test: dev page browser services ## run all tests: frontend units, then everything else with pytest
	@$(SETUP)/frontend.sh test
	@$(PY) -m pytest -n 2 --dist loadfile

check: dev ## look without running: formatting, lint, types, layers, the frontend and its size
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy app
	@.venv/bin/lint-imports --no-logo
	@$(SETUP)/frontend.sh check

ci: ## what must be green before anything is merged: check, then test
	@$(MAKE) check
	@$(MAKE) test

bench: dev ## measure Maru beside its peers (needs gcc; half an hour on a quiet machine)
	@$(PY) -m bench

bench-ui: dev page browser ## measure the page in a real Chromium beside its bars (ten minutes on a quiet machine)
	@$(SETUP)/bench_ui.sh

chaos: dev ## break it on purpose: hunt planted bugs, then ten minutes of faults (SECONDS=, SEED=, SERVERS=, PEOPLE=, CLUSTER=)
	@nice -n 5 $(PY) -m tests.chaos

shots: dev page browser ## photograph the page in its states, sizes, themes and languages into shots/
	@$(PY) -m tests.browser.shots

pictures: dev page browser ## take the few pictures that the README and the install dialog show anew
	@$(PY) -m tests.browser.shots --pictures

format: dev ## rewrite the Python files in the one format
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

types: dev ## write the page's types of the wire anew, from the server's
	@$(SETUP)/frontend.sh types >frontend/src/protocol/generated.new
	@mv frontend/src/protocol/generated.new frontend/src/protocol/generated.ts

lock: dev ## pin all Python packages anew, with hashes
	@$(SETUP)/lock.sh

clean: ## remove what was built or installed here; your data in instance/ stays
	rm -rf .venv app/static/dist frontend/node_modules tests/conformance/peers/node_modules bench/ui/node_modules bench/peers/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find app tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

python:
	@$(SETUP)/python.sh requirements.txt

dev: python
	@$(SETUP)/python.sh requirements-dev.txt

page: python
	@$(SETUP)/frontend.sh build

browser:
	@$(SETUP)/browser.sh

services:
	@$(SETUP)/services.sh
