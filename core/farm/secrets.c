/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that webhooks are signed with: kept as they are, since both sides need them, and never shown. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/nights.h"
#include "core/farm/outbox.h"
#include "core/farm/state_night.h"

#define SECRET_MIN 16

void secret_load(struct farm *farm, const struct secret_record *record)
{
	struct secret_entry *entry = mem_alloc(sizeof(*entry));

	entry->record = *record;
	list_append(&farm->secrets, &entry->link);
}

void secrets_clear(struct farm *farm)
{
	list_for_each_safe (link, &farm->secrets) {
		list_remove(link);
		free(list_container(link, struct secret_entry, link));
	}
}

static struct secret_entry *find(const struct farm *farm, const char *org, const char *name)
{
	list_for_each (link, &farm->secrets) {
		struct secret_entry *entry = list_container(link, struct secret_entry, link);

		if (strcmp(entry->record.org, org) == 0 && strcmp(entry->record.name, name) == 0)
			return entry;
	}
	return NULL;
}

bool secret_known(const struct farm *farm, const char *org, const char *name)
{
	return find(farm, org, name) != NULL;
}

static int may_change(const struct farm *farm, const struct principal *who, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not keep secrets", role_name(who->role));
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

static int check(const char *name, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (!schedule_name_valid(name))
		return err_set(err, ERR_INVALID, "name: found \"%.60s\", expected %s", name, SCHEDULE_NAME_RULE);
	if (len < SECRET_MIN || len >= sizeof(((struct secret_record *)0)->value))
		return err_set(err, ERR_INVALID, "value: found %zu bytes, expected %d to 128", len, SECRET_MIN);
	for (size_t i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return err_set(err, ERR_INVALID, "value: found a space or control character, expected none");
	}
	return 0;
}

static size_t count_of(const struct farm *farm, const char *org)
{
	size_t count = 0;

	list_for_each (link, &farm->secrets)
		count += strcmp(list_container(link, struct secret_entry, link)->record.org, org) == 0;
	return count;
}

/* Webhooks that are signed with one that is there would be signed otherwise from now on. */
static int check_free(const struct farm *farm, const struct principal *who, const char *name, bool replace,
		      struct err *err)
{
	if (find(farm, who->org, name))
		return replace ? 0
			       : err_set(err, ERR_EXISTS,
					 "there is a secret \"%.60s\" already; replace it (--replace) "
					 "or choose another name",
					 name);
	if (count_of(farm, who->org) >= ORG_MAX_SECRETS)
		return err_set(err, ERR_BUSY, "%.60s keeps %d secrets, more may not be", who->org, ORG_MAX_SECRETS);
	return 0;
}

static void forget(struct secret_entry *entry)
{
	list_remove(&entry->link);
	free(entry);
}

int farm_put_secret(struct farm *farm, const struct principal *who, const char *name, const char *value, bool replace,
		    on_done_fn on_done, void *context, struct err *err)
{
	struct secret_record record = {.created_at_us = farm_unix(farm)};
	struct secret_entry *old;
	int rc = may_change(farm, who, err);

	if (rc == 0)
		rc = check(name, value, err);
	if (rc == 0)
		rc = check_free(farm, who, name, replace, err);
	if (rc)
		return rc;
	mem_text_into(record.org, sizeof(record.org), who->org);
	mem_text_into(record.name, sizeof(record.name), name);
	mem_text_into(record.author, sizeof(record.author), who->name);
	mem_text_into(record.value, sizeof(record.value), value);
	farm_enter(farm);
	old = find(farm, who->org, name);
	if (old)
		forget(old);
	secret_load(farm, &record);
	*(struct secret_record *)change_add(farm->open, RECORD_SECRET) = record;
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

int farm_remove_secret(struct farm *farm, const struct principal *who, const char *name, on_done_fn on_done,
		       void *context, struct err *err)
{
	struct secret_entry *entry = find(farm, who->org, name);
	struct secret_record *record;
	int rc = may_change(farm, who, err);

	if (rc)
		return rc;
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "there is no secret \"%.60s\"", name);
	farm_enter(farm);
	record = change_add(farm->open, RECORD_SECRET);
	*record = entry->record;
	record->removed = true;
	memset(record->value, 0, sizeof(record->value));
	forget(entry);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

json_t *farm_secrets_json(const struct farm *farm, const struct principal *who)
{
	json_t *array = json_array();

	list_for_each (link, &farm->secrets) {
		const struct secret_record *record = &list_container(link, struct secret_entry, link)->record;

		if (principal_sees(who, record->org))
			json_push(&array,
				  json_pack("{s:s, s:s, s:s, s:I}", "name", record->name, "org", record->org, "author",
					    record->author, "created_at_us", (json_int_t)record->created_at_us));
	}
	return array;
}
