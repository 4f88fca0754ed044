/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that rest on what did not come, or on how what came hangs together. */
#include <stdio.h>
#include <string.h>

#include "core/judge/judge_private.h"

static unsigned long long wide(uint64_t value)
{
	return value;
}

static bool is_missing(const struct collector *collector, size_t at)
{
	return collector->states[at].origin == RESULT_UNSEEN && collector->results[at].required;
}

static bool is_ignored(const struct collector *collector, size_t at)
{
	return collector->results[at].verdict == CASE_IGNORED && !result_ignore_excused(&collector->results[at]);
}

/* Of a case that is named itself, or that had to fail. */
static bool is_ignored_case(const struct collector *collector, size_t at)
{
	const char *key = collector->states[at].key;
	uint32_t listed;

	return is_ignored(collector, at) &&
	       (name_index_get(&collector->listed_cases, key, &listed) || collector_expects_failure(collector, key));
}

static bool is_measure_missing(const struct collector *collector, size_t at)
{
	return collector->states[at].fault == CAUSE_MEASURE_MISSING && !result_excused(&collector->results[at]);
}

bool judge_rule_hang(const struct judging *judging)
{
	const char *end = judging->facts->capture == CAPTURE_LIMIT  ? "the run's limit came"
			  : judging->facts->capture == CAPTURE_LOST ? "the console was lost"
								    : "the console fell silent";

	return judging->open &&
	       judge_explain(judging, "%.120s began at console byte %llu and had not ended when %s, at byte %llu",
			     judging->open_key, wide(judging->open_case.offset), end,
			     wide(judging->facts->console_bytes));
}

bool judge_rule_hang_seen(const struct judging *judging)
{
	return !judging->lossy && judge_rule_hang(judging);
}

bool judge_rule_no_output(const struct judging *judging)
{
	return judging->facts->console_bytes == 0 && judge_explain(judging, "the board printed nothing at all");
}

bool judge_rule_unterminated(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->unterminated;

	return finding->count && judge_explain(judging, "%.380s", finding->text);
}

/* The board said that it passed or failed, whatever it measured, or first one and then the other. */
static bool ran_to_end(const struct collector *collector, size_t at)
{
	const struct result_state *state = &collector->states[at];

	return state->said == CASE_PASS || state->said == CASE_FAIL || state->origin == RESULT_CONTRADICTED;
}

/* How many of a group's cases may count: those that ran, and those whose ignoring is waived. */
static uint32_t group_results(const struct collector *collector, const char *group, uint32_t *ret_ignored)
{
	uint32_t count = 0;

	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		if (strcmp(result->group, group) != 0)
			continue;
		if (ran_to_end(collector, i) || result->standing == STANDING_WAIVED ||
		    (result->verdict == CASE_IGNORED && result_ignore_excused(result)))
			count++;
		else if (result->verdict == CASE_IGNORED)
			++*ret_ignored;
	}
	return count;
}

/* A required group with too few results; ignored: only because of ignored ones. */
static bool group_short(const struct judging *judging, bool ignored)
{
	const struct requirements *require = judging->collector->require;

	for (size_t i = 0; i < require->group_count; i++) {
		const struct required_group *group = &require->groups[i];
		uint32_t wanted = group->min_cases ? group->min_cases : 1;
		uint32_t skipped = 0;
		uint32_t count = group_results(judging->collector, group->name, &skipped);

		if (group->optional || count >= wanted || ignored != (count + skipped >= wanted))
			continue;
		return judge_explain(judging, "of group %.80s %u result%s %s required; %u came, and %u %s ignored",
				     group->name, wanted, PLURAL(wanted), ARE(wanted), count, skipped, WERE(skipped));
	}
	return false;
}

/* Cases of the whole run that were ignored without leave; those that passed or failed are counted into *ret_ran. */
static uint32_t ignored_results(const struct collector *collector, uint32_t *ret_ran)
{
	uint32_t count = collector_waives(collector, "") ? 0 : collector->unnamed_ignored;

	*ret_ran = collector->unnamed_passes;
	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		count += result->verdict == CASE_IGNORED && !result_ignore_excused(result);
		*ret_ran += ran_to_end(collector, i);
	}
	return count;
}

bool judge_rule_missing(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	uint32_t count = judge_list(collector, is_missing, NULL, names, sizeof(names));

	if (count)
		return judge_explain(
			judging, "%u of %zu required case%s %s: %s; %u result%s came in %llu bytes of console", count,
			(size_t)collector->cases_wanted, PLURAL(collector->cases_wanted),
			judging->lossy ? "were not seen and are not judged" : "did not run", names,
			collector->results_seen, PLURAL(collector->results_seen), wide(judging->facts->console_bytes));
	if (group_short(judging, false))
		return true;
	return collector->results_seen < collector->require->tests &&
	       judge_explain(judging, "%u result%s %s required; %u came in %llu bytes of console",
			     collector->require->tests, PLURAL(collector->require->tests),
			     ARE(collector->require->tests), collector->results_seen,
			     wide(judging->facts->console_bytes));
}

bool judge_rule_ignored(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t ran, ignored = ignored_results(collector, &ran);
	char names[240];
	uint32_t count = judge_list(collector, is_ignored_case, NULL, names, sizeof(names));

	judge_list(collector, is_ignored, NULL, names, sizeof(names));
	if (count)
		return judge_explain(judging,
				     "%u case%s that had to run %s ignored by the board and ignored-ok does not cover "
				     "%s; ignored: %s",
				     count, PLURAL(count), WERE(count), count == 1 ? "it" : "them", names);
	if (group_short(judging, true))
		return true;
	if (collector->require->stage == STAGE_BASELINE && collector->unnamed_ignored &&
	    !collector_waives(collector, ""))
		return judge_explain(judging,
				     "%u case%s without a name %s ignored, and every case was expected to fail",
				     collector->unnamed_ignored, PLURAL(collector->unnamed_ignored),
				     WERE(collector->unnamed_ignored));
	return ignored && !ran &&
	       judge_explain(judging, "%u result%s came and every one of them was ignored%s%s", collector->results_seen,
			     PLURAL(collector->results_seen), names[0] ? ": " : "", names);
}

bool judge_rule_mismatch(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->mismatch;

	if (judging->collector->overflow)
		return judge_explain(judging, "more than %d different cases were printed", JUDGE_MAX_CASES);
	return finding->count && judge_explain(judging, "%.380s", finding->text);
}

bool judge_rule_no_summary(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t wanted = collector->require->summaries;

	if (collector->end->when == END_SUMMARY && wanted == 0)
		wanted = 1;
	return collector->summaries < wanted &&
	       judge_explain(judging, "%u summary block%s %s required, %u came; %u result%s in %llu bytes of console",
			     wanted, PLURAL(wanted), ARE(wanted), collector->summaries, collector->results_seen,
			     PLURAL(collector->results_seen), wide(judging->facts->console_bytes));
}

bool judge_rule_no_banner(const struct judging *judging)
{
	return judging->collector->require->banner && !judging->collector->banner &&
	       judge_explain(judging,
			     "the image did not print its build id, so nothing proves which image gave the %u result%s",
			     judging->collector->results_seen, PLURAL(judging->collector->results_seen));
}

/* Names the first of them. */
bool judge_rule_no_line(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	size_t missing = line_search_missing(collector->lines), first = 0;

	if (missing == 0)
		return false;
	while (line_search_seen(collector->lines, first))
		first++;
	return judge_explain(judging, "%zu of %zu required lines did not come: \"%.200s\"%s; %llu bytes of console",
			     missing, collector->require->line_count, collector->require->lines[first],
			     missing > 1 ? " and others" : "", wide(judging->facts->console_bytes));
}

/* Leave to ignore a case, by the suite or by a waiver, says that it need not run, never that it works: where none ran,
 * nothing was tested. A required line that came is something that was. */
bool judge_rule_no_result(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t ran;

	ignored_results(collector, &ran);
	if (ran > 0 || collector->require->line_count)
		return false;
	if (collector->results_seen == 0)
		return judge_explain(judging, "%llu bytes of console, and no test result in them",
				     wide(judging->facts->console_bytes));
	return judge_explain(judging, "%u result%s came, all of cases that were ignored with leave: nothing was tested",
			     collector->results_seen, PLURAL(collector->results_seen));
}

bool judge_rule_measure_missing(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	size_t at = 0;
	uint32_t count = judge_list(collector, is_measure_missing, &at, names, sizeof(names));

	return count && judge_explain(judging,
				      "%u case%s did not print what has a limit: %s; the first at console byte "
				      "%llu: %.160s",
				      count, PLURAL(count), names, wide(collector->results[at].offset),
				      collector->results[at].message);
}

bool judge_rule_out_of_order(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->disorder;

	return finding->count && judge_explain(judging, "%.380s", finding->text);
}

bool judge_rule_unasked(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->unasked;

	if (finding->count > 1)
		return judge_explain(judging, "%.340s; it is the first of %u such findings", finding->text,
				     finding->count);
	return finding->count && judge_explain(judging, "%.380s", finding->text);
}
