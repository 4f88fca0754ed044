/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the API's JSON for show: fields that may be missing, and the words people look for. */
#ifndef ASSAY_CLI_API_H
#define ASSAY_CLI_API_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* A field's text, or "" (also for null and other kinds). Borrowed. */
const char *api_text(const json_t *object, const char *key);
/* A field's number, or 0. */
int64_t api_int(const json_t *object, const char *key);

/* How a job or run stands, in one word: its verdict once it is finished, its state before. A pass that is less than all
 * cases passing at once is told by its cause: passed-on-retry, passed-waived, passed-expected. */
const char *api_outcome(const json_t *job_or_run);

/* Why, in one line: its text, else its cause when that says something, else "". */
const char *api_reason(const json_t *job_or_run);

/* Whether a step's cause means that it went well. */
bool api_is_good(const char *cause);

/* From begun to finished in µs, or until now_us while open; -1 when it has not begun. */
int64_t api_took_us(const json_t *object, const char *begun_key, int64_t now_us);

/* Of a job's runs: whether a later attempt of the same index exists, so that this one does not count. */
bool api_is_superseded(const json_t *runs, const json_t *run);

#endif
