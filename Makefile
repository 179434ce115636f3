# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The front door: what needs more than a line is in tools/.

VENV := .build/venv
BIN := $(VENV)/bin
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build/collections
PYTEST := PYTHONPATH=$(CURDIR)/.build/collections $(BIN)/pytest
export MYPYPATH := $(CURDIR)/.build/collections:$(CURDIR)/tools:$(CURDIR)/tests/helpers:$(CURDIR)/tests/integration:$(CURDIR)/tests/oracle:$(CURDIR)/examples/hello/src
# Borders break pytest's closing lines in two.
export MOLECULE_COMMAND_BORDERS := false
export PATH := $(CURDIR)/$(BIN):$(PATH)

# uv trusts a list of its own otherwise, which lacks what this machine's
# administrator added, such as a proxy's certificate.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export SSL_CERT_FILE ?= $(CERTIFICATES)
endif

.NOTPARALLEL:
.PHONY: help demo test clean setup fleet fleet-down format lint sanity \
	sanity-oldest unit integration oracle oracle-full faults sweep molecule \
	applications bench bench-scale

help:
	@echo "make demo         deploy examples/hello to a container and show it"
	@echo "make test         everything CI runs, set up from nothing"
	@echo "make clean        remove all that the two have made"
	@echo "One at a time:    setup fleet fleet-down format lint sanity"
	@echo "                  sanity-oldest unit integration oracle oracle-full"
	@echo "                  molecule"
	@echo "Of their own:     bench bench-scale faults applications (minutes)"
	@echo "                  sweep (hours)"
	@echo "More about them:  CONTRIBUTING.md"

demo: setup
	@$(BIN)/python tools/demo.py

test: setup
	@$(BIN)/python tools/stages.py

clean:
	@tools/clean.sh

setup:
	@tools/setup.sh

fleet: setup
	@$(BIN)/python tools/fleet.py up $(HOSTS)

fleet-down: setup
	@$(BIN)/python tools/fleet.py down $(HOSTS)

format: setup
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lint: setup
	@tools/lint.sh

sanity: setup
	@$(BIN)/python tools/sanity.py $(TESTS)

# The oldest ansible-core that is supported needs this Python.
sanity-oldest:
	@tools/setup.sh .build/venv-oldest 3.11
	@.build/venv-oldest/bin/python tools/sanity.py $(TESTS)

unit: setup
	$(PYTEST) tests/unit $(ARGS)

# Each worker has a fleet of its own, but not where one is given.
integration: fleet
	$(PYTEST) tests/integration -m "not slow" --dist loadfile \
		-n $(if $(PYFLEET_INVENTORY),0,2) $(ARGS)

oracle: fleet
	$(PYTEST) tests/oracle $(ARGS)

# The same on every host and with more generated units.
oracle-full: fleet
	PYFLEET_ORACLE=full $(BIN)/pytest tests/oracle $(ARGS)

# What takes its time: a reboot, a systemd that hangs.
faults: fleet
	$(PYTEST) tests/integration -m slow $(ARGS)

# What a unit and app_info cost with the Python of each host.
bench: fleet
	@$(BIN)/python tools/bench_unit.py --fleet $(ARGS)

# How that grows with the size of the unit; no host needed.
bench-scale: setup
	@PYTHONPATH=$(ANSIBLE_COLLECTIONS_PATH) $(BIN)/python \
		tools/bench_scale.py $(ARGS)

# What docs/applications.md says is found out anew.
applications: setup
	@$(BIN)/python tools/applications.py $(ARGS)

# A deploy interrupted at every system call. It takes hours.
sweep: setup
	@$(BIN)/python tools/sweep.py $(ARGS)

molecule: setup
	env -u PYFLEET_FLEET $(BIN)/molecule test --scenario-name default
