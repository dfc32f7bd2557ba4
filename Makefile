# The project's vocabulary; CI uses the same words. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin


export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIPENV_VERBOSITY := -1
export PIPENV_IGNORE_VIRTUALENVS := 0
# cdktf-cli asks its maker's server for a newer version otherwise.
export CHECKPOINT_DISABLE := 1

.PHONY: help setup synth test check plan-check lint format unit verify integration local local-down local-test golden docs capacity bench mutation lock clean

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

setup: .venv/.ready .venv-checkov/.ready  ## Python environments from the lock files, Node included

.venv/.ready: Pipfile.lock scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh .venv

.venv-checkov/.ready: tools/checkov/Pipfile.lock scripts/setup.sh | .venv/.ready
	@PYTHON=$(PYTHON) scripts/setup.sh .venv-checkov

synth: setup  ## Synthesize every blueprint in every tier: cdktf.out/<blueprint>-<tier>/
	@$(BIN)/python -m scripts.synth

test: lint integration unit  ## Everything that must hold before a change lands

check: setup  ## Judge templates before AWS sees them: TEMPLATE= one of any make, or BLUEPRINT=, TIER=; ARGS=
	@$(BIN)/python -m scripts.check $(if $(BLUEPRINT),--blueprint "$(BLUEPRINT)") $(if $(TIER),--tier "$(TIER)") \
		$(if $(TEMPLATE),"$(TEMPLATE)") $(ARGS)

plan-check: setup  ## Take templates through Terraform, out of reach of AWS: all blueprints and tiers, or TEMPLATE=
	@$(BIN)/python -m scripts.plan_check $(if $(TEMPLATE),"$(TEMPLATE)")

lint: setup  ## Style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup  ## Rewrite in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

unit: setup  ## Unit, blueprint, lint-of-template and golden tests, with coverage
	@$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term tests --ignore tests/integration

verify: setup  ## Ask AWS whether a deployed stack is as it should be: OUTPUTS= a file, ARGS=
	@$(BIN)/python -m lib.operations verify $(if $(OUTPUTS),"$(OUTPUTS)") $(ARGS)

integration: setup  ## boto3 against a deployed stack's outputs; says why when it does not run
	@$(BIN)/pytest tests/integration -q

local: setup  ## The platform by Terraform on an AWS of this machine, verified, left running: BLUEPRINT=, SUFFIX=
	@$(BIN)/python -m scripts.local up $(if $(BLUEPRINT),--blueprint "$(BLUEPRINT)") $(if $(SUFFIX),--suffix "$(SUFFIX)")

local-down: setup  ## Destroy it, stop that AWS, leave nothing
	@$(BIN)/python -m scripts.local down

local-test: setup  ## All blueprints on an AWS of this machine, from nothing to destroyed
	@$(BIN)/python -m scripts.local test

golden: setup  ## Write the golden templates anew, for review by git diff
	@$(BIN)/python -m scripts.synth --golden

docs: setup  ## Write the generated pages of docs/ anew
	@$(BIN)/python -m scripts.docs
	@$(BIN)/python -m scripts.capacity --write
	@$(BIN)/python -m scripts.verification_page

capacity: setup  ## Users that a blueprint carries, and what binds first: BLUEPRINT=, TIER= or SUFFIX=, ARGS=
	@$(BIN)/python -m scripts.capacity $(if $(BLUEPRINT),--blueprint "$(BLUEPRINT)") \
		$(if $(TIER),--tier "$(TIER)") $(if $(SUFFIX),--suffix "$(SUFFIX)") $(ARGS)

bench: setup  ## Plain CDKTF against this project, in one run
	@$(BIN)/python -m scripts.bench

mutation: setup  ## How many small mistakes in settings and naming the tests notice (about 20 minutes)
	@scripts/mutation.sh

lock: setup  ## Resolve the Pipfile anew
	@scripts/lock.sh

clean:  ## Remove what synth and tests leave; state files stay
	@rm -rf cdktf.out .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
