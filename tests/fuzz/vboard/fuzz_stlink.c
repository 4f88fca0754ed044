/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes from a debugger, in pieces, through framing, probe and access port onto a small memory. */
#include <stdint.h>
#include <stdlib.h>

#include "agents/virtual/probe/stlink.h"
#include "tests/unit/agents/virtual/fake_bus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stlink stlink;
	struct fake_bus fake = {.unpowered = size && data[0] == 0xff};
	struct bus bus = fake_bus_make(&fake);
	struct dap dap;
	struct buf in, out;
	size_t piece = size ? data[0] % 61 + 1 : 1;

	dap_init(&dap, &bus, 0x2ba01477, 0x24770011, 0xe00ff003);
	stlink_init(&stlink, &dap, "FUZZ");
	buf_init(&in, 65536);
	buf_init(&out, 65536);
	for (size_t at = 1; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;
		if (buf_append(&in, data + at, n) || stlink_serve(&stlink, &in, &out))
			break;
		buf_reset(&out);
	}
	buf_finish(&in);
	buf_finish(&out);
	return 0;
}
