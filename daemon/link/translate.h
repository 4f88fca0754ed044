/* SPDX-License-Identifier: Apache-2.0 */
/* Between the wire's structs and the farm's. Strings are borrowed, never copied. */
#ifndef ASSAY_LINK_TRANSLATE_H
#define ASSAY_LINK_TRANSLATE_H

#include "core/farm/agent.h"
#include "core/wire/message.h"

/* A hello and the arrays it points to. */
struct hello_parts {
	struct agent_hello hello;
	struct agent_board *boards;
	struct agent_held_run *runs;
};

/* Returns 0 or ERR_NOMEM. */
int hello_from_wire(const struct wire_hello *wire, struct hello_parts *ret_parts);
void hello_parts_finish(struct hello_parts *parts);
struct agent_event event_from_wire(const struct wire_event *wire);
struct agent_recovery recovery_from_wire(const struct wire_recovery *wire);
struct agent_board board_from_wire(const struct wire_board *wire);
enum agent_rejection rejection_from_wire(enum wire_rejection reason);

#endif
