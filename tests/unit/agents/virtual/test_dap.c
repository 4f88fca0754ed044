/* SPDX-License-Identifier: Apache-2.0 */
/* Debug port and memory access port on a small memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agents/virtual/dap/dap.h"
#include "tests/unit/agents/virtual/fake_bus.h"

static struct fake_bus fake;
static struct bus bus;
static struct dap dap;

static int setup(void **state)
{
	(void)state;
	fake = (struct fake_bus){0};
	bus = fake_bus_make(&fake);
	dap_init(&dap, &bus, 0x2ba01477, 0x24770011, 0xe00ff003);
	return 0;
}

static uint32_t read_ap(unsigned reg)
{
	uint32_t value = 0xdddddddd;
	assert_int_equal(dap_read_ap(&dap, 0, reg, &value), BUS_OK);
	return value;
}

static void write_ap(unsigned reg, uint32_t value)
{
	assert_int_equal(dap_write_ap(&dap, 0, reg, value), BUS_OK);
}

static uint32_t read_dp(unsigned reg)
{
	uint32_t value = 0xdddddddd;
	assert_int_equal(dap_read_dp(&dap, reg, &value), BUS_OK);
	return value;
}

static void identity_and_power_up(void **state)
{
	(void)state;
	assert_int_equal(read_dp(DAP_DP_DPIDR), 0x2ba01477);
	assert_int_equal(read_ap(DAP_AP_IDR), 0x24770011);
	assert_int_equal(read_ap(DAP_AP_BASE), 0xe00ff003);
	assert_int_equal(read_dp(DAP_DP_CTRL_STAT), 0);
	assert_int_equal(dap_write_dp(&dap, DAP_DP_CTRL_STAT, 0x50000000), BUS_OK);
	assert_int_equal(read_dp(DAP_DP_CTRL_STAT), 0xf0000000);
}

static void other_access_ports_are_empty(void **state)
{
	uint32_t value = 1;
	(void)state;
	assert_int_equal(dap_read_ap(&dap, 1, DAP_AP_IDR, &value), BUS_OK);
	assert_int_equal(value, 0);
	assert_int_equal(dap_write_ap(&dap, 1, DAP_AP_DRW, 5), BUS_OK);
	assert_int_equal(fake.accesses, 0);
}

static void words_with_increment(void **state)
{
	(void)state;
	write_ap(DAP_AP_CSW, 0x23000012);
	write_ap(DAP_AP_TAR, 0x20000010);
	write_ap(DAP_AP_DRW, 0x11223344);
	write_ap(DAP_AP_DRW, 0x55667788);
	assert_int_equal(read_ap(DAP_AP_TAR), 0x20000018);
	write_ap(DAP_AP_TAR, 0x20000010);
	assert_int_equal(read_ap(DAP_AP_DRW), 0x11223344);
	assert_int_equal(read_dp(DAP_DP_RDBUFF), 0x11223344);
	assert_int_equal(read_ap(DAP_AP_DRW), 0x55667788);
	write_ap(DAP_AP_TAR, 0x20000010);
	assert_int_equal(read_ap(DAP_AP_BD0 + 4), 0x55667788);
}

static void bytes_use_their_lanes(void **state)
{
	(void)state;
	write_ap(DAP_AP_CSW, 0x23000010);
	write_ap(DAP_AP_TAR, 0x20000002);
	write_ap(DAP_AP_DRW, 0xaabbccdd);
	assert_int_equal(fake.memory[2], 0xbb);
	assert_int_equal(fake.memory[1] | fake.memory[3], 0);
	write_ap(DAP_AP_TAR, 0x20000002);
	assert_int_equal(read_ap(DAP_AP_DRW), 0x00bb0000);
}

static void packed_halfwords(void **state)
{
	(void)state;
	write_ap(DAP_AP_CSW, 0x23000021);
	write_ap(DAP_AP_TAR, 0x20000000);
	write_ap(DAP_AP_DRW, 0x22221111);
	assert_int_equal(bytes_get32(fake.memory), 0x22221111);
	assert_int_equal(read_ap(DAP_AP_TAR), 0x20000004);
}

static void increment_wraps_at_1k(void **state)
{
	(void)state;
	write_ap(DAP_AP_CSW, 0x23000012);
	write_ap(DAP_AP_TAR, 0x200003fc);
	write_ap(DAP_AP_DRW, 1);
	assert_int_equal(read_ap(DAP_AP_TAR), 0x20000000);
}

static void a_fault_sticks_until_cleared(void **state)
{
	uint32_t value = 7;
	(void)state;
	write_ap(DAP_AP_TAR, 0x60000000);
	assert_int_equal(dap_read_ap(&dap, 0, DAP_AP_DRW, &value), BUS_FAULT);
	assert_int_equal(value, 7);
	assert_true(read_dp(DAP_DP_CTRL_STAT) & DAP_STICKYERR);
	assert_int_equal(dap_write_dp(&dap, DAP_DP_CTRL_STAT, 0), BUS_OK);
	assert_true(read_dp(DAP_DP_CTRL_STAT) & DAP_STICKYERR);
	assert_int_equal(dap_write_dp(&dap, DAP_DP_ABORT, 4), BUS_OK);
	assert_false(read_dp(DAP_DP_CTRL_STAT) & DAP_STICKYERR);
}

static void block_transfers(void **state)
{
	uint8_t data[64], back[64];
	(void)state;
	for (unsigned i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 3);
	assert_int_equal(dap_write_memory(&dap, 0x20000100, 4, 1, data, sizeof data), BUS_OK);
	assert_int_equal(dap_read_memory(&dap, 0x20000100, 1, 1, back, sizeof back), BUS_OK);
	assert_memory_equal(data, back, sizeof data);
	assert_int_equal(dap_write_memory(&dap, 0x20000200, 4, 0, data, sizeof data), BUS_OK);
	assert_int_equal(bytes_get32(fake.memory + 0x200), bytes_get32(data + 60)); /* the last one */
	assert_int_equal(dap_read_memory(&dap, 0x20000101, 4, 1, back, 8), BUS_FAULT);
	assert_int_equal(dap_read_memory(&dap, 0x20000ff0, 4, 1, back, 32), BUS_FAULT);
	assert_true(read_dp(DAP_DP_CTRL_STAT) & DAP_STICKYERR);
}

static void without_power_nothing_answers(void **state)
{
	uint32_t value = 7;
	uint8_t data[4];
	(void)state;
	fake.unpowered = true;
	assert_int_equal(dap_read_dp(&dap, DAP_DP_DPIDR, &value), BUS_NO_TARGET);
	assert_int_equal(dap_read_ap(&dap, 0, DAP_AP_IDR, &value), BUS_NO_TARGET);
	assert_int_equal(dap_write_dp(&dap, DAP_DP_SELECT, 0), BUS_NO_TARGET);
	assert_int_equal(dap_write_ap(&dap, 0, DAP_AP_TAR, 0), BUS_NO_TARGET);
	assert_int_equal(dap_read_memory(&dap, 0x20000000, 4, 1, data, 4), BUS_NO_TARGET);
	assert_int_equal(value, 7);
	assert_int_equal(fake.accesses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(identity_and_power_up, setup),
		cmocka_unit_test_setup(other_access_ports_are_empty, setup),
		cmocka_unit_test_setup(words_with_increment, setup),
		cmocka_unit_test_setup(bytes_use_their_lanes, setup),
		cmocka_unit_test_setup(packed_halfwords, setup),
		cmocka_unit_test_setup(increment_wraps_at_1k, setup),
		cmocka_unit_test_setup(a_fault_sticks_until_cleared, setup),
		cmocka_unit_test_setup(block_transfers, setup),
		cmocka_unit_test_setup(without_power_nothing_answers, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
