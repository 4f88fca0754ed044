/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a tunnel's frame: refused with a story, or taken, and written again as the very same bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/tunnel/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[TUNNEL_MAX_FRAME];
	struct tunnel_frame frame;
	struct err err = {0};

	if (tunnel_decode(data, size, &frame, &err)) {
		require_that(err.code == ERR_PROTOCOL && err.text[0]);
		return 0;
	}
	require_that(tunnel_encode(&frame, again) == size);
	require_that(memcmp(again, data, size) == 0);
	return 0;
}
