/* SPDX-License-Identifier: Apache-2.0 */
/* The probe: stlink-server framing in any pieces, and USB commands, on a small memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "agents/virtual/probe/stlink.h"
#include "core/base/err.h"
#include "tests/unit/agents/virtual/fake_bus.h"

static struct fake_bus fake;
static struct bus bus;
static struct dap dap;
static struct stlink stlink;
static struct buf in, out;

static int setup(void **state)
{
	(void)state;
	fake = (struct fake_bus){0};
	bus = fake_bus_make(&fake);
	dap_init(&dap, &bus, 0x2ba01477, 0x24770011, 0xe00ff003);
	stlink_init(&stlink, &dap, "SERIAL-1");
	buf_init(&in, 65536);
	buf_init(&out, 65536);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_finish(&in);
	buf_finish(&out);
	return 0;
}

/* One USB command in a frame; data follows when it is a write. */
static size_t frame(uint8_t *to, const uint8_t *cdb, size_t cdb_len, bool is_write, const void *data, uint32_t len)
{
	memset(to, 0, 32);
	to[0] = 5;
	memcpy(to + 8, cdb, cdb_len);
	to[24] = is_write ? 0 : 1;
	bytes_put32(to + 28, len);
	if (!is_write)
		return 32;
	memcpy(to + 32, data, len);
	return 32 + len;
}

static const uint8_t *serve(const uint8_t *request, size_t len)
{
	buf_reset(&out);
	assert_int_equal(buf_append(&in, request, len), 0);
	assert_int_equal(stlink_serve(&stlink, &in, &out), 0);
	assert_int_equal(in.len, 0);
	return (const uint8_t *)out.data;
}

static const uint8_t *command(const uint8_t *cdb, size_t cdb_len, uint32_t answer_len)
{
	uint8_t request[64];
	size_t len = frame(request, cdb, cdb_len, false, NULL, answer_len);
	const uint8_t *answer = serve(request, len);
	assert_int_equal(out.len, 4 + answer_len);
	assert_int_equal(bytes_get32(answer), 1);
	return answer + 4;
}

static void device_list(void **state)
{
	static const uint8_t version[] = {6, 1, 0, 0}, count[] = {1}, info[] = {2, 0, 0, 0, 41, 0, 0, 0};
	(void)state;
	assert_int_equal(bytes_get32(serve(version, sizeof version)), 3);
	assert_int_equal(out.len, 16);
	assert_int_equal(bytes_get32(serve(count, sizeof count)), 1);
	const uint8_t *device = serve(info, sizeof info);
	assert_int_equal(out.len, 45);
	assert_string_equal((const char *)device + 8, "SERIAL-1");
	assert_int_equal(bytes_get16(device + 40), 0x0483);
	assert_int_equal(bytes_get16(device + 42), 0x374f);
}

static void twelve_characters_become_hexadecimal(void **state)
{
	(void)state;
	stlink_init(&stlink, &dap, "TWELVE-CHARS");
	assert_string_equal(stlink.serial, "5457454C56452D4348415253");
}

static void memory(void **state)
{
	static const uint8_t read[] = {0xf2, 0x07, 0, 1, 0, 0x20, 8, 0};
	static const uint8_t write[] = {0xf2, 0x08, 0, 1, 0, 0x20, 8, 0};
	uint8_t request[64], data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	(void)state;
	serve(request, frame(request, write, sizeof write, true, data, sizeof data));
	assert_int_equal(out.len, 4);
	assert_memory_equal(fake.memory + 0x100, data, 8);
	assert_memory_equal(command(read, sizeof read, 8), data, 8);
}

static void a_fault_is_told_by_the_status(void **state)
{
	static const uint8_t read[] = {0xf2, 0x07, 0, 0, 0, 0x60, 4, 0}, status[] = {0xf2, 0x3e};
	(void)state;
	command(read, sizeof read, 4);
	const uint8_t *answer = command(status, sizeof status, 12);
	assert_int_equal(answer[0], 0x11);
	assert_int_equal(bytes_get32(answer + 4), 0x60000000);
}

static void no_power_is_told(void **state)
{
	static const uint8_t enter[] = {0xf2, 0x30, 0xa3}, volts[] = {0xf7}, dpidr[] = {0xf2, 0x45, 0xff, 0xff, 0, 0};
	(void)state;
	assert_true(bytes_get32(command(volts, sizeof volts, 8) + 4) > 1000);
	assert_int_equal(command(enter, sizeof enter, 2)[0], 0x80);
	assert_int_equal(bytes_get32(command(dpidr, sizeof dpidr, 8) + 4), 0x2ba01477);
	fake.unpowered = true;
	assert_int_equal(command(enter, sizeof enter, 2)[0], 0x09);
	assert_int_equal(command(dpidr, sizeof dpidr, 8)[0], 0x09);
	assert_int_equal(bytes_get32(command(volts, sizeof volts, 8) + 4), 0);
}

static void mixed_batch(void **state)
{
	static const uint8_t send[] = {0xf2, 0x51, 4, 0, 0, 0}, fetch[] = {0xf2, 0x52};
	uint8_t request[128], data[4 + 16] = {1, 2, 3, 3};
	(void)state;
	bytes_put32(data + 4, 0x20000040);  /* address */
	bytes_put32(data + 8, 0xcafe0001);  /* write */
	bytes_put32(data + 12, 0x20000040); /* read */
	bytes_put32(data + 16, 0x60000000); /* read: fault */
	serve(request, frame(request, send, sizeof send, true, data, sizeof data));
	const uint8_t *answer = command(fetch, sizeof fetch, 32);
	assert_int_equal(bytes_get32(answer + 8), 0xcafe0001);
	assert_int_equal(bytes_get32(answer + 16), 0x80);
	assert_int_equal(bytes_get32(answer + 24), 0x80);
	assert_int_equal(bytes_get32(answer + 28), 0x11);
}

static void a_batch_that_claims_too_much_is_ignored(void **state)
{
	static const uint8_t send[] = {0xf2, 0x51, 0xff, 0xff, 0xff, 0xff};
	uint8_t request[128], data[8] = {3};
	(void)state;
	serve(request, frame(request, send, sizeof send, true, data, sizeof data));
	assert_int_equal(fake.accesses, 0);
}

static void reset_line(void **state)
{
	static const uint8_t low[] = {0xf2, 0x3c, 0}, high[] = {0xf2, 0x3c, 1}, pulse[] = {0xf2, 0x3c, 2};
	(void)state;
	command(low, sizeof low, 2);
	assert_int_equal(fake.line_low, 1);
	command(high, sizeof high, 2);
	assert_int_equal(fake.line_low, 0);
	command(pulse, sizeof pulse, 2);
	assert_int_equal(fake.line_changes, 4);
}

static void any_pieces_give_the_same_answers(void **state)
{
	static const uint8_t write[] = {0xf2, 0x08, 0, 1, 0, 0x20, 8, 0}, read[] = {0xf2, 0x07, 0, 1, 0, 0x20, 8, 0};
	uint8_t stream[256] = {6, 1, 0, 0, 1}, data[8] = {9, 8, 7, 6, 5, 4, 3, 2};
	(void)state;
	size_t len = 5;
	len += frame(stream + len, write, sizeof write, true, data, sizeof data);
	len += frame(stream + len, read, sizeof read, false, NULL, 8);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(buf_append(&in, stream + i, 1), 0);
		assert_int_equal(stlink_serve(&stlink, &in, &out), 0);
	}
	assert_int_equal(out.len, 16 + 4 + 4 + 12);
	assert_memory_equal(out.data + 28, data, 8);
}

static void nonsense_closes(void **state)
{
	uint8_t request[64], cdb[] = {0xf2, 0x07};
	(void)state;
	assert_int_equal(buf_append(&in, "\x08", 1), 0);
	assert_int_equal(stlink_serve(&stlink, &in, &out), ERR_PROTOCOL);
	buf_reset(&in);
	size_t len = frame(request, cdb, sizeof cdb, false, NULL, 1U << 30);
	assert_int_equal(buf_append(&in, request, len), 0);
	assert_int_equal(stlink_serve(&stlink, &in, &out), ERR_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(device_list, setup, teardown),
		cmocka_unit_test_setup_teardown(twelve_characters_become_hexadecimal, setup, teardown),
		cmocka_unit_test_setup_teardown(memory, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fault_is_told_by_the_status, setup, teardown),
		cmocka_unit_test_setup_teardown(no_power_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(mixed_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(a_batch_that_claims_too_much_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(reset_line, setup, teardown),
		cmocka_unit_test_setup_teardown(any_pieces_give_the_same_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_closes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
