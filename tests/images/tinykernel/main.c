/* SPDX-License-Identifier: Apache-2.0 */
/* Three tasks on a home-made kernel, printing in the manner of plain Unity, with lines that end in "\n\r". */
#include <stdbool.h>

#include "bsp.h"
#include "kernel.h"

enum {
	STACK_WORDS = 96,
	ROUNDS = 4,
	ROUND_MS = 250,
	HEARTBEAT_MS = 70,
	SLEEP_SLACK_MS = 10,
	DIRT_WORDS = 64,
	MIN_SWITCHES = ROUND_MS / HEARTBEAT_MS
};

static uint64_t stacks[3][STACK_WORDS];
static volatile uint32_t spins;            /* counted by a task that never sleeps */
static volatile uint32_t dirt[DIRT_WORDS]; /* of .bss: all zeros at a cold start */
static uint32_t tests, failures;

/* A line is one piece: the kernel's lock keeps the others out while it is sent. */
static void put(const char *text)
{
	while (*text)
		bsp_putc(*text++);
}

static void put_unsigned(uint32_t value)
{
	char digits[11];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(at);
}

static void result(uint32_t line, const char *name, bool passed, const char *message)
{
	tests++;
	failures += !passed;
	kernel_lock();
	put("C:\\work\\fw\\test_kernel.c:");
	put_unsigned(line);
	put(":");
	put(name);
	put(passed ? ":PASS" : ":FAIL: ");
	if (!passed)
		put(message);
	put("\n\r");
	kernel_unlock();
}

static void summary(void)
{
	kernel_lock();
	put("\n\r-----------------------\n\r");
	put_unsigned(tests);
	put(" Tests ");
	put_unsigned(failures);
	put(" Failures 0 Ignored \n\r");
	put(failures ? "FAIL\n\r" : "OK\n\r");
	kernel_unlock();
	tests = failures = 0;
}

static bool ram_was_zero(void)
{
	bool zero = true;

	for (uint32_t i = 0; i < DIRT_WORDS; i++) {
		zero = zero && dirt[i] == 0;
		dirt[i] = 0xA5A5A5A5U;
	}
	return zero;
}

static bool sleep_lasts(uint32_t ms)
{
	uint32_t begin = kernel_ms();

	kernel_sleep(ms);
	uint32_t slept = kernel_ms() - begin;
	return slept >= ms && slept <= ms + SLEEP_SLACK_MS;
}

/* Never sleeps itself: it advances only because the kernel takes the core from it and gives it back. */
static bool spinner_advances(void)
{
	uint32_t before = spins;

	kernel_sleep(20);
	return spins != before;
}

static bool registers_survive(void)
{
	uint32_t sum = 0;
	uint32_t begin = kernel_ms();
	uint32_t turns = 0;

	for (; kernel_ms() - begin < 50; turns++)
		sum += turns ^ 0x5AU;
	for (uint32_t i = 0; i < turns; i++)
		sum -= i ^ 0x5AU;
	return sum == 0 && turns > 0;
}

static void tester(void)
{
	result(21, "test_ram_is_cold", ram_was_zero(), "RAM holds what an earlier run left");
	result(34, "test_sleep_lasts", sleep_lasts(100), "slept too short or too long");
	result(47, "test_spinner_advances", spinner_advances(), "no preemption");
	result(58, "test_registers_survive", registers_survive(), "a register changed across a switch");
	summary();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t before = kernel_switches();
		bool lasted = sleep_lasts(ROUND_MS);
		char name[] = "test_round_0";
		name[11] = (char)('0' + i);
		result(71, name, lasted && kernel_switches() - before >= MIN_SWITCHES, "the kernel stopped switching");
	}
	summary();
	for (;;)
		kernel_sleep(1000);
}

static void heartbeat(void)
{
	for (uint32_t beat = 0;; beat++) {
		kernel_lock();
		put("\033[33m[hb] ");
		put_unsigned(beat);
		put(" 3 Tests 0 Failures\033[0m\n\r");
		kernel_unlock();
		kernel_sleep(HEARTBEAT_MS);
	}
}

static void spinner(void)
{
	for (;;)
		spins++;
}

int main(void)
{
	bsp_init();
	tests = failures = 0;
	kernel_init();
	kernel_add(tester, stacks[0], sizeof(stacks[0]));
	kernel_add(heartbeat, stacks[1], sizeof(stacks[1]));
	kernel_add(spinner, stacks[2], sizeof(stacks[2]));
	kernel_start();
}
