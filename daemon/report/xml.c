/* SPDX-License-Identifier: Apache-2.0 */
/* Writing XML: escaping, and what to do with characters XML has no place for. */
#include "daemon/report/xml.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void append(struct xml *xml, const char *text, size_t len)
{
	(void)fwrite(text, 1, len, xml->out);
}

void xml_raw(struct xml *xml, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(xml->out, format, args);
	va_end(args);
}

/* What stands for one byte, or NULL when it stands for itself. Line ends and tabs live in attributes only as
 * references: a parser would make blanks of them. */
static const char *escape(unsigned char c, bool in_attribute, char scratch[8])
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	case '\r':
		return "&#13;";
	default:
		if (c >= 0x20 && c != 0x7f)
			return NULL;
		snprintf(scratch, 8, "\\x%02x", c);
		return scratch;
	}
}

static void write_escaped(struct xml *xml, const char *text, bool in_attribute)
{
	const char *plain = text;

	for (; *text; text++) {
		/* U+FFFE and U+FFFF are EF BF BE and EF BF BF. */
		bool noncharacter = strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0;
		char scratch[8];
		const char *instead = escape((unsigned char)*text, in_attribute, scratch);

		if (!instead && !noncharacter)
			continue;
		append(xml, plain, (size_t)(text - plain));
		if (noncharacter) {
			xml_raw(xml, "\\uff%s", text[2] == '\xbe' ? "fe" : "ff");
			text += 2;
		} else {
			append(xml, instead, strlen(instead));
		}
		plain = text + 1;
	}
	append(xml, plain, (size_t)(text - plain));
}

void xml_attribute(struct xml *xml, const char *name, const char *value)
{
	xml_raw(xml, " %s=\"", name);
	write_escaped(xml, value, true);
	append(xml, "\"", 1);
}

void xml_text(struct xml *xml, const char *text)
{
	write_escaped(xml, text, false);
}
