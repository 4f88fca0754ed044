/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people, in lines of so many columns. */
#ifndef ASSAY_BASE_WRAP_H
#define ASSAY_BASE_WRAP_H

#include <stddef.h>
#include <stdio.h>

#define WRAP_COLUMNS 80 /* of a terminal */

/* Writes the words of text, whatever line ends it has, in lines of at most width columns, and a newline. The cursor is
 * in column first already; further lines stand behind indent spaces. A word longer than a line has one of its own. A
 * character of UTF-8 is one column. */
void wrap_print(FILE *out, const char *text, size_t first, size_t indent, size_t width);

#endif
