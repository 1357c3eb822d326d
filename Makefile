# `make` alone lists the targets. Everything is installed into .venv, or into what FAIRMARK_VENV names;
# PYTHON chooses its Python.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := $(or $(FAIRMARK_VENV),.venv)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Where `make hub ACCOUNTS=unix` installs everything, for all accounts of the machine, and with
# which Python.
UNIX := /opt/fairmark
UNIX_PYTHON ?= /usr/bin/python3
ifeq ($(abspath $(VENV)),$(UNIX))
$(error $(UNIX) is for `make hub ACCOUNTS=unix`: let FAIRMARK_VENV name another folder)
endif
ACCOUNTS := one
HUB = $(if $(filter unix,$(ACCOUNTS)),$(UNIX),$(VENV))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DEBIAN_FRONTEND := noninteractive
# Where it is set, each of the many processes here compiles all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup grade hub test test-static test-solutions test-containers prove bench lab docs clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20 | sed 's/^/  make /'

setup: $(READY) ## install fairmark, the course's libraries and bubblewrap

# debian PACKAGE COMMAND: install a Debian package when its command does not work yet.
define DEBIAN
debian() {
	eval "$$2" >/dev/null 2>&1 && return
	local sudo=""
	if [ "$$(id -u)" -ne 0 ]; then sudo="sudo"; fi
	if ! { command -v apt-get && { [ -z "$$sudo" ] || command -v sudo; }; } >/dev/null 2>&1; then
		echo "Please install $$1 first, as root: apt-get install $$1" >&2; exit 1
	fi
	echo "Installing $$1 with apt-get"
	$$sudo apt-get install -y -qq "$$1" >/dev/null 2>&1 \
		|| { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq "$$1"; } >/dev/null \
		|| { echo "Please install $$1 first, as root: apt-get install $$1" >&2; exit 1; }
}
endef

# install VENV WHAT…: install packages, and tell of what takes long.
define INSTALL
install() {
	echo "Installing the Python packages into $$1; torch is large, so this takes some minutes"
	PYTHONUNBUFFERED=1 "$$1/bin/python" -m pip install --progress-bar off "$${@:2}" | awk '
		/^Collecting/ { found++ }
		/^ +(Downloading|Using cached) .*[0-9] MB\)/ {
			size = $$NF == "MB)" ? $$(NF - 1) : 0; sub(/\(/, "", size)
			if (size + 0 >= 10) { print "  " found " packages found; " $$(NF - 2) " has " size " MB"; fflush() }
		}
		/^Installing collected/ { print "  unpacking " NF - 3 " packages"; fflush() }'
}
endef

$(READY): pyproject.toml
	@$(DEBIAN)
	$(INSTALL)
	command -v $(PYTHON) >/dev/null || { echo "Please install Python 3.11 or newer first." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
		echo "fairmark needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V)." >&2
		echo "Name another one with: make setup PYTHON=python3.12" >&2
		exit 1
	}
	debian bubblewrap "bwrap --version"
	debian python3-venv "$(PYTHON) -c 'import ensurepip, venv'"
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	install $(VENV) -e '.[course,instructor,hub,dev]'
	$(BIN)/python -m reference.weights --kernels
	touch $@

grade: $(READY) ## grade the sample class: gradebook, feedback pages, grades.csv, class report
	@$(BIN)/fairmark generate
	$(BIN)/python samples/build.py --to submitted
	# Exit code 1 says that a submission could not be graded: in the sample class one cannot.
	$(BIN)/fairmark autograde --feedback || [ $$? -eq 1 ]
	$(BIN)/fairmark export --to csv
	$(BIN)/fairmark report
	echo
	echo "Where to look next, with each ASSIGNMENT of $$(ls -mw0 source):"
	echo "  report/index.html                             the class report, for instructors"
	echo "  feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html   what each student is told"
	echo "  autograded/STUDENT/ASSIGNMENT/                the graded notebooks"
	echo "  grades.csv                                    the marks"
	echo "  gradebook.db                                  nbgrader's gradebook"
	echo "  make lab                                      the same in JupyterLab, with Formgrader"
	echo "The next \`make grade\` grades only what has changed."

hub: $(HUB)/.ready ## start a local JupyterHub with the course; ACCOUNTS=unix makes real accounts
	@exec $(HUB)/bin/fairmark hub --accounts "$(ACCOUNTS)"

# Students' accounts must be able to use this Python, and must not find the course beside it.
$(UNIX)/.ready: pyproject.toml reference/weights.py $(shell find fairmark -type f -not -path '*/__pycache__/*')
	@if [ "$$(id -u)" -ne 0 ]; then
		echo "make hub ACCOUNTS=unix makes accounts of this machine: run it as root" >&2; exit 1
	fi
	$(DEBIAN)
	$(INSTALL)
	debian bubblewrap "bwrap --version"
	debian python3-venv "$(UNIX_PYTHON) -c 'import ensurepip, venv'"
	[ -x $(UNIX)/bin/python ] || $(UNIX_PYTHON) -m venv $(UNIX)
	install $(UNIX) '.[course,instructor,hub]'
	(umask 022; TORCH_HOME=$(UNIX)/torch $(UNIX)/bin/python reference/weights.py --kernels)
	touch $@

test: $(READY) ## everything that CI checks, but for containers
	@$(MAKE) --no-print-directory --jobs 2 test-static test-solutions
	$(DEBIAN)
	debian postgresql "ls /usr/lib/postgresql/*/bin/initdb"
	debian chromium "command -v chromium || command -v chromium-browser || command -v google-chrome"
	$(BIN)/pytest -q -p no:nbval -n 2 --dist worksteal tests --ignore tests/hub
	# What is measured in the other tests would be slowed by hubs and browsers.
	$(BIN)/pytest -q -p no:nbval -n 2 --dist loadfile tests/hub
	echo
	echo "NOT TESTED: the images, Docker Compose and the class in containers."
	echo "On Debian, as root: make test-containers (some ten minutes)"

# It runs beside test-solutions, as it has one process for most of its time.
test-static: $(READY)
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	# Their folders' names are no packages', so these modules are checked one by one.
	$(BIN)/mypy graders/style-transfer/test_*.py graders/warm-up/test_*.py
	# From nothing this one takes a minute, all of them twenty: `make prove` does. A proof that does not
	# fit its graders any more is refused in the next line.
	$(BIN)/fairmark verify softmax
	$(BIN)/fairmark generate --check

test-solutions: $(READY)
	@$(BIN)/pytest -q -n 2 --dist loadfile --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg source

# As root on Debian only: what cannot be tested here is named at the end.
test-containers: $(READY) ## run a class in containers, of images built from deploy/
	@$(DEBIAN)
	if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
		debian podman "podman --version"
		debian runc "runc --version"
		debian iproute2 "ip -V"
		debian chromium "command -v chromium || command -v google-chrome"
	fi
	FAIRMARK_TEST_CONTAINERS=1 $(BIN)/pytest -q -rs tests/deploy

prove: $(READY) ## prove the graders of all assignments
	@$(BIN)/fairmark verify

bench: $(READY) ## time fairmark beside stock nbgrader, and each assignment's grading
	@missed=0
	$(BIN)/python -m benchmarks.run --stock 16 || missed=1
	$(BIN)/python -m benchmarks.assignments || missed=1
	exit $$missed

lab: $(READY) ## open the course in JupyterLab
	@$(BIN)/jupyter lab

docs: $(READY) ## make the documentation site, in site/; a broken link is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	echo "Made site/index.html"

clean: ## remove what grading wrote (submissions stay) and all caches
	@rm -rf feedback report gradebook.db* grades.csv .fairmark .mypy_cache .ruff_cache .pytest_cache dist site
	find autograded -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
