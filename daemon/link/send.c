/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm says to agents. An agent that is not connected is told nothing: its next hello sorts it out. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"

_Static_assert(LEASE_LONGEST_MS <= WIRE_MAX_HOLD_MS, "a rack would refuse the farm's longest leases");

static void send_to(void *context, const char *agent, const struct wire_message *message)
{
	struct session *session = link_find((struct link *)context, agent);

	if (session)
		session_send(session, message);
	else
		log_debug("link", "%s: not connected, %s not sent", agent, wire_type_name(message->type));
}

void link_send_welcome(void *context, const char *agent, const char *farm_id, const struct agent_known_run *runs,
		       size_t run_count)
{
	struct wire_known_run *known = (struct wire_known_run *)calloc(run_count + 1, sizeof(*known));

	if (!known) {
		log_error("link", "%s: cannot be welcomed: out of memory", agent);
		return;
	}
	for (size_t i = 0; i < run_count; i++)
		known[i] = (struct wire_known_run){
			.run = runs[i].run, .have = runs[i].have, .known = runs[i].known, .cancel = runs[i].cancel};
	struct wire_message message = {.type = WIRE_WELCOME,
				       .as.welcome = {.farm = farm_id, .runs = known, .run_count = run_count}};
	send_to(context, agent, &message);
	free(known);
}

void link_send_assign(void *context, const char *agent, const struct agent_assign *assign)
{
	struct wire_message message = {.type = WIRE_ASSIGN,
				       .as.assign = {.run = assign->run,
						     .job = assign->job,
						     .attempt = assign->attempt,
						     .fence = assign->fence,
						     .board = assign->board,
						     .name = assign->name,
						     .image_sha256 = assign->image_sha256,
						     .image_size_bytes = (int64_t)assign->image_bytes,
						     .image_name = assign->image_name,
						     .hold_ms = assign->hold_ms,
						     .away_ms = assign->away_ms}};

	/* A shallow copy will do: encoding only reads it. */
	if (!assign->hold_ms)
		message.as.assign.asked = *assign->asked;
	send_to(context, agent, &message);
}

void link_send_cancel(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
		      const char *reason)
{
	struct wire_message message = {.type = WIRE_CANCEL,
				       .as.cancel = {.run = run, .fence = fence, .cause = cause, .reason = reason}};

	send_to(context, agent, &message);
}

void link_send_extend(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms)
{
	struct wire_message message = {.type = WIRE_EXTEND,
				       .as.extend = {.run = run, .fence = fence, .hold_ms = hold_ms}};

	send_to(context, agent, &message);
}

void link_send_ack(void *context, const char *agent, int64_t run, int64_t n)
{
	struct wire_message message = {.type = WIRE_ACK, .as.ack = {.run = run, .n = n}};

	send_to(context, agent, &message);
}

void link_send_stale(void *context, const char *agent, int64_t run, int64_t fence)
{
	struct wire_message message = {.type = WIRE_STALE, .as.stale = {.run = run, .fence = fence}};

	send_to(context, agent, &message);
}

void link_send_recover(void *context, const char *agent, const char *board, const char *reason)
{
	struct wire_message message = {.type = WIRE_RECOVER, .as.recover = {.board = board, .reason = reason}};

	send_to(context, agent, &message);
}
