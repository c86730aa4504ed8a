# Each target does its own set-up in .venv; `make run` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: help run observe test lint bench soak servers clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

run: $(VENV)/run.stamp ## everything in one command, on embedded parts; ARGS="--exit-when-idle" ends by itself
	@$(BIN)/maildesk up $(ARGS)

observe: $(VENV)/run.stamp ## the same with a Prometheus beside it, which prints its URLs (apt-get install prometheus)
	@$(BIN)/maildesk up --observe $(ARGS)

test: $(VENV)/dev.stamp servers ## all tests, on real servers, three files at a time; ARGS passes on to pytest
	@$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(VENV)/dev.stamp servers ## the full counts: kills, mails, mutations (long)
	@$(BIN)/pytest -q --soak -m soak -s $(ARGS)

lint: $(VENV)/dev.stamp ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/dev.stamp ## ratios against named limits; ONLY=evaluator runs one
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

servers: ## what the tests start: Dovecot, Java, Maven and Prometheus (installed when this user may)
	@missing=""; \
	command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || missing="$$missing dovecot-imapd dovecot-lmtpd"; \
	[ -x /usr/lib/dovecot/pop3 ] || missing="$$missing dovecot-pop3d"; \
	command -v java >/dev/null || missing="$$missing default-jre-headless"; \
	command -v mvn >/dev/null || missing="$$missing maven"; \
	command -v prometheus >/dev/null || missing="$$missing prometheus"; \
	[ -z "$$missing" ] && exit 0; \
	as=""; [ "$$(id -u)" = 0 ] || as="sudo -n"; \
	if command -v apt-get >/dev/null && $$as true 2>/dev/null; then \
	  echo "installing$$missing"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  { $$as apt-get -qq update && $$as apt-get -qq -y --no-install-recommends install $$missing; } >/dev/null 2>&1 && { \
	    case "$$missing" in *prometheus*) $$as systemctl disable --now prometheus >/dev/null 2>&1 ;; esac; exit 0; }; \
	fi; \
	echo "missing, so the tests that need them are skipped: sudo apt-get install$$missing"

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "missing: Python 3.11 or newer; sudo apt-get install python3 python3-venv, or make PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && apt-get -qq update >/dev/null && apt-get -qq -y install python3-venv >/dev/null 2>&1 && $(PYTHON) -m venv $(VENV); } \
	  || { echo "missing: Python's venv module; sudo apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements.lock deploy/build-requirements.lock pyproject.toml
	@echo "setting up $(VENV)"
	@$(PIP) install --require-hashes -r deploy/build-requirements.lock
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

clean: ## remove what a run left behind (.maildesk) and the virtual environment
	rm -rf .maildesk $(VENV) build *.egg-info
