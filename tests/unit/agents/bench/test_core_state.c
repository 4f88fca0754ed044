/* SPDX-License-Identifier: Apache-2.0 */
/* A core's registers in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agents/bench/core_state.h"
#include "agents/driver/probe.h"

static char text[160];

static void put_frame(uint32_t *frame)
{
	static const uint32_t values[] = {0, 1, 2, 3, 12, 0x08000299, 0x080001b0, 0x61000000};

	memcpy(frame, values, sizeof values);
}

static void finds_the_frame_under_what_a_handler_pushed(void **state)
{
	uint32_t words[PROBE_CORE_WORDS] = {0};

	(void)state;
	words[PROBE_CORE_XPSR] = 0x61000003;
	words[PROBE_CORE_LR] = 0x08000441; /* the handler has called on */
	words[PROBE_CORE_CFSR] = 0x8200;
	words[PROBE_CORE_HFSR] = 0x40000000;
	words[PROBE_CORE_STACK + 4] = 0xfffffff9;
	put_frame(words + PROBE_CORE_STACK + 5);
	assert_true(core_state_describe(words, false, text, sizeof text));
	assert_string_equal(text, "in HardFault from PC 0x080001b0 LR 0x08000299: bus error, CFSR 0x00008200 HFSR "
				  "0x40000000");
}

static void finds_the_frame_on_the_process_stack(void **state)
{
	uint32_t words[PROBE_CORE_WORDS] = {0};

	(void)state;
	words[PROBE_CORE_XPSR] = 0x61000006;
	words[PROBE_CORE_LR] = 0xfffffffd;
	words[PROBE_CORE_CFSR] = 1u << 25;
	put_frame(words + PROBE_CORE_PROCESS);
	assert_true(core_state_describe(words, false, text, sizeof text));
	assert_string_equal(text, "in UsageFault from PC 0x080001b0 LR 0x08000299: division by zero, CFSR 0x02000000 "
				  "HFSR 0x00000000");
}

static void says_no_more_than_it_knows(void **state)
{
	uint32_t words[PROBE_CORE_WORDS] = {0};

	(void)state;
	words[PROBE_CORE_XPSR] = 3;
	assert_true(core_state_describe(words, false, text, sizeof text));
	assert_string_equal(text, "in HardFault");
	/* EXC_RETURN so far up that no whole frame was read. */
	words[PROBE_CORE_STACK + 20] = 0xfffffff9;
	assert_true(core_state_describe(words, false, text, sizeof text));
	assert_string_equal(text, "in HardFault");
}

static void tells_a_lockup_a_breakpoint_and_a_loop_apart(void **state)
{
	uint32_t words[PROBE_CORE_WORDS] = {0};

	(void)state;
	words[PROBE_CORE_XPSR] = 0x01000000;
	words[PROBE_CORE_PC] = 0x200;
	words[PROBE_CORE_LR] = 0x301;
	words[PROBE_CORE_CODE] = 0xbe05;
	assert_false(core_state_describe(words, false, text, sizeof text));
	assert_non_null(strstr(text, "running at PC 0x00000200"));
	assert_true(core_state_describe(words, true, text, sizeof text));
	assert_non_null(strstr(text, "BKPT 0x05"));
	words[PROBE_CORE_CODE] = 0xbeab;
	assert_true(core_state_describe(words, true, text, sizeof text));
	assert_non_null(strstr(text, "semihosting"));
	words[PROBE_CORE_DHCSR] = 1u << 19;
	assert_true(core_state_describe(words, false, text, sizeof text));
	assert_non_null(strstr(text, "locked up"));
	words[PROBE_CORE_DHCSR] = 0;
	words[PROBE_CORE_XPSR] = 0x0100000f; /* SysTick's handler is no fault */
	assert_false(core_state_describe(words, false, text, sizeof text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_frame_under_what_a_handler_pushed),
		cmocka_unit_test(finds_the_frame_on_the_process_stack),
		cmocka_unit_test(says_no_more_than_it_knows),
		cmocka_unit_test(tells_a_lockup_a_breakpoint_and_a_loop_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
