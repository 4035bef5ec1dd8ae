# `make demo` and `make test` do all of their own set-up; see `make help`.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-group test test-kill grades packaging coverage bench lint types check lock clean

python := .venv/bin/python
# Test processes at once; each has a PostgreSQL of its own.
WORKERS ?= 2
# The folders with code in them; bench and demo are left out of packages, not of checks.
code := $(patsubst %/__init__.py,%,$(wildcard $(addsuffix /__init__.py,core plugins rules templates tests bench demo)))

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null \
		|| sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1  \2/p' Makefile

setup: ## Install what is missing on this machine and into .venv
	@tools/setup/setup.sh

demo: setup ## Play 30 business days against a simulated ERP (SERVE=0 ends by itself)
	@SERVE="$(SERVE)" $(python) -m demo

demo-group: setup ## Play a week of a group with three simulated ERPs in one book
	@$(python) -m demo.group

test: setup ## Run the tests, on SQLite and on PostgreSQL
	@$(python) -m pytest --numprocesses $(WORKERS) --dist worksteal

test-kill: setup ## Kill the job at every write and send
	@$(python) -m pytest -s tests/crash/test_kill.py -m kill_all

grades: setup ## Let the contract kit grade our connectors, and write it beside their code
	@for type in jde sap sap_ecc d365 business_central netsuite infor_m3 oracle_fusion infor_lx infor_xa jde_world oracle_ebs peoplesoft; do \
	    $(python) -m pytest -q -p no:cacheprovider --duehook-connector=$$type --duehook-grade=plugins/$$type/grade.json || exit 1; \
	done
	@$(python) tools/reference.py

packaging: setup ## Build the wheel and look at it in an environment of its own
	@$(python) -m pytest -m wheel tests/house/test_packaging.py

bench: setup ## Run every bench and print its ratios
	@$(python) -m bench

lint: setup ## Check style and format
	@$(python) -m ruff check $(code)
	@$(python) -m ruff format --check $(code)

types: setup ## Check types, strictly
	@tools/checks/types.sh

coverage: setup ## Say which branches no test takes
	@$(python) -m pytest --numprocesses $(WORKERS) --dist worksteal --cov --cov-report=term:skip-covered

check: test lint types packaging ## All that has to hold before a change lands

lock: setup ## Compile requirements/*.lock anew
	@tools/setup/lock.sh

clean: ## Remove what was built; keeps .venv
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage
