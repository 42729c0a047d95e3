# make run   sets everything up and runs the product with demo people
# make test  sets everything up and passes all tests, a process for each core; FLAGS go to pytest
# make extension  builds the packages for the stores into build/; SERVER names the server
# make store-pictures  takes the stores' pictures into test-artefacts/store/
# make translations  brings the catalogues of sentences up to date
# make privacy  prints the data map into docs/PRIVACY.md
# make prove tries every property of the rewards engine in thousands of cases; FLAGS go to it

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
FLAGS ?=

.PHONY: run test prove lint lock migration translations privacy extension \
  store-pictures clean

run: $(READY)
	$(VENV)/bin/fanfare run --demo

test: $(READY)
	$(VENV)/bin/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile $(FLAGS)

prove: $(READY)
	$(VENV)/bin/python -m tests.rewards.prove $(FLAGS)

lint: $(READY)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

$(READY): requirements.lock pyproject.toml tests/extension/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/extension \
	  || echo "The extension's tools could not be installed; make test will say what it did not check."; fi
	@touch $(READY)

lock: $(READY)
	$(VENV)/bin/python -m pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --extra test pyproject.toml -o requirements.lock

migration: $(READY)
	$(VENV)/bin/fanfare migrate
	$(VENV)/bin/fanfare write-migration "$(MESSAGE)"

extension:
	$(PYTHON) extension/store/pack.py --folder build $(if $(SERVER),--server $(SERVER))

store-pictures: $(READY)
	$(VENV)/bin/python -m pytest -q tests/browser/test_store_pictures.py $(FLAGS)

translations: $(READY)
	$(VENV)/bin/python -m tests.house.messages

privacy: $(READY)
	$(VENV)/bin/fanfare data-map --write

clean:
	rm -rf $(VENV) var build test-artefacts *.egg-info
