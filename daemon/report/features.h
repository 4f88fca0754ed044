/* SPDX-License-Identifier: Apache-2.0 */
/* What a job says a board can do: its groups of cases as features; private to the IDT reports. */
#ifndef ASSAY_REPORT_FEATURES_H
#define ASSAY_REPORT_FEATURES_H

#include "core/base/map.h"
#include "daemon/report/report.h"
#include "daemon/report/xml.h"

#define FEATURES_MAX     2000 /* groups of a job; more are left out, and said to be */
#define FEATURE_NAME_MAX 200

struct feature {
	struct map_node node;
	char name[FEATURE_NAME_MAX];
	bool required;  /* one of its cases is */
	bool supported; /* each of its cases passed in each run that counts */
};

struct features {
	struct map by_name;
	struct feature *item; /* in the order they came; room for FEATURES_MAX */
	size_t count;
	bool cut;
};

/* features is good for features_finish in every case. */
int features_gather(const struct report *report, struct features *features, struct err *err);
void features_finish(struct features *features);
void features_write(const struct features *features, struct xml *xml);

#endif
