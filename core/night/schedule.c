/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: reading the file, and when one is due. */
#include "core/night/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/calendar/calendar_read.h"
#include "core/night/schedule_read.h"
#include "core/spec/spec_fields.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const comparisons[] = {
#define X(name, text) [COMPARE_##name] = text,
	SCHEDULE_COMPARISONS(X)
#undef X
};

static const char *const misses[] = {
#define X(name, text) [MISSED_##name] = text,
	SCHEDULE_MISSES(X)
#undef X
};

static const char *const overlaps[] = {
#define X(name, text) [OVERLAP_##name] = text,
	SCHEDULE_OVERLAPS(X)
#undef X
};

const char *schedule_comparison_name(enum schedule_comparison comparison)
{
	return comparisons[comparison];
}

/* A number, or the word for all of them. */
static void read_boards(const struct doc_node *root, struct schedule *schedule, struct doc_problems *problems)
{
	const struct doc_node *node = doc_get(root, "boards");
	int64_t boards = SCHEDULE_ANY_BOARD, count = 1;
	char scratch[100];

	if (node && node->kind == DOC_SCALAR && strcmp(node->text, "each") == 0)
		boards = SCHEDULE_EACH_BOARD;
	else if (node && node->kind == DOC_SCALAR && strspn(node->text, "0123456789") != strlen(node->text))
		doc_problem_add(problems, node->line, node->path, doc_describe(node, scratch, sizeof scratch),
				"a number of boards, or each");
	else
		doc_read_int(root, "boards", false, 1, SCHEDULE_MAX_BOARDS, &boards, problems);
	schedule->boards = (uint32_t)boards;
	doc_read_int(root, "count", false, 1, SCHEDULE_MAX_COUNT, &count, problems);
	schedule->count = (uint32_t)count;
}

static void read_limits(const struct doc_node *root, struct schedule *schedule, struct doc_problems *problems)
{
	int64_t retries = 1, parallel = 0, priority = 20;
	size_t missed = MISSED_RUN, overlap = OVERLAP_SKIP, compare = COMPARE_ACCEPTED;

	read_boards(root, schedule, problems);
	doc_read_int(root, "retries", false, 0, 5, &retries, problems);
	doc_read_int(root, "parallel", false, 1, SCHEDULE_MAX_PARALLEL, &parallel, problems);
	doc_read_int(root, "priority", false, 0, 100, &priority, problems);
	schedule->preemptible = true;
	doc_read_bool(root, "preemptible", false, &schedule->preemptible, problems);
	doc_read_enum(root, "missed", false, misses, COUNT(misses), &missed, problems);
	doc_read_enum(root, "overlap", false, overlaps, COUNT(overlaps), &overlap, problems);
	doc_read_enum(root, "compare-with", false, comparisons, COUNT(comparisons), &compare, problems);
	schedule->retries = (uint32_t)retries;
	schedule->parallel = (uint32_t)parallel;
	schedule->priority = (int)priority;
	schedule->missed = (enum schedule_missed)missed;
	schedule->overlap = (enum schedule_overlap)overlap;
	schedule->compare_with = (enum schedule_comparison)compare;
}

static bool is_graphic(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static void read_webhook(const struct doc_node *notify, struct schedule *schedule, struct doc_problems *problems)
{
	static const char *const known[] = {"url", "secret", NULL};
	const struct doc_node *node = doc_read_mapping(notify, "webhook", false, problems);
	const char *url;

	if (!node)
		return;
	doc_refuse_unknown(node, known, problems);
	spec_read_name(node, "secret", true, schedule->webhook_secret, sizeof schedule->webhook_secret, problems);
	if (!doc_read_text(node, "url", true, sizeof schedule->webhook_url - 1, &url, problems))
		return;
	/* Signed, but not secret: plain HTTP within a house is somebody's own choice. */
	if (!is_graphic(url) || url[strcspn(url, "\"\\<>")] ||
	    !((strncmp(url, "https://", 8) == 0 && url[8]) || (strncmp(url, "http://", 7) == 0 && url[7])))
		doc_problem_add(problems, doc_get(node, "url")->line, doc_get(node, "url")->path, url,
				"a URL that begins with https:// or http://");
	else
		snprintf(schedule->webhook_url, sizeof schedule->webhook_url, "%s", url);
}

/* One address without a name; it stands in headers and in a command's arguments, so nothing else is let through. */
static bool mail_valid(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') && text[0] != '-' && is_graphic(text) &&
	       !text[strcspn(text, "<>,;:\"\\()")];
}

static int read_mails(const struct doc_node *notify, struct schedule *schedule, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(notify, "mail", false, SCHEDULE_MAX_MAILS, problems);

	if (!list)
		return 0;
	schedule->mails = calloc(list->count + 1, sizeof *schedule->mails);
	if (!schedule->mails)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->count; i++) {
		const struct doc_node *node = list->child[i];
		const char *text;

		if (!doc_node_text(node, sizeof schedule->mails[0] - 1, &text, problems))
			continue;
		if (!mail_valid(text))
			doc_problem_add(problems, node->line, node->path, text, "an address as team@example.org");
		snprintf(schedule->mails[schedule->mail_count++], sizeof schedule->mails[0], "%s", text);
	}
	return 0;
}

static int read_notify(const struct doc_node *root, struct schedule *schedule, struct doc_problems *problems)
{
	static const char *const known[] = {"webhook", "mail", NULL};
	const struct doc_node *notify = doc_read_mapping(root, "notify", false, problems);

	if (!notify)
		return 0;
	doc_refuse_unknown(notify, known, problems);
	read_webhook(notify, schedule, problems);
	return read_mails(notify, schedule, problems);
}

static int read_schedule(const struct doc_node *root, const struct time_zones *zones, struct schedule *schedule,
			 struct doc_problems *problems)
{
	static const char *const known[] = {"name",   "when",    "window",       "matrix",   "boards",
					    "count",  "retries", "parallel",     "priority", "preemptible",
					    "missed", "overlap", "compare-with", "notify",   NULL};
	int rc;

	doc_refuse_unknown(root, known, problems);
	if (root->kind != DOC_MAPPING)
		return 0;
	spec_read_name(root, "name", true, schedule->name, sizeof schedule->name, problems);
	calendar_read(root, "when", true, zones, &schedule->when, problems);
	schedule->has_window = calendar_window_read(root, "window", false, zones, &schedule->window, problems);
	if (schedule->has_window)
		snprintf(schedule->window_text, sizeof schedule->window_text, "%s", doc_get(root, "window")->text);
	read_limits(root, schedule, problems);
	rc = schedule_matrix_read(root, schedule, problems);
	return rc ? rc : read_notify(root, schedule, problems);
}

int schedule_read(const char *file, const char *text, size_t len, const struct time_zones *zones,
		  struct schedule **ret_schedule, struct doc_problems *problems)
{
	struct schedule *schedule;
	size_t before = problems->count;
	struct doc *doc;
	int rc = doc_parse(file, text, len, &doc, problems);

	if (rc)
		return rc;
	schedule = calloc(1, sizeof *schedule);
	rc = schedule ? read_schedule(doc->root, zones, schedule, problems) : ERR_NOMEM;
	doc_destroy(doc);
	if (!rc && problems->count > before)
		rc = ERR_INVALID;
	if (rc) {
		schedule_destroy(schedule);
		return rc;
	}
	*ret_schedule = schedule;
	return 0;
}

void schedule_destroy(struct schedule *schedule)
{
	if (!schedule)
		return;
	for (size_t i = 0; i < schedule->image_count; i++)
		free(schedule->images[i].on_type);
	free(schedule->images);
	free(schedule->suites);
	free(schedule->types);
	free(schedule->mails);
	free(schedule);
}

/* The latest instant after from_us and not after now_us. It is looked for in the last hour first, then further back, so
 * that few instants are gone through however many were missed. */
static bool latest_between(const struct calendar *when, int64_t from_us, int64_t now_us, int64_t *ret_at_us)
{
	static const int64_t hours[] = {1, 24, 24 * 32, 24 * 366};
	struct calendar_instant instant;
	bool found = false;

	for (size_t i = 0; i <= COUNT(hours) && !found; i++) {
		int64_t start_us = from_us;

		if (i < COUNT(hours) && now_us - from_us > hours[i] * 3600 * CALENDAR_US)
			start_us = now_us - hours[i] * 3600 * CALENDAR_US;
		while (calendar_next(when, start_us, &instant) && instant.at_us <= now_us) {
			*ret_at_us = start_us = instant.at_us;
			found = true;
		}
		if (start_us == from_us)
			break;
	}
	return found;
}

bool schedule_due(const struct schedule *schedule, int64_t last_us, int64_t now_us, int64_t *ret_due_us)
{
	struct calendar_span span;
	int64_t due_us;

	if (last_us >= now_us || !latest_between(&schedule->when, last_us, now_us, &due_us))
		return false;
	if (now_us - due_us > SCHEDULE_LATE_LIMIT_US) {
		if (schedule->missed == MISSED_SKIP)
			return false;
		/* Held until its window opens the next time, it would run beside the one that is due then. */
		if (schedule->has_window &&
		    (!calendar_window_at(&schedule->window, due_us, &span) || now_us >= span.until_us))
			return false;
	}
	*ret_due_us = due_us;
	return true;
}
