# Two commands for a fresh machine: make demo, make test. `make help` lists the rest.

# Any Python from 3.11 on that can make an environment; the pins in constraints.txt were taken on 3.11.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
RUN := $(BIN)/python -m
SOURCES = $(wildcard write_side projections schema server tests bench)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
STOREFRONT := examples/storefront
# Without npm, or without a registry in reach, GraphiQL comes from its CDN: no reason to stop.
FETCH_GRAPHIQL = $(RUN) server.graphiql.install
# Tests run in so many processes: many wait more than they work, and every process has databases of its own.
WORKERS ?= 3
# A make that is killed takes the demo with it, and the demo its databases (util-linux; without it only Ctrl-C does).
FOLLOW_MAKE := $(shell command -v setpriv >/dev/null 2>&1 && echo setpriv --pdeathsig TERM)

# An environment knows its own path: one that was moved with its checkout is made again.
ifneq ($(shell cat .venv/.checkout 2>/dev/null),$(CURDIR))
.PHONY: .venv/.checkout
endif

.DEFAULT_GOAL := help
.PHONY: help demo test storefront storefront-build schema format bench-reads bench-freshness bench-fanout bench-projection bench-writes clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' Makefile | expand -t 25

demo: .venv/.installed  ## Start the example shop, with embedded databases
	@$(FETCH_GRAPHIQL)
	@exec $(FOLLOW_MAKE) $(BIN)/oneread demo

test: .venv/.installed-dev  ## Run everything that CI runs
	@$(FETCH_GRAPHIQL)
	@echo "==> format" && $(RUN) ruff format --check $(SOURCES)
	@echo "==> lint" && $(RUN) ruff check $(SOURCES)
	@echo "==> types" && $(RUN) mypy $(SOURCES)
	@echo "==> import boundaries" && $(BIN)/lint-imports --no-logo
	@echo "==> tests" && exec $(FOLLOW_MAKE) $(RUN) pytest -p tests.dividing --numprocesses $(WORKERS) --no-loadscope-reorder

storefront: storefront-build .venv/.installed  ## Build the example storefront (wants Node.js), and start the shop with it
	@$(FETCH_GRAPHIQL)
	@exec $(FOLLOW_MAKE) $(BIN)/oneread demo

storefront-build: $(STOREFRONT)/node_modules/.installed  ## Build the example storefront only
	@echo "==> building the storefront"
	@cd $(STOREFRONT) && npm run --silent build

schema: .venv/.installed  ## Write the GraphQL API to schema.graphql
	@$(BIN)/oneread export-schema --output schema.graphql

format: .venv/.installed-dev  ## Format the code, and mend what the linter can
	@$(RUN) ruff check --fix-only $(SOURCES)
	@$(RUN) ruff format $(SOURCES)

# OPTIONS are those of python -m bench.reads, and so on: make bench-reads OPTIONS="--orders 1000 --connections 64"
bench-reads: .venv/.installed-dev  ## Measure reads, beside constant answers and strawberry's own (wants wrk; OPTIONS=--help)
	@exec $(FOLLOW_MAKE) $(RUN) bench.reads $(OPTIONS)

bench-freshness: .venv/.installed-dev  ## Measure how soon commands can be read and are pushed (OPTIONS=--help)
	@exec $(FOLLOW_MAKE) $(RUN) bench.freshness $(OPTIONS)

bench-fanout: .venv/.installed-dev  ## Measure how fast many subscribers are told, beside strawberry's own (OPTIONS=--help)
	@exec $(FOLLOW_MAKE) $(RUN) bench.fanout $(OPTIONS)

bench-projection: .venv/.installed-dev  ## Measure how fast read models are rebuilt, drained and kept up (OPTIONS=--help)
	@exec $(FOLLOW_MAKE) $(RUN) bench.projection $(OPTIONS)

bench-writes: .venv/.installed-dev  ## Measure how fast writes are, beside pgbench inserting the same rows (OPTIONS=--help)
	@exec $(FOLLOW_MAKE) $(RUN) bench.writes $(OPTIONS)

clean:  ## Remove what make has made; data directories are kept
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache server/graphiql/assets
	cd $(STOREFRONT) && rm -rf node_modules dist src/generated.ts

# ---------------------------------------------------------------- set-up, redone when what it is made from has changed

.venv/.checkout:
	@test -n "$(PYTHON)" || { echo "Oneread needs Python 3.11 or later that can make environments (on Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@echo "==> making .venv with $(PYTHON)"
	@$(PYTHON) -m venv --clear .venv
	@printf '%s' "$(CURDIR)" > $@

.venv/.installed: pyproject.toml constraints.txt .venv/.checkout
	@echo "==> installing (a minute or two the first time)"
	@$(INSTALL) --editable .
	@touch $@

.venv/.installed-dev: pyproject.toml constraints.txt .venv/.checkout
	@echo "==> installing, with the tools of development (a minute or two the first time)"
	@$(INSTALL) --editable '.[dev]'
	@touch .venv/.installed $@

$(STOREFRONT)/node_modules/.installed: $(STOREFRONT)/package.json
	@command -v npm >/dev/null || { echo "The storefront is built with Node.js (20.19 or later) and its npm, which is not here. All the rest runs without: make demo." >&2; exit 1; }
	@echo "==> installing what the storefront is built with"
	@cd $(STOREFRONT) && npm install
	@touch $@
