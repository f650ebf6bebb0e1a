# SPDX-License-Identifier: EUPL-1.2
# The doors of the house; each recipe is a script in tools/. Meson and Ninja do the building.
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 10
LAN ?=

.PHONY: run test build check sanitize fuzz bench package install

run:
	@LAN="$(LAN)" tools/run

test:
	@tools/install-deps build test
	@tools/run-tests

build:
	@tools/install-deps build
	@tools/build build chappe
	@web/build

check:
	@tools/install-deps build test
	@tools/check/all

sanitize:
	@tools/install-deps build test
	@tools/sanitize

fuzz:
	@tools/install-deps build test
	@tools/fuzz "$(SECONDS)"

bench:
	@tools/install-deps build test
	@tools/build build
	@tests/bench/run

package:
	@tools/package

install: build
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" tools/install
