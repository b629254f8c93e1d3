# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
# The front door. Each line's work is done by a script in tools/; `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
TOOLS_VENV := .venv-tools
FUZZ_SECONDS ?= 30
EXAMPLE ?= $(firstword $(wildcard examples/*.py))

export FUZZ_SECONDS
.DEFAULT_GOAL := help
.PHONY: help build demo test lint format fuzz bench golden pythons docs clean

help: ## list these targets
	@echo "Pyrometer: make TARGET [PYTHON=python3] [VENV=.venv]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

build: ## set up, compile and install into VENV: VENV/bin/pyrometer, and import pyrometer
	@tools/build.sh '$(PYTHON)' '$(VENV)'
	@echo "build done: $(VENV)/bin/pyrometer, and 'import pyrometer' in $(VENV)/bin/python"

demo: ## set up, build, and trace a real program: where does its time go?
	@tools/build.sh '$(PYTHON)' '$(VENV)'
	$(VENV)/bin/pyrometer trace -o demo.pyro $(EXAMPLE)
	@echo "demo done: the profile is in demo.pyro; look at it with: $(VENV)/bin/pyrometer report demo.pyro"

test: ## all tests, under every Python from 3.9 to 3.15 that is found
	@tools/setup.sh test '$(PYTHON)'
	@tools/build.sh '$(PYTHON)' '$(VENV)'
	@tools/venv.sh '$(PYTHON)' $(TOOLS_VENV) tools/requirements-dev.txt
	@$(TOOLS_VENV)/bin/python tools/run_tests.py --venv '$(VENV)' --tools-venv $(TOOLS_VENV)

lint: ## every checker; silent about what is right
	@tools/setup.sh lint '$(PYTHON)'
	@tools/venv.sh '$(PYTHON)' $(TOOLS_VENV) tools/requirements-dev.txt
	@$(TOOLS_VENV)/bin/python tools/lint.py

format: ## rewrite C and Python files in the house's format
	@tools/setup.sh lint '$(PYTHON)'
	@tools/venv.sh '$(PYTHON)' $(TOOLS_VENV) tools/requirements-dev.txt
	find src tests/unit tests/fuzz -name '*.[ch]' -exec clang-format-14 -i {} +
	$(TOOLS_VENV)/bin/ruff format -q . && $(TOOLS_VENV)/bin/ruff check -q --fix .

fuzz: ## fuzz each reader of hostile input for FUZZ_SECONDS=30
	@tools/setup.sh fuzz '$(PYTHON)'
	@tools/venv.sh '$(PYTHON)' $(TOOLS_VENV) tools/requirements-dev.txt
	@$(TOOLS_VENV)/bin/python tools/fuzz.py --seconds $(FUZZ_SECONDS)

bench: ## measure the claims we publish, with the peers in the same run
	@tools/build.sh '$(PYTHON)' '$(VENV)'
	@$(VENV)/bin/python bench/run.py

golden: ## rewrite the expected transcripts of the command-line tests
	@tools/build.sh '$(PYTHON)' '$(VENV)'
	$(VENV)/bin/python -m pytest -q tests/cli tests/tui --golden

pythons: ## bring CPython 3.14 and 3.15 into .pythons (FREE_THREADED=1: 3.14t too)
	@tools/setup.sh pythons '$(PYTHON)'
	@FREE_THREADED='$(FREE_THREADED)' tools/pythons.sh

docs: ## check that the documentation's links and commands hold
	@$(PYTHON) tools/check_docs.py && echo "docs: every link, file and target is there"

clean: ## remove what was built; keeps the environments' downloads and .pythons
	rm -rf build dist demo.pyro .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find python tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
