/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding from structs: what is made right, what is refused, and sizes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire/message.h"
#include "tests/unit/core/base/cmocka_all.h"

#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* Encodes, decodes again, and hands the decoded message over. */
static struct wire_message through(const struct wire_message *message)
{
	struct wire_message decoded;
	struct err err = {0};
	struct buf out;

	buf_init(&out, WIRE_MAX_BYTES);
	if (wire_encode(message, &out, &err))
		fail_msg("%s", err.text);
	if (wire_decode(out.data, out.len, WIRE_AGENT, &decoded, &err) &&
	    wire_decode(out.data, out.len, WIRE_DAEMON, &decoded, &err))
		fail_msg("%s", err.text);
	buf_finish(&out);
	return decoded;
}

static void refused(const struct wire_message *message, enum err_code code, const char *words)
{
	struct err err = {0};
	struct buf out;

	buf_init(&out, WIRE_MAX_BYTES);
	buf_append_text(&out, "before");
	assert_int_equal(wire_encode(message, &out, &err), code);
	assert_string_equal(buf_text(&out), "before");
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	buf_finish(&out);
}

static struct wire_message event(enum wire_event_kind kind)
{
	return (struct wire_message){.type = WIRE_EVENT,
				     .as.event = {.run = 1, .fence = 2, .n = 3, .at_us = 4, .kind = kind}};
}

static void test_text_from_boards_is_made_right(void **state)
{
	struct wire_message message = event(WIRE_EVENT_CASE), decoded;
	struct wire_case *result = &message.as.event.as.result;
	char longer[3000];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	*result = (struct wire_case){
		.group = "Gr\x01p", .name = "na\xffme", .verdict = CASE_FAIL, .message = "bad \xc3 byte\x1b[0m"};
	decoded = through(&message);
	assert_string_equal(decoded.as.event.as.result.group, "Gr?p");
	assert_string_equal(decoded.as.event.as.result.name, "na\xef\xbf\xbdme");
	assert_string_equal(decoded.as.event.as.result.message, "bad \xef\xbf\xbd byte\x1b[0m");
	wire_message_finish(&decoded);
	result->name = result->message = longer;
	result->group = NULL;
	decoded = through(&message);
	assert_int_equal(strlen(decoded.as.event.as.result.name), WIRE_MAX_NAME);
	assert_int_equal(strlen(decoded.as.event.as.result.message), WIRE_MAX_TEXT);
	assert_string_equal(decoded.as.event.as.result.group, "");
	wire_message_finish(&decoded);
}

static void test_console_of_every_size(void **state)
{
	static uint8_t bytes[WIRE_MAX_CONSOLE_BYTES + 1];
	static const size_t sizes[] = {1, 2, 3, 4, 255, 4096, WIRE_MAX_CONSOLE_BYTES - 1, WIRE_MAX_CONSOLE_BYTES};
	struct wire_message message = event(WIRE_EVENT_CONSOLE), decoded;
	struct wire_console *console = &message.as.event.as.console;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		*console = (struct wire_console){.offset = 77, .data = bytes, .size_bytes = sizes[i]};
		decoded = through(&message);
		assert_int_equal(decoded.as.event.as.console.size_bytes, sizes[i]);
		assert_memory_equal(decoded.as.event.as.console.data, bytes, sizes[i]);
		wire_message_finish(&decoded);
	}
	*console = (struct wire_console){.data = bytes, .size_bytes = sizeof bytes};
	refused(&message, ERR_INVALID, "data: found");
	*console = (struct wire_console){.data = bytes, .size_bytes = 0};
	refused(&message, ERR_INVALID, "data: found no bytes");
}

static void test_encode_refuses_what_decode_would(void **state)
{
	struct wire_message message = {.type = WIRE_ACK, .as.ack = {.run = 0, .n = 1}};

	(void)state;
	refused(&message, ERR_INVALID, "run: found 0");
	message.as.ack = (struct wire_ack){.run = 1, .n = -1};
	refused(&message, ERR_INVALID, "n: found -1");
	message = (struct wire_message){.type = (enum wire_type)99};
	refused(&message, ERR_INVALID, "type");
	message = event(WIRE_EVENT_RUN_ENDED);
	message.as.event.as.ended = (struct wire_run_ended){
		.verdict = RUN_PASSED, .cause = CAUSE_CASE_FAILED, .text = "", .console_sha256 = HASH};
	refused(&message, ERR_INVALID, "cause: found case-failed");
	message.as.event.as.ended.console_sha256 = "";
	message.as.event.as.ended.cause = CAUSE_ALL_REQUIRED_SEEN;
	refused(&message, ERR_INVALID, "console_sha256");
	message = (struct wire_message){.type = WIRE_BOARD, .as.board = {.name = ""}};
	refused(&message, ERR_INVALID, "name: found an empty text");
}

static void test_buffer_too_small(void **state)
{
	struct wire_message message = {.type = WIRE_PING};
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 5);
	assert_int_equal(wire_encode(&message, &out, &err), ERR_TOO_BIG);
	assert_int_equal(out.len, 0);
	buf_finish(&out);
}

static void test_message_too_big(void **state)
{
	static const char head[] = "{\"type\":\"ping\",\"x\":\"";
	size_t size = WIRE_MAX_BYTES + 1;
	char *text = malloc(size);
	struct wire_message message;
	struct err err = {0};

	(void)state;
	memset(text, 'a', size);
	memcpy(text, head, sizeof head - 1);
	memcpy(text + size - 2, "\"}", 2);
	assert_int_equal(wire_decode(text, size, WIRE_AGENT, &message, &err), ERR_TOO_BIG);
	free(text);
}

/* The longest require that a job may hold fits a message. */
static void test_largest_assign(void **state)
{
	struct wire_message message = {.type = WIRE_ASSIGN}, decoded;
	struct wire_assign *assign = &message.as.assign;
	struct requirements require;
	json_t *cases = json_array(), *object;
	struct err err = {0};

	(void)state;
	for (int i = 0; i < SPEC_MAX_CASES; i++) {
		char name[140];
		int len = snprintf(name, sizeof name, "Group%d.", i);

		memset(name + len, 'c', (size_t)(120 - len));
		name[120] = '\0';
		json_push(&cases, json_string(name));
	}
	object = json_pack("{s:o}", "cases", cases);
	if (requirements_from_json(object, &require, &err))
		fail_msg("%s", err.text);
	*assign = (struct wire_assign){.run = 1,
				       .job = 1,
				       .attempt = 1,
				       .fence = 1,
				       .board = "b",
				       .name = "n",
				       .image_sha256 = HASH,
				       .image_size_bytes = 1,
				       .image_name = "i",
				       .asked = {.require = require, .end = END_RULE_DEFAULT}};
	decoded = through(&message);
	assert_int_equal(decoded.as.assign.asked.require.case_count, SPEC_MAX_CASES);
	/* Keeping the requirements: take them out, leave empty ones. */
	requirements_finish(&require);
	require = decoded.as.assign.asked.require;
	requirements_init(&decoded.as.assign.asked.require);
	wire_message_finish(&decoded);
	assert_int_equal(strncmp(require.cases[17], "Group17.c", 9), 0);
	requirements_finish(&require);
	json_decref(object);
}

static void test_case_of_result(void **state)
{
	const struct case_result result = {.group = "G",
					   .name = "n",
					   .verdict = CASE_IGNORED,
					   .message = "m",
					   .waived_ignore = true,
					   .offset = 5,
					   .end = 9,
					   .begun_us = 1,
					   .ended_us = 2};
	struct wire_case converted = wire_case_of(&result);

	(void)state;
	assert_string_equal(converted.name, "n");
	assert_int_equal(converted.verdict, CASE_IGNORED);
	assert_true(converted.waived_ignore);
	assert_int_equal(converted.end, 9);
	assert_int_equal(converted.ended_at_us, 2);
}

static void test_finish_of_nothing(void **state)
{
	struct wire_message message = {0};

	(void)state;
	wire_message_finish(&message);
	wire_message_finish(&message);
	assert_string_equal(wire_type_name(WIRE_HELLO), "hello");
	assert_string_equal(wire_type_name((enum wire_type)77), "unknown");
	assert_string_equal(wire_board_state_name(WIRE_BOARD_QUARANTINED), "quarantined");
	assert_string_equal(wire_rejection_name(WIRE_REJECT_OLD_FENCE), "old fence");
	assert_string_equal(wire_event_name(WIRE_EVENT_RUN_ENDED), "run.ended");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_from_boards_is_made_right),
		cmocka_unit_test(test_console_of_every_size),
		cmocka_unit_test(test_encode_refuses_what_decode_would),
		cmocka_unit_test(test_buffer_too_small),
		cmocka_unit_test(test_message_too_big),
		cmocka_unit_test(test_largest_assign),
		cmocka_unit_test(test_case_of_result),
		cmocka_unit_test(test_finish_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
