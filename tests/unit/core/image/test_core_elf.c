/* SPDX-License-Identifier: Apache-2.0 */
/* Core files: which RAM goes in, what an exception broke off, and the layout as an ELF reader sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>

#include "core/base/err.h"
#include "core/image/core_elf.h"

#define RAM 0x20000000u

static struct board_type small_type(void)
{
	return (struct board_type){.region = {{.kind = MEMORY_FLASH, .address = 0x08000000, .size_bytes = 1 << 20},
					      {.kind = MEMORY_RAM, .address = RAM, .size_bytes = 128 << 10},
					      {.kind = MEMORY_RAM,
					       .address = 0x22000000,
					       .size_bytes = 128 << 10,
					       .is_alias = true,
					       .alias_of = RAM},
					      {.kind = MEMORY_RAM, .address = 0x10000000, .size_bytes = 64 << 10}},
				   .region_count = 4};
}

static uint64_t total(const struct core_range *ranges, size_t count)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		bytes += ranges[i].size_bytes;
		assert_true(ranges[i].size_bytes > 0);
		if (i > 0)
			assert_true((uint64_t)ranges[i - 1].address + ranges[i - 1].size_bytes <= ranges[i].address);
	}
	return bytes;
}

static bool holds(const struct core_range *ranges, size_t count, uint32_t address)
{
	for (size_t i = 0; i < count; i++) {
		if (address >= ranges[i].address && address - ranges[i].address < ranges[i].size_bytes)
			return true;
	}
	return false;
}

static void test_a_small_memory_goes_in_whole(void **state)
{
	struct board_type type = small_type();
	struct core_registers registers = {.word = {[CORE_SP] = RAM + 100}};
	struct core_range ranges[CORE_MAX_RANGES];

	(void)state;
	assert_int_equal(core_plan(&type, &registers, ranges), 2);
	assert_int_equal(ranges[0].address, 0x10000000);
	assert_int_equal(ranges[0].size_bytes, 64 << 10);
	assert_int_equal(ranges[1].address, RAM);
	assert_int_equal(ranges[1].size_bytes, 128 << 10);
}

static void test_of_a_large_memory_stacks_and_beginnings(void **state)
{
	struct board_type type = {.region = {{.kind = MEMORY_RAM, .address = 0, .size_bytes = 4 << 20},
					     {.kind = MEMORY_RAM, .address = RAM, .size_bytes = 4 << 20},
					     {.kind = MEMORY_RAM, .address = 0xfff00000, .size_bytes = 0x100000}},
				  .region_count = 3};
	struct core_registers registers = {
		.word = {[CORE_SP] = RAM + 0x300000, [CORE_MSP] = RAM + 0x300000, [CORE_PSP] = RAM + 0x100010}};
	struct core_range ranges[CORE_MAX_RANGES];
	size_t count = core_plan(&type, &registers, ranges);

	(void)state;
	assert_true(total(ranges, count) <= CORE_RAM_BYTES);
	assert_true(total(ranges, count) > CORE_RAM_BYTES * 9 / 10);
	assert_true(holds(ranges, count, RAM + 0x300000));
	assert_true(holds(ranges, count, RAM + 0x300000 + 30000));
	assert_true(holds(ranges, count, RAM + 0x100010));
	assert_true(holds(ranges, count, 0));
	assert_true(holds(ranges, count, RAM));
	assert_true(holds(ranges, count, 0xfff00000));
}

/* A stack pointer at the very end, outside of everything, or nonsense. */
static void test_stack_pointers_may_be_anything(void **state)
{
	static const uint32_t values[] = {0,          1,         RAM, RAM + 3, RAM + (4 << 20) - 2, RAM + (4 << 20),
					  0xffffffff, 0x7fffffff};
	struct board_type type = {.region = {{.kind = MEMORY_RAM, .address = RAM, .size_bytes = 4 << 20},
					     {.kind = MEMORY_RAM, .address = 0xffff0000, .size_bytes = 0x10000}},
				  .region_count = 2};
	struct core_range ranges[CORE_MAX_RANGES];

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
			struct core_registers registers = {
				.word = {[CORE_SP] = values[i], [CORE_MSP] = values[i], [CORE_PSP] = values[j]}};
			size_t count = core_plan(&type, &registers, ranges);

			assert_true(count <= CORE_MAX_RANGES);
			assert_true(total(ranges, count) <= CORE_RAM_BYTES);
			assert_true(holds(ranges, count, RAM));
		}
	}
}

static void put(uint8_t *ram, uint32_t address, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		ram[address - RAM + (uint32_t)i] = (uint8_t)(word >> 8 * i);
}

static void put_frame(uint8_t *ram, uint32_t at, uint32_t xpsr)
{
	const uint32_t frame[8] = {10, 11, 12, 13, 112, 0x08000201, 0x08000300, xpsr};

	for (uint32_t i = 0; i < 8; i++)
		put(ram, at + 4 * i, frame[i]);
}

static void test_the_frame_in_a_leaf_handler(void **state)
{
	uint8_t ram[1024] = {0};
	struct core_range range = {.address = RAM, .size_bytes = sizeof ram, .data = ram};
	struct core_registers registers = {.word = {[CORE_R4] = 4,
						    [CORE_SP] = RAM + 256,
						    [CORE_MSP] = RAM + 256,
						    [CORE_LR] = 0xfffffff9,
						    [CORE_XPSR] = 3}};
	struct core_registers before;

	(void)state;
	put_frame(ram, RAM + 256, 0x01000000);
	assert_true(core_interrupted(&registers, &range, 1, &before));
	assert_int_equal(before.word[CORE_R0], 10);
	assert_int_equal(before.word[CORE_R4], 4);
	assert_int_equal(before.word[CORE_R12], 112);
	assert_int_equal(before.word[CORE_LR], 0x08000201);
	assert_int_equal(before.word[CORE_PC], 0x08000300);
	assert_int_equal(before.word[CORE_SP], RAM + 256 + 32);
	put_frame(ram, RAM + 256, 0x01000200); /* aligned by a word */
	assert_true(core_interrupted(&registers, &range, 1, &before));
	assert_int_equal(before.word[CORE_SP], RAM + 256 + 36);
	registers.word[CORE_LR] = 0xffffffe9; /* with floating-point state */
	assert_true(core_interrupted(&registers, &range, 1, &before));
	assert_int_equal(before.word[CORE_SP], RAM + 256 + 4 * 26 + 4);
}

static void test_the_frame_below_a_handler_that_called_on(void **state)
{
	uint8_t ram[1024] = {0};
	struct core_range range = {.address = RAM, .size_bytes = sizeof ram, .data = ram};
	struct core_registers registers = {.word = {[CORE_SP] = RAM + 200,
						    [CORE_MSP] = RAM + 200,
						    [CORE_PSP] = RAM + 600,
						    [CORE_LR] = 0x08000401,
						    [CORE_XPSR] = 3}};
	struct core_registers before;

	(void)state;
	put(ram, RAM + 216, 0xfffffff9);
	put_frame(ram, RAM + 220, 0x01000000);
	assert_true(core_interrupted(&registers, &range, 1, &before));
	assert_int_equal(before.word[CORE_PC], 0x08000300);
	assert_int_equal(before.word[CORE_SP], RAM + 220 + 32);
	put(ram, RAM + 216, 0xfffffffd); /* a task's stack */
	put_frame(ram, RAM + 600, 0x01000000);
	put(ram, RAM + 600, 77);
	assert_true(core_interrupted(&registers, &range, 1, &before));
	assert_int_equal(before.word[CORE_R0], 77);
	assert_int_equal(before.word[CORE_SP], RAM + 632);
}

static void test_no_frame_no_second_thread(void **state)
{
	uint8_t ram[1024] = {0};
	struct core_range range = {.address = RAM, .size_bytes = sizeof ram, .data = ram};
	struct core_registers registers = {.word = {[CORE_MSP] = RAM + 1000, [CORE_LR] = 0xfffffff9, [CORE_XPSR] = 3}};
	struct core_registers before;

	(void)state;
	assert_false(core_interrupted(&registers, &range, 1, &before)); /* half of it is outside */
	registers.word[CORE_MSP] = RAM + 100;
	registers.word[CORE_XPSR] = 0x01000000;
	assert_false(core_interrupted(&registers, &range, 1, &before)); /* no exception */
	registers.word[CORE_XPSR] = 3;
	registers.word[CORE_LR] = 0x08000001;
	assert_false(core_interrupted(&registers, &range, 1, &before)); /* no EXC_RETURN anywhere */
	registers.word[CORE_MSP] = 0xfffffff0;
	assert_false(core_interrupted(&registers, &range, 1, &before));
}

/* The notes of one type, and the n-th of them. */
static size_t notes_of(const struct buf *file, uint32_t type, size_t n, const uint8_t **ret_content, size_t *ret_size)
{
	Elf32_Ehdr head;
	Elf32_Phdr notes;
	size_t at, end, found = 0;

	memcpy(&head, file->data, sizeof head);
	memcpy(&notes, file->data + head.e_phoff, sizeof notes);
	assert_int_equal(notes.p_type, PT_NOTE);
	at = notes.p_offset;
	end = at + notes.p_filesz;
	while (at < end) {
		Elf32_Nhdr note;

		memcpy(&note, file->data + at, sizeof note);
		if (note.n_type == type && found++ == n) {
			*ret_content = (const uint8_t *)file->data + at + sizeof note + ((note.n_namesz + 3) & ~3u);
			*ret_size = note.n_descsz;
		}
		at += sizeof note + ((note.n_namesz + 3) & ~3u) + ((note.n_descsz + 3) & ~3u);
	}
	assert_int_equal(at, end);
	return found;
}

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void test_the_file_is_laid_out_as_readers_want_it(void **state)
{
	uint8_t ram[512] = {0}, other[64] = {7};
	struct core_range ranges[] = {{.address = 0x10000000, .size_bytes = sizeof other, .data = other},
				      {.address = RAM, .size_bytes = sizeof ram, .data = ram}};
	struct core_registers registers = {.word = {[CORE_R0] = 0x1111,
						    [CORE_MSP] = RAM + 64,
						    [CORE_LR] = 0xfffffff9,
						    [CORE_PC] = 0x08000500,
						    [CORE_XPSR] = 3,
						    [CORE_DHCSR] = 0xdd},
					   .has_fp = true,
					   .fp = {0x300, 0x3f800000}};
	const uint8_t *content = NULL;
	size_t size = 0;
	Elf32_Ehdr head;
	Elf32_Phdr load;
	struct buf file;

	(void)state;
	put_frame(ram, RAM + 64, 0x01000000);
	buf_init(&file, CORE_FILE_BYTES);
	assert_int_equal(core_elf_write(&registers, ranges, 2, &file), 0);
	memcpy(&head, file.data, sizeof head);
	assert_memory_equal(head.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(head.e_type, ET_CORE);
	assert_int_equal(head.e_machine, EM_ARM);
	assert_int_equal(head.e_phnum, 3);
	memcpy(&load, file.data + head.e_phoff + 2 * sizeof load, sizeof load);
	assert_int_equal(load.p_type, PT_LOAD);
	assert_int_equal(load.p_vaddr, RAM);
	assert_int_equal(load.p_filesz, sizeof ram);
	assert_int_equal(load.p_offset + load.p_filesz, file.len);
	assert_memory_equal(file.data + load.p_offset, ram, sizeof ram);

	assert_int_equal(notes_of(&file, NT_PRSTATUS, 0, &content, &size), 2);
	assert_int_equal(size, 148);
	assert_int_equal(word_at(content + 24), 1);
	assert_int_equal(word_at(content + 72), 0x1111);
	assert_int_equal(word_at(content + 72 + 4 * 15), 0x08000500);
	notes_of(&file, NT_PRSTATUS, 1, &content, &size);
	assert_int_equal(word_at(content + 24), 2);
	assert_int_equal(word_at(content + 72 + 4 * 15), 0x08000300);
	assert_int_equal(notes_of(&file, NT_ARM_VFP, 0, &content, &size), 2);
	assert_int_equal(size, 260);
	assert_int_equal(word_at(content), 0x3f800000);
	assert_int_equal(word_at(content + 256), 0x300);
	buf_finish(&file);

	buf_init(&file, 100);
	assert_int_equal(core_elf_write(&registers, ranges, 2, &file), ERR_TOO_BIG);
	buf_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_small_memory_goes_in_whole),
		cmocka_unit_test(test_of_a_large_memory_stacks_and_beginnings),
		cmocka_unit_test(test_stack_pointers_may_be_anything),
		cmocka_unit_test(test_the_frame_in_a_leaf_handler),
		cmocka_unit_test(test_the_frame_below_a_handler_that_called_on),
		cmocka_unit_test(test_no_frame_no_second_thread),
		cmocka_unit_test(test_the_file_is_laid_out_as_readers_want_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
