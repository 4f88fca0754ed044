/* SPDX-License-Identifier: Apache-2.0 */
/* The link to the agents: a websocket each, at /api/v1/link. Translates between core/wire's messages and the farm's
 * plain structs, and knows who is connected.
 *
 * Happy path: upgrade with an agent's token -> hello -> the farm welcomes -> events and board changes come in, assigns,
 * acks and cancels go out, until the connection ends; then the farm is told.
 * Ways it goes otherwise:
 *   no agent's token, wrong subprotocol or path   the upgrade is refused
 *   a hello that cannot be accepted               refused{…}, then closed; the agent comes again later
 *   the same agent connects again                 the newer connection counts, the older one is closed
 *   another process says the same name            refused for as long as the older connection is heard from
 *   nothing heard for 15 s                        closed, as if it had gone
 *   a message that makes no sense                 closed with the reason; the next hello resumes
 *   the agent does not read what it is sent       closed when its queue is full
 *   the store is behind                           nothing is read from any agent until the farm says go on */
#ifndef ASSAY_LINK_LINK_H
#define ASSAY_LINK_LINK_H

#include <libwebsockets.h>

#include "core/base/err.h"
#include "core/farm/farm.h"
#include "daemon/loop/loop.h"

struct link; /* private; create/destroy */

struct link_options {
	struct loop *loop;
	void *context;
	/* Whose token this is; false: nobody's. */
	bool (*authenticate)(void *context, const char *token, struct principal *ret_who);
};

/* Returns 0 or ERR_NOMEM. No agent gets in before link_open. */
int link_create(const struct link_options *options, struct link **ret_link, struct err *err);
/* From now on the farm hears of agents. */
void link_open(struct link *link, struct farm *farm);
/* Ends the timer and tells the farm nothing more; its memory is freed by later turns of the loop. After the web that
 * serves it is gone. Accepts NULL. */
void link_destroy(struct link *link);
/* The entry for the web's table of protocols. */
struct lws_protocols link_protocol(struct link *link);
/* Closes all connections without telling the farm, which does not know of them any more; agents come again. */
void link_restart(struct link *link);
/* Closes the connections that use the token of this name. */
void link_revoke(struct link *link, const char *token_name);

/* The farm's ports: each does what struct farm_ports says; context is the link. */
void link_send_welcome(void *context, const char *agent, const char *farm_id, const struct agent_known_run *runs,
		       size_t run_count);
void link_send_assign(void *context, const char *agent, const struct agent_assign *assign);
void link_send_cancel(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
		      const char *reason);
void link_send_extend(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms);
void link_send_ack(void *context, const char *agent, int64_t run, int64_t n);
void link_send_stale(void *context, const char *agent, int64_t run, int64_t fence);
void link_send_recover(void *context, const char *agent, const char *board, const char *reason);
void link_flow(void *context, bool wait);

#endif
