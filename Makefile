# Everything installs into .venv. Nothing but Python 3.11–3.13 and make is expected on the machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Without the cache of compiled modules each process takes three times as long to start, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
CHROMIUMS := chromium chromium-browser google-chrome google-chrome-stable chrome
.DEFAULT_GOAL := help

.PHONY: help install demo browser test check audit chaos bench docs lock clean
help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## Install the pinned dependencies and bookwright itself into .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Bookwright needs Python 3.11, 3.12 or 3.13; say which: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: $(STAMP)  ## Make the sample book, in English and in Hindi, and say where it is
	@BOOKWRIGHT_HOME=$${BOOKWRIGHT_HOME:-build/demo} $(BIN)/bookwright demo --out build/books

test: $(STAMP) browser  ## Run the tests, the store's on SQLite and PostgreSQL
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# PyPI has no Chromium. Without one the tests of the pages are skipped, and say so.
browser:
	@for name in "$$BOOKWRIGHT_CHROMIUM" $(CHROMIUMS); do command -v "$$name" >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "No Chromium here: installing it with apt-get for the tests of the pages."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium \
			>/dev/null || echo "apt-get could not install chromium: the tests of the pages are skipped."; \
	else \
		echo "No Chromium here: the tests of the pages are skipped. Install one (Debian: apt-get install chromium),"; \
		echo "or name an executable in BOOKWRIGHT_CHROMIUM."; \
	fi

check: $(STAMP)  ## Lint, types, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

# Needs the internet: pip-audit asks for what is known of each pinned version, and counts one it can't ask for as a failure.
audit: $(STAMP)  ## Known vulnerabilities of the dependencies; secrets in the history, where gitleaks is installed
	@$(BIN)/uv tool run pip-audit@2.10.1 --strict --require-hashes --disable-pip --requirement requirements.lock
	@if command -v gitleaks >/dev/null; then gitleaks git --redact --no-banner .; \
	else echo "No gitleaks here: the history was not searched for secrets."; fi

chaos: $(STAMP)  ## The long fault-injection run: 5,000 units, random kills
	@$(BIN)/python -m pytest -m chaos --timeout 7200 -s

bench: $(STAMP)  ## Benchmarks, as ratios within one run
	@$(BIN)/python -m benchmarks

docs: $(STAMP)  ## Write docs/api.md from the OpenAPI document
	@$(BIN)/python -m docs.reference

lock:  ## Resolve the dependencies anew
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --quiet --upgrade --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet --no-header --output-file deploy/requirements.lock

clean:  ## Remove what was built
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
