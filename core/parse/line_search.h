/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for literal texts in the lines of a console, as the bytes come: a prompt that no line end follows is found at
 * once. Colours and control characters are taken out before, a tab is a blank, and no text is found across a line's
 * end. What other tasks print into the middle of a text hides it. */
#ifndef ASSAY_PARSE_LINE_SEARCH_H
#define ASSAY_PARSE_LINE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SEARCH_TEXT_MAX 200 /* bytes of one text */

struct line_search; /* private; create/destroy */

/* The texts (1 to LINE_SEARCH_TEXT_MAX bytes each) are kept by reference. NULL when memory runs out. */
struct line_search *line_search_create(char *const *texts, size_t count);
void line_search_destroy(struct line_search *search);
/* Feeds bytes, in pieces of any size. */
void line_search_feed(struct line_search *search, const uint8_t *data, size_t size_bytes);

/* How many of the texts did not come yet, and whether the index-th did. */
size_t line_search_missing(const struct line_search *search);
bool line_search_seen(const struct line_search *search, size_t index);

#endif
