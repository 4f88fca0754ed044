/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a job out of a document that is parsed already; private to the spec_*.c files. */
#ifndef ASSAY_SPEC_SPEC_READ_H
#define ASSAY_SPEC_SPEC_READ_H

#include "core/spec/spec_fields.h"

/* As job_spec_read. normalised: the document was written by job_spec_to_json, so runs may carry `sha256`. */
int job_spec_read_node(const struct doc_node *root, suite_lookup_fn lookup, void *lookup_context, bool normalised,
		       struct job_spec **ret_spec, struct doc_problems *problems);

/* Where a run may be: `type` or `board`, `boards`, `tags`, `site`, `features`. */
void spec_read_place(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems);

#endif
