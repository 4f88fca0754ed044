/* SPDX-License-Identifier: Apache-2.0 */
/* Group Hello: the image starts as the C language promises, and can say so. */
#include <string.h>

#include "cpu.h"
#include "port.h"
#include "startup.h"
#include "suite.h"
#include "target.h"

/* Volatile, so that the compiler must look at memory instead of remembering what it wrote here. */
static volatile uint32_t initialised[4] = {0x12345678U, 0xDEADBEEFU, 1U, 0xFFFFFFFFU};
static volatile uint32_t cleared[64];

static void case_boots(void)
{
	CHECK_EQUAL(0, cpu_exception(), "main runs inside an exception");
	CHECK_EQUAL(0, cpu_control() & 3U, "not privileged, or not on the main stack");
	CHECK(vectors_start[0] == (uint32_t)(uintptr_t)stack_top, "first vector is not the stack's top");
	uintptr_t sp = cpu_stack_pointer();
	CHECK(sp > (uintptr_t)stack_limit && sp < (uintptr_t)stack_top, "stack pointer is outside the stack");
}

static void case_data_initialised(void)
{
	CHECK_EQUAL_HEX(0x12345678U, initialised[0], "word 0 of .data");
	CHECK_EQUAL_HEX(0xDEADBEEFU, initialised[1], "word 1 of .data");
	CHECK_EQUAL_HEX(1U, initialised[2], "word 2 of .data");
	CHECK_EQUAL_HEX(0xFFFFFFFFU, initialised[3], "word 3 of .data");

	initialised[2] = 2U; /* .data must be RAM, not the copy in ROM */
	CHECK_EQUAL(2U, initialised[2], ".data cannot be written");
	initialised[2] = 1U;
}

static void case_bss_cleared(void)
{
	for (size_t i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		CHECK_EQUAL_HEX(0, cleared[i], "a word of .bss");
	for (size_t i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		cleared[i] = 0xFFFFFFFFU; /* dirty on purpose: a second start without clearing would show it */
}

/* What was printed so far must have left the chip; an empty write must be possible too. */
static void case_console_drains(void)
{
	CHECK_EQUAL(0, (uint32_t)port_console_write("", 0), "nothing was sent, something was counted");
	CHECK(port_console_drain(), "the transmitter never became idle");
}

static void case_build_id(void)
{
	const uint8_t *id = build_id();
	uint32_t any = 0;

	CHECK(id != NULL, "no sound GNU build id note in the image");
	for (size_t i = 0; i < ASSAY_BUILD_ID_BYTES; i++)
		any |= id[i];
	CHECK(any != 0, "the build id is all zeros");
}

static const struct fixture_case cases[] = {
	{"boots", case_boots},
	{"data_initialised", case_data_initialised},
	{"bss_cleared", case_bss_cleared},
	{"console_drains", case_console_drains},
	{"build_id", case_build_id},
};
FIXTURE_GROUP(group_hello, "Hello", cases);
