# `make help` lists what can be made; CONTRIBUTING.md says when to use what.
# CC, CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR mean what they usually do. WERROR= keeps warnings
# from stopping a build, LUA_VERSIONS="5.1 5.4" builds for these only, LUA_INCDIR_54=… says where
# the lua.h of 5.4 is, BUILD=… builds into another folder, V=1 shows the commands.

# ---- What is built: module r2.NAME is made of the room src/ROOM, of what it takes from src/base, and
# of NAME_LIBS. A room is its folder: a new file is in it at once.

MODULES := temp_credentials sigv4 http files
temp_credentials_ROOM := credentials
temp_credentials_LIBS := -lcrypto
sigv4_ROOM := sigv4
sigv4_LIBS := -lcrypto
http_ROOM := http
http_LIBS := -lcurl
files_ROOM := files
files_LIBS := -lcrypto

# ---- How it is built

BUILD ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
WERROR ?= -Werror
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
    -Wmissing-prototypes $(WERROR)
COMPILE = $(CC) -std=c11 -fPIC -fvisibility=hidden $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP
SHARED ?= -shared
Q := $(if $(V),,@)

# The Luas whose headers are here. LuaJIT takes what is built for 5.1.
ALL_VERSIONS := 5.1 5.2 5.3 5.4
incdir_of = LUA_INCDIR_$(subst .,,$(1))
$(foreach lua,$(ALL_VERSIONS),$(if $($(call incdir_of,$(lua))),,\
    $(eval $(call incdir_of,$(lua)) := $(shell build-aux/lua-include $(lua)))))
LUA_VERSIONS ?= $(foreach lua,$(ALL_VERSIONS),$(if $($(call incdir_of,$(lua))),$(lua)))

objects_in = $(patsubst src/%.c,$(BUILD)/obj/lua$(1)/%.o,$(wildcard src/$(2)/*.c))
base_of = $(BUILD)/obj/lua$(1)/base.a
modules_for = $(MODULES:%=$(BUILD)/lua$(1)/r2/%.so)
LUA_FILES := $(shell cd lua && find r2 -name '*.lua')

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo demo-web sandbox build test check lint lint-lua lint-format lint-c format bench pictures sanitize fuzz soak shells install dist clean
MAKEFLAGS += --no-print-directory

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

# What is installed first decides what can be built: hence a second make.
demo: ## install what is missing, build, and show credentials being made
	@CC='$(CC)' build-aux/setup demo
	@$(MAKE) for-demo
	@BUILD='$(BUILD)' exec examples/demo/run

demo-web: ## install what is missing, build, and serve a page that uploads, on this machine alone
	@CC='$(CC)' build-aux/setup sandbox
	@CC='$(CC)' build-aux/setup demo
	@$(MAKE) for-sandbox for-demo examples/browser-upload/node_modules/.stamp
	@BUILD='$(BUILD)' exec examples/browser-upload/demo

sandbox: ## install what is missing, build, and run R2's API here to try things with (PORT=8787)
	@CC='$(CC)' build-aux/setup sandbox
	@$(MAKE) for-sandbox
	@BUILD='$(BUILD)' exec sandbox/run

BUILT := $(foreach lua,$(LUA_VERSIONS),$(call modules_for,$(lua)))
build: $(BUILT) ## build for every Lua whose headers are here (what `make` does)
	$(if $(BUILT),,@echo 'No lua.h was found: install one (on Debian liblua5.4-dev), or say' \
	    'LUA_INCDIR_54=… where it is' >&2; exit 1)

test: ## install what is missing, lint, build, and run every spec on every Lua
	@CC='$(CC)' build-aux/setup test
	@MAKEFLAGS= MAKE='$(MAKE_COMMAND)' spec/run --all

check: ## lint, and run the specs on 5.4 and LuaJIT, but for those that build and install: for daily work
	@MAKEFLAGS= MAKE='$(MAKE_COMMAND)' spec/run --check

lint: lint-lua lint-format lint-c ## check the style of Lua and C, and C for common mistakes

bench: build spec/node_modules/.stamp ## measure, beside the floor in C and the documented example on Node
	@bench/run
	@bench/chart
	@bench/export
	@bench/signatures
	@bench/exchange
	@bench/objects
	@bench/transfers
	@bench/frames
	@bench/vending
	@bench/gateway

pictures: build spec/node_modules/.stamp examples/browser-upload/node_modules/.stamp ## make those of the README anew: the chart of a bench, and the page
	@bench/run
	@bench/chart $(BUILD)/bench.json docs/pictures/bench.svg
	@rm -f docs/pictures/browser-upload.png; \
	R2_PICTURE='$(CURDIR)/docs/pictures/browser-upload.png' spec/run sandbox/browser >/dev/null; \
	test -s docs/pictures/browser-upload.png

sanitize: build ## run the specs with sanitizers, valgrind and failing allocators
	@spec/memory/run

# TARGETS="url jwt" names some of the harnesses.
SECONDS ?= 60
fuzz: ## throw made-up inputs at what reads bytes from outside (SECONDS=60 for each harness)
	@spec/fuzz/run --seconds $(SECONDS) $(TARGETS)

SOAK_SECONDS ?= 600
soak: $(call modules_for,5.4) $(call modules_for,5.1) ## nginx under full load for SOAK_SECONDS=600: nothing may fail, and memory not grow
	@LUA_PATH='lua/?.lua;lua/?/init.lua;./?.lua;;' LUA_CPATH='$(BUILD)/lua5.4/?.so;;' \
	    spec/soak/run $(SOAK_SECONDS)

shells: $(call modules_for,5.4) ## write share/ anew: completion and manual page of r2creds
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/lua5.4/?.so;;' \
	    build-aux/for-shells share

# PREFIX from the root: the command finds its library there from wherever it is run.
FROM_ROOT := $(if $(filter /%,$(firstword $(PREFIX))),,$(CURDIR)/)$(PREFIX)
UNFIT := $(strip $(foreach character," \ ; ? %,$(findstring $(character),$(FROM_ROOT))))
.PHONY: check-prefix
check-prefix:
	$(if $(UNFIT),@printf '%s\n' 'PREFIX must hold none of " \ ; ? %: Lua would misread it' >&2; exit 1)
	@:

install: check-prefix
install: build $(BUILD)/r2creds ## install into PREFIX (/usr/local), under DESTDIR where one is given
	@set -e; for lua in $(LUA_VERSIONS); do \
	    share="$(DESTDIR)$(FROM_ROOT)/share/lua/$$lua"; lib="$(DESTDIR)$(FROM_ROOT)/lib/lua/$$lua"; \
	    for file in $(LUA_FILES); do \
	        install -d "$$share/$$(dirname $$file)"; install -m 644 "lua/$$file" "$$share/$$file"; \
	    done; \
	    install -d "$$lib/r2"; \
	    install -m 755 $(MODULES:%=$(BUILD)/lua$$lua/r2/%.so) "$$lib/r2"; \
	    echo "installed for Lua $$lua: $$share/r2 and $$lib/r2"; \
	done
	@set -e; bin="$(DESTDIR)$(FROM_ROOT)/bin"; \
	files="$(DESTDIR)$(FROM_ROOT)/share/r2-temp-credentials"; \
	install -d "$$bin" "$$files/sandbox/s3" "$$files/build-aux"; \
	install -m 755 $(BUILD)/r2creds "$$bin/r2creds"; \
	install -m 644 $(wildcard sandbox/*.*) "$$files/sandbox"; \
	install -m 644 $(wildcard sandbox/s3/*) "$$files/sandbox/s3"; \
	install -m 755 sandbox/run "$$files/sandbox"; \
	install -m 755 build-aux/nginx-lua "$$files/build-aux"; \
	share="$(DESTDIR)$(FROM_ROOT)/share"; \
	install -d "$$share/bash-completion/completions" "$$share/zsh/site-functions" \
	    "$$share/fish/vendor_completions.d" "$$share/man/man1"; \
	install -m 644 share/r2creds.bash "$$share/bash-completion/completions/r2creds"; \
	install -m 644 share/_r2creds "$$share/zsh/site-functions"; \
	install -m 644 share/r2creds.fish "$$share/fish/vendor_completions.d"; \
	install -m 644 share/r2creds.1 "$$share/man/man1"; \
	echo "installed for $(COMMAND_LUA): $$bin/r2creds"

# The command runs on the newest Lua that there is a library for, and finds it wherever PREFIX is.
COMMAND_LUA = lua$(lastword $(sort $(LUA_VERSIONS)))
COMMAND_PATH = $(FROM_ROOT)/share/lua/$(COMMAND_LUA:lua%=%)
define COMMAND_FINDS
package.path = "$(COMMAND_PATH)/?.lua;$(COMMAND_PATH)/?/init.lua;" .. package.path
package.cpath = "$(FROM_ROOT)/lib/lua/$(COMMAND_LUA:lua%=%)/?.so;" .. package.cpath
endef
export COMMAND_FINDS
.PHONY: $(BUILD)/r2creds
$(BUILD)/r2creds: bin/r2creds | check-prefix
	@{ echo '#!/usr/bin/env $(COMMAND_LUA)'; printf '%s\n' "$$COMMAND_FINDS"; sed 1d $<; } >$@

# What is released is what is committed. The rockspec of a release is that of the sources with its
# number and its tag.
DIST := $(BUILD)/dist
dist: ## pack the last commit as a release: a tar, and the rockspec that goes with it
	@set -e; mkdir -p $(DIST); \
	version=$$(git show HEAD:src/base/version.h | sed -n 's/^#define R2_VERSION "\(.*\)"/\1/p'); \
	name=r2-temp-credentials-$$version; \
	git archive --format=tar --prefix=$$name/ HEAD | gzip -n >$(DIST)/$$name.tar.gz; \
	git show HEAD:r2-temp-credentials-scm-1.rockspec | sed -e "s/^version = .*/version = \"$$version-1\"/" \
	    -e "s/^    url = .*/&\n    tag = \"v$$version\",/" >$(DIST)/$$name-1.rockspec; \
	echo "$(DIST)/$$name.tar.gz $(DIST)/$$name-1.rockspec"

clean: ## remove what was built
	rm -rf $(BUILD)
	rm -f src/*/*.o r2/*.so

# ---- The rules behind

define rules_for_lua
$(BUILD)/obj/lua$(1)/%.o: src/%.c Makefile
	@mkdir -p $$(@D)
	$(if $(V),,@echo "  CC  $$@")
	$(Q)$$(COMPILE) -I$($(call incdir_of,$(1))) -c -o $$@ $$<
$(call base_of,$(1)): $(call objects_in,$(1),base)
	@rm -f $$@
	$(Q)$$(AR) qcs $$@ $$^
$(foreach module,$(MODULES),$(call rule_for_module,$(1),$(module)))
endef

define rule_for_module
$(BUILD)/lua$(1)/r2/$(2).so: $(call objects_in,$(1),$($(2)_ROOM)) $(call base_of,$(1))
	@mkdir -p $$(@D)
	$(if $(V),,@echo "  LD  $$@")
	$(Q)$$(CC) $$(SHARED) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$($(2)_LIBS)

endef

$(foreach lua,$(LUA_VERSIONS),$(eval $(call rules_for_lua,$(lua))))
-include $(wildcard $(BUILD)/obj/*/*/*.d)

# nginx runs LuaJIT, or something that is like 5.1.
FOR_NGINX := $(BUILD)/lua5.1/r2/temp_credentials.so $(BUILD)/lua5.1/r2/files.so
.PHONY: for-demo for-sandbox
for-demo: $(call modules_for,5.4) $(if $(filter 5.1,$(LUA_VERSIONS)),$(FOR_NGINX))
	@:
for-sandbox: $(FOR_NGINX)
	@:

# What is shipped must suit every Lua by itself; the rest may ask which Lua it runs on.
SHIPPED_LUA := lua bin/r2creds
OTHER_LUA := $(wildcard spec bench examples sandbox) spec/run spec/soak/run build-aux/for-shells \
    bench/run bench/export bench/exchange bench/signatures bench/objects bench/transfers \
    bench/frames bench/vending bench/gateway bench/chart build-aux/nfc-tables
LUACHECK := luacheck --quiet --no-color
lint-lua:
	@for std in lua51 lua52 lua53 lua54 ngx_lua; do \
	    $(LUACHECK) --std $$std $(SHIPPED_LUA) >/dev/null || \
	        { echo "as $$std:"; $(LUACHECK) --std $$std $(SHIPPED_LUA); exit 1; }; \
	done
	@$(LUACHECK) $(OTHER_LUA)

C_FILES = $(wildcard src/*.h src/*/*.[ch] spec/*/*.[ch] bench/*.[ch] examples/*/*.[ch])
# The layout is clang-format 14's, Debian 12's; others differ here and there and are not obeyed.
# Comments are not its affair: no line of C is longer than 100 columns, but for a text or an address.
lint-format:
	@! LC_ALL=C.UTF-8 grep -nE '^.{101,}' $(filter-out %/nfc_tables.h,$(C_FILES)) | \
	    grep -vE '"|developers\.cloudflare' || \
	    { echo 'lines of more than 100 columns' >&2; exit 1; }
	@clang-format --dry-run -Werror $(C_FILES) || case "$$(clang-format --version)" in \
	    *'version 14.'*) echo '`make format` mends that' >&2; exit 1 ;; \
	    *) echo 'not an error: this is not clang-format 14' >&2 ;; \
	esac

# One process to a file: the analyzer mistakes the va_list of a second one. What it prints about a
# good file (how many warnings it kept to itself) is dropped. A file that was good is looked at again
# when it, or a header, has changed.
TIDY = $(patsubst %.c,$(BUILD)/tidy/%,$(filter %.c,$(C_FILES)))
lint-c:
	@$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j4) tidy
.PHONY: tidy
tidy: $(TIDY)
	@:
$(BUILD)/tidy/%: %.c .clang-tidy $(wildcard */*.h */*/*.h)
	@mkdir -p $(@D)
	@found=$$(clang-tidy --quiet $< -- -std=c11 -I$(LUA_INCDIR_54) 2>&1) || \
	    { printf "%s\n" "$$found"; exit 1; }
	@touch $@

format: ## lay out the C files as `make lint` wants them
	clang-format -i $(C_FILES)

# What specs and bench take from npm. Where there is no Node, or no network, they do without. The
# simulator of R2 is apart: it is large, and brings a Node of its own.
NPM_STAMPS := spec/node_modules/.stamp spec/simulator/node_modules/.stamp \
    examples/browser-upload/node_modules/.stamp
$(NPM_STAMPS): %/node_modules/.stamp: %/package-lock.json
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	    echo 'Node is not here: what needs it is left out' >&2; \
	elif (cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then \
	    touch $@; \
	else \
	    echo 'npm ci failed: what needs it is left out' >&2; \
	fi
