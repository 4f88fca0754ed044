/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of the fields that jobs, runs and suites share; private to the spec_*.c files. */
#ifndef ASSAY_SPEC_SPEC_FIELDS_H
#define ASSAY_SPEC_SPEC_FIELDS_H

#include "core/base/doc_json.h"
#include "core/image/board_type.h"
#include "core/spec/spec.h"

/* A `require:` mapping. Returns 0 and requirements that must be finished, ERR_INVALID (problems say why) or
 * ERR_NOMEM. */
int requirements_read(const struct doc_node *node, struct requirements *ret_require, struct doc_problems *problems);

/* An `end:` mapping: the fields given replace those of *end. */
void end_rule_read(const struct doc_node *node, struct end_rule *end, struct doc_problems *problems);

/* `stage:` of a require, suite, job or run; *ret_given (may be NULL) says that it was there. */
void spec_read_stage(const struct doc_node *node, enum spec_stage *stage, bool *ret_given,
		     struct doc_problems *problems);

/* Whether anything at all is asked for, so that END_REQUIRED can come true. */
bool requirements_any(const struct requirements *require);

/* How many names it holds; their bytes are added to *bytes. */
size_t requirements_size(const struct requirements *require, size_t *bytes);

/* Fills in what depends on both. */
void requirements_settle(struct requirements *require, const struct end_rule *end);

/* Tells that nothing is required although the end waits for it. */
void requirements_tell_nothing(const struct doc_node *node, struct doc_problems *problems);

/* The text under key, into target; refuses control characters. Returns whether it was there and good. */
bool spec_read_text(const struct doc_node *node, const char *key, bool required, char *target, size_t size,
		    struct doc_problems *problems);

/* As spec_read_text, for names of suites and boards: letters, digits, '.', '_' and '-', beginning with a letter or
 * digit. */
bool spec_read_name(const struct doc_node *node, const char *key, bool required, char *target, size_t size,
		    struct doc_problems *problems);

#endif
