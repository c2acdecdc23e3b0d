# Each target builds the environment it needs from a hashed lock; nothing but Python 3.11 and make is expected.
PYTHON ?= python3.11
DATA ?=
WORDPRESS = wordpress php-cli php-mysql php-curl php-mbstring php-xml mariadb-server
MODEL ?= first
.DEFAULT_GOAL := help
.PHONY: help run test check translations test-browser test-ray interop faults fuzz audit sbom train evaluate bench bench-decide bench-rules bench-sets bench-threads bench-overload bench-web bench-curves lock .venv

help:  ## list the targets
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

# $(call environment,folder,lock): a virtual environment with exactly what the lock names, and this package.
define environment
	$(PYTHON) -m venv --clear $(1)
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(2)
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(1)/ready
endef

.venv: .venv/ready  ## the environment that serves (from requirements.lock)
.venv/ready: requirements.lock
	$(call environment,.venv,requirements.lock)
.venv-dev/ready: requirements-dev.lock
	$(call environment,.venv-dev,requirements-dev.lock)
.venv-train/ready: requirements-train.lock
	$(call environment,.venv-train,requirements-train.lock)
.venv-bench/ready: requirements-bench.lock
	$(call environment,.venv-bench,requirements-bench.lock)
.venv-ray/ready: requirements-ray.lock
	$(call environment,.venv-ray,requirements-ray.lock)
.venv-security/ready: requirements-security.lock
	$(call environment,.venv-security,requirements-security.lock)

run: .venv/ready  ## start the service on http://127.0.0.1:8000 (SQLite in var/)
	.venv/bin/python -m moderation serve --seed

test: .venv-dev/ready  ## all tests that pip alone can bring, on SQLite and on PostgreSQL
	.venv-dev/bin/python -m pytest -n 2

test-browser: .venv-dev/ready  ## the journey in a real Chromium (installs Debian's)
	command -v chromium >/dev/null || { apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-core; }
	.venv-dev/bin/python -m pytest -m browser -n 2 tests/browser

interop: .venv-dev/ready  ## foreign clients against us: PyPI's, npm's, WordPress (installs Debian's node, PHP, MariaDB, WordPress)
	command -v npm >/dev/null || { apt-get update && apt-get install -y --no-install-recommends nodejs npm; }
	dpkg -s $(WORDPRESS) > /dev/null 2>&1 || { apt-get update && apt-get install -y --no-install-recommends $(WORDPRESS); }
	.venv-dev/bin/python -m pytest -m "not browser" tests/interop

test-ray: .venv-ray/ready  ## files decided by Ray Data on this machine
	.venv-ray/bin/python -m pytest -m ray tests/cli/test_decide_files.py

faults: .venv-dev/ready  ## kill, starve and poison the service thousands of times, and count what was lost (hours; goes on where it was cut)
	.venv-dev/bin/python -m tests.faults

WORDS = moderation/web/translations
translations: .venv-dev/ready  ## collect the words readers see, add new ones to the Armenian catalogue, compile it
	mkdir -p var
	.venv-dev/bin/pybabel extract --mapping $(WORDS)/babel.cfg --add-location file --sort-by-file --output var/messages.pot moderation/web
	.venv-dev/bin/pybabel update --input-file var/messages.pot --output-dir $(WORDS) --locale hy --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110
	.venv-dev/bin/pybabel compile --directory $(WORDS) --statistics

train: .venv-train/ready  ## train models/MODEL (first, or second: hours) from DATA=folder: weights, card, metrics
	.venv-train/bin/python -m moderation train models/$(MODEL)/recipe.toml --data "$(DATA)"

evaluate: .venv-bench/ready  ## report on everything that learns or decides and on its peers, on DATA=folder, in OUT (var/evaluation)
	.venv-bench/bin/python -m bench.evaluate --data "$(DATA)" --out "$(or $(OUT),var/evaluation)"

bench: .venv/ready .venv-bench/ready  ## comments per second and peak memory of `moderation decide` on 20,000 rows of DATA=folder
	mkdir -p var
	.venv-bench/bin/python -m bench.rows --data "$(DATA)" --rows 20000 > var/bench.jsonl
	.venv/bin/python -m bench.decide var/bench.jsonl

bench-decide: .venv-bench/ready  ## one comment, batches, start-up and memory, of the first stage and of a decision, beside peers, on DATA=folder
	mkdir -p var
	.venv-bench/bin/python -m bench.rows --data "$(DATA)" --rows 2000 > var/bench-decide.jsonl
	.venv-bench/bin/python -m bench.speed var/bench-decide.jsonl

bench-rules: .venv-bench/ready  ## the rules without a model on 20,000 rows of DATA=folder: speed, worst cases, growth, peers
	mkdir -p var
	.venv-bench/bin/python -m bench.rows --data "$(DATA)" --rows 20000 > var/bench.jsonl
	.venv-bench/bin/python -m bench.rules var/bench.jsonl --chart docs/rules-cost.svg

bench-sets: .venv-bench/ready  ## our own test sets: targets, Armenian forms, scripts, identity words, disguises and innocents beside peers
	.venv-bench/bin/python -m bench.sets
	.venv-bench/bin/python -m bench.evasion

bench-threads: .venv/ready  ## pages of discussions of 5,000 comments: p50 and p95 of 200 requests, through the test client
	.venv/bin/python -m bench.threads

fuzz: .venv-security/ready  ## fuzz folding, parsers, signatures and the whole application, SECONDS=30 each (atheris)
	.venv-security/bin/python -m tests.fuzz.run --seconds $(or $(SECONDS),30)

audit: .venv-security/ready  ## known faults of what the locks name; fails where it cannot know. No secret stands in the repository
	.venv-security/bin/python -m tests.audit

sbom: .venv-security/ready  ## what is installed to serve, as CycloneDX: var/sbom.json
	mkdir -p var
	.venv-security/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o var/sbom.json

bench-overload: .venv/ready  ## ten times more comments than can be answered: who is turned away, how long the others wait, recovery
	.venv/bin/python -m bench.overload

bench-web: .venv-bench/ready  ## comments accepted a second over HTTP beside Isso and a bare insert, on SQLite and PostgreSQL (Debian's wrk)
	command -v wrk >/dev/null || { apt-get update && apt-get install -y --no-install-recommends wrk; }
	.venv-bench/bin/python -m bench.web --postgresql

bench-curves: .venv-bench/ready  ## how costs grow with what is stored, to a million comments: table and docs/cost-curves.svg
	.venv-bench/bin/python -m bench.curves --chart docs/cost-curves.svg


LOCK = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --extra build pyproject.toml
LOCKS = "requirements.lock" "requirements-security.lock --extra security" "requirements-train.lock --extra learn --extra train" "requirements-dev.lock --extra learn --extra queue --extra dev --extra browser" "requirements-bench.lock --extra learn --extra bench" "requirements-queue.lock --extra queue" "requirements-ray.lock --extra ray --extra dev"

check: .venv-dev/ready  ## ruff, mypy strict, import contracts, policy check, locks up to date
	.venv-dev/bin/ruff check .
	.venv-dev/bin/ruff format --check .
	.venv-dev/bin/mypy
	.venv-dev/bin/lint-imports
	.venv-dev/bin/codespell
	.venv-dev/bin/python -m moderation policy check
	.venv-dev/bin/python -m moderation policy test > /dev/null
	@for lock in $(LOCKS); do set -- $$lock; name=$$1; shift; cp $$name /tmp/$$$$.lock; \
	  .venv-dev/bin/$(LOCK) $$* --output-file /tmp/$$$$.lock && cmp $$name /tmp/$$$$.lock || { echo "$$name is out of date: run 'make lock'"; exit 1; }; done

lock: .venv-dev/ready  ## write the hashed locks again from pyproject.toml
	@for lock in $(LOCKS); do set -- $$lock; name=$$1; shift; .venv-dev/bin/$(LOCK) $$* --output-file $$name; done
