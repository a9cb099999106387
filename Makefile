# Everything a maintainer runs; `make` alone lists it. Needs make, a POSIX shell and Python 3.11 or newer.

PYTHON ?= python3
WORKERS ?= 2
PORT ?= 8000
# Only make release UPLOAD=1 uploads.
UPLOAD ?=
# What is handed on: make test ARGS="-k ledger", make lock ARGS=--upgrade.
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help site serve test test-long fuzz mutation bench bench-peers lint docs screenshots lock audit-deps release clean chromium page-tools rsync
MAKEFLAGS += --no-print-directory
# Libraries of another Python must not get into ours.
unexport PYTHONPATH PYTHONHOME

help: ## liệt kê các lệnh này / list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

site: .venv-ready ## dựng toàn bộ trang vào build/site / build the whole site into build/site
	@.venv/bin/minhbach build $(ARGS)

serve: .venv-ready ## xem trước ở 127.0.0.1, lưu tệp là trang đổi theo / a preview that follows what you save
	@.venv/bin/minhbach serve --port $(PORT) $(ARGS)

test: .venv-tools chromium page-tools rsync ## chạy mọi kiểm thử / run all tests
	@$(PYTEST) $(ARGS)

test-long: .venv-tools chromium page-tools rsync bench-peers ## kiểm thử cả những phần lâu / run the long tests too
	@$(PYTEST) --long --hypothesis-profile long $(ARGS)

fuzz: .venv-tools ## thử các quy luật với hàng vạn ví dụ / try laws and readers on tens of thousands of examples
	@$(PYTEST) -m hypothesis --hypothesis-profile fuzz -o faulthandler_timeout=0 $(ARGS)
	@.venv/bin/python -m tests.fuzz

mutation: .venv-tools ## đổi từng chỗ trong mã xem kiểm thử có nhận ra / change the code and see whether a test notices
	@.venv/bin/python -m tests.mutation $(ARGS)

bench: .venv-ready ## đo thời gian và bộ nhớ / measure time and memory
	@.venv/bin/python -m build_tools.bench $(ARGS)

bench-peers: ## cài các chương trình để đo cùng / install the programs that are measured beside

lint: .venv-tools ## kiểm cách viết mã / check how the code is written
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

docs: .venv-ready ## dựng tài liệu cho người bảo trì vào build/docs / build the guides into build/docs
	@rm -rf build/docs_src && mkdir -p build && cp -R docs build/docs_src && rm build/docs_src/mkdocs.yml
	@for page in CHANGELOG CODE_OF_CONDUCT CONTRIBUTING SECURITY; do \
		sed -e 's#](docs/#](#g' -e 's#](SECURITY.md)#](security.md)#g' $$page.md \
			>build/docs_src/$$(echo $$page | tr A-Z a-z).md; done
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --config-file docs/mkdocs.yml

screenshots: site .venv-tools chromium ## chụp các trang vào build/screenshots / picture the pages in build/screenshots
	@.venv/bin/python -m tests.screenshots $(ARGS)

lock: .venv-tools ## ghim lại thư viện / pin the libraries again (ARGS=--upgrade: to their newest versions)
	@$(LOCK) --extra install --extra dev --output-file requirements-dev.txt $(ARGS)
	@$(LOCK) --extra install --constraint requirements-dev.txt --output-file requirements.txt $(ARGS)
	@$(LOCK_PEERS) --constraint requirements.txt --output-file tests/peers/requirements.txt $(ARGS)

audit-deps: .venv-tools ## thư viện có lỗ hổng đã biết không / whether holes are known in the libraries (needs a network)
	@.venv/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements-dev.txt $(ARGS)

release: .venv-tools $(if $(UPLOAD),audit-deps) ## dựng và kiểm bản phát hành vào dist / build and check a release in dist (UPLOAD=1: upload it)
	@.venv/bin/python -m tests.release $(if $(UPLOAD),--upload) $(ARGS)

clean: ## xóa những gì đã dựng; .venv ở lại / remove what was made; .venv stays
	@rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find build_tools tests -name __pycache__ -type d -exec rm -rf {} +

# A file of tests stays with one worker, so that what its tests share is made once.
PYTEST = .venv/bin/python -m pytest -n $(WORKERS) --dist loadfile

# One version of each library for every Python (`fewest`), so that the same input gives the same bytes everywhere; and
# for all of 3.11: Debian's is 3.11.2, and some libraries ask for a later one. --no-config: settings of uv on this
# machine, an index among them, stay out of the files. The tools for tests come first: what one of them cannot work with,
# the site does without.
COMPILE = .venv/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-header --no-annotate
LOCK = $(COMPILE) pyproject.toml
LOCK_PEERS = $(COMPILE) tests/peers/requirements.in

# --- Set-up ----------------------------------------------------------------------------------------------------------
#
# Set-up is done when .venv holds a mark for each step, named after what the step was made from: whatever the dates of
# the files say, other libraries or a moved folder (programs in .venv name it) ask for the step again. A step takes its
# old marks away before it begins, so that one that was interrupted is repeated; one that adds to what is there leaves
# `.venv/unfinished` until it is done, and who finds that starts anew.

sum = $(shell { $(1); } 2>/dev/null | cksum | tr -dc 0-9)
LIBRARIES := .venv/libraries-$(call sum,pwd -P; cat requirements.txt)
PROJECT := .venv/project-$(call sum,cat pyproject.toml)
TOOLS := .venv/tools-$(call sum,cat requirements-dev.txt)
PEERS := build/peers/installed-$(call sum,cd tests/peers && pwd -P && cat requirements.txt package.json package-lock.json)

# A .venv whose Python is gone, or is not the one asked for with PYTHON=, is made anew.
ASKED := $(if $(filter file default undefined,$(origin PYTHON)),,$(PYTHON))
ifneq ($(shell test ! -e .venv/unfinished \
	&& { test -z "$(ASKED)" || test "$$("$(ASKED)" -V 2>&1)" = "$$(.venv/bin/python -V 2>&1)"; } \
	&& .venv/bin/python -c 'import pip; print("sound")' 2>/dev/null),sound)
.PHONY: $(LIBRARIES)
endif

.PHONY: .venv-ready .venv-tools
.venv-ready: $(PROJECT)
.venv-tools: $(TOOLS) $(PROJECT)

# --only-binary: a library built here from source would fetch, without a hash, what it needs for that.
INSTALL = PIP_USER=0 .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check
LOCKED = $(INSTALL) --require-hashes --only-binary :all:

$(LIBRARIES):
	@$(CHECK_PYTHON)
	@echo "Tạo .venv / Making .venv"
	@rm -f .venv/libraries-* && rm -rf .venv
	@"$(PYTHON)" -m venv .venv
	@echo "Cài thư viện, mất chừng một phút / Installing the libraries, which takes about a minute"
	@$(LOCKED) -r requirements.txt || { $(SAY_NOT_INSTALLED); exit 1; }
	@touch $@

$(TOOLS): $(LIBRARIES)
	@echo "Cài công cụ kiểm thử / Installing the tools for tests"
	@rm -f .venv/tools-* && touch .venv/unfinished
	@$(LOCKED) --no-binary jsonpath-rw --no-build-isolation -r requirements-dev.txt || { $(SAY_NOT_INSTALLED); exit 1; }
	@rm .venv/unfinished && touch $@

$(PROJECT): $(LIBRARIES)
	@rm -f .venv/project-* && touch .venv/unfinished
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@rm .venv/unfinished && touch $@

# The tests of pages need a browser, and its driver (Node, within Playwright) a library that a small Debian lacks. Without
# them those tests are skipped, and said to be.
BROWSERS = chromium chromium-browser google-chrome-stable google-chrome
DRIVER = .venv/lib/python*/site-packages/playwright/driver/node

chromium: .venv-tools
	@rm -f .venv/chromium-refused; \
	if $(DRIVER) --version >/dev/null 2>&1; then \
		for name in "$$MINHBACH_CHROMIUM" $(BROWSERS); do if command -v "$$name" >/dev/null; then exit 0; fi; done; \
	fi; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "Cài Chromium cho kiểm thử / Installing Chromium for the tests"; \
		{ apt-get update -qq; $(APT_INSTALL) chromium libatomic1; } </dev/null >.venv/chromium.log 2>&1 && exit 0; \
		touch .venv/chromium-refused; tail -n 3 .venv/chromium.log >&2; \
	fi; \
	printf '%s\n' "Thiếu Chromium, nên bỏ qua kiểm thử trang. Cài bằng: sudo apt-get install chromium libatomic1" \
		"No Chromium, so the tests of pages are skipped. Install it: sudo apt-get install chromium libatomic1" >&2

# The tests of publishing by rsync need it; without it they are skipped, and said to be.
rsync:
	@if command -v rsync >/dev/null; then exit 0; fi; \
	mkdir -p .venv; rm -f .venv/rsync-refused; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "Cài rsync cho kiểm thử / Installing rsync for the tests"; \
		{ apt-get update -qq; $(APT_INSTALL) rsync; } </dev/null >.venv/rsync.log 2>&1 && exit 0; \
		touch .venv/rsync-refused; tail -n 3 .venv/rsync.log >&2; \
	fi; \
	printf '%s\n' "Thiếu rsync, nên bỏ qua kiểm thử công bố bằng rsync. Cài bằng: sudo apt-get install rsync" \
		"No rsync, so the tests of publishing by rsync are skipped. Install it: sudo apt-get install rsync" >&2

# Validators of HTML and Lighthouse come from npm, locked in tests/tools; Playwright's Node runs them. Without npm the
# tests that use them are skipped, and said to be.
PAGE_TOOLS := .venv/page-tools-$(call sum,cat tests/tools/package.json tests/tools/package-lock.json)

page-tools: .venv-tools
	@if test -e $(PAGE_TOOLS); then exit 0; fi; \
	rm -rf .venv/page-tools*; \
	if command -v npm >/dev/null; then \
		echo "Cài công cụ kiểm tra trang / Installing the tools that check pages"; \
		mkdir .venv/page-tools && cp tests/tools/package.json tests/tools/package-lock.json .venv/page-tools; \
		$(NPM_CI) </dev/null >.venv/page-tools.log 2>&1 && touch $(PAGE_TOOLS) && exit 0; \
		rm -rf .venv/page-tools; touch .venv/page-tools-refused; tail -n 3 .venv/page-tools.log >&2; \
	fi; \
	printf '%s\n' "Thiếu npm hoặc không tải được, nên bỏ qua kiểm tra HTML và Lighthouse. Cài bằng: sudo apt-get install npm" \
		"No npm, or nothing could be fetched, so HTML validators and Lighthouse are skipped. Install it: sudo apt-get install npm" >&2

NPM_CI = npm ci --prefix .venv/page-tools --ignore-scripts --no-audit --no-fund --loglevel=error

# Programs that the bench measures beside this one, as tests/peers locks them. What cannot be installed is said, and the
# bench goes on without it.
bench-peers: $(PEERS)

$(PEERS):
	@$(CHECK_PYTHON)
	@rm -rf build/peers && mkdir -p build/peers
	@cp tests/peers/package.json tests/peers/package-lock.json build/peers
	@echo "Cài các chương trình để đo cùng / Installing the programs that are measured beside"
	@"$(PYTHON)" -m venv build/peers/python \
		&& PIP_USER=0 build/peers/python/bin/python -m pip install -qq --no-input --disable-pip-version-check \
			--require-hashes --only-binary :all: -r tests/peers/requirements.txt || { $(SAY_NOT_INSTALLED); exit 1; }
	@if command -v npm >/dev/null; then $(NPM_CI_PEERS) </dev/null && touch $@; else printf '%s\n' \
		"Thiếu npm, nên không đo được Observable và Eleventy. Cài bằng: sudo apt-get install npm" \
		"No npm, so Observable and Eleventy are not measured. Install it: sudo apt-get install npm" >&2; fi

NPM_CI_PEERS = npm ci --prefix build/peers --ignore-scripts --no-audit --no-fund --loglevel=error

APT_INSTALL = DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300

define CHECK_PYTHON
version=$$("$(PYTHON)" -c 'import sys; print("%d.%02d" % sys.version_info[:2])' 2>/dev/null); \
case "$$version" in \
"") printf '%s\n' \
	'Không chạy được "$(PYTHON)". Hãy cài Python 3.11 trở lên / Cannot run "$(PYTHON)". Install Python 3.11 or newer:' \
	'  Debian, Ubuntu: sudo apt-get install python3 python3-venv' \
	'  macOS: brew install python@3.13' \
	'hoặc chỉ ra nó / or say where it is: make PYTHON=python3.13 ...' >&2; exit 1;; \
2.*|3.0*|3.10) printf '%s\n' \
	'"$(PYTHON)" là Python cũ; cần 3.11 trở lên / "$(PYTHON)" is too old: Python 3.11 or newer is needed:' \
	"  $$("$(PYTHON)" -V 2>&1)" \
	'Cài bản mới rồi chỉ ra nó / Install a newer one and say where it is: make PYTHON=python3.13 ...' >&2; exit 1;; \
esac; \
"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { printf '%s\n' \
	'"$(PYTHON)" không có venv hoặc ensurepip / "$(PYTHON)" has no venv or no ensurepip:' \
	'  Debian, Ubuntu: sudo apt-get install python3-venv' >&2; exit 1; }
endef

SAY_NOT_INSTALLED = printf '%s\n' \
	"Không cài được thư viện ($$(.venv/bin/python -V)). Lần đầu cần mạng, Python 3.11-3.14 trên Linux (glibc) hoặc macOS." \
	"The libraries could not be installed. The first time needs the network, and Python 3.11-3.14 on Linux (glibc) or macOS." \
	"Rồi chạy lại / Then run the same command again." >&2
