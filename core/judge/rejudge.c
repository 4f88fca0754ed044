/* SPDX-License-Identifier: Apache-2.0 */
/* The same parts in the same order as a run has them. */
#include "core/judge/rejudge.h"

#include <stdlib.h>

struct rejudge {
	const struct run_facts *facts;
	struct parser *parser;
	struct collector *collector;
};

/* The clock only matters for marks. */
static void on_event(void *context, const struct parse_event *event)
{
	struct rejudge *rejudge = context;
	int64_t at_us = event->kind == PARSE_MARK ? run_facts_marked_at(rejudge->facts, event->offset) : 0;

	collector_feed(rejudge->collector, event, at_us);
}

struct rejudge *rejudge_create(const struct asked *asked, const struct run_facts *facts)
{
	struct rejudge *rejudge = calloc(1, sizeof(*rejudge));

	if (!rejudge)
		return NULL;
	rejudge->facts = facts;
	rejudge->collector = collector_create(&asked->require, &asked->end, NULL, NULL);
	rejudge->parser = parser_create(on_event, rejudge);
	if (!rejudge->collector || !rejudge->parser) {
		rejudge_destroy(rejudge);
		return NULL;
	}
	collector_hold_to(rejudge->collector, &asked->waivers, &asked->limits);
	collector_expect_image(rejudge->collector, facts->judge.expected_build_id);
	return rejudge;
}

void rejudge_destroy(struct rejudge *rejudge)
{
	if (!rejudge)
		return;
	parser_destroy(rejudge->parser);
	collector_destroy(rejudge->collector);
	free(rejudge);
}

void rejudge_feed(struct rejudge *rejudge, const void *data, size_t size_bytes)
{
	collector_text(rejudge->collector, data, size_bytes);
	parser_feed(rejudge->parser, data, size_bytes);
}

void rejudge_end(struct rejudge *rejudge, struct run_judgement *ret_judgement)
{
	parser_end(rejudge->parser);
	collector_judge(rejudge->collector, &rejudge->facts->judge, ret_judgement);
}

const struct case_result *rejudge_results(const struct rejudge *rejudge, size_t *ret_count)
{
	return collector_results(rejudge->collector, ret_count);
}

const struct measurement *rejudge_loose_measurements(const struct rejudge *rejudge, size_t *ret_count)
{
	return collector_loose_measurements(rejudge->collector, ret_count);
}
