/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases as features of a board: supported when all that is required of them passed. */
#include "daemon/report/features.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static struct feature *find(const struct features *features, const char *name)
{
	for (struct map_node *node = map_first(&features->by_name, map_hash_text(name)); node; node = map_same(node)) {
		struct feature *feature = map_container(node, struct feature, node);

		if (strcmp(feature->name, name) == 0)
			return feature;
	}
	return NULL;
}

static struct feature *add(struct features *features, const char *name)
{
	struct feature *feature = &features->item[features->count++];

	*feature = (struct feature){.supported = true};
	mem_text_into(feature->name, sizeof feature->name, name);
	map_add(&features->by_name, &feature->node, map_hash_text(feature->name));
	return feature;
}

static int on_case(void *context, const struct report_case *result, struct err *err)
{
	struct features *features = context;
	char name[FEATURE_NAME_MAX];
	struct feature *feature;

	(void)err;
	if (!result->group[0])
		return 0;
	mem_text_into(name, sizeof name, result->group);
	feature = find(features, name);
	if (!feature && features->count == FEATURES_MAX) {
		features->cut = true;
		return 0;
	}
	if (!feature)
		feature = add(features, name);
	feature->required |= result->required;
	/* Waived and ignored ones are no support of anything, whoever allowed them. */
	if (result->verdict != CASE_PASS && (result->required || result->verdict != CASE_IGNORED))
		feature->supported = false;
	return 0;
}

int features_gather(const struct report *report, struct features *features, struct err *err)
{
	int rc = 0;

	*features = (struct features){0};
	map_init(&features->by_name);
	features->item = calloc(FEATURES_MAX, sizeof *features->item);
	if (!features->item)
		return err_set(err, ERR_NOMEM, "out of memory for a report");
	for (size_t i = 0; i < report->run_count && !rc; i++)
		if (report_run_counts(&report->runs[i]))
			rc = report_each_case(report, &report->runs[i], on_case, features, err);
	return rc;
}

void features_finish(struct features *features)
{
	map_finish(&features->by_name);
	free(features->item);
}

void features_write(const struct features *features, struct xml *xml)
{
	xml_raw(xml, "<features>\n");
	for (size_t i = 0; i < features->count; i++) {
		const struct feature *feature = &features->item[i];

		xml_raw(xml, "<feature");
		xml_attribute(xml, "name", feature->name);
		xml_attribute(xml, "value", feature->supported ? "supported" : "not-supported");
		xml_attribute(xml, "type", feature->required ? "required" : "optional");
		xml_raw(xml, "/>\n");
	}
	xml_raw(xml, "</features>\n");
	if (features->cut)
		xml_raw(xml, "<!-- only the first %d groups -->\n", FEATURES_MAX);
}
