# The commands of this project. `make` alone prints them.

GO       ?= go
PACKAGES := ./...
DEMO     ?= build/demo

.PHONY: help demo kiosk test check soak emulate fuzz bench vectors corpus build release setup clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## the 2021 referendum of Lienchiang County, from key ceremony to verified record
	@$(GO) build -o build/ ./cmd/...
	@rm -rf $(DEMO)
	@build/simulate demo --out $(DEMO)

kiosk: setup ## the kiosk on a desk, with virtual devices in a second window
	@$(GO) build -o build/ ./cmd/kiosk ./cmd/desk
	@build/desk

test: check ## everything that must hold: formatting, vet, staticcheck, all tests with the race detector

# Without GORACE every program that a test starts waits a second at its end. Many
# tests wait for paper, cards and windows: one package more than cores fills them.
check: setup
	@echo "gofmt";       out="$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go'))"; test -z "$$out" || { echo "not gofmt-ed: $$out"; exit 1; }
	@echo "go vet";      $(GO) vet $(PACKAGES)
	@echo "staticcheck"; $(GO) tool staticcheck $(PACKAGES)
	GORACE=atexit_sleep_ms=50 $(GO) test -race -timeout 14m -p $$(($$(nproc) + 1)) $(PACKAGES)

soak: setup ## the long sweeps: many kills, many power cuts, every interruption
	SOAK=1 $(GO) test -timeout 120m -run 'Soak' $(PACKAGES)

emulate: ## the tests of the assembly for AVX-512 IFMA on an emulated processor: Debian's bochs, cpio, isolinux, syslinux-common, xorriso; minutes
	crypto/group/multiscalar/emulated/run

FUZZTIME ?= 30s
fuzz: setup ## every fuzz target for FUZZTIME (30s)
	@for p in $$($(GO) list $(PACKAGES)); do \
	  targets="$$($(GO) test -list '^Fuzz' $$p)" || { echo "$$targets"; exit 1; }; \
	  for f in $$(echo "$$targets" | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

# With REPEAT, each is measured so often: the least is the figure on a shared machine.
REPEAT ?= 1
bench: setup ## the figures of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem -count $(REPEAT) ./crypto/... ./record/... ./internal/database ./station/... ./hardware/... ./internal/kiosk ./kiosk-ui ./ceremonies/... ./tally/... ./verifier ./simulation ./simulation/paper
	@echo "other implementations beside ours, what is done with the elements of 4,096 questions of three options"
	cd bench/peers && $(GO) test -count $(REPEAT) -bench . .

vectors: setup ## write the test vectors of crypto/testdata anew (the commit says why)
	$(GO) test ./crypto/... -run '^TestVectors' -update

corpus: setup ## write record/testdata anew, right records and corrupted ones (the commit says why)
	$(GO) test ./simulation/adversary -run '^TestCorpus$$' -update

build: setup ## all programs, into build/
	$(GO) build -o build/ ./cmd/...

# verify has no C in it: observers get it for the laptop they own.
LAPTOPS := linux/arm64 darwin/arm64 darwin/amd64 windows/amd64 windows/arm64
RELEASE := -trimpath -buildvcs=true -ldflags '-s -w -buildid='
release: setup ## reproducible programs and their sums, into build/release/; verify also for other laptops
	@mkdir -p build/release
	$(GO) build $(RELEASE) -o build/release/ ./cmd/...
	for t in $(LAPTOPS); do case $$t in windows*) exe=.exe;; *) exe=;; esac; \
	  CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build $(RELEASE) -o build/release/verify-$${t%/*}-$${t#*/}$$exe ./cmd/verify || exit 1; done
	@cd build/release && sha256sum * | grep -v SHA256SUMS > SHA256SUMS && cat SHA256SUMS

setup: ## install what building and testing needs and is missing
	@.ci/setup

clean: ## remove what the other commands made
	rm -rf build
