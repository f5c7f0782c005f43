# The same targets for people and for CI. `make help` lists them.
#
#   X264=0   builds without x264 and libavcodec (GPL): openh264 encodes, their -dev packages are not needed
#   LIBAV=0  builds without libavcodec: nothing is encoded in hardware
#   ARGS=…   arguments for `playcast up`

X264 ?= 1
LIBAV ?= $(X264)
ARGS ?=

comma   := ,
TAGS    := $(if $(filter 0,$(X264)),-tags nox264$(comma)nolibav,$(if $(filter 0,$(LIBAV)),-tags nolibav))
GO      ?= go
WEB     := gateway/web
BIN     := bin/playcast
PACKAGES = $(WEB)/node_modules/.package-lock.json
PAGE     = $(WEB)/dist/index.html
PADS    := streamer/gamepad/dist/pads.so

# What a build depends on, so that a second `make run` builds nothing. Any file
# below a Go package may be embedded, so all of them count.
GO_FILES  = $(shell find . \( -path './.*' -o -path ./data -o -path ./bin -o -path ./deploy -o -path ./$(WEB) -o -name testdata \) -prune \
              -o -type f ! -name '*_test.go' ! -name '*.md' -print)
WEB_FILES = $(shell find $(WEB) \( -name node_modules -o -name dist -o -name test-results -o -name e2e \) -prune -o -type f -print 2>/dev/null)

export X264 LIBAV
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build web test unit race soak lint gen gen-check e2e bench setup games setup-test clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  with X264=0    build without x264 and libavcodec, see the README on licences"
	@echo "  with LIBAV=0   build without libavcodec, and so without encoders in hardware"

run: setup ## install what is missing, build, and start playcast on this machine
	@$(MAKE) --no-print-directory build
	@exec $(BIN) up $(ARGS)

build: $(BIN) ## build the page and the binary

web: $(PAGE)

test: ## everything: packages, generated code, lint, unit, page, browser
	@deploy/test.sh

unit: $(PAGE) ## the Go tests
	$(GO) test $(TAGS) -timeout 20m ./...

race: $(PAGE) ## the Go tests under the race detector
	$(GO) test $(TAGS) -race -timeout 30m ./...

soak: $(PAGE) ## the tests of endurance, for an hour (PLAYCAST_SOAK=8h: for longer)
	PLAYCAST_SOAK=$${PLAYCAST_SOAK:-1h} $(GO) test $(TAGS) -v -timeout 0 -count 1 -run '^(TestSoak|TestManySessions|TestEveryGame|TestLadder|TestPoliciesStandBy|TestStoreStopped|TestDatabaseStopped|TestEveryRoleKilled)$$' .

lint: $(PAGE) ## gofmt, go vet, staticcheck
	@unformatted=$$(find . -name node_modules -prune -o -name '*.go' -print | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(TAGS) ./...
	$(GO) tool staticcheck $(TAGS) ./...

gen: $(PACKAGES) ## write the generated code anew: sqlc, oapi-codegen, openapi-typescript
	CGO_ENABLED=0 $(GO) tool sqlc generate
	$(GO) generate ./gateway/...
	cd $(WEB) && npm run --silent gen

gen-check:
	@deploy/gen-check.sh

e2e: build ## the whole thing in a browser
	cd $(WEB) && PLAYCAST_BIN=$(CURDIR)/$(BIN) npm run e2e

bench: $(PAGE) ## the Go benchmarks, with allocations
	$(GO) test $(TAGS) -run '^$$' -bench . -benchmem ./...

setup: ## install what a build and a start need
	@deploy/setup.sh run

games: ## install all games of the catalog (0.5 GB; a start alone brings Freedoom)
	@deploy/setup.sh games

setup-test:
	@deploy/setup.sh test

clean: ## remove what was built; the data stay
	rm -rf bin .cache $(WEB)/node_modules
	find $(WEB)/dist $(dir $(PADS)) -mindepth 1 ! -name .keep -delete

$(BIN): $(GO_FILES) $(PAGE) $(PADS) .cache/flags
	$(GO) build $(TAGS) -trimpath -o $@ .

# What games find their gamepads by.
$(PADS): $(wildcard streamer/gamepad/preload/*)
	streamer/gamepad/preload/build.sh $@

# npm writes this file last, so it is as old as the installation.
$(PACKAGES): $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(PAGE): $(PACKAGES) $(WEB_FILES)
	cd $(WEB) && npm run build
	@touch $@

# Changes when the flags do, so that X264=0 after X264=1 builds again.
.cache/flags: FORCE
	@mkdir -p .cache
	@echo '$(TAGS)' | cmp -s - $@ || echo '$(TAGS)' > $@
