/* SPDX-License-Identifier: Apache-2.0 */
/* Which required cases a run never came to, when it ended for no fault of theirs: the judge calls nothing missing in a
 * run that was cancelled or that the farm is to blame for. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/judge/asked.h"
#include "daemon/report/report.h"

#define TEXT_MAX       (64u << 10) /* of the list; more is cut */
#define NAME_MAX_BYTES 402

struct wanted {
	struct map_node node;
	const char *name; /* "Group.Case", of the requirements */
	bool seen;
};

struct search {
	struct map by_name;
	struct wanted *item;
	size_t count;
};

static int on_case(void *context, const struct report_case *result, struct err *err)
{
	struct search *search = context;
	char name[NAME_MAX_BYTES];

	(void)err;
	snprintf(name, sizeof name, "%s%s%s", result->group, result->group[0] ? "." : "", result->name);
	for (struct map_node *node = map_first(&search->by_name, map_hash_text(name)); node; node = map_same(node)) {
		struct wanted *wanted = map_container(node, struct wanted, node);

		wanted->seen |= strcmp(wanted->name, name) == 0;
	}
	return 0;
}

static int gather(const struct requirements *require, struct search *search, struct err *err)
{
	search->item = calloc(require->case_count + 1, sizeof *search->item);
	if (!search->item)
		return err_set(err, ERR_NOMEM, "out of memory for a report");
	for (size_t i = 0; i < require->case_count; i++) {
		struct wanted *wanted = &search->item[search->count];

		if (requirements_rule(require, i)->optional)
			continue;
		wanted->name = require->cases[i];
		map_add(&search->by_name, &wanted->node, map_hash_text(wanted->name));
		search->count++;
	}
	return 0;
}

static int list_unseen(const struct search *search, char **ret_text, struct err *err)
{
	struct buf text;
	int rc = 0;

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < search->count && !rc; i++)
		if (!search->item[i].seen)
			rc = buf_appendf(&text, "%s%s", text.len ? ", " : "", search->item[i].name);
	if (rc == ERR_NOMEM)
		err_set(err, ERR_NOMEM, "out of memory for a report");
	else
		*ret_text = text.len ? buf_take(&text) : NULL;
	buf_finish(&text);
	return rc == ERR_NOMEM ? rc : 0;
}

static int search_run(const struct report *report, const struct report_run *run, const struct requirements *require,
		      char **ret_text, struct err *err)
{
	struct search search = {0};
	int rc;

	map_init(&search.by_name);
	rc = gather(require, &search, err);
	if (!rc)
		rc = report_each_case(report, run, on_case, &search, err);
	if (!rc)
		rc = list_unseen(&search, ret_text, err);
	map_finish(&search.by_name);
	free(search.item);
	return rc;
}

int report_not_run(const struct report *report, const struct report_run *run, char **ret_text, struct err *err)
{
	json_t *records = NULL, *object;
	struct err ignored = {0};
	struct asked asked;
	int rc;

	*ret_text = NULL;
	if (run->verdict == RUN_NONE || run->verdict == RUN_PASSED || run->verdict == RUN_FAILED)
		return 0;
	rc = report->reader->run_records(report->reader->context, run->id, &records, err);
	object = rc ? NULL : json_object_get(records, "asked");
	asked_init(&asked);
	/* What another version wrote and this one cannot read leaves the rest of the report as good as it is. */
	if (json_is_object(object) && !asked_from_json(object, &asked, &ignored))
		rc = search_run(report, run, &asked.require, ret_text, err);
	asked_finish(&asked);
	json_decref(records);
	return rc;
}
