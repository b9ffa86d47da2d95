# The two commands: `make run` starts latchkey, `make test` runs every test.
.POSIX:
.PHONY: run test test-pgbouncer programs

SHELL = /bin/sh
CARGO = cargo
# The first administrator's address, so that the first reset letter has somebody to go to.
LATCHKEY_ADMIN_EMAIL ?= test@example.com

# The build says what it does, since the first one takes minutes; later ones say one line.
run: programs
	@$(CARGO) build --release
	@LATCHKEY_ADMIN_EMAIL="$(LATCHKEY_ADMIN_EMAIL)" $(CARGO) run --quiet --release

test: programs
	tools/ensure python3-venv
	tools/ensure chromium
	tools/ensure axe
	tools/ensure pgbouncer
	$(CARGO) test
	LATCHKEY_TEST_PGBOUNCER=1 $(CARGO) test --test it -- traffic_ops:: timeslot:: teen_quotes:: buddha_jones::
	tests/clients/run
	tests/clients/fuzz

# The stories told over HTTP once more, through PgBouncer in transaction mode.
test-pgbouncer: programs
	@tools/ensure pgbouncer
	LATCHKEY_TEST_PGBOUNCER=1 $(CARGO) test --test it

# PostgreSQL's server programs, by the system's package manager, if there are none.
programs:
	@tools/ensure postgresql
