/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of a second each in which the application sleeps, checks its clocks and, if asked to, misbehaves. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "FreeRTOS.h"
#include "bsp.h"
#include "console.h"
#include "fixture.h"
#include "settings.h"
#include "suites.h"
#include "task.h"

/* CMSDK watchdog and its magic unlock word. */
#define WATCHDOG_LOAD REG32(0x40008000U)
#define WATCHDOG_CTRL REG32(0x40008008U)
#define WATCHDOG_LOCK REG32(0x40008C00U)
#define UNLOCK        0x1ACCE551U

enum { ROUND_MS = 1000, WATCHDOG_S = 3, FLOOD_LINES = 16000, NAME_BYTES = 24 };
enum { NAP_MS = 25, NAPS_MAX = 400, NAPS_TO_AGREE = 10, SLACK_MS = 5 };

/* Nothing sets it at a start: only after a power-up is it surely not what an earlier run left. */
static uint32_t left_by_an_earlier_run[4] __attribute__((section(".noinit")));

static uint32_t rounds_done;

void watchdog_start(void)
{
	if (settings.misbehaviour != BITTEN)
		return;
	WATCHDOG_LOCK = UNLOCK;
	WATCHDOG_LOAD = bsp_core_hz * WATCHDOG_S;
	WATCHDOG_CTRL = 3; /* counts, bites */
}

void watchdog_feed(void)
{
	if (settings.misbehaviour != BITTEN)
		return;
	WATCHDOG_LOCK = UNLOCK;
	WATCHDOG_LOAD = bsp_core_hz * WATCHDOG_S;
}

static void test_ram_is_cold(void)
{
	static const uint32_t mark[4] = {0xC0FFEE01U, 0xC0FFEE02U, 0xC0FFEE03U, 0xC0FFEE04U};
	int kept = memcmp(left_by_an_earlier_run, mark, sizeof mark) == 0;

	memcpy(left_by_an_earlier_run, mark, sizeof mark);
	CHECK(!kept, "RAM holds what an earlier run left");
}

static bool nap_agrees(void)
{
	TickType_t begin = xTaskGetTickCount();
	uint32_t timer = REG32(0x40000004U);

	vTaskDelay(pdMS_TO_TICKS(NAP_MS));
	uint32_t ticks = xTaskGetTickCount() - begin;
	uint32_t real_ms = (timer - REG32(0x40000004U)) / (bsp_core_hz / 1000);
	return ticks <= real_ms + SLACK_MS && real_ms <= ticks + SLACK_MS;
}

/* The tick, which sleep stops and the kernel corrects, against a timer that always counts. Where a busy host emulates
 * the board a nap may last longer than the kernel asked for, which only the timer sees; but a correction that is wrong
 * is wrong after every nap. */
static void test_tick_agrees_with_timer(void)
{
	uint32_t agreed = 0;

	for (int i = 0; i < NAPS_MAX && agreed < NAPS_TO_AGREE; i++)
		agreed += nap_agrees();
	CHECK_EQUAL(NAPS_TO_AGREE, agreed, "naps after which timer and tick agree");
}

void suite_clock(void)
{
	group_begin("Full_Board");
	case_run("Ram_Is_Cold", test_ram_is_cold);
	case_run("Tick_Agrees_With_Timer", test_tick_agrees_with_timer);
	group_end();
}

static void misbehave(void)
{
	switch (settings.misbehaviour) {
	case FAULTS_LATE:
		REG32(0xFFFFFFF0U) = 1;
		break;
	case BITTEN:
		for (;;) {
		}
	case STOPS_IN_A_LINE:
		console_put("suite_soak.c:77::FA");
		taskDISABLE_INTERRUPTS();
		for (;;) {
		}
	case SEMIHOSTS: {
		register uint32_t operation __asm__("r0") = 4; /* SYS_WRITE0 */
		register const char *text __asm__("r1") = "semihosting\n";
		__asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(text) : "memory");
		break;
	}
	default:
		break;
	}
}

static void test_round(void)
{
	TickType_t begin = xTaskGetTickCount();

	watchdog_feed();
	vTaskDelay(pdMS_TO_TICKS(ROUND_MS));
	uint32_t waited = xTaskGetTickCount() - begin;
	CHECK(waited >= ROUND_MS && waited < ROUND_MS + 200, "a second by the tick");
	rounds_done++;
	if (rounds_done == settings.seconds * 2 / 3 + 1)
		misbehave();
	if (rounds_done == settings.seconds && settings.misbehaviour == FAILS_LATE)
		CHECK_EQUAL(4, 5, "heap: PASS:FAIL: low water");
}

static void flood(void)
{
	console_hurry();
	for (int i = 0; i < FLOOD_LINES; i++)
		console_log("flood %d abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ", i);
}

void suite_soak(void)
{
	char name[NAME_BYTES];

	if (settings.misbehaviour == FLOODS)
		flood();
	group_begin("Full_Soak");
	for (uint32_t i = 1; i <= settings.seconds; i++) {
		snprintf(name, sizeof name, "Second_%03u", (unsigned)(i % 1000));
		case_run(name, test_round);
	}
	group_end();
}
