/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message, from either side: refused with a story, or taken and then written and taken again. What the
 * short way takes the full one takes too, and makes the same of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static void try_from(enum wire_side side, const char *text, size_t len)
{
	struct wire_message message, again;
	struct err err = {0};
	struct buf out;

	if (wire_decode(text, len, side, &message, &err)) {
		require_that(err.code && err.text[0]);
		return;
	}
	buf_init(&out, WIRE_MAX_BYTES);
	/* A message near the maximum may grow past it: numbers and escapes are written in one way only. */
	if (wire_encode(&message, &out, &err) == 0) {
		require_that(wire_decode(out.data, out.len, side, &again, &err) == 0);
		require_that(again.type == message.type);
		wire_message_finish(&again);
	} else {
		require_that(err.code == ERR_TOO_BIG);
	}
	buf_finish(&out);
	wire_message_finish(&message);
}

static void require_same(enum wire_side side, const char *text, size_t len)
{
	struct wire_message fast, full;
	struct err err = {0};
	struct buf as_fast, as_full;
	int rc;

	if (!wire_decode_short(text, len, side, &fast))
		return;
	require_that(wire_decode_full(text, len, side, &full, &err) == 0);
	buf_init(&as_fast, 2 * WIRE_MAX_BYTES);
	buf_init(&as_full, 2 * WIRE_MAX_BYTES);
	rc = wire_encode(&full, &as_full, &err);
	require_that(wire_encode(&fast, &as_fast, &err) == rc);
	require_that(as_fast.len == as_full.len && memcmp(buf_text(&as_fast), buf_text(&as_full), as_full.len) == 0);
	buf_finish(&as_fast);
	buf_finish(&as_full);
	wire_message_finish(&fast);
	wire_message_finish(&full);
}

/* The bytes as they are, and without the white space that the short way leaves to the other. */
static void try_both_ways(enum wire_side side, const char *text, size_t len)
{
	json_t *value = NULL;
	struct err err = {0};
	struct buf compact;

	require_same(side, text, len);
	if (json_parse(text, len, WIRE_MAX_BYTES, &value, &err))
		return;
	buf_init(&compact, WIRE_MAX_BYTES);
	if (json_write(value, &compact) == 0)
		require_same(side, buf_text(&compact), compact.len);
	buf_finish(&compact);
	json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	try_from(WIRE_AGENT, text, size);
	try_from(WIRE_DAEMON, text, size);
	try_both_ways(WIRE_AGENT, text, size);
	try_both_ways(WIRE_DAEMON, text, size);
	free(text);
	return 0;
}
