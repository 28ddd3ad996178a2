# Mingzhang. Two commands matter: `make run` and `make test`. `make help` lists the rest.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The name that the binary gives itself; "dev" outside a git checkout.
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# What `make run` passes on, for example RUN_FLAGS="--listen 127.0.0.1:9090".
RUN_FLAGS ?=
# Which packages `make test` runs.
PKG ?= ./...
# The packages that need no database.
PURE = . ./cmd/mzverify ./auction/kind ./auction/price ./ledger/merkle ./ledger/sheet ./ledger/statement ./web/locale
# How long `make fuzz` tries each target.
FUZZTIME ?= 30s

GO ?= go
# Small, without machine paths, without C: the binary runs on any Linux of its kind.
BUILD = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
# The linter lives in a module of its own, so that it stays out of the product's graph.
LINTER = $(GO) tool -modfile=tools/go.mod golangci-lint

.PHONY: help run build assets test short lint linter fmt golden fuzz bench seal check setup clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## install what is missing, build, load the demo book, print its report and serve it (RUN_FLAGS=...)
	@tools/setup.sh postgres
	@tools/setup.sh npm || echo "make run: going on without npm; the pages do without their libraries"
	@$(MAKE) build
	@exec bin/mingzhang run $(RUN_FLAGS)

build: assets ## make bin/mingzhang, and bin/mzverify when there is one
	@mkdir -p bin
	@$(BUILD) -o bin/mingzhang ./cmd/mingzhang
	@if [ -d cmd/mzverify ]; then $(BUILD) -o bin/mzverify ./cmd/mzverify; fi

# Where npm puts the browser libraries, and from where the program embeds them.
NODE = web/assets/node_modules
LIB = web/static/lib

assets: ## fetch the browser libraries that the pages load (npm); the program builds without them, too
	@if cmp -s web/assets/package-lock.json $(LIB)/.lock; then exit 0; fi; \
	if ! command -v npm >/dev/null 2>&1; then \
		echo "make assets: there is no npm: the pages go without browser libraries (no live figures, no charts)"; exit 0; fi; \
	if ! (cd web/assets && npm ci --silent --fetch-retries=1 --fetch-timeout=20000 >/dev/null 2>&1); then \
		echo "make assets: npm cannot fetch web/assets: the pages go without browser libraries (no live figures, no charts)"; exit 0; fi; \
	cp $(NODE)/htmx.org/dist/htmx.min.js $(NODE)/chart.js/dist/chart.umd.js $(LIB)/ && \
	cp $(NODE)/htmx.org/LICENSE $(LIB)/htmx.LICENSE.txt && \
	cat $(NODE)/chart.js/LICENSE.md $(NODE)/@kurkle/color/LICENSE.md >$(LIB)/chart.LICENSE.txt && \
	cp web/assets/package-lock.json $(LIB)/.lock

test: ## run every test against a real PostgreSQL, with the race detector (PKG=./ledger/...)
	@tools/setup.sh postgres cc chromium npm
	@$(MAKE) -s assets $(AXE)
	@CGO_ENABLED=1 $(GO) test -race -vet=off -timeout 20m $(PKG)
	@echo "make test: every test passed (pictures of the pages: testout/)"

# The judge of accessibility, without which the tests of the pages cannot speak.
AXE = $(NODE)/axe-core/axe.min.js

$(AXE): web/assets/package-lock.json
	@cd web/assets && npm ci --loglevel=error --no-audit --no-fund >/dev/null || { \
		echo "make: npm ci failed in web/assets (is there a network?), and the tests of the pages need what it fetches" >&2; exit 1; }
	@touch $@

short: ## run the tests that need no database, without the race detector
	@$(GO) test -vet=off -timeout 5m $(PURE)
	@echo "make short: passed"

lint: ## gofmt, go vet, go mod tidy and golangci-lint, all of them without changing a file
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not as gofmt writes it (make fmt):"; echo "$$bad"; exit 1; fi
	@$(GO) vet ./...
	@$(GO) vet -tags bench ./...
	@$(GO) mod tidy -diff || { echo "go.mod is not tidy: run go mod tidy"; exit 1; }
	@$(LINTER) run
	@echo "make lint: clean"

linter: ## build the linter ahead of its first use (some minutes, once)
	@$(LINTER) version

fmt: ## gofmt every file
	@gofmt -w .

golden: ## write the golden files anew; read the difference before committing it
	@tools/setup.sh postgres
	@for pkg in $$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -r -n1 dirname | sort -u); do \
		$(GO) test -vet=off -count=1 "$$pkg" -update || exit 1; \
	done
	@git --no-pager diff --stat -- '*testdata*' '*.golden*'

fuzz: ## try every fuzz target for a while (FUZZTIME=30s)
	@tools/setup.sh postgres
	@grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | while IFS=: read -r file _ func; do \
		name=$${func#func }; \
		echo "== $$name ($${file%/*}), $(FUZZTIME)"; \
		$(GO) test -vet=off -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$${file%/*}" </dev/null || exit 1; \
	done

bench: ## measure: print the figures as ratios to raw PostgreSQL, from one run
	@tools/setup.sh postgres
	@mkdir -p bin
	@$(GO) test -vet=off -tags bench -run '^TestFigures$$' -v -count=1 -timeout 30m ./cmd/mingzhang >bin/bench.out 2>&1 \
		|| { cat bin/bench.out; exit 1; }
	@sed -E -e '/^(=== |--- |PASS$$|ok )/d' -e 's/^ +[a-z_]+_test\.go:[0-9]+: ?//' bin/bench.out

seal: ## write the checksums of new migrations down; from then on nobody may edit them
	@cd migrations && for f in *.sql; do \
		grep -q "  $$f\$$" checksums.txt 2>/dev/null || sha256sum "$$f" >>checksums.txt; \
	done

check: lint test ## what has to be green before a change goes in: lint and test

setup: ## install what run and test would install
	@tools/setup.sh postgres cc chromium npm
	@$(MAKE) -s assets $(AXE)

clean: ## remove what make built
	@rm -rf bin testout
