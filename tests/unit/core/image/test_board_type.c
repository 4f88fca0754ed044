/* SPDX-License-Identifier: Apache-2.0 */
/* Board types: good ones, every mistake a file can hold, JSON and back, and the files that are shipped. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/image/board_type.h"
#include "tests/unit/core/base/cmocka_all.h"

#define GOOD                                                                                                           \
	"type: f4-board\n"                                                                                             \
	"description: a board\n"                                                                                       \
	"mcu: STM32F405\n"                                                                                             \
	"arch: armv7e-m\n"                                                                                             \
	"memory:\n"                                                                                                    \
	"  - {kind: ram, address: 0x20000000, size: 128K}\n"                                                           \
	"  - {kind: flash, address: 0x08000000, size: 1M}\n"                                                           \
	"  - {kind: flash, address: 0x1ffe0000, size: 512, erase: chip}\n"                                             \
	"identity:\n"                                                                                                  \
	"  - {name: dpidr, value: 0x2ba01477}\n"                                                                       \
	"  - {name: dev-id, address: 0xe0042000, mask: 0xfff, value: 0x413}\n"                                         \
	"unique-id: {address: 0x1fff7a10, words: 3}\n"                                                                 \
	"openocd: {config: [target/stm32f4x.cfg, more.cfg], target: stm32f4x.cpu, work-area: 0,\n"                     \
	"  chip-erase: stm32f2x mass_erase 0}\n"

static bool read_type(const char *text, struct board_type *ret_type, struct doc_problems *problems)
{
	struct doc *doc;
	bool good;

	doc_problems_init(problems, "t.yaml");
	if (doc_parse("t.yaml", text, strlen(text), &doc, problems))
		return false;
	good = board_type_read(doc->root, ret_type, problems);
	assert_int_equal(good, problems->count == 0);
	doc_destroy(doc);
	return good;
}

static void test_good(void **state)
{
	struct doc_problems problems;
	struct board_type type;

	(void)state;
	assert_true(read_type(GOOD, &type, &problems));
	assert_string_equal(type.name, "f4-board");
	assert_string_equal(type.arch, "armv7e-m");
	assert_int_equal(type.region_count, 3);
	assert_false(type.region[1].erased_with_chip);
	assert_true(type.region[2].erased_with_chip);
	assert_string_equal(type.openocd_chip_erase, "stm32f2x mass_erase 0");
	assert_int_equal(type.region[1].kind, MEMORY_FLASH);
	assert_int_equal(type.region[1].size_bytes, 1 << 20);
	assert_int_equal(type.identity_count, 2);
	assert_true(type.identity[0].is_dpidr);
	assert_int_equal(type.identity[0].mask, UINT32_MAX);
	assert_int_equal(type.identity[1].mask, 0xfff);
	assert_int_equal(type.unique_id_words, 3);
	assert_int_equal(type.vectors_address, 0x08000000); /* the first flash, not the first region */
	assert_int_equal(type.openocd_config_count, 2);
	assert_string_equal(type.openocd_config[1], "more.cfg");
	assert_true(type.openocd_work_area_set);
	assert_int_equal(type.openocd_work_area_bytes, 0);
	assert_int_equal(type.baud, 115200);
}

/* Each replaces one line of GOOD; the problem must stand in the field and say this. */
static void test_refused(void **state)
{
	static const struct {
		const char *line, *instead, *field, *found, *expected;
	} bad[] = {
		{"type: f4-board", "type: F4", "type", "F4", "lower case"},
		{"type: f4-board", "type: 4f", "type", "4f", "begins with a letter"},
		{"type: f4-board", "name: f4", "name", "an unknown field", "one of type"},
		{"type: f4-board", "type: a-name-that-is-far-too-long-for-it", "type", "a-name", "1 to 31 bytes"},
		{"arch: armv7e-m", "arch: armv7", "arch", "\"armv7\"", "one of armv6-m"},
		{"arch: armv7e-m", "", "arch", "nothing", "one of armv6-m"},
		{"arch: armv7e-m", "arch: armv7e-m\nvectors: 0x10000000", "vectors", "0x10000000", "memory regions"},
		{"arch: armv7e-m", "arch: armv7e-m\nvectors: 0x08000002", "vectors", "0x08000002", "multiple of 4"},
		{"arch: armv7e-m", "arch: armv7e-m\nconsole: {baud: 50}", "console.baud", "\"50\"", "300 to"},
		{"arch: armv7e-m", "arch: armv7e-m\nconsole: 9600", "console", "\"9600\"", "a mapping"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: rom, address: 0x20000000, size: 1K}",
		 "memory[0].kind", "\"rom\"", "flash, ram"},
		{"  - {kind: flash, address: 0x08000000, size: 1M}",
		 "  - {kind: flash, address: 0, size: 1, erase: never}", "memory[1].erase", "\"never\"",
		 "sector, chip"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: ram, address: 0x20000000, size: 0}",
		 "memory[0].size", "\"0\"", "1 to"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: ram, addr: 0x20000000, size: 1K}",
		 "memory[0].addr", "an unknown field", "kind, address, size"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: ram, address: 0xfffffff0, size: 17}",
		 "memory[0]", "passes the end", "4 GiB"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: ram, address: 0x080fffff, size: 1K}",
		 "memory[1]", "overlaps", "memory[0]"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - ram", "memory[0]", "\"ram\"", "a mapping"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}",
		 "  - {kind: flash, address: 0, size: 1M, alias-of: 0x08080000}", "memory[0].alias-of", "0x08080000",
		 "as much flash"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}",
		 "  - {kind: flash, address: 0, size: 1K, alias-of: 0x09000000}", "memory[0].alias-of", "0x09000000",
		 "as much flash"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}",
		 "  - {kind: ram, address: 0, size: 1K, alias-of: 0x08000000}", "memory[0].alias-of", "0x08000000",
		 "as much ram"},
		{"  - {kind: ram, address: 0x20000000, size: 128K}", "  - {kind: ram, address: 0x100000000, size: 1K}",
		 "memory[0].address", "0x100000000", "4294967295"},
		{"  - {name: dpidr, value: 0x2ba01477}", "  - {name: dpidr, address: 0, value: 1}",
		 "identity[0].address", "an unknown field", "value"},
		{"  - {name: dpidr, value: 0x2ba01477}", "  - {name: id, value: 1}", "identity[0].address", "nothing",
		 "a whole number"},
		{"  - {name: dpidr, value: 0x2ba01477}", "  - {name: id, address: 2, value: 1}", "identity[0].address",
		 "2", "multiple of 4"},
		{"  - {name: dpidr, value: 0x2ba01477}", "  - {name: id, address: 4, mask: 0xff, value: 0x100}",
		 "identity[0]", "outside the mask", "never match"},
		{"unique-id: {address: 0x1fff7a10, words: 3}", "unique-id: {address: 0x1fff7a11, words: 3}",
		 "unique-id.address", "0x1fff7a11", "multiple of 4"},
		{"unique-id: {address: 0x1fff7a10, words: 3}", "unique-id: {address: 0x1fff7a10, words: 9}",
		 "unique-id.words", "\"9\"", "1 to 4"},
		{"unique-id: {address: 0x1fff7a10, words: 3}", "unique-id: {word: 3, address: 0}", "unique-id.word",
		 "an unknown field", "words (did you mean"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct board_type type = {.name = "untouched"};
		struct doc_problems problems;
		char text[2000];
		const char *at = strstr(GOOD, bad[i].line);
		bool told = false;

		assert_non_null(at);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - GOOD), GOOD, bad[i].instead,
			 at + strlen(bad[i].line));
		assert_false(read_type(text, &type, &problems));
		assert_string_equal(type.name, "untouched");
		for (size_t k = 0; k < problems.count; k++)
			told |= strcmp(problems.item[k].field, bad[i].field) == 0 &&
				strstr(problems.item[k].found, bad[i].found) &&
				strstr(problems.item[k].expected, bad[i].expected);
		if (!told)
			fail_msg("case %zu (%s): %s: found %s, expected %s", i, bad[i].instead, problems.item[0].field,
				 problems.item[0].found, problems.item[0].expected);
	}
}

static void test_refused_whole(void **state)
{
	static const char *const bad[] = {"just text",
					  "[1, 2]",
					  "type: a\narch: armv7-m\nmemory: []\nopenocd: {config: [x]}",
					  "type: a\narch: armv7-m\nmemory: {}\nopenocd: {config: [x]}",
					  "type: a\narch: armv7-m\nmemory: [{kind: ram, address: 0, size: 1}]\n",
					  "type: a\narch: armv7-m\nmemory: [{kind: ram, address: 0, size: 1}]\n"
					  "openocd: {config: []}",
					  "type: a\narch: armv7-m\nmemory: [{kind: ram, address: 0, size: 1}]\n"
					  "openocd: {config: [x], file: y}"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct doc_problems problems;
		struct board_type type;

		if (read_type(bad[i], &type, &problems))
			fail_msg("%s was taken", bad[i]);
	}
}

static void test_json_and_back(void **state)
{
	struct board_type type, again;
	struct doc_problems problems;
	struct err err = {0};
	json_t *object, *twice;

	(void)state;
	assert_true(read_type(GOOD, &type, &problems));
	object = board_type_to_json(&type);
	assert_non_null(object);
	if (board_type_from_json(object, &again, &err))
		fail_msg("%s", err.text);
	assert_memory_equal(&type, &again, sizeof type);
	twice = board_type_to_json(&again);
	assert_true(json_equal(object, twice));
	json_object_set_new(object, "arch", json_string("z80"));
	assert_int_equal(board_type_from_json(object, &again, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "arch: found \"z80\", expected one of armv6-m"));
	json_decref(object);
	json_decref(twice);
}

static void test_regions(void **state)
{
	struct doc_problems problems;
	struct board_type type;

	(void)state;
	assert_true(read_type(GOOD, &type, &problems));
	assert_non_null(board_type_region(&type, 0x08000000, 1 << 20));
	assert_null(board_type_region(&type, 0x08000000, (1 << 20) + 1));
	assert_non_null(board_type_region(&type, 0x080fffff, 1));
	assert_null(board_type_region(&type, 0x080fffff, 2));
	assert_null(board_type_region(&type, 0x07ffffff, 2));
	assert_null(board_type_region(&type, 0, 1));
	assert_null(board_type_region(&type, 0x20000000, UINT32_MAX));
}

static void test_which_code_runs_where(void **state)
{
	static const struct {
		const char *board, *image;
		bool runs;
	} pairs[] = {{"armv6-m", "armv6-m", true},       {"armv6-m", "armv7-m", false},
		     {"armv6-m", "armv7e-m", false},     {"armv7-m", "armv6-m", true},
		     {"armv7-m", "armv7e-m", false},     {"armv7e-m", "armv7-m", true},
		     {"armv7e-m", "armv7e-m", true},     {"armv7e-m", "armv8-m.main", false},
		     {"armv8-m.base", "armv6-m", true},  {"armv8-m.base", "armv7-m", false},
		     {"armv8-m.main", "armv7e-m", true}, {"armv8.1-m.main", "armv8-m.main", true},
		     {"armv8-m.main", "armv7-a", false}, {"armv7-m", "armv7-a", false},
		     {"armv7-m", "armv7-r", false},      {"armv7-m", "", false}};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct board_type type = {0};

		snprintf(type.arch, sizeof type.arch, "%s", pairs[i].board);
		if (board_type_runs(&type, pairs[i].image) != pairs[i].runs)
			fail_msg("%s on %s", pairs[i].image, pairs[i].board);
	}
}

/* Every file that is shipped is good, and named after its type. */
static void test_shipped_files(void **state)
{
	static const char folder[] = ASSAY_SOURCE_DIR "/share/board-types";
	DIR *dir = opendir(folder);
	size_t count = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[600], text[8192], expected[300];
		struct doc_problems problems;
		struct board_type type;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		file = fopen(path, "r");
		assert_non_null(file);
		text[fread(text, 1, sizeof text - 1, file)] = '\0';
		fclose(file);
		if (!read_type(text, &type, &problems))
			fail_msg("%s:%d: %s: found %s, expected %s", entry->d_name, problems.item[0].line,
				 problems.item[0].field, problems.item[0].found, problems.item[0].expected);
		snprintf(expected, sizeof expected, "%s.yaml", type.name);
		assert_string_equal(entry->d_name, expected);
		assert_true(type.identity_count >= 1);
		count++;
	}
	closedir(dir);
	assert_true(count >= 10);
}

static void test_simulated_names(void **state)
{
	(void)state;
	assert_true(board_type_is_simulated("simulated"));
	assert_true(board_type_is_simulated("simulated-f4"));
	assert_false(board_type_is_simulated("simulatedf4"));
	assert_false(board_type_is_simulated("microbit"));
	assert_false(board_type_is_simulated(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),          cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_whole), cmocka_unit_test(test_json_and_back),
		cmocka_unit_test(test_regions),       cmocka_unit_test(test_which_code_runs_where),
		cmocka_unit_test(test_shipped_files), cmocka_unit_test(test_simulated_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
