/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores as the assembler encodes them, and BKPT instructions among other code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/thumb.h"

struct sample {
	uint32_t code; /* first halfword low */
	bool is_store, sign_extend;
	uint8_t size, count, reg0, length;
	uint32_t address;
	int base;
	uint32_t base_value;
};

/* r0 = 0x1000, r1 = 0x1100, … r12; sp = 0x2000; pc = 0x8002. The text is what arm-none-eabi-as assembles. */
static const struct sample samples[] = {
	{0x6011, true, false, 4, 1, 1, 2, 0x1200, -1, 0},          /* str r1, [r2] */
	{0x68d8, false, false, 4, 1, 0, 2, 0x130c, -1, 0},         /* ldr r0, [r3, #12] */
	{0x8011, true, false, 2, 1, 1, 2, 0x1200, -1, 0},          /* strh r1, [r2] */
	{0x7011, true, false, 1, 1, 1, 2, 0x1200, -1, 0},          /* strb r1, [r2] */
	{0x50d1, true, false, 4, 1, 1, 2, 0x2500, -1, 0},          /* str r1, [r2, r3] */
	{0x56d1, false, true, 1, 1, 1, 2, 0x2500, -1, 0},          /* ldrsb r1, [r2, r3] */
	{0x9101, true, false, 4, 1, 1, 2, 0x2004, -1, 0},          /* str r1, [sp, #4] */
	{0x4901, false, false, 4, 1, 1, 2, 0x8008, -1, 0},         /* ldr r1, [pc, #4] */
	{0xc206, true, false, 4, 2, 1, 2, 0x1200, 2, 0x1208},      /* stmia r2!, {r1, r2} */
	{0xb503, true, false, 4, 3, 0, 2, 0x1ff4, 13, 0x1ff4},     /* push {r0, r1, lr} */
	{0xbd03, false, false, 4, 3, 0, 2, 0x2000, 13, 0x200c},    /* pop {r0, r1, pc} */
	{0x1014f8c2, true, false, 4, 1, 1, 4, 0x1214, -1, 0},      /* str.w r1, [r2, #20] */
	{0x6b02f822, true, false, 2, 1, 6, 4, 0x1200, 2, 0x1202},  /* strh.w r6, [r2], #2 */
	{0x9b01f817, false, false, 1, 1, 9, 4, 0x1700, 7, 0x1701}, /* ldrb.w r9, [r7], #1 */
	{0x0f01f814, false, false, 1, 1, 0, 4, 0x1401, 4, 0x1401}, /* ldrb.w r0, [r4, #1]! */
	{0x1c04f842, true, false, 4, 1, 1, 4, 0x11fc, -1, 0},      /* str.w r1, [r2, #-4] */
	{0x1023f842, true, false, 4, 1, 1, 4, 0x5e00, -1, 0},      /* str.w r1, [r2, r3, lsl #2] */
	{0x1002f9b3, false, true, 2, 1, 1, 4, 0x1302, -1, 0},      /* ldrsh.w r1, [r3, #2] */
	{0x0102e9c3, true, false, 4, 2, 0, 4, 0x1308, -1, 0},      /* strd r0, r1, [r3, #8] */
	{0x41f0e92d, true, false, 4, 6, 4, 4, 0x1fe8, 13, 0x1fe8}, /* stmdb sp!, {r4-r8, lr} */
	{0x0022e8a1, true, false, 4, 2, 1, 4, 0x1100, 1, 0x1108},  /* stmia.w r1!, {r1, r5} */
};

static void make_regs(uint32_t regs[16])
{
	for (uint32_t i = 0; i < 13; i++)
		regs[i] = 0x1000 + 0x100 * i;
	regs[13] = 0x2000;
	regs[14] = 0x9001;
	regs[15] = 0x8002;
}

static void known_accesses(void **state)
{
	uint32_t regs[16];
	(void)state;
	make_regs(regs);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *want = &samples[i];
		struct thumb_access got;
		uint8_t code[4];
		bytes_put32(code, want->code);
		print_message("%08x\n", (unsigned)want->code);
		assert_true(thumb_decode_access(code, regs, &got));
		assert_int_equal(got.is_store, want->is_store);
		assert_int_equal(got.sign_extend, want->sign_extend);
		assert_int_equal(got.size, want->size);
		assert_int_equal(got.count, want->count);
		assert_int_equal(got.reg[0], want->reg0);
		assert_int_equal(got.length, want->length);
		assert_int_equal(got.address, want->address);
		assert_int_equal(got.base, want->base);
		if (want->base >= 0)
			assert_int_equal(got.base_value, want->base_value);
	}
}

static void what_is_no_access(void **state)
{
	/* strex, vstr, nop, b, adds, bkpt, tbb */
	static const uint32_t others[] = {0x2300e841, 0x0a00ed81, 0xbf00, 0xe7fe, 0x3001, 0xbe00, 0xf001e8df};
	uint32_t regs[16];
	(void)state;
	make_regs(regs);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct thumb_access got;
		uint8_t code[4];
		bytes_put32(code, others[i]);
		assert_false(thumb_decode_access(code, regs, &got));
	}
}

/* No instruction may lead outside the arrays, whatever it is. */
static void every_halfword(void **state)
{
	uint32_t regs[16];
	(void)state;
	make_regs(regs);
	for (uint32_t hi = 0; hi < 0x10000; hi++)
		for (uint32_t lo = 0; lo < 0x10000; lo += 0x333) {
			struct thumb_access got;
			uint8_t code[4];
			bytes_put32(code, hi | lo << 16);
			if (thumb_decode_access(code, regs, &got))
				assert_true(got.count >= 1 && got.count <= THUMB_MAX_UNITS);
		}
}

static size_t found[8], found_count;

static void on_found(void *context, size_t offset)
{
	(void)context;
	if (found_count < 8)
		found[found_count++] = offset;
}

static void breakpoints_in_code(void **state)
{
	/* nop; bkpt 0xab; b.w whose second half is 0xbe00; bkpt 0; bl; bkpt 1 */
	static const uint16_t code[] = {0xbf00, 0xbeab, 0xf7ff, 0xbe00, 0xbe00, 0xf7ff, 0xfffe, 0xbe01};
	uint8_t raw[sizeof code];
	(void)state;
	for (size_t i = 0; i < sizeof code / 2; i++)
		bytes_put16(raw + 2 * i, code[i]);
	found_count = 0;
	thumb_find_breakpoints(raw, sizeof raw, on_found, NULL);
	assert_int_equal(found_count, 3);
	assert_int_equal(found[0], 2);
	assert_int_equal(found[1], 8);
	assert_int_equal(found[2], 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_accesses),
		cmocka_unit_test(what_is_no_access),
		cmocka_unit_test(every_halfword),
		cmocka_unit_test(breakpoints_in_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
