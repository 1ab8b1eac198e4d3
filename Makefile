# Everything that this project does, as commands. `make` alone lists them.
SHELL := /bin/bash
PY := .venv/bin/python
STAMP := .venv/.installed

help:  ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

install: $(STAMP)  ## make the environment in .venv from requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@bash scripts/install
	@touch $(STAMP)

run: install  ## prepare what is missing, start everything, print the addresses
	@.venv/bin/tianang up

train: install  ## train the models that are missing or no longer fit the data
	@.venv/bin/tianang train

test: install  ## run every check: style, types, content, models, tests
	@bash scripts/check

unit: install  ## the tests that need neither model nor browser
	@$(PY) -m pytest -m "not model and not browser"

lint: install  ## style and types
	@.venv/bin/ruff check .
	@.venv/bin/mypy

evaluate: install  ## measure screen and answers on texts never trained on; writes docs/figures
	@.venv/bin/tianang evaluate $(if $(ORDINARY),--ordinary $(ORDINARY))

bench: install  ## measure speed and memory beside plain Rasa (about 10 minutes)
	@$(PY) -m benchmarks.run

lock:  ## resolve pyproject.toml into requirements.lock
	@uv pip compile pyproject.toml --group dev --generate-hashes --python-version 3.11 --no-annotate --no-header -q -o requirements.lock

clean:  ## remove models and what running wrote (the database too)
	@rm -rf var models .pytest_cache .mypy_cache .ruff_cache

.PHONY: help install run train test unit lint evaluate bench lock clean
