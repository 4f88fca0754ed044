/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts and hubs that take nothing new, for maintenance: who said so, and why. What runs there goes on to its end. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_rack.h"

/* What is drained: a host, or a hub of one. */
struct drained {
	struct agent *agent;
	struct hub *hub; /* NULL: the host */
};

static struct plan_place *place_of(const struct drained *it)
{
	return it->hub ? &it->hub->plan : &it->agent->plan;
}

static struct drain_record **record_of(const struct drained *it)
{
	return it->hub ? &it->hub->drain : &it->agent->drain;
}

static void drain_apply(struct farm *farm, const struct drained *it, const struct drain_record *record)
{
	struct drain_record **held = record_of(it);

	free(*held);
	*held = record->draining ? mem_copy(record, sizeof(*record)) : NULL;
	plan_place_set_draining(farm->plan, place_of(it), record->draining);
}

void drain_load(struct farm *farm, const struct drain_record *record)
{
	struct drained it = {.agent = agent_find(farm, record->agent)};

	if (!it.agent)
		return;
	if (record->hub[0])
		it.hub = hub_get(farm, it.agent, record->hub);
	drain_apply(farm, &it, record);
}

const struct drain_record *board_drain(const struct board *board)
{
	return board->agent->drain || !board->hub ? board->agent->drain : board->hub->drain;
}

json_t *drain_json(const struct drain_record *record)
{
	json_t *object;

	if (!record)
		return json_null();
	object = json_object();
	json_put(&object, "by", json_text(record->by, sizeof(record->by)));
	json_put(&object, "why", json_text(record->why, sizeof(record->why)));
	json_put(&object, "since_us", json_integer(record->at_us));
	return object;
}

static void tell(struct farm *farm, const struct drain_record *record)
{
	json_t *body = json_object();

	json_put(&body, "agent", json_string(record->agent));
	json_put(&body, "hub", json_string(record->hub));
	json_put(&body, "draining", json_boolean(record->draining));
	json_put(&body, "by", json_text(record->by, sizeof(record->by)));
	json_put(&body, "why", json_text(record->why, sizeof(record->why)));
	event_append(farm, EVENT_RACK_CHANGED, record->org, NULL, NULL, NULL, body);
}

static int find_place(const struct farm *farm, const char *rack, const char *hub, struct drained *ret_it,
		      struct err *err)
{
	struct drained it = {.agent = agent_find(farm, rack)};

	if (!it.agent)
		return err_set(err, ERR_NOT_FOUND, "there is no rack %.80s", rack);
	it.hub = hub[0] ? hub_find(it.agent, hub) : NULL;
	if (hub[0] && !it.hub)
		return err_set(err, ERR_NOT_FOUND, "rack %s has no hub %.80s", it.agent->record.name, hub);
	*ret_it = it;
	return 0;
}

int farm_drain(struct farm *farm, const struct principal *who, const struct drain_record *wanted, on_done_fn on_done,
	       void *context, struct err *err)
{
	struct drain_record *record;
	struct drained it = {.agent = NULL};
	int rc;

	if (who->role != ROLE_ADMIN)
		return err_set(err, ERR_DENIED, "a %s may not drain racks", role_name(who->role));
	rc = farm_degraded(farm) ? farm_refuse(farm, err) : find_place(farm, wanted->agent, wanted->hub, &it, err);
	if (rc == 0 && !farm_is_one_line(wanted->why))
		rc = err_set(err, ERR_INVALID, "why: found a control character, expected one line of text");
	if (rc)
		return rc;
	farm_enter(farm);
	record = change_add(farm->open, RECORD_DRAIN);
	*record = *wanted;
	mem_text_into(record->org, sizeof(record->org), it.agent->record.org);
	mem_text_into(record->by, sizeof(record->by), who->name);
	record->at_us = farm_unix(farm);
	drain_apply(farm, &it, record);
	tell(farm, record);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
