# make demo: set everything up and run the main job. make test: the whole suite. make check: what CI runs. make help: the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# hraban/opus reads Opus files through another library, which is not needed here.
export GOFLAGS := $(strip $(GOFLAGS) -tags=nolibopusfile)
# NVML's header marks functions as deprecated that its binding still wraps.
export CGO_CPPFLAGS := $(strip $(CGO_CPPFLAGS) -Wno-deprecated-declarations)
# A section for each function: scripts/build leaves out what is never called.
export CGO_CFLAGS ?= -O2 -g -ffunction-sections -fdata-sections
export CGO_CXXFLAGS ?= -O2 -g -ffunction-sections -fdata-sections

BIN := bin/sensory-agent
SET ?= $(if $(ROUNDTABLE),full,embedded)
DEMO_FLAGS = $(if $(STAY),--stay) $(if $(SEED),--seed $(SEED)) $(if $(CODEC),--codec $(CODEC)) $(if $(VOICE),--voice $(VOICE)) $(if $(ROUNDTABLE),--roundtable)
TEST_TIMEOUT ?= 25m

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: setup ## a persona hears, sees and answers: STAY=1 keeps it running, SEED=N replays, CODEC=vp9, VOICE=kokoro:af_bella; ROUNDTABLE=1 seats three
	@$(BIN) demo $(DEMO_FLAGS)

.PHONY: smoke
smoke: setup ## the sensory acceptance smoke on this machine
	@$(BIN) smoke sensory --profile embedded

.PHONY: setup
setup: packages server build models ## system packages, tools, program, model files: only what is missing

.PHONY: packages
packages:
	@scripts/setup packages

.PHONY: server
server: packages
	@scripts/setup server

.PHONY: build
build: packages ## build bin/sensory-agent
	@scripts/setup modules
	@$(if $(wildcard $(BIN)),,echo "==> building $(BIN) (OpenCV and FFmpeg bindings: minutes when nothing is cached)")
	@scripts/setup program

.PHONY: postgres
postgres: packages
	@scripts/setup postgres

.PHONY: models
models: build
	@$(BIN) models pull --set $(SET)

.PHONY: test
test: SET := full
test: setup postgres ## the whole test suite
	@CI=1 go test $(if $(RACE),-race) -timeout $(TEST_TIMEOUT) ./...
	@ONLY=python scripts/test-clients

KILLS ?= 1000

.PHONY: test-kills
test-kills: postgres ## kill a process that writes 1,000 times (KILLS=…), on a file and on PostgreSQL: is what it acknowledged there
	@CI=1 STORE_KILLS=$(KILLS) go test -count=1 -v -timeout 90m -run 'TestAKilledProcess|TestPostgreSQL/the_same' ./store | grep -E 'kills|^(ok|FAIL|---)'

.PHONY: test-deploy
test-deploy: build ## what is under deploy/: the chart by Helm and Kubernetes' types, the unit by systemd, rules by promtool; a real Prometheus scrapes
	@for p in systemd-analyze:systemd promtool:prometheus; do command -v $${p%:*} >/dev/null || { echo "test-deploy: apt-get install $${p#*:}" >&2; exit 1; }; done
	@cd tools/deploy && GOFLAGS= go mod tidy -diff && GOFLAGS= go test -count=1 ./...

.PHONY: release
release: packages ## an archive with its bill of materials, sums and provenance: VERSION=v1.2.3, of a commit with that tag
	@scripts/release "$(VERSION)"

.PHONY: test-remote
test-remote: SET := full
test-remote: setup ## the remote lane against llama.cpp's server from PyPI
	@scripts/test-remote

.PHONY: test-browser test-clients
test-browser: test-clients
test-clients: SET := full
test-clients: setup ## clients that are not ours: a stock page in Chromium, the SDKs and agents for Node.js and Python (npm, Node.js 20 or newer)
	@scripts/test-clients

.PHONY: test-page
test-page: SET := embedded
test-page: setup ## the console in Chromium beside a real service; builds it again and compares (npm, Node.js 18 or newer)
	@scripts/test-page

.PHONY: test-container
test-container: SET := embedded
test-container: setup ## build the image with buildah, run a persona in it, ask it something; needs root, no engine
	@scripts/test-container

.PHONY: check
check: ## exactly what CI runs: format, vet, lint, tidy, pure packages, the page, tests with the race detector
	@scripts/check

.PHONY: lint
lint: ## format and lint only
	@scripts/check lint

.PHONY: fmt
fmt: ## format the code
	@scripts/setup lint
	@bin/gofumpt -w $$(git ls-files '*.go' ':!*.pb.go' ':!*.connect.go')

# What decides: the packages whose tests should notice a change. N=0 tries every change.
MUTATE ?= ./store ./models ./config ./agent/rtpin ./agent/playout ./agent/persona ./agent/reply ./media ./media/codec ./tts ./compute \
	./hearing ./cognition/model ./cognition/prompt ./cognition/context ./cognition/turn ./cognition/memory ./cognition/remote ./vision ./smoke
N ?= 45
MUTATE_SEED ?= $(shell date +%s)

.PHONY: mutate
mutate: SET := full
mutate: setup ## change random places of the packages that decide, and count what their tests notice: N=45 MUTATE="./store"
	@echo "seed $(MUTATE_SEED)"
	@cd tools && go run ./mutate -n $(N) -seed $(MUTATE_SEED) $(MUTATE)

.PHONY: bench
bench: SET := full
bench: setup ## measure the figures of BENCHMARKS.md (an otherwise idle machine)
	@scripts/bench

.PHONY: gpu
gpu: ## on a machine with an NVIDIA card: run what was never run on one, a verdict a line; without a card it says so, and scripts/gpu ends with 3
	@scripts/gpu

.PHONY: clean
clean: ## remove what was built; model files stay
	@rm -rf bin out
