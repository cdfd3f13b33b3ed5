# Everything a person or a build machine calls. `make` alone lists it. ARGS="..." goes on to pytest.
.DEFAULT_GOAL := help
# Some build machines forbid Python to keep what it has compiled; each of the many processes of a run then does it anew.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help run test soak check bench pictures lock setup
PYTEST := .venv/bin/pytest -n 3 --dist worksteal -rs $(ARGS)

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1	\2/' | expand -t 14

run:  ## install what is missing, then web, worker and scheduler on this machine, with a demo council (PORT=8000)
	@tools/setup run
	@exec .venv/bin/python tools/run

test:  ## install what is missing, then all tests on a private PostgreSQL and Redis (ARGS="-k pp" for some)
	@tools/setup test
	@POSTROOM_TEST_FULL=1 tools/services run --name test --fast -- $(PYTEST)

soak:  ## the same with the long sweeps whole
	@tools/setup test
	@POSTROOM_TEST_FULL=1 POSTROOM_SOAK=1 tools/services run --name soak --fast -- $(PYTEST) -o timeout=7200

check:  ## ruff, mypy, import-linter, djlint, bandit, migrations, production settings, generated docs, the rules
	@tools/setup test
	@tools/check

bench:  ## measure; prints a table and writes bench/results.json
	@tools/setup test
	@tools/services run --name bench -- .venv/bin/python bench/run.py

pictures:  ## take the pictures of the guides in docs/guides anew
	@tools/setup test
	@POSTROOM_PICTURES=1 .venv/bin/pytest -q tests/journeys/test_guide_pictures.py

lock:  ## write the locks anew from requirements*.in, tools/*.in and package.json
	@tools/lock

setup:  ## only install what is missing, for tests too
	@tools/setup test
