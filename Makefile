.PHONY: test build
build:
	swift build
test:
	swift test
