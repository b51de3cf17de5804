# make demo, make test: on a fresh machine with Python 3.11 or newer, make and git. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: help demo test check format bench lock texts templates clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  –/'

.venv/run: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/develop: .venv/run requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/run ## prepare the demo, print its addresses and serve it (PORT=8123 for another port)
	@$(BIN)/partnerforms demo --port $(PORT)

test: check ## everything that can be tested here; says what it left out and why
	$(BIN)/pytest -n 2 --dist loadgroup -rs

check: .venv/develop ## style, types, and every instrument, form and template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/partnerforms check

format: .venv/develop ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/develop ## how fast documents are filled, beside docxtpl and the floor, 200 of them as one ZIP, and every page in a whole state
	$(BIN)/python -m bench.documents
	$(BIN)/python -m bench.zip
	$(BIN)/python -m bench.pages

texts: .venv/develop ## collect the texts of the pages for translators
	$(BIN)/partnerforms texts

templates: .venv/develop ## write the starter Word templates anew (what was edited in them is gone)
	$(BIN)/partnerforms templates

lock: .venv/develop ## pin what pyproject.toml asks for, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml --group install -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		-c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean: ## forget the environment; the demo's data in instance/ stay
	rm -rf .venv
