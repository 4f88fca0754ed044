/* SPDX-License-Identifier: Apache-2.0 */
/* Documents out of JSON values, and problems as JSON. */
#ifndef ASSAY_BASE_DOC_JSON_H
#define ASSAY_BASE_DOC_JSON_H

#include "core/base/doc.h"
#include "core/base/json.h"

/* The value as a document, so that what is read from files and what comes as JSON passes the same readers. Give
 * problems the file name "" and messages name no file and line. Returns as doc_parse. */
int doc_from_json(const json_t *value, struct doc **ret_doc, struct doc_problems *problems);

/* Reads the value through a reader of documents, which fills target (on success only) and returns 0, ERR_NOMEM or
 * ERR_INVALID; what it adds to problems is a failure all the same. Returns 0, ERR_NOMEM, or ERR_INVALID with err
 * telling the first problem. */
typedef int (*doc_reader_fn)(const struct doc_node *root, void *target, struct doc_problems *problems);
int doc_read_json(const json_t *value, doc_reader_fn read, void *target, struct err *err);

/* [{"file", "line", "field", "found", "expected"}, …] of the problems kept; NULL when memory ran out. */
json_t *doc_problems_to_json(const struct doc_problems *problems);

#endif
