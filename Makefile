# Everything a newcomer needs: `make demo` and `make test` do their own set-up on a machine with Swift 6 and apt.

SWIFT ?= swift
OSUSUME := .build/release/osusume
# Where the full-size data goes; a function of the seed, so it is made once.
FULL ?= demo/full
# Real data for measurements, where there is any.
DATA ?= $(or $(OSUSUME_DATA),../shared/data)
KERNELS := $(wildcard CKernels/*.c CKernels/*/*.c)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := zlib1g-dev libssl-dev libopenblas-dev liblapacke-dev libjs-vega
# The interpreter that opens our model files and checks our JSON in tests; what it takes goes into a venv of its own.
VENV := .venv
export OSUSUME_PYTHON ?= $(CURDIR)/$(VENV)/bin/python

# What an executable says it was built from.
export OSUSUME_COMMIT := $(shell git describe --always --abbrev=12 --exclude='*' --dirty=+ 2>/dev/null)
export OSUSUME_SWIFT := $(shell $(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([^ ]*\).*/\1/p')

# Where `make install` puts files, and a folder that stands for / while a package is made.
PREFIX ?= /usr/local
DESTDIR ?=
# Copying into a folder of the system's takes its owner; building does not.
OWNER = $(shell d="$(DESTDIR)$(PREFIX)"; while [ ! -e "$$d" ]; do d=$$(dirname "$$d"); done; [ -w "$$d" ] || echo $(SUDO))
# The build of the tests, whose modules are documented and listed.
TESTS ?= .build/tests/release
# The release build that is linked and packed, and what it becomes.
OBJECTS ?= .build/release
STATIC := .build/static/osusume

.PHONY: setup help build static install uninstall deb try-deb try-dependency docs api api-check tests-build demo test chaos bench bench-check same-bytes catalog peers lists maps tuning pages \
  lint format sanitize sanitize-kernels sanitize-threads fuzz fuzz-ratings fuzz-text fuzz-model-file clean

## setup: installs the Debian packages that are missing
setup:
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing $$missing"; \
	  $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends $$missing; \
	fi

## help: what there is to make
help:
	@awk 'match($$0, /^## [a-z-]+: /) { known = 1; printf "%-18s%s\n", substr($$0, 4, RLENGTH - 5), substr($$0, RLENGTH + 1); next } \
	  known && /^## / { printf "%-18s%s\n", "", substr($$0, 4); next } { known = 0 }' $(MAKEFILE_LIST)

## build: the command line, optimised
build: setup
	$(SWIFT) build -c release --product osusume

## static: the same as one file without symbols that needs no Swift where it runs: .build/static/osusume
static: $(if $(filter .build/release,$(OBJECTS)),build)
	packaging/link-static $(OBJECTS) $(STATIC)

## install: the command line, its manual pages, and what bash, zsh and fish complete; PREFIX=/usr/local, DESTDIR=
install: static
	$(OWNER) packaging/install $(STATIC) $(DESTDIR)$(PREFIX)

## uninstall: removes what `make install` put there
uninstall:
	$(OWNER) packaging/install --remove $(DESTDIR)$(PREFIX)

## deb: the same as a Debian package, in .build/deb
deb: static
	packaging/deb $(STATIC) .build/deb

## try-deb: checks the package, installs it, uses it without an environment and removes it; as root
try-deb: deb
	@command -v lintian >/dev/null || $(SUDO) apt-get install -qy --no-install-recommends lintian
	$(SUDO) packaging/try-deb $$(ls -t .build/deb/*.deb | head -1)

## try-dependency: whether another package can depend on this one, by path and by URL
try-dependency: setup
	packaging/try-dependency

## docs: pages of the library from its comments and articles, in .build/docs; any warning is an error
docs: tests-build
	docs/make-docs $(TESTS)

## api: lists the public declarations anew, docs/public-api.txt
api: tests-build
	docs/public-api $(TESTS)

## api-check: whether that list is what the code says; SINCE=TAG: what a release had and this has not
api-check: tests-build
	docs/public-api $(TESTS) $(if $(SINCE),--since $(SINCE),--check)

## demo: full-size data, training, the result and ten recommendations
demo: build
	@test -f $(FULL)/rating.csv || $(OSUSUME) data synthesize --like anime --output $(FULL)
	$(OSUSUME) train --ratings $(FULL)/rating.csv --items $(FULL)/anime.csv --join inner \
	  --output demo/model.safetensors
	$(OSUSUME) recommend --model demo/model.safetensors --user 20 --top 10

## test: all tests
test: tests-build $(VENV)/modules
	$(SWIFT) test $(AS_TESTED) --skip-build

AS_TESTED = -c release -Xswiftc -enable-testing --scratch-path .build/tests

# What the tests are built as; where nothing has changed since, seconds. `swift test` builds with other flags: all anew.
tests-build: setup
	$(SWIFT) build --build-tests $(AS_TESTED)

$(VENV)/modules:
	@python3 -m venv $(VENV) && $(VENV)/bin/pip install -q numpy safetensors jsonschema && touch $@ \
	  || echo "no Python with venv and pip here: the tests that open model files and check JSON in Python are skipped"

## chaos: fits killed twenty times at moments nobody chose, which go on and end in the same bytes; a part of `make test`
chaos: tests-build
	$(SWIFT) test $(AS_TESTED) --skip-build --filter ChaosTests

## bench: throughput of kernels and training on this machine
bench: build
	$(OSUSUME) bench

# What `make test` has built; another build's with COUNTED=.build/release/kernel-counts.
COUNTED ?= .build/tests/release/kernel-counts

## bench-check: instructions of every kernel beside bench/counts/baseline.json, by valgrind; fails on 5 % more
bench-check:
	@command -v valgrind >/dev/null || $(SUDO) apt-get install -qy --no-install-recommends valgrind
	python3 bench/counts/check.py $(COUNTED) $(COUNTS_OPTIONS)

## same-bytes: whether this tree computes what another build, OLD=path/to/old/osusume, does, to the byte
same-bytes: build
	bench/same-bytes $(OLD) $(OSUSUME)

## catalog: trains the twenty gradient models on their data, three seeds each: one table
catalog: build
	python3 bench/catalog/run.py --osusume $(OSUSUME) --data $(DATA) --output bench/catalog/results.json

## peers: the tables of bench/README.md and README.md: ours beside torch, Surprise and others, in one run
peers: build
	sh bench/peers/setup.sh
	@test -f $(FULL)/rating.csv || $(OSUSUME) data synthesize --like anime --output $(FULL)
	.peers-venv/bin/python bench/peers/check.py
	.peers-venv/bin/python bench/peers/run.py --osusume $(OSUSUME) --full $(FULL) --data $(DATA) --update-readme

## lists: the tables of lists in bench/README.md: how well ours and other libraries' rank, over five seeds too, and sweeps
lists: build
	sh bench/peers/setup.sh
	@test -f $(FULL)/rating.csv || $(OSUSUME) data synthesize --like anime --output $(FULL)
	.peers-venv/bin/python bench/peers/check.py
	.peers-venv/bin/python bench/peers/run.py --osusume $(OSUSUME) --full $(FULL) --data $(DATA) --only lists seeds ials --update-readme

## maps: the table of maps in bench/README.md: ours beside openTSNE, scikit-learn and umap-learn
maps: build
	sh bench/peers/setup.sh
	@test -f $(FULL)/rating.csv || $(OSUSUME) data synthesize --like anime --output $(FULL)
	.peers-venv/bin/python bench/peers/check.py
	.peers-venv/bin/python bench/peers/run.py --osusume $(OSUSUME) --full $(FULL) --data $(DATA) --only maps --update-readme

## tuning: the table of searches in bench/README.md: ours beside Optuna over Surprise and over implicit
tuning: build
	sh bench/peers/setup.sh
	.peers-venv/bin/python bench/peers/check.py
	.peers-venv/bin/python bench/peers/run.py --osusume $(OSUSUME) --data $(DATA) --only tuning --update-readme

## pages: the tables of README.md and bench/README.md anew from bench/results
pages:
	python3 bench/peers/pages.py --write

C_SOURCES = $(shell git ls-files '*.c' '*.h' '*.inc')
PYTHON_SOURCES = $(shell git ls-files '*.py') bench/same-bytes docs/draw-imports docs/public-api packaging/manual

## lint: formatting of Swift, C and Python, C warnings, and whether the drawing of imports is what the code says
lint: $(VENV)/formatters
	docs/draw-imports --check
	$(SWIFT) format lint --strict -r Sources Tests bench Package.swift
	for f in $(KERNELS) $(wildcard bench/probe/*.c bench/probe/*/*.c Sources/COutOfMemory/*.c); do clang -std=c11 -fsyntax-only -Wall -Wextra -Werror -ICKernels/include -Ibench/probe/include -ISources/COutOfMemory/include $$f || exit 1; done
	@if [ -e $(VENV)/formatters ]; then \
	  $(VENV)/bin/clang-format --dry-run -Werror $(C_SOURCES) && $(VENV)/bin/ruff format --check -q $(PYTHON_SOURCES); fi

# Every version formats a little differently: these two are what lint goes by.
$(VENV)/formatters:
	@python3 -m venv $(VENV) && $(VENV)/bin/pip install -q clang-format==23.1.5 ruff==0.17.6 && touch $@ \
	  || echo "no Python with venv and pip here: the formatting of C and Python is not checked"

## format: rewrites Swift, C and Python sources in the house's format
format: $(VENV)/formatters
	$(SWIFT) format -i -r Sources Tests bench Package.swift
	$(VENV)/bin/clang-format -i $(C_SOURCES)
	$(VENV)/bin/ruff format $(PYTHON_SOURCES)

## sanitize: all tests under AddressSanitizer, AVX-512 bodies emulated, a vector off its boundary or an index out of its
## array a trap; the training threads under ThreadSanitizer
EMULATED := -Xcc -DCK_EMULATE_AVX512 -Xcc -Wno-psabi -Xcc -fsanitize=alignment,bounds -Xcc -fsanitize-trap=all
sanitize: setup sanitize-threads
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address $(EMULATED) --scratch-path .build/asan

## sanitize-kernels: the same of the kernels' tests alone
sanitize-kernels: setup
	OSUSUME_TESTS=CKernelsTests ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address $(EMULATED) \
	  --scratch-path .build/asan-kernels

## sanitize-threads: the threads of training under ThreadSanitizer
sanitize-threads: setup
	OSUSUME_TESTS=OsusumeTrainingTests TSAN_OPTIONS=suppressions=$(CURDIR)/.tsan-suppressions $(SWIFT) test --sanitize=thread \
	  --no-parallel --scratch-path .build/tsan --filter 'PhaseTeamTests|MinibatchTests|TiledSGDTests|EASETests'

# Seconds of each fuzz target.
FUZZ_SECONDS ?= 60

## fuzz: a minute of libFuzzer on the ratings parser, one on the readers of items and lists, and one on the model file
fuzz: fuzz-ratings fuzz-text fuzz-model-file

fuzz-ratings: setup .build/fuzz/fuzz_ratings
	mkdir -p .build/fuzz/ratings
	.build/fuzz/fuzz_ratings -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -artifact_prefix=.build/fuzz/ .build/fuzz/ratings

.build/fuzz/fuzz_ratings: Tests/Fuzz/fuzz_ratings.c $(KERNELS) $(wildcard CKernels/*/*.inc CKernels/*.inc CKernels/*/*.h)
	mkdir -p .build/fuzz
	clang -g -O1 -Wno-pass-failed -fuse-ld=lld -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	  -ICKernels/include $< $(KERNELS) -lm -o $@

fuzz-text: setup
	OSUSUME_FUZZ=1 $(SWIFT) build -c release --sanitize=fuzzer --sanitize=address --product FuzzText \
	  -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table -Xswiftc -parse-as-library --scratch-path .build/fuzz
	mkdir -p .build/fuzz/text
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 .build/fuzz/release/FuzzText \
	  -max_total_time=$(FUZZ_SECONDS) -detect_leaks=0 -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
	  -dict=Tests/Fuzz/FuzzText/tokens.dict -artifact_prefix=.build/fuzz/ .build/fuzz/text

fuzz-model-file: setup
	OSUSUME_FUZZ=1 $(SWIFT) build -c release --sanitize=fuzzer --sanitize=address --product FuzzModelFile \
	  -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table -Xswiftc -parse-as-library --scratch-path .build/fuzz
	mkdir -p .build/fuzz/corpus
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 FUZZ_SEEDS=.build/fuzz/corpus \
	  .build/fuzz/release/FuzzModelFile -max_total_time=$(FUZZ_SECONDS) -detect_leaks=0 -max_len=32768 -timeout=10 \
	  -rss_limit_mb=1024 -dict=Tests/Fuzz/FuzzModelFile/tokens.dict -artifact_prefix=.build/fuzz/ .build/fuzz/corpus

## clean: removes what was built, and the demo's data
clean:
	rm -rf .build demo $(VENV)
