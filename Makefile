# Two commands on a fresh machine: `make demo` shows the whole job, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out
# Keep bytecode: without it each of the many processes of a test run compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE
LANG_ARGS ?=
# People get the quick tests; with CI set (or SLOW=1) the real towns and the browser run too.
MARKS := $(if $(or $(CI),$(SLOW)),,-m "not slow and not browser and not postgis and not clients")

.PHONY: demo test lint types house tests bench serve sample pictures lock clean help

help:
	@echo "make demo    draw, check, patrol, assign, hand over on data/sample.gpkg; results in $(OUT)/"
	@echo "make serve   the API and the map page on http://127.0.0.1:8000/map"
	@echo "make test    lint, types, import law, tests (SLOW=1: real towns and browser too)"
	@echo "make bench   the benchmark tables"
	@echo "make sample  remake data/sample.gpkg      make pictures  redraw docs/pictures"

$(VENV)/runtime: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("gridgeo needs Python 3.11 or newer: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/test: requirements-dev.lock $(VENV)/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# The OGC's own tests of Features pin libraries of their own, so they live apart.
$(VENV)/clients/ready: requirements-clients.lock
	$(PYTHON) -m venv $(VENV)/clients
	$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-clients.lock
	touch $@

demo: $(VENV)/runtime
	$(BIN)/gridgeo $(LANG_ARGS) demo --out $(OUT)

serve: $(VENV)/runtime
	test -f $(OUT)/plan.gpkg || $(BIN)/gridgeo $(LANG_ARGS) demo --out $(OUT)
	$(BIN)/gridgeo $(LANG_ARGS) serve $(OUT)/plan.gpkg

test: lint types house tests

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test
	$(BIN)/mypy

house: $(VENV)/test
	$(BIN)/lint-imports

tests: $(VENV)/test $(if $(MARKS),,$(VENV)/clients/ready)
	$(if $(MARKS),,GRIDGEO_OGCTESTS=$(abspath $(VENV)/clients/bin/python)) $(BIN)/pytest -n auto --dist loadfile $(MARKS)

bench: $(VENV)/test
	$(BIN)/python -m benchmarks all

sample: $(VENV)/runtime
	$(BIN)/python data/make_sample.py

pictures: $(VENV)/runtime
	$(BIN)/python docs/draw_pictures.py

lock:
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml --group build -o requirements.lock
	$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml --group build --extra test -c requirements.lock -o requirements-dev.lock
	echo "pyarrow>=17,<18; python_version<'3.13'" > $(VENV)/lock/instead  # ogctests asks for 17, which has no wheels for 3.13
	echo "pyarrow>=22; python_version>='3.13'" >> $(VENV)/lock/instead
	echo ogctests==0.1.15 | $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --override $(VENV)/lock/instead - -o requirements-clients.lock

clean:
	rm -rf $(VENV) $(OUT)
