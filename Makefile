# The project's vocabulary; CI uses the same words. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIPENV_VERBOSITY := -1
export PIPENV_IGNORE_VIRTUALENVS := 0
# cdktf-cli asks its maker's server for a newer version otherwise.
export CHECKPOINT_DISABLE := 1

.PHONY: help setup synth test check plan-check lint format unit integration golden docs capacity bench mutation lock clean
.PHONY: preflight use-region state-bootstrap deploy destroy verify status logs exec rollback drift ci-role difference
.PHONY: local local-down local-test

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 17

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

lint: setup  ## Style and types, and what GitHub Actions is given
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m scripts.lint_workflows

format: setup  ## Rewrite in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

unit: setup  ## Unit, blueprint, lint-of-template and golden tests, with coverage
	@$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term tests --ignore tests/integration

# A word of lib/operations. `make` itself ends with 2 whenever a word does not end with 0; who has to tell its exit codes
# apart runs `.venv/bin/python -m lib.operations WORD`. OUTPUTS= is a file of outputs; left out: outputs.json.
OPERATIONS = $(BIN)/python -m lib.operations
OF_OUTPUTS = $(if $(OUTPUTS),--outputs "$(OUTPUTS)")

preflight: setup  ## Quotas and prerequisites before a deployment, by read-only calls: REGION=, ARGS=
	@$(OPERATIONS) preflight $(if $(REGION),--region "$(REGION)") $(ARGS)

use-region: setup  ## Pin the region that stacks are built in, or show it: REGION=
	@$(OPERATIONS) use-region $(if $(REGION),"$(REGION)") $(ARGS)

state-bootstrap: setup  ## Make the bucket of the state, or bring it to what it has to be: ARGS=--check
	@$(OPERATIONS) state-bootstrap $(ARGS)

deploy: setup  ## Preflight, synth, the plan shown, apply, verify: ARGS=
	@$(OPERATIONS) deploy $(ARGS)

destroy: setup  ## Take a stack away, and what AWS leaves behind of it: ARGS=
	@$(OPERATIONS) destroy $(ARGS)

verify: setup  ## Ask AWS whether a deployed stack is as it should be: OUTPUTS= a file, ARGS=
	@$(OPERATIONS) verify $(if $(OUTPUTS),"$(OUTPUTS)") $(ARGS)

status: setup  ## How a deployed stack is, on one screen: OUTPUTS=, ARGS=
	@$(OPERATIONS) status $(OF_OUTPUTS) $(ARGS)

logs: setup  ## What services, fleets and functions wrote: NAME= one or more, SINCE=, ARGS=-f
	@$(OPERATIONS) logs $(NAME) $(OF_OUTPUTS) $(if $(SINCE),--since "$(SINCE)") $(ARGS)

exec: setup  ## A shell in a running task, or on an instance: SERVICE= or FLEET=, COMMAND=, ARGS=
	@$(OPERATIONS) exec $(if $(SERVICE),--service "$(SERVICE)") $(if $(FLEET),--fleet "$(FLEET)") \
		$(if $(COMMAND),--command "$(COMMAND)") $(OF_OUTPUTS) $(ARGS)

rollback: setup  ## A service back to the task definition before: SERVICE=, TO=, ARGS=
	@$(OPERATIONS) rollback $(if $(SERVICE),"$(SERVICE)") $(if $(TO),--to "$(TO)") $(OF_OUTPUTS) $(ARGS)

drift: setup  ## What was changed behind Terraform's back: ARGS=
	@$(OPERATIONS) drift $(ARGS)

ci-role: setup  ## Roles by which GitHub Actions deploys and looks: REPOSITORY=owner/name ENVIRONMENT=prod, ARGS=--print
	@$(OPERATIONS) ci-role $(if $(REPOSITORY),--repository "$(REPOSITORY)") \
		$(if $(ENVIRONMENT),--environment "$(ENVIRONMENT)") $(if $(ACCOUNT),--account "$(ACCOUNT)") $(ARGS)

difference: setup  ## What changes in the golden templates since a revision, as Markdown: BASE=main
	@$(OPERATIONS) difference $(if $(BASE),--base "$(BASE)")

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
	@$(BIN)/python -m scripts.operations_pages

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
