# Two commands: `make demo` and `make test`. Each makes .venv if there is none and installs what changed.
# `make bench TABLES=DIR FULL=1` measures on imported tables, all of it; both are optional.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(wildcard ext/*.py ext/scrubber/*.pyx ext/scrubber/*.pxd) scrubber/rules/vocabulary.py scrubber/tables/schema.py
JOBS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

SECONDS ?= 120
CHECKED := tests/test_fuzz_regressions.py tests/test_x12_reader.py tests/test_x12_people.py tests/test_split.py \
	tests/test_json_reader.py tests/test_authorizations.py tests/test_engine.py tests/test_engine_regressions.py \
	tests/test_bad_input.py tests/test_grains_administrative.py tests/test_grains_authorizations.py \
	tests/test_grains_coverage.py tests/test_grains_diagnoses.py tests/test_grains_providers.py tests/test_history.py \
	tests/test_dx_relations.py tests/test_examples.py tests/test_samples.py

.PHONY: demo test slow pyoce browser lint types bench lock sbom licences fuzz debug-test asan-test clean

demo: $(VENV)/.built
	@$(BIN)/scrubber demo

test: $(VENV)/.built
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

slow: $(VENV)/.peers pyoce browser
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m slow

lint: $(VENV)/.built
	@$(BIN)/ruff check .

types: $(VENV)/.built
	@$(BIN)/mypy

bench: $(VENV)/.built
	@SCRUBBER_COMPILE=0 PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --no-build-isolation --editable ".[bench]"
	@$(BIN)/python bench/run.py $(if $(TABLES),--tables $(TABLES)) $(if $(FULL),--full) --output bench.json

# The package built once more so that it checks itself (ext/variant.py), in build/; TESTS=tests is all of them.
debug-test: $(VENV)/.built
	@$(BIN)/python ext/variant.py debug $(BIN)/python -m pytest -q -n $(JOBS) -m "not slow" $(or $(TESTS),$(CHECKED))

asan-test: $(VENV)/.built
	@$(BIN)/python ext/variant.py asan $(BIN)/python -m pytest -q -n $(JOBS) -m "not slow" $(or $(TESTS),$(CHECKED))

# SECONDS in all, spread over the targets of fuzz/.
fuzz: $(VENV)/.fuzz
	@$(BIN)/python fuzz/run.py --seconds $(SECONDS)

$(VENV)/.fuzz: $(VENV)/.built supply/fuzz.lock
	@$(BIN)/pip install --quiet --require-hashes --requirement supply/fuzz.lock
	@touch $@

# What the slow tests hold us against: some hundreds of megabytes.
$(VENV)/.peers: $(VENV)/.built supply/peers.lock
	@$(BIN)/pip install --quiet --no-build-isolation --require-hashes --requirement supply/peers.lock
	@touch $@

# The outpatient editor is written for a later Python than we need; where there is none, its tests are skipped by name.
PYTHON312 ?= $(shell for name in python3.14 python3.13 python3.12 \
	$$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[2-9]*/bin/python 2> /dev/null); do \
	$$name -c "" 2> /dev/null && echo $$name && break; done)
PYOCE := .venv-pyoce

pyoce:
	@$(if $(PYTHON312),$(MAKE) --no-print-directory $(PYOCE)/.installed PYTHON312=$(PYTHON312),\
		echo "NOT RUN: the outpatient editor as a peer: no Python 3.12 or later found; name one with PYTHON312=")

# The workbench is tried in Chromium; where there is none and none can be had, its tests are skipped by name.
browser:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
			&& apt-get install --yes --quiet chromium > /dev/null 2>&1; } \
		|| echo "NOT RUN: the workbench in a browser: no chromium found (Debian, Ubuntu: sudo apt-get install chromium)"

$(PYOCE)/.installed: supply/pyoce.lock
	@$(PYTHON312) -m venv $(PYOCE)
	@$(PYOCE)/bin/pip install --quiet --require-hashes --requirement supply/pyoce.lock
	@touch $@

$(VENV)/.tools:
	@$(PYTHON) ext/needs.py
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --upgrade pip
	@touch $@

$(VENV)/.installed: $(VENV)/.tools pyproject.toml setup.py requirements.lock
	@echo "installing (some minutes the first time)"
	@sed -n '/^setuptools==/,/^[^ ]*==/{/^setuptools==/p;/^ /p;}' requirements.lock > $(VENV)/build.lock
	@$(BIN)/pip install --quiet --require-hashes --requirement $(VENV)/build.lock
	@CPPFLAGS="$$CPPFLAGS $$($(BIN)/python ext/needs.py --durable-rules)" $(BIN)/pip install --quiet \
		--no-build-isolation --require-hashes --requirement requirements.lock
	@SCRUBBER_COMPILE=0 PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(SOURCES)
	@echo "compiling"
	@PYTHONWARNINGS=ignore $(BIN)/python setup.py --quiet build_ext --inplace --parallel $(JOBS)
	@touch $@

# Newer versions of what is locked: `make lock`, then `make test sbom licences`, then a look at what changed.
LOCK = $(TOOLS)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-config --quiet --upgrade
TOOLS := .venv-tools

$(TOOLS)/.installed: supply/tools.lock
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet --require-hashes --requirement supply/tools.lock
	@touch $@

lock: $(TOOLS)/.installed
	@$(LOCK) pyproject.toml supply/build.in --extra test --extra policies --extra serve --output-file requirements.lock
	@$(LOCK) supply/peers.in --constraint requirements.lock --output-file supply/peers.lock
	@$(LOCK) supply/pyoce.in --python-version 3.12 --output-file supply/pyoce.lock
	@$(LOCK) supply/tools.in --output-file supply/tools.lock
	@$(LOCK) supply/fuzz.in --output-file supply/fuzz.lock

sbom: $(TOOLS)/.installed
	@$(TOOLS)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --mc-type application \
		--output-reproducible --of JSON --output-file supply/sbom.cdx.json 2> /dev/null
	@$(PYTHON) supply/plain.py supply/sbom.cdx.json

licences: $(TOOLS)/.installed $(VENV)/.installed
	@sed "s/ ; sys_platform == 'win32'//" requirements.lock > $(TOOLS)/all.lock   # also what Windows alone needs
	@$(BIN)/pip install --quiet --require-hashes --requirement $(TOOLS)/all.lock
	@sed '5,$$d' docs/licences.md > $(TOOLS)/licences.md
	@$(TOOLS)/bin/pip-licenses --python $(BIN)/python --format=markdown --order=name --with-system \
		--packages $$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements.lock | sort -u) >> $(TOOLS)/licences.md
	@mv $(TOOLS)/licences.md docs/licences.md

clean:
	rm -rf build $(VENV) $(PYOCE) scrubber/*.so ext/scrubber/words.pxd
