/* SPDX-License-Identifier: Apache-2.0 */
/* Images: ELF, Intel HEX and raw binaries taken apart, damaged ones refused, and all held against board types. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/image.h"
#include "core/image/image_read.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/core/image/support_elf.h"

/* What gcc writes for -mcpu=cortex-m4: aeabi, File, CPU_name, CPU_arch 13, profile M, THUMB_ISA_use. */
static const uint8_t attributes_m4[] = "A\x1d\0\0\0"
				       "aeabi\0"
				       "\x01\x13\0\0\0"
				       "\x05"
				       "7E-M\0"
				       "\x06\x0d\x07"
				       "M"
				       "\x09\x02\x22\x01";
static const uint8_t attributes_a9[] = "A\x13\0\0\0"
				       "aeabi\0"
				       "\x01\x09\0\0\0"
				       "\x06\x0a\x07"
				       "A";
static const uint8_t attributes_m3[] = "A\x13\0\0\0"
				       "aeabi\0"
				       "\x01\x09\0\0\0"
				       "\x06\x0a\x07"
				       "M";
static const uint8_t build_id[20] = {0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff};

static struct board_type f405(void)
{
	return (struct board_type){.name = "f4",
				   .arch = "armv7e-m",
				   .region = {{MEMORY_FLASH, 0x08000000, 1 << 20, false, 0},
					      {MEMORY_RAM, 0x20000000, 128 << 10, false, 0}},
				   .region_count = 2,
				   .vectors_address = 0x08000000};
}

static void parse(const uint8_t *data, size_t size, struct image *image)
{
	struct err err = {0};

	if (image_parse(image, data, size, &err))
		fail_msg("%s", err.text);
}

/* Checks that the bytes are refused with these words, and that nothing is left to free. */
static void refused(const void *data, size_t size, enum err_code code, const char *words)
{
	struct image image;
	struct err err = {0};

	assert_int_equal(image_parse(&image, data, size, &err), code);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	image_finish(&image);
	image_finish(&image);
}

/* Vectors of an F405 image: stack at the top of RAM, reset at 0x08000009. */
static const uint8_t vectors[16] = {0x00, 0x00, 0x02, 0x20, 0x09, 0x00, 0x00, 0x08};

static struct elf_plan good_plan(void)
{
	return (struct elf_plan){.entry = 0x08000009,
				 .load = {{0x20000000, 0x08000010, 8, 64, NULL},
					  {0x08000000, 0x08000000, 16, 0, vectors},
					  {0x20001000, 0x20001000, 0, 4096, NULL}},
				 .load_count = 3,
				 .attributes = attributes_m4,
				 .attributes_bytes = sizeof attributes_m4 - 1,
				 .build_id = build_id,
				 .build_id_bytes = sizeof build_id};
}

static void test_elf(void **state)
{
	struct elf_plan plan = good_plan();
	struct image image;
	size_t size;
	uint8_t *data = elf_make(&plan, &size);

	(void)state;
	parse(data, size, &image);
	assert_int_equal(image.format, IMAGE_ELF);
	assert_string_equal(image.arch, "armv7e-m");
	assert_int_equal(image.entry, 0x08000009);
	assert_string_equal(image.build_id, "deadbeef0102030405060708090a0b0c0d0e0fff");
	assert_int_equal(image.segment_count, 2); /* .bss is none */
	assert_int_equal(image.segment[0].address, 0x08000000);
	assert_memory_equal(image.segment[0].data, vectors, 16);
	assert_int_equal(image.segment[1].address, 0x08000010); /* the load address */
	assert_int_equal(image.segment[1].size_bytes, 8);
	assert_int_equal(image.segment[1].data[7], 1);
	assert_int_equal(image.file_bytes, size);
	assert_int_equal(strlen(image.sha256), 64);
	image_finish(&image);
	free(data);
}

static void test_elf_note_segment_and_no_attributes(void **state)
{
	struct elf_plan plan = good_plan();
	struct image image;
	size_t size;
	uint8_t *data;

	(void)state;
	plan.attributes = NULL;
	plan.note_segment = 1;
	data = elf_make(&plan, &size);
	parse(data, size, &image);
	assert_string_equal(image.arch, "arm");
	assert_string_equal(image.build_id, "deadbeef0102030405060708090a0b0c0d0e0fff");
	image_finish(&image);
	free(data);
}

static void test_elf_without_load_addresses(void **state)
{
	struct elf_plan plan = {.load = {{0x08000000, 0, 16, 0, vectors}, {0x08000100, 0, 8, 0, NULL}},
				.load_count = 2};
	struct image image;
	size_t size;
	uint8_t *data = elf_make(&plan, &size);

	(void)state;
	parse(data, size, &image);
	assert_int_equal(image.segment[1].address, 0x08000100);
	image_finish(&image);
	free(data);
	plan = (struct elf_plan){.load = {{0, 0, 16, 0, NULL}}, .load_count = 1};
	data = elf_make(&plan, &size);
	parse(data, size, &image);
	assert_int_equal(image.segment[0].address, 0);
	image_finish(&image);
	free(data);
}

static void refuse_plan(const struct elf_plan *plan, const char *words)
{
	size_t size;
	uint8_t *data = elf_make(plan, &size);

	refused(data, size, ERR_INVALID, words);
	free(data);
}

static void test_elf_refused(void **state)
{
	struct elf_plan plan = good_plan();
	uint8_t *data;
	size_t size;

	(void)state;
	plan.machine = EM_X86_64;
	refuse_plan(&plan, "found an ELF for x86-64, expected 32-bit ARM");
	plan.machine = EM_RISCV;
	refuse_plan(&plan, "found an ELF for RISC-V");
	plan.machine = 4711;
	refuse_plan(&plan, "found an ELF for machine 4711");
	plan = good_plan();
	plan.type = ET_REL;
	refuse_plan(&plan, "found an object file");
	plan.type = ET_DYN;
	refuse_plan(&plan, "found an ELF of type 3");
	plan = good_plan();
	plan.load_count = 0;
	plan.note_segment = 0;
	refuse_plan(&plan, "expected");
	plan = (struct elf_plan){.load = {{0x20000000, 0x20000000, 0, 64, NULL}}, .load_count = 1};
	refuse_plan(&plan, "without loadable bytes");
	plan = (struct elf_plan){.load = {{0, 0x08000000, 64, 0, NULL}, {64, 0x0800003f, 8, 0, NULL}}, .load_count = 2};
	refuse_plan(&plan, "found overlapping segments at 0x08000000 (64 bytes) and 0x0800003f");
	plan = (struct elf_plan){.load = {{0, 0xfffffff0, 64, 0, NULL}}, .load_count = 1};
	refuse_plan(&plan, "within 4 GiB");
	plan = good_plan();
	data = elf_make(&plan, &size);
	data[EI_DATA] = ELFDATA2MSB;
	refused(data, size, ERR_INVALID, "big-endian");
	data[EI_DATA] = ELFDATA2LSB;
	data[EI_CLASS] = ELFCLASS64;
	refused(data, size, ERR_INVALID, "64-bit");
	free(data);
}

/* A file cut anywhere is refused or, when only its sections are lost, still says the same bytes. */
static void test_elf_cut_anywhere(void **state)
{
	struct elf_plan plan = good_plan();
	size_t size;
	uint8_t *data = elf_make(&plan, &size);

	(void)state;
	for (size_t len = 1; len < size; len++) {
		uint8_t *cut = malloc(len);
		struct image image;
		struct err err = {0};

		memcpy(cut, data, len);
		if (image_parse(&image, cut, len, &err) == 0 && image.format == IMAGE_ELF) {
			assert_int_equal(image.segment_count, 2);
			assert_memory_equal(image.segment[0].data, vectors, 16);
		}
		image_finish(&image);
		free(cut);
	}
	free(data);
}

/* Damage: no byte of the headers may lead outside the file (run under the sanitizers). */
static void test_elf_damaged_anywhere(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	struct elf_plan plan = good_plan();
	size_t size;
	uint8_t *data = elf_make(&plan, &size);

	(void)state;
	for (size_t at = 0; at < size; at++) {
		uint8_t saved = data[at];

		for (size_t v = 0; v < sizeof values; v++) {
			struct image image;
			struct err err = {0};

			data[at] = values[v];
			image_parse(&image, data, size, &err);
			image_finish(&image);
		}
		data[at] = saved;
	}
	free(data);
}

static void test_attributes(void **state)
{
	static const struct {
		const uint8_t *data;
		size_t size;
		const char *arch;
	} sets[] = {
		{attributes_m4, sizeof attributes_m4 - 1, "armv7e-m"},
		{attributes_m3, sizeof attributes_m3 - 1, "armv7-m"},
		{attributes_a9, sizeof attributes_a9 - 1, "armv7-a"},
		/* Another vendor's part first. */
		{(const uint8_t *)"A\x09\0\0\0"
				  "gnu\0\x01"
				  "\x13\0\0\0"
				  "aeabi\0"
				  "\x01\x09\0\0\0"
				  "\x06\x0c\x07"
				  "M",
		 29, "armv6-m"},
		/* Tag_compatibility is a number and a text; an odd tag over 32 is a text. */
		{(const uint8_t *)"A\x1a\0\0\0"
				  "aeabi\0"
				  "\x01\x10\0\0\0"
				  "\x20\x01"
				  "x\0"
				  "\x43"
				  "2.1\0"
				  "\x06\x11",
		 27, "armv8-m.main"},
		{(const uint8_t *)"B", 1, NULL},
		{(const uint8_t *)"A", 1, NULL},
		{(const uint8_t *)"", 0, NULL},
		{(const uint8_t *)"A\xff\xff\xff\xff"
				  "aeabi\0",
		 11, NULL},
		{(const uint8_t *)"A\x13\0\0\0"
				  "aeabi\0"
				  "\x01\x09\0\0\0"
				  "\x06\x63\x07"
				  "M",
		 20, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		const char *arch = arm_attributes_arch(sets[i].data, sets[i].size);

		if (!sets[i].arch != !arch || (arch && strcmp(arch, sets[i].arch) != 0))
			fail_msg("case %zu: %s", i, arch ? arch : "none");
	}
	/* Cut and damaged ones must not be read past their end (run under the sanitizers). */
	for (size_t len = 0; len < sizeof attributes_m4; len++) {
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, attributes_m4, len);
		arm_attributes_arch(cut, len);
		for (size_t at = 0; at < len; at++) {
			cut[at] ^= 0xff;
			arm_attributes_arch(cut, len);
			cut[at] ^= 0xff;
		}
		free(cut);
	}
}

static void test_hex(void **state)
{
	/* Out of order, two 64 KiB pages joined, a start address, CRLF. */
	static const char text[] = ":020000040801F1\r\n"
				   ":0400000001020304F2\r\n"
				   ":020000040800F2\r\n"
				   ":04FFFC00AABBCCDDF3\r\n"
				   ":0400000500010203F1\r\n"
				   ":00000001FF\r\n";
	struct image image;

	(void)state;
	parse((const uint8_t *)text, strlen(text), &image);
	assert_int_equal(image.format, IMAGE_HEX);
	assert_int_equal(image.segment_count, 1);
	assert_int_equal(image.segment[0].address, 0x0800fffc);
	assert_memory_equal(image.segment[0].data, "\xaa\xbb\xcc\xdd\x01\x02\x03\x04", 8);
	assert_int_equal(image.entry, 0x00010203);
	assert_string_equal(image.arch, "");
	image_finish(&image);
}

static void test_hex_segment_addresses_and_gaps(void **state)
{
	static const char text[] = ":020000021000EC\n:0100000055AA\n:0100100066"
				   "89\n:00000001FF";
	struct image image;

	(void)state;
	parse((const uint8_t *)text, strlen(text), &image);
	assert_int_equal(image.segment_count, 2);
	assert_int_equal(image.segment[0].address, 0x10000);
	assert_int_equal(image.segment[1].address, 0x10010);
	image_finish(&image);
}

static void test_hex_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{":0100000055AB\n:00000001FF\n", "line 1: found checksum 0xab, expected 0xaa"},
		{":0100000055AA\n", "found no end record"},
		{":00000001FF\n", "found no data records"},
		{":0100000055AA\n:00000001FF\n:0100000055AA\n", "line 3: found more after the end record"},
		{":0100000055AA\nhello\n", "line 2: found byte 0x68, expected ':'"},
		{":010000005\n", "line 1: found an odd number of digits"},
		{":01000000\n", "line 1: found a record of 4 bytes, expected 6"},
		{":\n", "line 1: found a record of 0 bytes"},
		{":0200000055AA\n", "line 1: found a record of 6 bytes, expected 7"},
		{":0100000955A1\n", "line 1: found record type 9"},
		{":0100000408F3\n", "line 1: found 1 data bytes in a record of type 4, expected 2"},
		{":0100000055AA\n:0100000055AA\n:00000001FF\n", "found overlapping segments"},
		{":02000004FFFFFC\n:02FFFF0001"
		 "02FD\n:00000001FF\n",
		 "found an address past 4 GiB"},
		{":0100000055AA\n\0:00000001FF\n", "found"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		refused(bad[i].text, strlen(bad[i].text), ERR_INVALID, bad[i].words);
	refused(":0100000055AA\n\0:00000001FF\n", 27, ERR_INVALID, "line 2: found byte 0x00");
}

static void test_hex_many_pieces(void **state)
{
	struct buf text;
	struct err err = {0};
	struct image image;

	(void)state;
	buf_init(&text, 1 << 20);
	for (unsigned int i = 0; i <= IMAGE_MAX_SEGMENTS; i++)
		buf_appendf(&text, ":01%04X0000%02X\n", i * 16, (0x100 - (1 + (i * 16 >> 8) + (i * 16 & 0xff))) & 0xff);
	buf_append_text(&text, ":00000001FF\n");
	refused(text.data, text.len, ERR_INVALID, "more than 64 separate segments");
	/* The same number of records that touch is one segment. */
	buf_reset(&text);
	for (unsigned int i = 0; i < 1000; i++)
		buf_appendf(&text, ":01%04X0000%02X\n", i, (0x100 - (1 + (i >> 8) + (i & 0xff))) & 0xff);
	buf_append_text(&text, ":00000001FF\n");
	assert_int_equal(image_parse(&image, (const uint8_t *)text.data, text.len, &err), 0);
	assert_int_equal(image.segment_count, 1);
	assert_int_equal(image.segment[0].size_bytes, 1000);
	image_finish(&image);
	buf_finish(&text);
}

static void test_files_that_are_no_images(void **state)
{
	(void)state;
	refused("", 0, ERR_INVALID, "found an empty file");
	refused("UF2\nxxxx", 8, ERR_INVALID, "found a UF2 file");
	refused("S00600004844521B\n", 17, ERR_INVALID, "S-record");
	refused("!<arch>\nx", 9, ERR_INVALID, "static library");
	refused("PK\x03\x04zip", 7, ERR_INVALID, "zip archive");
	refused("\x1f\x8b\x08", 3, ERR_INVALID, "gzip");
	refused("#!/bin/sh\n", 10, ERR_INVALID, "a script");
	refused("\x7f"
		"ELF",
		4, ERR_INVALID, "found an ELF of 4 bytes");
}

static void test_too_large(void **state)
{
	uint8_t *data = calloc(1, IMAGE_MAX_BYTES + 1);

	(void)state;
	refused(data, IMAGE_MAX_BYTES + 1, ERR_TOO_BIG, "expected at most 67108864");
	free(data);
}

/* Program headers that name the same bytes over and over must not cost their sum. */
static void test_repeated_bytes_are_bounded(void **state)
{
	size_t payload = 24u << 20, size;
	struct elf_plan plan = {.load = {{0, 0x00000000, (uint32_t)payload, 0, NULL},
					 {0, 0x10000000, 4, 0, NULL},
					 {0, 0x20000000, 4, 0, NULL},
					 {0, 0x30000000, 4, 0, NULL}},
				.load_count = 4};
	uint8_t *data = elf_make(&plan, &size);
	Elf32_Phdr *headers = (Elf32_Phdr *)(void *)(data + ((Elf32_Ehdr *)(void *)data)->e_phoff);

	(void)state;
	for (size_t i = 1; i < 4; i++) {
		headers[i].p_offset = headers[0].p_offset;
		headers[i].p_filesz = headers[0].p_filesz;
	}
	refused(data, size, ERR_TOO_BIG, "in all");
	free(data);
}

static void check(const struct image *image, const struct board_type *type, const char *words)
{
	struct err err = {0};
	int rc = image_check(image, type, &err);

	if (!words) {
		if (rc)
			fail_msg("%s", err.text);
		return;
	}
	assert_int_equal(rc, ERR_INVALID);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void check_plan(const struct elf_plan *plan, const struct board_type *type, const char *words)
{
	struct image image;
	size_t size;
	uint8_t *data = elf_make(plan, &size);

	parse(data, size, &image);
	check(&image, type, words);
	image_finish(&image);
	free(data);
}

static void test_check(void **state)
{
	struct board_type type = f405(), small = f405();
	struct elf_plan plan = good_plan();

	(void)state;
	check_plan(&plan, &type, NULL);
	snprintf(small.arch, sizeof small.arch, "armv7-m");
	check_plan(&plan, &small, "found an image built for armv7e-m, expected one that runs on armv7-m");
	snprintf(small.arch, sizeof small.arch, "armv6-m");
	check_plan(&plan, &small, "built for armv7e-m");
	plan.attributes = attributes_a9;
	plan.attributes_bytes = sizeof attributes_a9 - 1;
	check_plan(&plan, &type, "built for armv7-a");
	plan.attributes = attributes_m3;
	check_plan(&plan, &type, NULL);
	plan.attributes = NULL;
	check_plan(&plan, &small, NULL); /* no attributes: nothing is known */

	plan = good_plan();
	plan.load[0].paddr = 0x080ffffc;
	check_plan(&plan, &type,
		   "found a segment of 8 bytes at 0x080ffffc that passes the end of the flash at 0x08000000");
	plan.load[0].paddr = 0x10000000;
	check_plan(&plan, &type, "found a segment of 8 bytes at 0x10000000, where board type f4 has no memory");
	/* Data loaded to RAM is fine where there is RAM. */
	plan.load[0].paddr = 0x20000000;
	check_plan(&plan, &type, NULL);
}

static void test_check_vectors(void **state)
{
	struct board_type type = f405();
	struct elf_plan plan = good_plan();
	uint8_t bad[16];

	(void)state;
	memcpy(bad, vectors, sizeof bad);
	plan.load[1].data = bad;
	bad[3] = 0x10;
	check_plan(&plan, &type,
		   "found an initial stack pointer of 0x10020000 at 0x08000000, expected a word address in RAM");
	bad[3] = 0x20;
	bad[0] = 0x04; /* a word past the end */
	check_plan(&plan, &type, "initial stack pointer of 0x20020004");
	bad[0] = 0x02;
	check_plan(&plan, &type, "initial stack pointer of 0x20020002");
	bad[0] = 0;
	bad[2] = 0;
	check_plan(&plan, &type, "initial stack pointer of 0x20000000"); /* nothing below it */
	memcpy(bad, vectors, sizeof bad);
	bad[4] = 0x08;
	check_plan(&plan, &type, "found a reset vector of 0x08000008 at 0x08000004, expected a Thumb address (odd)");
	bad[4] = 0x09;
	bad[5] = 0x77;
	check_plan(&plan, &type, "found a reset vector of 0x08007709");
	/* No segment at the vectors: nothing to say about them. */
	plan = (struct elf_plan){.load = {{0, 0x08004000, 16, 0, NULL}}, .load_count = 1};
	check_plan(&plan, &type, NULL);
}

static void test_binary(void **state)
{
	struct board_type type = f405(), ram = f405();
	struct image image;

	(void)state;
	parse(vectors, sizeof vectors, &image);
	assert_int_equal(image.format, IMAGE_BIN);
	assert_int_equal(image.segment[0].address, 0);
	check(&image, &type, NULL); /* where it would be placed */
	image_place(&image, &type);
	assert_int_equal(image.segment[0].address, 0x08000000);
	check(&image, &type, NULL);
	ram.region_count = 1;
	ram.region[0] = (struct memory_region){.kind = MEMORY_RAM, .address = 0, .size_bytes = 4 << 20};
	ram.vectors_address = 0;
	image_place(&image, &ram);
	assert_int_equal(image.segment[0].address, 0);
	check(&image, &ram, "found an initial stack pointer of 0x20020000");
	image_finish(&image);
	/* A text file is no firmware, whatever it is called. */
	parse((const uint8_t *)"hello, this is no image at all\n", 31, &image);
	check(&image, &type, "found an initial stack pointer of 0x6c6c6568");
	image_finish(&image);
}

/* The note of the build id is found without headers, wherever it is whole and alone. */
static void test_build_id_in_bytes(void **state)
{
	static const uint8_t note[24] = {4,   0,   0,   0, 8, 0, 0, 0, 3,    0,    0, 0,
					 'G', 'N', 'U', 0, 1, 2, 3, 4, 0xab, 0xcd, 7, 8};
	uint8_t data[256] = {0};
	struct image image;

	(void)state;
	memcpy(data + 100, note, sizeof note);
	parse(data, sizeof data, &image);
	assert_string_equal(image.build_id, "01020304abcd0708");
	image_finish(&image);
	parse(data, 124, &image); /* to the last byte */
	assert_string_equal(image.build_id, "01020304abcd0708");
	image_finish(&image);
	for (size_t len = 101; len < 124; len++) {
		parse(data, len, &image);
		assert_string_equal(image.build_id, "");
		image_finish(&image);
	}
	memcpy(data + 160, note, sizeof note);
	parse(data, sizeof data, &image);
	assert_string_equal(image.build_id, "");
	image_finish(&image);
}

static void test_to_json(void **state)
{
	struct elf_plan plan = good_plan();
	struct image image;
	size_t size;
	uint8_t *data = elf_make(&plan, &size);
	json_t *object;

	(void)state;
	parse(data, size, &image);
	object = image_to_json(&image);
	assert_string_equal(json_string_value(json_object_get(object, "format")), "elf");
	assert_int_equal(json_integer_value(json_object_get(object, "size")), size);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(json_object_get(object, "segments"), 0), "address")),
		0x08000000);
	json_decref(object);
	image_finish(&image);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_elf_note_segment_and_no_attributes),
		cmocka_unit_test(test_elf_without_load_addresses),
		cmocka_unit_test(test_elf_refused),
		cmocka_unit_test(test_elf_cut_anywhere),
		cmocka_unit_test(test_elf_damaged_anywhere),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_hex_segment_addresses_and_gaps),
		cmocka_unit_test(test_hex_refused),
		cmocka_unit_test(test_hex_many_pieces),
		cmocka_unit_test(test_files_that_are_no_images),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_repeated_bytes_are_bounded),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_vectors),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_build_id_in_bytes),
		cmocka_unit_test(test_to_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
