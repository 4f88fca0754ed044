/* SPDX-License-Identifier: Apache-2.0 */
/* When runs of a job may start: reading that from a job file, and turning its texts into instants. */
#ifndef ASSAY_SPEC_SPEC_WHEN_H
#define ASSAY_SPEC_SPEC_WHEN_H

#include "core/base/doc.h"
#include "core/base/json.h"
#include "core/calendar/calendar.h"
#include "core/spec/spec.h"

/* `not-before`, `deadline`, `window`, `after` and `when` of a job; times are taken as texts. */
void spec_read_when(const struct doc_node *root, struct job_when *when, struct doc_problems *problems);
void spec_when_to_json(const struct job_when *when, json_t **object);

/* The same as instants, unix time. */
struct job_terms {
	int64_t not_before_us; /* INT64_MIN: at once */
	int64_t deadline_us;   /* INT64_MAX: none */
	bool has_window;
	struct calendar_window window;
};

/* Reads the texts; mistakes go to problems. now_us is what "+2h" counts from. zones (may be NULL: UTC only) must
 * outlive *ret_terms. On success instants in *when are written in UTC, so that they mean the same ever after. */
bool spec_when_resolve(struct job_when *when, int64_t now_us, const struct time_zones *zones,
		       struct job_terms *ret_terms, struct doc_problems *problems);

/* "2026-11-24 22:00[:30] [ZONE]", "2026-11-24T22:00:00Z", or "+90m" from now_us; without a zone UTC. A time that clocks
 * do not show is the next instant they do; one they show twice the first. */
bool instant_parse(const char *text, const struct time_zones *zones, int64_t now_us, int line, const char *field,
		   int64_t *ret_at_us, struct doc_problems *problems);
/* "2026-11-24T22:00:00Z", a fraction of a second left out. */
void instant_format(int64_t at_us, char *ret_text, size_t size);

#endif
