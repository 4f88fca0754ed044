/* SPDX-License-Identifier: Apache-2.0 */
/* Group Protection: memory that the MPU closes is closed, for reading, writing, executing and for code without
 * privilege. */
#include "cpu.h"
#include "mpu.h"
#include "port.h"
#include "startup.h"
#include "suite.h"

enum { MEMMANAGE = 4, REGION_BYTES = 256, SECRET = 0x5EC2E7 };

#define CFSR_IACCVIOL  (1U << 0)
#define CFSR_DACCVIOL  (1U << 1)
#define CFSR_MMARVALID (1U << 7)
#define OPCODES_BX_LR  0x47704770U

static volatile uint32_t *protected_words(void)
{
	uint32_t regions = port_mpu_regions();

	if (regions == 0)
		IGNORE("no memory protection unit on this board");
	CHECK_EQUAL(regions, mpu_regions(), "regions of the memory protection unit");
	return (volatile uint32_t *)(((uintptr_t)spare_start + REGION_BYTES - 1) & ~(uintptr_t)(REGION_BYTES - 1));
}

static void begin(volatile uint32_t *words, enum mpu_access access, bool executable)
{
	words[0] = SECRET;
	SCB_SHCSR |= SHCSR_FAULT_ENA;
	mpu_protect((uintptr_t)words, access, executable);
	cpu_fault_expect();
}

static struct cpu_fault end(void)
{
	struct cpu_fault fault = cpu_fault_end();

	mpu_off();
	SCB_SHCSR &= ~SHCSR_FAULT_ENA;
	return fault;
}

static void check_denied(struct cpu_fault fault, const volatile uint32_t *words)
{
	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK_EQUAL(MEMMANAGE, fault.exception, "the exception that ran");
	CHECK_EQUAL_HEX(CFSR_DACCVIOL | CFSR_MMARVALID, fault.cfsr, "fault status");
	CHECK_EQUAL_HEX((uint32_t)(uintptr_t)words, fault.mmfar, "fault address");
}

static void case_no_reading(void)
{
	volatile uint32_t *words = protected_words();
	uint32_t got = 0;

	begin(words, MPU_NONE, false);
	__asm volatile("ldr %0, [%1]" : "+l"(got) : "l"(words) : "memory");
	check_denied(end(), words);
	CHECK(got != SECRET, "the word was read all the same");
}

static void case_no_writing(void)
{
	volatile uint32_t *words = protected_words();

	begin(words, MPU_READ_ONLY, false);
	uint32_t readable = words[0];
	words[0] = 0;
	check_denied(end(), words);
	CHECK_EQUAL_HEX(SECRET, readable, "a word that may be read");
	CHECK_EQUAL_HEX(SECRET, words[0], "the word was written all the same");
}

static void case_no_executing(void)
{
	volatile uint32_t *words = protected_words();

	begin(words, MPU_ALL, false);
	words[0] = OPCODES_BX_LR;
	((void (*)(void))((uintptr_t)words | 1U))();
	struct cpu_fault fault = end();
	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK_EQUAL(MEMMANAGE, fault.exception, "the exception that ran");
	CHECK_EQUAL_HEX(CFSR_IACCVIOL, fault.cfsr, "fault status");
}

/* The same word, with privilege and without; and the code without it cannot give it to itself. */
static void case_privilege(void)
{
	volatile uint32_t *words = protected_words();
	uint32_t with, without = 0;

	begin(words, MPU_PRIVILEGED, false);
	with = words[0];
	cpu_privilege_drop();
	__asm volatile("ldr %0, [%1]\n\tmsr control, %2\n\tisb" : "+l"(without) : "l"(words), "l"(0U) : "memory");
	uint32_t control = cpu_control();
	cpu_privilege_regain();
	check_denied(end(), words);
	CHECK_EQUAL_HEX(SECRET, with, "the word, read with privilege");
	CHECK(without != SECRET, "the word was read without privilege");
	CHECK_EQUAL(1, control & 1U, "the code made itself privileged");
	CHECK_EQUAL(0, cpu_control() & 1U, "the exception gave no privilege back");
}

static const struct fixture_case cases[] = {
	{"no_reading", case_no_reading},
	{"no_writing", case_no_writing},
	{"no_executing", case_no_executing},
	{"privilege", case_privilege},
};
FIXTURE_GROUP(group_protection, "Protection", cases);
