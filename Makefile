# Foyer. Needs Go and make; everything else is asked for where it is missing.
#   make run      build and serve; ARGS="--addr 127.0.0.1:9000" reaches foyer serve
#   make demo     visit with sample data, which is gone at the end; ARGS=--live lets it live
#   make test     everything that decides whether a change is right
#   make help     the other targets

SHELL := bash
.NOTPARALLEL:

GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ARGS    ?=

# Packages whose tests run under the race detector: they share work among goroutines.
RACED := ./internal/ingest/... ./internal/store/...

# How long a test binary may take on a small machine.
TIMEOUT := -timeout 20m

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | sort | expand -t 18

.PHONY: build
build: ## bin/foyer
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/foyer ./cmd/foyer

.PHONY: run
run: build ## build and serve on http://127.0.0.1:8080
	./bin/foyer serve $(ARGS)

.PHONY: demo
demo: build ## visit Foyer with sample data, which is gone at the end
	./bin/foyer demo $(ARGS)

.PHONY: generate
generate: ## write the *_templ.go files
	go tool templ generate

# The checksum is taken of what lies here, so that the check holds with changes
# that are not committed yet, and outside a git checkout.
.PHONY: generated
generated: ## fail when a *_templ.go file is not what its .templ file gives
	@echo 'generated: the templates give the committed files'
	@set -e; sum() { find . -name '*_templ.go' -exec cksum {} + | sort | cksum; }; \
	before=$$(sum); go tool templ generate -log-level error; after=$$(sum); \
	if [ "$$before" != "$$after" ]; then \
		echo 'generated: *_templ.go files were out of date; they are written anew: review and commit them' >&2; exit 1; \
	fi

.PHONY: test
test: generated vet race unit e2e ## all tests: generated files, vet, race, packages, browser

.PHONY: vet
vet: ## go vet
	go vet ./...

.PHONY: unit
unit: ## the packages' tests, but those of make race
	go test $(TIMEOUT) $$(go list ./... | grep -vE '/internal/(ingest|store)(/|$$)')

.PHONY: race
race: ## the tests of the packages that share work, under the race detector
	@race=-race; \
	if [ "$$(go env CGO_ENABLED)" != 1 ] || ! command -v $$(go env CC) >/dev/null; then \
		echo 'race: NO RACE DETECTOR, it needs a C compiler (such as gcc)' >&2; \
		if [ -n "$$FOYER_CI" ]; then exit 1; fi; race=; \
	fi; \
	echo "go test $$race $(RACED)"; go test $(TIMEOUT) $$race $(RACED)

.PHONY: e2e
e2e: ## the browser tests, with Chromium; without it they are skipped, which FOYER_CI=1 makes a failure
	@missing=; \
	if [ ! -f e2e/go.mod ]; then missing='there is no module e2e'; \
	elif [ ! -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ] && \
		! command -v chromium chromium-browser google-chrome google-chrome-stable headless-shell >/dev/null; then \
		missing='no Chromium and no Chrome was found; install one of them'; \
	fi; \
	if [ -n "$$missing" ]; then echo "e2e: BROWSER TESTS SKIPPED: $$missing" >&2; [ -z "$$FOYER_CI" ]; exit; fi; \
	echo 'e2e: go test ./... in a browser'; \
	log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	(cd e2e && go test -count=1 -v $(TIMEOUT) ./...) >"$$log" 2>&1 || { cat "$$log"; exit 1; }; \
	grep -E '^(--- |ok )' "$$log"; \
	if grep -q -e '--- SKIP' "$$log"; then \
		echo 'e2e: BROWSER TESTS SKIPPED: see the lines above' >&2; [ -z "$$FOYER_CI" ]; \
	fi

.PHONY: lint
lint: ## gofumpt and staticcheck, in pinned versions
	@echo 'gofumpt: files whose layout differs'
	@list=$$(go run $(GOFUMPT) -l .) && if [ -n "$$list" ]; then echo "$$list"; echo 'run: make format' >&2; exit 1; fi
	go run $(STATICCHECK) ./...

.PHONY: audit
audit: ## known vulnerabilities, gosec, staticcheck, licences, in pinned versions
	@.ci/audit

.PHONY: licences
licences: ## write docs/licences.md
	go run ./internal/licences docs/licences.md

.PHONY: format
format: ## lay out the Go files
	go run $(GOFUMPT) -w .
	go tool templ fmt .

.PHONY: bench
bench: ## all benchmarks, one package at a time; the figures stay in docs/benchmarks/
	@mkdir -p docs/benchmarks
	@set -o pipefail; out=docs/benchmarks/$$(go env GOOS)-$$(go env GOARCH).txt; echo "bench: figures into $$out"; \
	FOYER_TEST_DURABLE=1 go test -run '^$$' -bench . -benchmem -benchtime 1s -p 1 -timeout 60m ./... | grep -v 'no test files' | tee "$$out"

.PHONY: bench-live
bench-live: ## webhooks, gateway, history: what live delivery takes and how fast; FOYER_BENCH_SECONDS=5, FOYER_BENCH_RATE=5000
	go test -run '^$$' -bench Webhook -benchtime 1x -timeout 30m ./cmd/foyer
	go test -run '^$$' -bench 'Gateway|Backfill|FullShard' -benchtime 2s -timeout 30m ./connectors/discord
	go test -run '^$$' -bench 'Receive' -benchmem ./connectors/slack ./connectors/whatsapp

SOAK ?= 100000
SEED ?= 1

.PHONY: soak
soak: ## kill every process while three platforms deliver; SOAK=100000 deliveries, SEED=1
	FOYER_SOAK=$(SOAK) FOYER_SOAK_SEED=$(SEED) go test -count=1 -v -timeout 60m -run '^TestSoak$$' ./cmd/foyer

.PHONY: bench-stats
bench-stats: ## the statistics on memberships that do nothing, and how often intervals hold; figures into docs/method.md
	FOYER_STATS=1 go test -count=1 -run 'TestPlaceboMembership|TestStatistics' -v -timeout 60m ./internal/impact
	go test -run '^$$' -bench 'Match|Verdict' -benchmem -benchtime 1x ./internal/impact

.PHONY: clean
clean: ## take away what was built
	rm -rf bin
