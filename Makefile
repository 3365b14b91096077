# SPDX-License-Identifier: Apache-2.0
# A thin front: set-up is tools/setup, the build is CMake with the presets in CMakePresets.json.
.DEFAULT_GOAL := build
.PHONY: build setup demo test asan lint fuzz bench dist clean help

jobs := $(shell nproc)

build: build/build.ninja ## set-up, then the release build: build/kith
	cmake --build --preset release

setup: ## system packages, then the pinned runtime, models and sample photos in .deps/
	tools/setup

demo: build ## names the people on the sample photos, prints who is where, writes annotated copies
	tools/demo

test: build ## every test; repeat after a change as often as you like
	ctest --preset release --parallel $(jobs)

asan: build-asan/build.ninja ## every test with the address and undefined-behaviour sanitizers
	cmake --build --preset asan
	ctest --preset asan --parallel $(jobs)

lint: build-lint/build.ninja ## layout, licence lines, clang-tidy
	tools/lint

fuzz: build-fuzz/build.ninja ## each fuzz target for KITH_FUZZ_SECONDS (60)
	cmake --build --preset fuzz
	tools/fuzz

bench: build ## kith beside what one would use instead, as ratios
	bench/setup
	bench/run --memory --out docs/performance.md
	bench/library
	bench/cluster

dist: build ## a source and a binary tarball in build/dist/
	tools/dist

clean: ## removes the builds; .deps/, which took a download, stays
	rm -rf build build-asan build-debug build-fuzz build-lint

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

# Configuring once is enough: ninja notices by itself when a CMakeLists.txt changes.
build/build.ninja: preset := release
build-asan/build.ninja: preset := asan
build-lint/build.ninja: preset := lint
build-fuzz/build.ninja: preset := fuzz
build-lint/build.ninja: | lint-packages
build-fuzz/build.ninja: | fuzz-packages
build/build.ninja build-asan/build.ninja build-lint/build.ninja build-fuzz/build.ninja: CMakePresets.json | setup
	cmake --preset $(preset)

# After set-up, because apt-get takes one caller at a time.
.PHONY: lint-packages fuzz-packages
lint-packages fuzz-packages: %-packages: setup
	tools/install-packages $*
