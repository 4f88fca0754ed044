/* SPDX-License-Identifier: Apache-2.0 */
/* Rack files, good and bad: every mistake is told with its line and field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agents/rack.h"

#define TYPES_DIR ASSAY_SOURCE_DIR "/share/board-types"

static struct doc_problems problems;

static int read_rack(const char *text, struct rack **ret_rack)
{
	doc_problems_init(&problems, "rack.yaml");
	return rack_read("rack.yaml", text, strlen(text), TYPES_DIR, ret_rack, &problems);
}

/* The text must be refused, with a problem at this line and field whose words contain these. */
static void expect_problem(const char *text, int line, const char *field, const char *words)
{
	struct rack *rack = NULL;
	struct buf all;

	assert_int_equal(read_rack(text, &rack), ERR_INVALID);
	assert_null(rack);
	for (size_t i = 0; i < problems.count && i < DOC_MAX_PROBLEMS; i++) {
		if (problems.item[i].line == line && strcmp(problems.item[i].field, field) == 0 &&
		    (strstr(problems.item[i].expected, words) || strstr(problems.item[i].found, words)))
			return;
	}
	buf_init(&all, 100000);
	doc_problems_format(&problems, &all);
	print_error("wanted line %d, field %s, words %s; got:\n%s", line, field, words, buf_text(&all));
	buf_finish(&all);
	fail();
}

static void reads_virtual_and_real_boards(void **state)
{
	static const char text[] = "rack: lab-1\n"
				   "limit: 3\n"
				   "boards:\n"
				   "  - {name: mb1, type: microbit, tags: [scope, usb3], virtual: {chip: nrf51}}\n"
				   "  - {name: an1, type: mps2-an385, virtual: {chip: mps2-an385, nic: isolated}}\n"
				   "  - name: f4.real\n"
				   "    type: nucleo-f411re\n"
				   "    openocd:\n"
				   "      interface: interface/stlink.cfg\n"
				   "      args: [\"-c\", \"adapter serial 066D\"]\n"
				   "      files: [my.cfg]\n"
				   "    probe-serial: 066D\n"
				   "    unique-id: 0123ABCD89abcdef\n"
				   "    console: {device: /dev/ttyACM0, baud: 921600}\n"
				   "    power: {on: [relay, \"on\", a b], off: [relay, \"off\"], settle: 200ms}\n"
				   "  - name: f4-net\n"
				   "    type: nucleo-f411re\n"
				   "    openocd: {interface: interface/cmsis-dap.cfg}\n"
				   "    console: {tcp: \"[::1]:4000\"}\n"
				   "    power: none\n";
	struct rack *rack = NULL;
	const struct board_config *board;

	(void)state;
	assert_int_equal(read_rack(text, &rack), 0);
	assert_string_equal(rack->name, "lab-1");
	assert_int_equal(rack->limit, 3);
	assert_string_equal(rack_board(rack, "mb1")->equipment.tags, "scope usb3");
	assert_string_equal(rack_board(rack, "an1")->equipment.tags, "");
	assert_int_equal(rack->board_count, 4);
	assert_int_equal(rack->type_count, 3);
	assert_string_equal(rack_board(rack, "an1")->nic, "isolated");
	assert_string_equal(rack_board(rack, "mb1")->nic, "none");
	board = rack_board(rack, "f4.real");
	assert_string_equal(board->interface, "interface/stlink.cfg");
	assert_string_equal(board->openocd_args.arg[1], "adapter serial 066D");
	assert_null(board->openocd_args.arg[2]);
	assert_string_equal(board->openocd_files.arg[0], "my.cfg");
	assert_string_equal(board->unique_id, "0123abcd89abcdef");
	assert_int_equal(board->console.baud, 921600);
	assert_string_equal(board->power.on.arg[2], "a b");
	assert_int_equal(board->power.settle_ms, 200);
	board = rack_board(rack, "f4-net");
	assert_int_equal(board->console.kind, CONSOLE_TCP);
	assert_string_equal(board->console.host, "::1");
	assert_int_equal(board->console.port, 4000);
	assert_int_equal(board->power.kind, POWER_NONE);
	assert_non_null(rack_type(rack, "nucleo-f411re"));
	rack_destroy(rack);
}

static void reads_site_hubs_and_features(void **state)
{
	static const char text[] =
		"rack: r\nsite: berlin\nhubs: {front: {limit: 2}, back: {}}\n"
		"boards:\n"
		"  - {name: a, type: microbit, hub: front, features: {psram: 8M}, virtual: {chip: nrf51}}\n";
	static const char no_hub[] = "rack: r\nboards:\n"
				     "  - {name: a, type: microbit, hub: front, virtual: {chip: nrf51}}\n";
	static const char of_type[] = "rack: r\nboards:\n"
				      "  - {name: a, type: microbit, features: {flash: no}, virtual: {chip: nrf51}}\n";
	struct rack *rack = NULL;

	(void)state;
	assert_int_equal(read_rack(text, &rack), 0);
	assert_string_equal(rack->site, "berlin");
	assert_int_equal(rack->hub_count, 2);
	assert_string_equal(rack->hubs[0].name, "front");
	assert_int_equal(rack->hubs[0].limit, 2);
	assert_int_equal(rack->hubs[1].limit, 0);
	assert_string_equal(rack_board(rack, "a")->equipment.hub, "front");
	assert_string_equal(rack_board(rack, "a")->equipment.features[0].value, "8M");
	rack_destroy(rack);
	assert_int_equal(read_rack(no_hub, &rack), ERR_INVALID);
	assert_int_equal(read_rack(of_type, &rack), ERR_INVALID);
}

static void reads_types_written_out(void **state)
{
	static const char text[] =
		"rack: r\n"
		"types:\n"
		"  - type: my-board\n"
		"    description: mine\n"
		"    mcu: ABC1\n"
		"    arch: armv7-m\n"
		"    memory: [{kind: flash, address: 0x0, size: 64K}, {kind: ram, address: 0x20000000, size: 8K}]\n"
		"    openocd: {config: [target/abc.cfg]}\n"
		"boards:\n"
		"  - {name: a, type: my-board, openocd: {interface: x.cfg}}\n";
	struct rack *rack = NULL;

	(void)state;
	assert_int_equal(read_rack(text, &rack), 0);
	assert_string_equal(rack_type(rack, "my-board")->mcu, "ABC1");
	rack_destroy(rack);
}

#define ONE(line) "rack: r\nboards:\n  - " line "\n"

static void refuses_bad_boards(void **state)
{
	(void)state;
	expect_problem("boards: []\n", 1, "rack", "nothing");
	expect_problem("rack: r\nboards: []\n", 2, "boards", "at least one board");
	expect_problem("rack: R1\nboards: []\n", 1, "rack", "lower-case");
	expect_problem("rack: r\nbords: []\nboards: []\n", 2, "bords", "boards");
	expect_problem(ONE("{name: ../x, type: microbit, virtual: {chip: nrf51}}"), 3, "boards[0].name", "letters");
	expect_problem(ONE("{name: -x, type: microbit, virtual: {chip: nrf51}}"), 3, "boards[0].name", "letters");
	expect_problem(ONE("{name: a, type: nothing-like-it, virtual: {chip: nrf51}}"), 3, "boards[0].type",
		       "nothing-like-it");
	expect_problem(ONE("{name: a, type: ../../etc, virtual: {chip: nrf51}}"), 3, "boards[0].type", "types");
	expect_problem(ONE("{name: a, type: microbit, virtual: {chip: z80}}"), 3, "boards[0].virtual.chip", "z80");
	expect_problem(ONE("{name: a, type: microbit, virtual: {chip: nrf51}, console: none}"), 3, "boards[0].console",
		       "its own");
	expect_problem(ONE("{name: a, type: microbit}"), 3, "boards[0]", "openocd");
	expect_problem(ONE("{name: a, type: microbit, virtual: {chip: nrf51}, probe: 1}"), 3, "boards[0].probe",
		       "one of");
	expect_problem("rack: r\nboards:\n  - {name: a, type: microbit, virtual: {chip: nrf51}}\n"
		       "  - {name: a, type: microbit, virtual: {chip: nrf51}}\n",
		       4, "boards[1]", "no other board");
	expect_problem("rack: r\nboards:\n  - just text\n", 3, "boards[0]", "just text");
}

#define REAL(rest) ONE("{name: a, type: microbit, openocd: {interface: i.cfg}, " rest "}")

static void refuses_bad_connections(void **state)
{
	(void)state;
	expect_problem(ONE("{name: a, type: microbit, openocd: {}}"), 3, "boards[0].openocd", "interface");
	expect_problem(REAL("console: {device: /dev/ttyS0, baud: 12345}"), 3, "boards[0].console.baud", "standard");
	expect_problem(REAL("console: {device: /dev/ttyS0, tcp: \"h:1\"}"), 3, "boards[0].console", "either");
	expect_problem(REAL("console: {tcp: nowhere}"), 3, "boards[0].console.tcp", "host:port");
	expect_problem(REAL("console: {tcp: \"h:70000\"}"), 3, "boards[0].console.tcp", "host:port");
	expect_problem(REAL("power: \"usb off\""), 3, "boards[0].power", "list");
	expect_problem(REAL("power: {on: \"usb on\", off: [x]}"), 3, "boards[0].power.on", "list");
	expect_problem(REAL("power: {on: [], off: [x]}"), 3, "boards[0].power.on", "program");
	expect_problem(REAL("power: {on: [x]}"), 3, "boards[0].power.off", "list");
	expect_problem(REAL("unique-id: 12zz"), 3, "boards[0].unique-id", "hex");
	expect_problem(REAL("probe-serial: ABC"), 3, "boards[0].probe-serial", "adapter serial");
}

static void tells_what_is_wrong_with_a_type_written_out(void **state)
{
	(void)state;
	expect_problem(
		"rack: r\ntypes:\n  - {type: t, mcu: x}\nboards:\n  - {name: a, type: t, virtual: {chip: nrf51}}\n", 3,
		"types[0].arch", "nothing");
}

static void refuses_what_is_no_rack_file(void **state)
{
	struct rack *rack = NULL;

	(void)state;
	assert_int_equal(read_rack("", &rack), ERR_INVALID);
	assert_int_equal(read_rack("- a\n- b\n", &rack), ERR_INVALID);
	assert_int_equal(read_rack("rack: [unclosed\n", &rack), ERR_INVALID);
	doc_problems_init(&problems, "x");
	assert_int_equal(rack_load("/nonexistent/rack.yaml", NULL, &rack, &problems), ERR_INVALID);
	assert_int_equal(problems.count, 1);
	assert_null(rack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_virtual_and_real_boards),
		cmocka_unit_test(reads_site_hubs_and_features),
		cmocka_unit_test(reads_types_written_out),
		cmocka_unit_test(refuses_bad_boards),
		cmocka_unit_test(refuses_bad_connections),
		cmocka_unit_test(tells_what_is_wrong_with_a_type_written_out),
		cmocka_unit_test(refuses_what_is_no_rack_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
