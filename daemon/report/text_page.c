/* SPDX-License-Identifier: Apache-2.0 */
/* Words on a terminal: safe, as wide as they look. */
#include "daemon/report/text_page.h"

void page_put(struct page *page, const char *text)
{
	(void)fputs(text, page->out);
}

/* Words from boards and tools: what could move the cursor of a terminal is shown, not sent. */
void page_words(struct page *page, const char *text)
{
	for (; *text; text++) {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= 0x20 && text[plain] != 0x7f)
			plain++;
		(void)fwrite(text, 1, plain, page->out);
		text += plain;
		if (!*text)
			return;
		if (*text == '\n')
			page_put(page, " ");
		else
			page_putf(page, "\\x%02x", (unsigned char)*text);
	}
}

/* Columns of text on a terminal: characters, not bytes. */
size_t page_width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void page_blanks(struct page *page, size_t count)
{
	page_putf(page, "%*s", (int)count, "");
}

/* The word for how it ended, or for how it stands. */
const char *page_outcome(enum run_verdict verdict, const char *state)
{
	return verdict == RUN_NONE ? state : run_verdict_name(verdict);
}
