/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people, in lines of so many columns. */
#include "core/base/wrap.h"

#include <stdbool.h>
#include <string.h>

/* Bytes that go on with a character are none of their own. */
static size_t columns_of(const char *word, size_t bytes)
{
	size_t columns = 0;

	for (size_t i = 0; i < bytes; i++)
		columns += ((unsigned char)word[i] & 0xc0) != 0x80;
	return columns;
}

void wrap_print(FILE *out, const char *text, size_t first, size_t indent, size_t width)
{
	size_t column = first;
	bool begins = true; /* a line; nothing of the text is in it */

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t bytes = strcspn(text, " \n");
		size_t columns = columns_of(text, bytes);

		if (!begins && column + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			begins = true;
		}
		fprintf(out, "%s%.*s", begins ? "" : " ", (int)bytes, text);
		column += columns + (begins ? 0 : 1);
		begins = false;
		text += bytes;
	}
	fputc('\n', out);
}
