/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the floating point registers of a task outlast the tasks that preempt it. */
#include <stdbool.h>

#include "FreeRTOS.h"
#include "suites.h"
#include "task.h"
#include "unity_out.h"

enum { REGISTERS = 32, SPINS = 20000, HOLDER_WORDS = 200, HOLDER_PRIORITY = 2, HOLD_MS = 400, HOLDERS = 2 };

struct holder {
	uint32_t salt;
	uint32_t spins;  /* rounds in which all registers were held for a while */
	uint32_t losses; /* rounds after which one of them was another */
	volatile bool stop, stopped;
};

/* Fills s0 to s31, spends time, tells what they are then. */
static void hold(const uint32_t in[REGISTERS], uint32_t out[REGISTERS])
{
	uint32_t spins = SPINS;

	__asm__ volatile("vldmia %[in], {s0-s31}\n"
			 "1: subs %[spins], #1\n"
			 "bne 1b\n"
			 "vstmia %[out], {s0-s31}\n"
			 : [spins] "+r"(spins)
			 : [in] "r"(in), [out] "r"(out)
			 : "cc", "memory", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
			   "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24",
			   "s25", "s26", "s27", "s28", "s29", "s30", "s31");
}

static void hold_rounds(struct holder *holder)
{
	uint32_t in[REGISTERS], out[REGISTERS];

	while (!holder->stop) {
		uint32_t lost = 0;
		for (uint32_t i = 0; i < REGISTERS; i++)
			in[i] = holder->salt + i * 0x01010101U + holder->spins;
		hold(in, out);
		for (uint32_t i = 0; i < REGISTERS; i++)
			lost += out[i] != in[i];
		holder->losses += lost != 0;
		holder->spins++;
	}
	holder->stopped = true;
}

static void holder_task(void *context)
{
	hold_rounds(context);
	vTaskDelete(NULL);
}

static void test_registers_survive(void)
{
	static struct holder holders[HOLDERS];

	for (uint32_t i = 0; i < HOLDERS; i++) {
		holders[i] = (struct holder){.salt = 0x3F800000U + (i << 20)};
		TEST_ASSERT_EQUAL_MESSAGE(
			pdPASS, xTaskCreate(holder_task, "Holder", HOLDER_WORDS, &holders[i], HOLDER_PRIORITY, NULL),
			"no task");
	}
	vTaskDelay(pdMS_TO_TICKS(HOLD_MS));
	for (uint32_t i = 0; i < HOLDERS; i++)
		holders[i].stop = true;
	for (uint32_t i = 0; i < HOLDERS; i++) {
		while (!holders[i].stopped)
			vTaskDelay(1);
		TEST_ASSERT_TRUE_MESSAGE(holders[i].spins > 2, "rounds that were long enough to be preempted");
		TEST_ASSERT_EQUAL_MESSAGE(0, holders[i].losses, "rounds that lost a register");
	}
	vTaskDelay(pdMS_TO_TICKS(5));
}

static void test_results_are_right(void)
{
	volatile float sum = 0.0F;

	for (uint32_t i = 1; i <= 64; i++)
		sum += 1.0F / (float)(i * i);
	TEST_ASSERT_TRUE_MESSAGE(sum > 1.6293F && sum < 1.6295F, "64 terms of pi squared by six");
}

void suite_fpu(void)
{
	run_test("Full_FPU", "Registers_Survive", test_registers_survive);
	run_test("Full_FPU", "Results_Are_Right", test_results_are_right);
	unity_end();
}
