/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for QEMU while the console flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "agents/virtual/qemu/wire.h"
#include "core/base/err.h"

static unsigned idle_turns;

static void on_readable(void *context)
{
	(void)context;
	idle_turns++;
}

static void a_console_that_never_ends_holds_no_deadline_up(void **state)
{
	int chatter[2], stream[2];
	struct wire_idle idle = {.on_readable = on_readable};
	struct wire wire;
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, chatter), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stream), 0);
	assert_int_equal(write(chatter[1], "x", 1), 1); /* and nobody ever takes it */
	idle.fd = chatter[0];
	wire_init(&wire, stream[0], &idle);
	idle_turns = 0;
	assert_int_equal(wire_fill(&wire, 0), ERR_TIMEOUT);
	assert_int_equal(wire_fill(&wire, wire_now_ns() + 2000000), ERR_TIMEOUT);
	assert_true(idle_turns >= 2);
	assert_int_equal(write(stream[1], "answer", 6), 6);
	assert_int_equal(wire_fill(&wire, 0), 0);
	assert_int_equal(wire.in.len, 6);
	close(stream[1]);
	assert_int_equal(wire_fill(&wire, wire_now_ns() + INT64_C(60000000000)), ERR_CLOSED);
	wire_finish(&wire);
	close(chatter[0]);
	close(chatter[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_console_that_never_ends_holds_no_deadline_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
