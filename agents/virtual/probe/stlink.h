/* SPDX-License-Identifier: Apache-2.0 */
/* An ST-LINK/V3 debug probe: its USB commands, and the stlink-server framing that carries them over TCP. */
#ifndef ASSAY_VIRTUAL_PROBE_STLINK_H
#define ASSAY_VIRTUAL_PROBE_STLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/virtual/dap/dap.h"
#include "core/base/buf.h"

enum { STLINK_SERIAL_MAX = 32, STLINK_CDB_SIZE = 16 };

/* The most data one USB command may carry, either way. */
#define STLINK_DATA_MAX (10 * 1024)

/* One probe; shared by all its connections, as a real one is. */
struct stlink {
	struct dap *dap; /* borrowed */
	char serial[STLINK_SERIAL_MAX + 1];
	uint8_t last_status; /* of the last memory transfer */
	uint32_t fault_address;
	bool in_debug_mode;
	uint8_t misc[STLINK_DATA_MAX]; /* answers to the last batch of mixed accesses */
};

/* serial is what OpenOCD's `adapter serial` must be given: 1 to 32 printable characters. */
void stlink_init(struct stlink *stlink, struct dap *dap, const char *serial);

/* Executes one USB command. data of len bytes came with it (a write); up to answer_len bytes are to be answered into
 * answer, which is zeroed first. */
void stlink_execute(struct stlink *stlink, const uint8_t cdb[STLINK_CDB_SIZE], const uint8_t *data, size_t len,
		    uint8_t *answer, size_t answer_len);

/* Takes whole requests off in and appends their answers to out. Returns 0, or ERR_PROTOCOL / ERR_TOO_BIG when the
 * connection makes no sense and must be closed. */
int stlink_serve(struct stlink *stlink, struct buf *in, struct buf *out);

#endif
