/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of boards, which a rack file gives and a job file asks for: up to TAGS_MAX different words of lower-case
 * letters, digits, '-', '_' and '.', held as one text with a space between them. */
#ifndef ASSAY_SPEC_TAGS_H
#define ASSAY_SPEC_TAGS_H

#include <stdbool.h>

#include "core/base/doc.h"
#include "core/base/json.h"

#define TAGS_MAX  8
#define TAG_SIZE  32 /* bytes with the NUL */
#define TAGS_SIZE (TAGS_MAX * TAG_SIZE)

bool tag_valid(const char *tag);
/* Adds a valid tag; nothing happens when it is there already. false: it is not valid, or there are TAGS_MAX. */
bool tags_add(char tags[TAGS_SIZE], const char *tag);
/* The tag at `at` into ret_tag, and where the next one is; NULL when there is none at `at`. */
const char *tags_next(const char *at, char ret_tag[TAG_SIZE]);

/* The list under `tags`, when it is there; mistakes go to problems. */
void tags_read(const struct doc_node *mapping, char ret_tags[TAGS_SIZE], struct doc_problems *problems);
json_t *tags_to_json(const char *tags);
/* false: it is not a list of at most TAGS_MAX valid tags. */
bool tags_from_json(const json_t *list, char ret_tags[TAGS_SIZE]);

#endif
