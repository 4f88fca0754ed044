/* SPDX-License-Identifier: Apache-2.0 */
/* When runs of a job may start. */
#include "core/spec/spec_when.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/spec/spec_fields.h"

#define SECOND_US    INT64_C(1000000)
#define MAX_AHEAD_MS (INT64_C(366) * 86400 * 1000)

static const char instant_expected[] =
	"an instant as \"2026-11-24 22:00 Europe/Berlin\" or \"2026-11-24T22:00:00Z\", or \"+2h\" from now";

static void read_instant(const struct doc_node *root, const char *key, char *target, int *ret_line,
			 struct doc_problems *problems)
{
	if (spec_read_text(root, key, false, target, SPEC_INSTANT_MAX, problems))
		*ret_line = doc_get(root, key)->line;
}

static void read_after(const struct doc_node *root, struct job_when *when, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(root, "after", false, SPEC_MAX_AFTER, problems);

	for (size_t i = 0; list && i < list->count; i++) {
		const struct doc_node *node = list->child[i];
		long long job = 0;
		char rest;

		if (node->kind != DOC_SCALAR || sscanf(node->text, "%18lld%c", &job, &rest) != 1 || job < 1)
			doc_problem_add(problems, node->line, node->path,
					node->kind == DOC_SCALAR ? node->text : "more", "the number of a job");
		else
			when->after[when->after_count++] = job;
		when->after_line = node->line;
	}
}

void spec_read_when(const struct doc_node *root, struct job_when *when, struct doc_problems *problems)
{
	static const char *const ends[] = {"passed", "finished"};
	size_t end = 0;

	read_instant(root, "not-before", when->not_before, &when->not_before_line, problems);
	read_instant(root, "deadline", when->deadline, &when->deadline_line, problems);
	if (spec_read_text(root, "window", false, when->window, sizeof when->window, problems))
		when->window_line = doc_get(root, "window")->line;
	read_after(root, when, problems);
	if (doc_read_enum(root, "when", false, ends, 2, &end, problems) && !doc_get(root, "after"))
		doc_problem_add(problems, doc_get(root, "when")->line, "when", ends[end], "`after` beside it");
	when->after_any_end = end == 1;
}

void spec_when_to_json(const struct job_when *when, json_t **object)
{
	json_t *after;

	if (when->not_before[0])
		json_put(object, "not-before", json_string(when->not_before));
	if (when->deadline[0])
		json_put(object, "deadline", json_string(when->deadline));
	if (when->window[0])
		json_put(object, "window", json_string(when->window));
	if (when->after_count == 0)
		return;
	after = json_array();
	for (size_t i = 0; i < when->after_count; i++)
		json_push(&after, json_integer(when->after[i]));
	json_put(object, "after", after);
	json_put(object, "when", json_string(when->after_any_end ? "finished" : "passed"));
}

/* --- instants --- */

/* "+90m": how long from now. */
static bool parse_ahead(const char *text, int64_t *ret_us)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', CIVIL_DAY_S}};
	long long number;
	char unit, rest;

	if (sscanf(text, "+%9lld%c%c", &number, &unit, &rest) != 2 || number < 1 || !isdigit((unsigned char)text[1]))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (units[i].unit != unit || number * units[i].seconds > MAX_AHEAD_MS / 1000)
			continue;
		*ret_us = number * units[i].seconds * SECOND_US;
		return true;
	}
	return false;
}

/* Fixed widths, digits only: "2026-11-24 22:00". Returns where it goes on, NULL when it is none. */
static const char *parse_clock(const char *text, int64_t *ret_local_s)
{
	static const char shape[] = "dddd-dd-dd?dd:dd";
	struct civil_date date;
	int hour, minute, second = 0;
	const char *at = text;

	for (const char *want = shape; *want; want++, at++) {
		if (*want == 'd'   ? !isdigit((unsigned char)*at)
		    : *want == '?' ? *at != ' ' && *at != 'T'
				   : *at != *want)
			return NULL;
	}
	date.year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	date.month = (text[5] - '0') * 10 + (text[6] - '0');
	date.day = (text[8] - '0') * 10 + (text[9] - '0');
	hour = (text[11] - '0') * 10 + (text[12] - '0');
	minute = (text[14] - '0') * 10 + (text[15] - '0');
	if (at[0] == ':' && isdigit((unsigned char)at[1]) && isdigit((unsigned char)at[2])) {
		second = (at[1] - '0') * 10 + (at[2] - '0');
		at += 3;
	}
	if (date.year < CALENDAR_FIRST_YEAR || date.year > CALENDAR_LAST_YEAR || date.month < 1 || date.month > 12 ||
	    date.day < 1 || date.day > civil_days_in_month(date.year, date.month) || hour > 23 || minute > 59 ||
	    second > 59)
		return NULL;
	*ret_local_s = civil_to_days(&date) * CIVIL_DAY_S + hour * 3600 + minute * 60 + second;
	return at;
}

bool instant_parse(const char *text, const struct time_zones *zones, int64_t now_us, int line, const char *field,
		   int64_t *ret_at_us, struct doc_problems *problems)
{
	const struct time_zone *zone = time_zone_utc();
	const char *rest;
	int64_t local_s, at_s, ahead_us;

	if (parse_ahead(text, &ahead_us)) {
		*ret_at_us = now_us + ahead_us;
		return true;
	}
	rest = parse_clock(text, &local_s);
	if (!rest || (rest[0] && strcmp(rest, "Z") != 0 && (rest[0] != ' ' || !rest[1]))) {
		doc_problem_add(problems, line, field, text, "%s", instant_expected);
		return false;
	}
	if (rest[0] == ' ')
		zone = time_zone_name_valid(rest + 1) ? time_zones_find(zones, rest + 1) : NULL;
	if (!zone) {
		doc_problem_add(problems, line, field, rest + 1, "a time zone that the daemon's host knows");
		return false;
	}
	(void)time_zone_from_local(zone, local_s, &at_s);
	*ret_at_us = at_s * SECOND_US;
	return true;
}

void instant_format(int64_t at_us, char *ret_text, size_t size)
{
	struct civil_date date;
	int second;
	int64_t at_s = at_us / SECOND_US - (at_us % SECOND_US < 0);

	civil_from_days(civil_day_of(at_s, &second), &date);
	(void)snprintf(ret_text, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)date.year, date.month, date.day,
		       second / 3600, second / 60 % 60, second % 60);
}

/* Reads one of the two and writes it in UTC. */
static bool resolve_instant(char *text, const char *field, int line, int64_t now_us, const struct time_zones *zones,
			    int64_t *ret_at_us, struct doc_problems *problems)
{
	if (!text[0])
		return true;
	if (!instant_parse(text, zones, now_us, line, field, ret_at_us, problems))
		return false;
	instant_format(*ret_at_us, text, SPEC_INSTANT_MAX);
	return true;
}

bool spec_when_resolve(struct job_when *when, int64_t now_us, const struct time_zones *zones,
		       struct job_terms *ret_terms, struct doc_problems *problems)
{
	struct job_terms terms = {.not_before_us = INT64_MIN, .deadline_us = INT64_MAX};
	bool good = resolve_instant(when->not_before, "not-before", when->not_before_line, now_us, zones,
				    &terms.not_before_us, problems);

	good &= resolve_instant(when->deadline, "deadline", when->deadline_line, now_us, zones, &terms.deadline_us,
				problems);
	if (when->window[0]) {
		terms.has_window = calendar_window_parse(when->window, zones, when->window_line, "window",
							 &terms.window, problems);
		good &= terms.has_window;
	}
	if (good)
		*ret_terms = terms;
	return good;
}
