/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message, from either side: refused with a story, or taken and then written and taken again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire/message.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	try_from(WIRE_AGENT, text, size);
	try_from(WIRE_DAEMON, text, size);
	free(text);
	return 0;
}
