# The front door. Each target installs what it needs (scripts/setup), so a bare Debian 12 is enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build demo test bench lint deb clean

help: ## What can be asked for
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

build: ## The program, at build/atalaya
	@scripts/setup build
	@scripts/build-program

demo: build ## Make a demo node in build/demo-node, serve http://127.0.0.1:8420, print sign-ins
	@scripts/demo

test: ## Everything: release and sanitizer builds, unit, conformance, functional and browser tests
	@scripts/setup test
	@scripts/test

bench: ## The speed targets, measured on this machine
	@scripts/setup test
	@scripts/bench

lint: ## clang-format and clang-tidy over the files that differ from the last commit (ALL=1: all)
	@scripts/setup lint
	@scripts/lint

deb: build ## A Debian package, in build/
	@scripts/package-deb

clean: ## Remove build/ (the demo node too)
	rm -rf build
