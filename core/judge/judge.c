/* SPDX-License-Identifier: Apache-2.0 */
/* Judging: completes the results with what only the end shows, and asks the rules. */
#include "core/judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/judge/judge_private.h"
#include "core/parse/parse_text.h"

#define WAIVERS_TOLD 3 /* of those that were not needed; the rest are counted */

/* Whether what stands open is open only because nobody listened any longer: enough was seen, or the board had started
 * again once too often. */
static bool stopped_listening(const struct collector *collector, enum capture_end capture)
{
	return capture == CAPTURE_COMPLETE || capture == CAPTURE_CANCELLED ||
	       (capture == CAPTURE_REBOOT && collector->reboots > 0);
}

/* What stands open goes into the results, or is left out when listening stopped because enough was seen. */
static void take_open(struct collector *collector, struct judging *judging)
{
	enum capture_end capture = judging->facts->capture;
	const char *message;
	char unknown[160];

	if (!collector->open.set)
		return;
	judging->open_case = collector->open;
	if (stopped_listening(collector, capture) && !judging->facts->core_faulted) {
		collector->open.set = false;
		return;
	}
	message = judging->facts->core_text[0]  ? judging->facts->core_text
		  : judging->open_case.fault[0] ? judging->open_case.fault
						: "began and never ended";
	if (judging->lossy) {
		snprintf(unknown, sizeof(unknown), "not judged: it began, and %s before it ended",
			 judge_lost_words(judging->facts));
		message = unknown;
	}
	collector_end_open(collector, judging->lossy ? CASE_ERROR : CASE_CRASHED, RESULT_AT_END, message);
	judging->open = true;
	case_key(judging->open_key, collector->open.group, collector->open.name);
}

/* Every required case of which nothing at all was seen. Where the console was lost nobody knows whether it ran. */
static void add_missing(struct collector *collector, const struct judging *judging)
{
	const struct requirements *require = collector->require;
	char group[COLLECTOR_NAME_MAX], message[160] = "required, and did not run";
	uint32_t at;

	if (judging->lossy)
		snprintf(message, sizeof(message), "not judged: %s, and nothing of it was seen",
			 judge_lost_words(judging->facts));
	for (size_t i = 0; i < require->case_count; i++) {
		const char *key = require->cases[i];
		const char *dot = strchr(key, '.');
		struct case_result missing = {.verdict = judging->lossy ? CASE_ERROR : CASE_MISSING,
					      .message = message};

		if (requirements_rule(require, i)->optional || name_index_get(&collector->by_name, key, &at))
			continue;
		snprintf(group, sizeof(group), "%.*s", dot ? (int)(dot - key) : 0, key);
		missing.group = group;
		missing.name = (char *)(dot ? dot + 1 : key);
		collector_put(collector, &missing, RESULT_UNSEEN, NULL);
	}
}

static void count_verdicts(const struct collector *collector, struct run_judgement *judgement)
{
	uint32_t *const counts[] = {
		[CASE_PASS] = &judgement->passed,     [CASE_FAIL] = &judgement->failed,
		[CASE_IGNORED] = &judgement->ignored, [CASE_MISSING] = &judgement->missing,
		[CASE_CRASHED] = &judgement->crashed, [CASE_ERROR] = &judgement->error,
	};

	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		if (result->standing == STANDING_WAIVED)
			judgement->waived++;
		else if (result->standing == STANDING_EXPECTED)
			judgement->expected++;
		else
			++*counts[result->verdict];
	}
	judgement->passed += collector->unnamed_passes;
	judgement->ignored += collector->unnamed_ignored;
}

/* Whether what the waiver covers passed, all of it that came. */
static bool waiver_is_idle(const struct collector *collector, const struct waiver_rule *waiver)
{
	bool passed = false;

	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		if (!case_pattern_matches(waiver->cases, collector->states[i].key))
			continue;
		if (result->verdict != CASE_PASS && result->verdict != CASE_IGNORED)
			return false;
		if (result->standing == STANDING_WAIVED)
			return false;
		passed |= result->verdict == CASE_PASS;
	}
	return passed;
}

/* A defect that is always there and did not show: somebody should look whether its waiver is needed still. One that
 * comes and goes says nothing by staying away. */
static void note_idle_waivers(const struct judging *judging)
{
	const struct waiver_rules *waivers = judging->collector->waivers;
	size_t len = strlen(judging->text);
	uint32_t count = 0;

	for (size_t i = 0; i < waivers->count; i++) {
		const struct waiver_rule *waiver = &waivers->item[i];

		if (waiver->intermittent || !waiver_is_idle(judging->collector, waiver) || count++ >= WAIVERS_TOLD ||
		    len >= judging->text_size)
			continue;
		len += (size_t)snprintf(judging->text + len, judging->text_size - len,
					"%s waiver %lld (%.60s) was not needed", count > 1 ? "," : ";",
					(long long)waiver->id, waiver->cases);
	}
	if (count > WAIVERS_TOLD && len < judging->text_size)
		snprintf(judging->text + len, judging->text_size - len, ", nor were %u others", count - WAIVERS_TOLD);
	text_repair(judging->text);
}

void collector_judge(struct collector *collector, const struct judge_facts *facts, struct run_judgement *ret)
{
	struct run_judgement judgement = {.cause = CAUSE_NONE};
	struct judging judging = {
		.collector = collector,
		.facts = facts,
		.lossy = facts->console_dropped > 0 || facts->capture == CAPTURE_LOST || facts->capture == CAPTURE_OPEN,
		.text = judgement.text,
		.text_size = sizeof(judgement.text),
	};

	if (!collector->expected_image[0] && collector->banner_image[0] && facts->expected_build_id[0] &&
	    strcasecmp(collector->banner_image, facts->expected_build_id) != 0) {
		collector_expect_image(collector, facts->expected_build_id);
		collector->wrong_image = true;
	}
	if (collector->wrong_image) { /* what came before it told its name is no result either */
		collector_drop_results(collector);
	} else {
		take_open(collector, &judging);
		if (facts->capture != CAPTURE_CANCELLED)
			add_missing(collector, &judging);
	}
	judgement.cause = judge_apply_rules(&judging);
	if (cause_verdict(judgement.cause) == RUN_PASSED)
		note_idle_waivers(&judging);
	count_verdicts(collector, &judgement);
	*ret = judgement;
}
