# Everything sets itself up: a .venv with the versions of constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: demo test fuzz check format clean help

help:
	@echo "make demo    train a small derainer, test it, write pictures (about 6 minutes on 2 cores)"
	@echo "make test    the whole test suite"
	@echo "make fuzz    thousands of broken pictures, folders and configurations (about half an hour)"
	@echo "make check   ruff, ruff format, pyright"
	@echo "make format  let ruff mend what it can"

demo: $(STAMP)
	$(BIN)/slv fit --config configs/derain/demo.yaml
	$(BIN)/slv test --run runs/derain-demo

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

fuzz: $(STAMP)
	$(BIN)/python -m pytest tests/fuzz --numprocesses 2 --hypothesis-profile=long

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 demo"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
