# The two commands a newcomer needs: make publish, make test.
# A virtual environment is made when it is missing, from locks with hashes.

# An empty environment has no PATH at all.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
PYTHON ?= python3
BIN := .venv/bin
# A file's tests share what they start: they stay together.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What the build needs comes first; nothing is built in isolation, so everything is locked.
INSTALL := $(PIP) install --require-hashes --no-build-isolation

.PHONY: publish test strict lint bench fuzz screenshots lock clean

publish: .venv/publish
	$(BIN)/publisher publish
	$(BIN)/publisher digest preview senat-daily

test: .venv/test
	tests/system-packages
	tests/node-packages
	$(PYTEST)

# As `test`, but a test that is skipped fails: for continuous integration.
strict: lint .venv/test
	tests/system-packages
	tests/node-packages
	$(PYTEST) --strict-parts

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test
	$(BIN)/python bench/run.py
	$(BIN)/python bench/feeds.py
	tests/system-packages
	$(BIN)/python bench/delivery.py
	$(BIN)/python bench/web.py

# make fuzz SECONDS=3600: an hour. A crash leaves its input in a file crash-….
fuzz: SECONDS ?= 60
fuzz: .venv/fuzz
	$(BIN)/python fuzz/fuzz_readers.py -max_total_time=$(SECONDS)

screenshots: .venv/test
	tests/system-packages
	$(BIN)/python tools/screenshots.py

lock: .venv/test
	tools/lock

.venv/build: locks/build.txt
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r locks/build.txt
	touch $@

.venv/publish: .venv/build locks/publish.txt pyproject.toml
	$(INSTALL) -r locks/publish.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/test: .venv/publish locks/test.txt
	$(INSTALL) -r locks/test.txt
	touch $@

.venv/fuzz: .venv/publish locks/fuzz.txt
	$(INSTALL) -r locks/fuzz.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist tests/js/node_modules
