/* SPDX-License-Identifier: Apache-2.0 */
/* Giving a run's verdict once more: the parser, the collector and the judge over a console that was kept, with what was
 * asked and the facts that were told. Pure; what it finds can be compared with what was recorded. */
#ifndef ASSAY_JUDGE_REJUDGE_H
#define ASSAY_JUDGE_REJUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/judge/asked.h"
#include "core/judge/facts.h"
#include "core/judge/judge.h"

struct rejudge; /* private; create/destroy */

/* asked and facts outlive it. NULL when memory ran out. */
struct rejudge *rejudge_create(const struct asked *asked, const struct run_facts *facts);
void rejudge_destroy(struct rejudge *rejudge);
/* The next bytes of the console, in pieces of any size. */
void rejudge_feed(struct rejudge *rejudge, const void *data, size_t size_bytes);
/* After the last byte; once. */
void rejudge_end(struct rejudge *rejudge, struct run_judgement *ret_judgement);
/* After rejudge_end. The times in the results are 0. */
const struct case_result *rejudge_results(const struct rejudge *rejudge, size_t *ret_count);
const struct measurement *rejudge_loose_measurements(const struct rejudge *rejudge, size_t *ret_count);

#endif
