/* SPDX-License-Identifier: Apache-2.0 */
/* Suites: named requirements that job files refer to. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_standard.h"

struct suite_entry *suite_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->suites, map_hash_text(name));

	while (node && strcmp(map_container(node, struct suite_entry, node)->record.name, name) != 0)
		node = map_same(node);
	return node ? map_container(node, struct suite_entry, node) : NULL;
}

const struct suite *suite_lookup(void *farm, const char *name)
{
	struct suite_entry *entry = suite_find(farm, name);

	return entry ? &entry->suite : NULL;
}

void suite_entry_destroy(struct suite_entry *entry)
{
	if (!entry)
		return;
	suite_finish(&entry->suite);
	free(entry->record.text);
	free(entry);
}

/* Parses the record's text and puts the suite into the place of its name. */
int suite_add(struct farm *farm, const struct suite_record *record, struct doc_problems *problems)
{
	struct suite_entry *old = suite_find(farm, record->name);
	struct suite_entry *entry = mem_alloc(sizeof(*entry));
	int rc = suite_read(record->name, record->text, strlen(record->text), &entry->suite, problems);

	if (rc) {
		free(entry);
		return rc;
	}
	entry->record = *record;
	entry->record.text = mem_text(record->text);
	mem_text_into(entry->record.version, sizeof(entry->record.version), entry->suite.version);
	if (old) {
		map_remove(&farm->suites, &old->node);
		suite_entry_destroy(old);
	}
	map_add(&farm->suites, &entry->node, map_hash_text(entry->record.name));
	return 0;
}

static int check_put(struct farm *farm, const struct principal *who, const char *name, const char *file,
		     const char *text, size_t len, struct doc_problems *problems, struct err *err)
{
	struct suite parsed;
	int rc;

	if (who->role != ROLE_ADMIN && !(who->role == ROLE_MEMBER && strcmp(who->org, ORG_DEFAULT) == 0))
		return err_set(err, ERR_DENIED, "only admins and members of the farm's own organisation keep suites");
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	memset(&parsed, 0, sizeof(parsed));
	rc = suite_read(file, text, len, &parsed, problems);
	if (rc)
		return rc == ERR_INVALID ? doc_problems_err(problems, err)
					 : err_set(err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	if (strcmp(parsed.name, name) != 0) {
		doc_problem_add(problems, 1, "name", parsed.name, "\"%s\", the name it is put under", name);
		rc = doc_problems_err(problems, err);
	}
	suite_finish(&parsed);
	return rc;
}

int farm_put_suite(struct farm *farm, const struct principal *who, const char *name, const char *file, const char *text,
		   size_t len, on_done_fn on_done, void *context, struct doc_problems *problems, struct err *err)
{
	struct suite_record record = {.changed_at_us = farm_unix(farm)};
	struct suite_record *kept;
	struct suite_entry *entry;
	int rc;

	doc_problems_init(problems, file);
	rc = check_put(farm, who, name, file, text, len, problems, err);
	if (rc)
		return rc;
	mem_text_into(record.name, sizeof(record.name), name);
	mem_text_into(record.org, sizeof(record.org), ORG_DEFAULT);
	record.text = mem_alloc(len + 1);
	memcpy(record.text, text, len);
	rc = suite_add(farm, &record, problems);
	free(record.text);
	if (rc)
		return doc_problems_err(problems, err);
	farm_enter(farm);
	entry = suite_find(farm, name);
	kept = change_add(farm->open, RECORD_SUITE);
	*kept = entry->record;
	kept->text = mem_text(entry->record.text);
	event_suite(farm, entry);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
