# Thin over tasks.py, so that a PC without make has the same commands: python tasks.py COMMAND
PYTHON ?= python3
PORT ?= 8050
PLATFORM ?=
MINUTES ?= 0

.DEFAULT_GOAL := help
.PHONY: help setup run test test-full test-rest bench chaos soak fuzz region measure lock docs bundle clean

help setup test test-full test-rest bench chaos region measure lock docs clean:
	@$(PYTHON) tasks.py $@

soak fuzz:
	@$(PYTHON) tasks.py $@ --minutes $(MINUTES)

bundle:
	@$(PYTHON) tasks.py bundle --platform "$(PLATFORM)"

run:
	@$(PYTHON) tasks.py run --port $(PORT)
