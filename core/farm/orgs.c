/* SPDX-License-Identifier: Apache-2.0 */
/* What organisations and their members may have of the farm, and what they had more than that: over a restart too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_org.h"

#define DEBTS_KEPT_US INT64_C(30000000) /* at most so much of what was used is forgotten by a crash */

static struct farm_org *org_of(struct map_node *node)
{
	return map_container(node, struct farm_org, node);
}

static struct farm_member *member_of(struct map_node *node)
{
	return map_container(node, struct farm_member, node);
}

static struct farm_org *org_of_member(const struct farm_member *member)
{
	return list_container(member->plan.org, struct farm_org, plan);
}

/* --- as they are stored --- */

static void org_apply(struct farm *farm, const struct org_record *record)
{
	plan_org_change(farm->plan, &org_get(farm, record->name)->plan, record->weight, record->cap,
			record->guaranteed);
}

void org_load(struct farm *farm, const struct org_record *record)
{
	org_apply(farm, record);
}

void member_load(struct farm *farm, const struct member_record *record)
{
	plan_member_change(farm->plan, &member_get(farm, record->org, record->name)->plan, record->weight);
}

/* --- JSON --- */

static json_t *members_json(const struct farm *farm, const struct farm_org *org)
{
	json_t *array = json_array();

	for (struct map_node *node = map_next(&farm->members, NULL); node; node = map_next(&farm->members, node)) {
		const struct farm_member *member = member_of(node);
		json_t *object;

		if (org_of_member(member) != org)
			continue;
		object = json_object();
		json_put(&object, "name", json_text(member->name, sizeof(member->name)));
		json_put(&object, "weight", json_integer(member->plan.weight));
		json_push(&array, object);
	}
	return array;
}

static json_t *org_json(const struct farm *farm, const struct farm_org *org)
{
	json_t *object = json_object();

	json_put(&object, "name", json_text(org->name, sizeof(org->name)));
	json_put(&object, "weight", json_integer(org->plan.weight));
	json_put(&object, "cap", org->plan.cap ? json_integer(org->plan.cap) : json_null());
	json_put(&object, "guaranteed", json_integer(org->plan.guaranteed));
	json_put(&object, "boards", json_integer(org->plan.in_use));
	json_put(&object, "members", members_json(farm, org));
	return object;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct farm_org *const *)a)->name, (*(const struct farm_org *const *)b)->name);
}

json_t *farm_orgs_json(const struct farm *farm, const struct principal *who, const char *name)
{
	const struct farm_org **list = mem_alloc_array(farm->orgs.count, sizeof(const struct farm_org *));
	json_t *array = json_array();
	size_t count = 0;

	for (struct map_node *node = map_next(&farm->orgs, NULL); node; node = map_next(&farm->orgs, node)) {
		if (principal_sees(who, org_of(node)->name) && (!name || strcmp(name, org_of(node)->name) == 0))
			list[count++] = org_of(node);
	}
	qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count; i++)
		json_push(&array, org_json(farm, list[i]));
	free(list);
	return array;
}

/* --- changed by an admin --- */

static int may_change(const struct farm *farm, const struct principal *who, const char *name, struct err *err)
{
	if (who->role != ROLE_ADMIN)
		return err_set(err, ERR_DENIED, "a %s may not change organisations", role_name(who->role));
	if (!principal_name_valid(name, ORG_MAX))
		return err_set(err, ERR_INVALID, "name: expected 1 to %d " NAME_RULE, ORG_MAX - 1);
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

static int check_org(const struct org_record *wanted, struct err *err)
{
	if (wanted->weight < 1 || wanted->weight > SHARE_WEIGHT_MAX)
		return err_set(err, ERR_INVALID, "weight: found %u, expected 1 to %u", wanted->weight,
			       SHARE_WEIGHT_MAX);
	if (wanted->cap && wanted->guaranteed > wanted->cap)
		return err_set(err, ERR_INVALID, "guaranteed: found %u, expected no more than the cap, which is %u",
			       wanted->guaranteed, wanted->cap);
	return 0;
}

static void tell(struct farm *farm, const struct farm_org *org)
{
	json_t *body = org_json(farm, org);

	if (body)
		json_object_del(body, "boards");
	event_append(farm, EVENT_ORG_CHANGED, org->name, NULL, NULL, NULL, body);
}

struct org_record farm_org_wanted(const struct farm *farm, const char *name)
{
	const struct farm_org *org = org_find(farm, name);
	struct org_record record = {.weight = ORG_USUAL_WEIGHT};

	/* Not cut: that would be another organisation's. */
	mem_text_into(record.name, sizeof(record.name), principal_name_valid(name, ORG_MAX) ? name : "");
	if (org) {
		record.weight = org->plan.weight;
		record.cap = org->plan.cap;
		record.guaranteed = org->plan.guaranteed;
	}
	return record;
}

bool farm_org_known(const struct farm *farm, const char *name)
{
	return org_find(farm, name) != NULL;
}

void farm_org_meet(struct farm *farm, const char *name)
{
	if (principal_name_valid(name, ORG_MAX))
		(void)org_get(farm, name);
}

int farm_set_org(struct farm *farm, const struct principal *who, const struct org_record *wanted, on_done_fn on_done,
		 void *context, struct err *err)
{
	struct org_record *record;
	int rc = may_change(farm, who, wanted->name, err);

	if (rc == 0)
		rc = check_org(wanted, err);
	if (rc)
		return rc;
	farm_enter(farm);
	org_apply(farm, wanted);
	record = change_add(farm->open, RECORD_ORG);
	*record = *wanted;
	record->changed_at_us = farm_unix(farm);
	tell(farm, org_get(farm, wanted->name));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

int farm_set_member(struct farm *farm, const struct principal *who, const char *org, const char *name, uint32_t weight,
		    on_done_fn on_done, void *context, struct err *err)
{
	struct member_record *record;
	int rc = may_change(farm, who, org, err);

	if (rc == 0 && !principal_name_valid(name, PRINCIPAL_MAX))
		rc = err_set(err, ERR_INVALID, "member: expected 1 to %d " NAME_RULE, PRINCIPAL_MAX - 1);
	if (rc == 0 && (weight < 1 || weight > SHARE_WEIGHT_MAX))
		rc = err_set(err, ERR_INVALID, "weight: found %u, expected 1 to %u", weight, SHARE_WEIGHT_MAX);
	if (rc)
		return rc;
	farm_enter(farm);
	record = change_add(farm->open, RECORD_MEMBER);
	mem_text_into(record->org, sizeof(record->org), org);
	mem_text_into(record->name, sizeof(record->name), name);
	record->weight = weight;
	record->changed_at_us = farm_unix(farm);
	member_load(farm, record);
	tell(farm, org_get(farm, org));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

/* --- what they had more than their share --- */

static void on_debt(void *context, const struct plan_pool *pool, const struct plan_org *org,
		    const struct plan_member *member, const struct plan_debt *debt)
{
	json_t *array = context, *object = json_object(), *us = json_array();

	for (size_t i = 0; i < PLAN_BANDS; i++)
		json_push(&us, json_integer(debt->us[i]));
	json_put(&object, "type", json_string(list_container(pool, const struct pool, plan)->name));
	json_put(&object, "org", json_string(list_container(org, const struct farm_org, plan)->name));
	if (member)
		json_put(&object, "member", json_string(list_container(member, const struct farm_member, plan)->name));
	json_put(&object, "us", us);
	json_push(&array, object);
}

void debts_keep_soon(struct farm *farm)
{
	if (farm->debts_due_us != NEVER_US)
		return;
	farm->debts_due_us = farm_now(farm) + DEBTS_KEPT_US;
	farm_due(farm, farm->debts_due_us);
}

void debts_tick(struct farm *farm)
{
	struct debts_record *record;
	json_t *array;

	if (farm_now(farm) < farm->debts_due_us)
		return;
	farm->debts_due_us = NEVER_US;
	array = json_array();
	plan_debts(farm->plan, on_debt, array);
	record = change_add(farm->open, RECORD_DEBTS);
	record->body = json_compact(array);
	json_decref(array);
}

static void owe(struct farm *farm, const json_t *entry)
{
	const char *type = json_string_value(json_object_get(entry, "type"));
	const char *org = json_string_value(json_object_get(entry, "org"));
	const char *member = json_string_value(json_object_get(entry, "member"));
	struct pool *pool = type ? pool_find(farm, type) : NULL;
	struct plan_debt debt;

	if (!pool || !org || strlen(org) >= ORG_MAX || (member && strlen(member) >= PRINCIPAL_MAX))
		return; /* of a type that the farm has no longer */
	for (size_t i = 0; i < PLAN_BANDS; i++)
		debt.us[i] = json_integer_value(json_array_get(json_object_get(entry, "us"), i));
	plan_owe(farm->plan, &pool->plan, &org_get(farm, org)->plan,
		 member ? &member_get(farm, org, member)->plan : NULL, &debt);
}

void debts_load(struct farm *farm, const char *body)
{
	json_t *array = json_loads(body ? body : "[]", 0, NULL);
	const json_t *entry;
	size_t i;

	farm->debts_due_us = NEVER_US;
	if (!array)
		log_error("farm", "what organisations had more than their share cannot be read: it is forgotten");
	json_array_foreach(array, i, entry) owe(farm, entry);
	json_decref(array);
}
