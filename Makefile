# The commands of the README, and those of a developer. `make` alone lists them.

PREFIX ?= /usr/local
SOURCES := Sources Formatters Tests Package.swift Benchmarks/Package.swift Benchmarks/Sources
# Debug builds of this file treat warnings as errors (Package.swift), and refuse an import that is no dependency.
STRICT := IKESCOPE_STRICT=1
BUILD_FLAGS := --explicit-target-dependency-import-check error
# The debug builds that the tests run check every access for exclusivity; the release need not check it again.
RELEASE_FLAGS := -c release --static-swift-stdlib --product ikescope \
	-Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization

.PHONY: help demo test build release lint format check bench attack fuzz install uninstall clean packages

help:
	@echo 'make demo      build, then print a decrypted negotiation and the packets inside its tunnel'
	@echo 'make test      everything that CI runs: lint, build, tests, docs, fuzzing'
	@echo 'make build     debug build, warnings are errors'
	@echo 'make release   the optimized binary, .build/release/ikescope'
	@echo 'make lint      formatting and the rules of the house, without building'
	@echo 'make format    formats the code in place'
	@echo 'make bench     instructions for one more packet; 1 GB of ESP, 20 000 negotiations: speed against other programs'
	@echo 'make attack    hostile captures, up to a hundred megabytes each: time grows as they do, memory is bounded'
	@echo 'make fuzz      all fuzz targets on all cores for HOURS=8 (TARGETS="FuzzFrame …": these alone)'
	@echo 'make install   the release binary into PREFIX/bin (PREFIX=$(PREFIX))'

demo: release
	@Scripts/demo .build/release/ikescope

test:
	@Scripts/test

build: packages
	$(STRICT) swift build $(BUILD_FLAGS)

release: packages
	swift build $(RELEASE_FLAGS)

lint:
	swift format lint --strict -r $(SOURCES)
	@$(MAKE) --no-print-directory check

check:
	Scripts/check-architecture
	Scripts/check-captures
	Scripts/test-check-house
	Scripts/check-house

format:
	swift format -i -r $(SOURCES)

bench: release
	@Scripts/install-packages bench
	Scripts/count-instructions .build/release/ikescope
	swift run -c release --package-path Benchmarks bench --ikescope .build/release/ikescope

attack: release
	Tests/Attack/run --large .build/release/ikescope

fuzz: packages
	Tests/Fuzz/run --hours $(or $(HOURS),8) $(TARGETS)

install: release
	install -D -m 755 .build/release/ikescope '$(DESTDIR)$(PREFIX)/bin/ikescope'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/ikescope'

clean:
	swift package clean

packages:
	@Scripts/install-packages build
