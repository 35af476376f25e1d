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

.PHONY: demo test slow lint types bench fuzz debug-test asan-test clean

demo: $(VENV)/.built
	@$(BIN)/scrubber demo

test: $(VENV)/.built
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

slow: $(VENV)/.built
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

$(VENV)/.fuzz: $(VENV)/.built
	@$(BIN)/pip install --quiet "atheris==3.0.0"
	@touch $@

$(VENV)/.tools:
	@$(PYTHON) ext/needs.py
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --upgrade pip
	@touch $@

$(VENV)/.installed: $(VENV)/.tools pyproject.toml setup.py
	@echo "installing (some minutes the first time)"
	@$(BIN)/pip install --quiet "setuptools>=77" "cython>=3.1" numpy
	@CPPFLAGS="$$CPPFLAGS $$($(BIN)/python ext/needs.py --durable-rules)" $(BIN)/pip install --quiet "durable-rules==2.0.28"
	@SCRUBBER_COMPILE=0 PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --no-build-isolation \
		--editable ".[test,policies]"
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(SOURCES)
	@echo "compiling"
	@PYTHONWARNINGS=ignore $(BIN)/python setup.py --quiet build_ext --inplace --parallel $(JOBS)
	@touch $@

clean:
	rm -rf build $(VENV) scrubber/*.so ext/scrubber/words.pxd
