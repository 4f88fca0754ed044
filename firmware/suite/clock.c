/* SPDX-License-Identifier: Apache-2.0 */
/* Group Clock: the tick runs, at the right speed, only forward, and wakes a sleeping core. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

enum {
	SPIN_LIMIT = 4000000, /* turns; far above a tick on the fastest core here, so that a dead tick ends the case */
	DELAY_MS = 50,
	READINGS = 2000,
	SLEEPS = 5,
	HOST_MS = 200, /* between the two marks: long against what a serial line and its adapter delay */
};

/* Waits for the tick to change; false when it does not. */
static bool wait_for_tick(void)
{
	uint32_t before = port_clock_ms();

	for (uint32_t i = 0; i < SPIN_LIMIT; i++) {
		if (port_clock_ms() != before)
			return true;
	}
	return false;
}

static void case_tick_advances(void)
{
	for (uint32_t i = 0; i < 3; i++)
		CHECK(wait_for_tick(), "the tick stands still");
}

static void case_delay_lasts(void)
{
	struct port_counter counter = port_counter_start();

	if (counter.hz == 0)
		IGNORE("no independent counter on this board");
	CHECK(wait_for_tick(), "the tick stands still");

	uint32_t tick_begin = port_clock_ms();
	uint32_t count_begin = counter.read();
	while (port_clock_ms() - tick_begin < DELAY_MS) /* the limit is on each tick: a fast core turns often in 50 */
		CHECK(wait_for_tick(), "the tick stopped during the delay");
	uint32_t counted = counter.read() - count_begin;

	uint32_t wanted = (uint32_t)((uint64_t)counter.hz * DELAY_MS / 1000U);
	uint32_t slack = (uint32_t)((uint64_t)wanted * port_board.clock_tolerance_percent / 100U);
	if (counted < wanted - slack || counted > wanted + slack)
		fixture_fail_unequal(FIXTURE_FILE, __LINE__, wanted, counted,
				     "counts of the independent counter in 50 ms");
}

static void case_monotonic(void)
{
	uint32_t last = port_clock_ms();

	for (uint32_t i = 0; i < READINGS; i++) {
		uint32_t now = port_clock_ms();
		CHECK(now - last < 0x80000000U, "the clock went backwards");
		last = now;
	}
}

static void case_wakes_from_sleep(void)
{
	uint32_t begin = port_clock_ms();

	CHECK(wait_for_tick(), "the tick stands still"); /* else the next line would sleep for ever */
	for (uint32_t i = 0; i < SLEEPS; i++)
		cpu_wait_for_interrupt();
	uint32_t passed = port_clock_ms() - begin;
	CHECK(passed >= SLEEPS, "the core woke without a tick");
	CHECK(passed <= 4 * SLEEPS, "the core slept through ticks");
}

/* Tells the target's clock, of which the farm knows its own time: it makes a measurement in ppm of two of these. */
static void mark(const char *name, uint32_t ms)
{
	fixture_line("mark");
	fixture_print(name);
	fixture_print(" ");
	fixture_print_unsigned(ms);
	fixture_print("000\r\n");
}

static void case_host_rate(void)
{
	CHECK(wait_for_tick(), "the tick stands still");

	uint32_t begin = port_clock_ms();
	mark("rate", begin);
	uint32_t now = begin;
	while (now - begin < HOST_MS) {
		cpu_wait_for_interrupt();
		now = port_clock_ms();
	}
	mark("rate", now);
	CHECK(port_console_drain(), "the transmitter never became idle");
}

static const struct fixture_case cases[] = {
	{"tick_advances", case_tick_advances},       {"delay_lasts", case_delay_lasts}, {"monotonic", case_monotonic},
	{"wakes_from_sleep", case_wakes_from_sleep}, {"host_rate", case_host_rate},
};
FIXTURE_GROUP(group_clock, "Clock", cases);
