# The ways into this project. `make demo` and `make test` work on a fresh clone with nothing but a Swift toolchain.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# The Swift runtime is linked in: a command starts in a few milliseconds and needs no Swift where it runs.
# Libraries are those of the system, not whatever lies beside the command.
RELEASE = -c release --static-swift-stdlib --disable-local-rpath

# A command that lives for ten milliseconds spends one of them on being movable (docs/decisions/0014).
FIXED = -Xlinker -no-pie

# Where the three shells look below PREFIX/share.
COMPLETIONS = bash-completion/completions zsh/site-functions fish/vendor_completions.d

.PHONY: demo test simulate soak fuzz build install lint bench packages
.DEFAULT_GOAL := build

# Two devices and a server, from a fresh clone to the same notes on both.
demo:
	Scripts/demo.sh

# One debug build for all tests. Their product alone: `--build-tests` compiles the Protobuf compiler, too.
test: packages
	$(SWIFT) build --product webinarPackageTests
	Scripts/test.sh

# So many histories of devices, a server and faults (docs/testing.md), from a seed on. Release: ten times as fast.
HISTORIES = 20000
SEED = 1
simulate: packages
	$(SWIFT) build $(RELEASE) --product simulate
	.build/release/simulate --histories $(HISTORIES) --seed $(SEED)

# Kills, power cuts, bad links, wrong clocks (docs/testing.md), for hours. `make soak ROUND=--short`: as CI plays it.
soak: packages
	-@Scripts/install-packages.sh soak
	$(SWIFT) build --product webinar
	$(SWIFT) build --product webinar-server
	python3 Scripts/soak $(ROUND)

# Every decoder fed with bytes that libFuzzer makes up (docs/testing.md), each for so many seconds.
SECONDS = 60
fuzz: packages
	Scripts/fuzz.sh $(SECONDS)

# The commands, in .build/release/.
build: packages
	$(SWIFT) build $(RELEASE) --product webinar-server
	$(SWIFT) build $(RELEASE) $(FIXED) --product webinar

# Does not build, so that root needs no Swift toolchain and leaves no files in the build folder.
install:
	@test -x .build/release/webinar-server || { echo "Run make build first." >&2; exit 1; }
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -s -m 755 .build/release/webinar .build/release/webinar-server '$(DESTDIR)$(PREFIX)/bin'
	install -d $(foreach folder,$(COMPLETIONS),'$(DESTDIR)$(PREFIX)/share/$(folder)')
	@set -e; for name in webinar webinar-server; do \
	    case $$name in webinar) print="completion" ;; *) print="--generate-completion-script" ;; esac; \
	    share='$(DESTDIR)$(PREFIX)/share'; \
	    .build/release/$$name $$print bash >"$$share/bash-completion/completions/$$name"; \
	    .build/release/$$name $$print zsh >"$$share/zsh/site-functions/_$$name"; \
	    .build/release/$$name $$print fish >"$$share/fish/vendor_completions.d/$$name.fish"; \
	done

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	bash -n .ci/run Scripts/*.sh Benchmarks/*.sh

# The figures of docs/benchmarks.md, measured here. Let nothing else run meanwhile.
bench: build
	Benchmarks/run.sh

packages:
	@Scripts/install-packages.sh
