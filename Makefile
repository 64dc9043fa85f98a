# Everything a developer or a build server does. `make` alone lists it.

# The one place for flags of the compiler, for example: make test SWIFT_FLAGS="--sanitize=thread"
SWIFT_FLAGS ?=
# So many tests at once: many start a broker or an agent, and all of them together starve each other on a small machine.
TEST_WIDTH ?= 12
SWIFT_SOURCES = Package.swift $(wildcard Sources Tests Examples Benchmarks Fuzzing)

.DEFAULT_GOAL := help
.PHONY: help setup build test demo transcript bench torture cluster faults guarantees-bite fuzz sanitize format lint clean check-packaging check-systemd check-cgroups

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system packages that are missing (apt, as root or with sudo)
	@scripts/setup

build: setup ## Build the agent for release
	swift build --configuration release --static-swift-stdlib --product operative $(SWIFT_FLAGS)
	swift build --configuration release --static-swift-stdlib --product operation-launcher $(SWIFT_FLAGS)
	swift build --configuration release --static-swift-stdlib --product ctx $(SWIFT_FLAGS)

test: setup lint ## Check the format, build everything and run all tests
	@scripts/python-env > /dev/null
	@scripts/python-env compute > /dev/null
	swift build --build-tests $(SWIFT_FLAGS)
	@scripts/run-tests --experimental-maximum-parallelization-width $(TEST_WIDTH) $(SWIFT_FLAGS)

demo: setup ## Show the agent at work with a broker of its own
	@scripts/demo

transcript: setup ## Show a workflow engine's install and uninstall with a worker as its agent
	@scripts/transcript

bench: setup ## Measure the agent
	@scripts/bench

torture: setup ## Kill the agent again and again under load, and what it has started (SEED=… MINUTES=…)
	@scripts/torture tasks
	@scripts/torture processes

cluster: setup ## Three brokers before the agent: one killed, one unplugged, one cut off (SEED=… ROUNDS=…)
	@scripts/cluster

faults: setup ## One fault of the broker, or of a clock, after the other, under load (SEED=…)
	@scripts/faults

guarantees-bite: setup ## Switch off one mechanism after the other: the tests of the guarantees must notice
	@scripts/guarantees-bite

fuzz: setup ## Feed mutated input to the decoders (SECONDS=60 for each target)
	@SECONDS_EACH="$(SECONDS)" scripts/fuzz

sanitize: setup ## Run the suites that need no broker under AddressSanitizer and ThreadSanitizer
	@scripts/sanitize

format: ## Bring the sources into the agreed format
	swift format format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Check the format of the sources
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

clean: ## Remove what was built
	rm -rf .build .build-release .build-fuzz .build-sanitize-address .build-sanitize-thread .venv-packaging

check-packaging: ## Check the systemd unit and the Dockerfile
	@scripts/check-packaging

check-systemd: ## Run the agent under the systemd unit in a booted container (as root)
	@scripts/check-systemd

check-cgroups: ## Check the limits of operations in a virtual machine with cgroup v2 (as root)
	@scripts/check-cgroups
