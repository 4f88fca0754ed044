/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting cells, measuring columns, printing rows. */
#include "daemon/cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "daemon/cli/text.h"

#define CELL_MAX 4096
#define GAP      2
/* A column is made no narrower than this for a terminal; a verdict has room. */
#define NARROWEST 16

struct cell {
	char *text;
	enum tone tone;
};

struct table {
	const struct style *style;
	const char *heading[TABLE_MAX_COLUMNS];
	bool right[TABLE_MAX_COLUMNS];
	size_t width[TABLE_MAX_COLUMNS];
	size_t columns;
	size_t owed;        /* blanks before the next text of this line */
	struct cell *cells; /* row after row */
	size_t count;
	size_t capacity;
	bool broken; /* memory ran out */
};

struct table *table_create(const struct style *style, const char *const headings[])
{
	struct table *table = calloc(1, sizeof *table);

	if (!table)
		return NULL;
	table->style = style;
	for (; headings[table->columns] && table->columns < TABLE_MAX_COLUMNS; table->columns++) {
		const char *heading = headings[table->columns];

		table->right[table->columns] = heading[0] == '>';
		table->heading[table->columns] = heading + table->right[table->columns];
		table->width[table->columns] = text_columns(table->heading[table->columns]);
	}
	return table;
}

void table_destroy(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

static bool make_room(struct table *table)
{
	size_t capacity = table->capacity ? 2 * table->capacity : 64;
	struct cell *cells;

	if (table->count < table->capacity)
		return true;
	if (table->count >= TABLE_MAX_ROWS * table->columns)
		return false;
	cells = realloc(table->cells, capacity * sizeof *cells);
	if (!cells)
		return false;
	table->cells = cells;
	table->capacity = capacity;
	return true;
}

void table_cell(struct table *table, enum tone tone, const char *text)
{
	struct buf clean;
	size_t column = table->count % table->columns, width;

	buf_init(&clean, CELL_MAX);
	if (!make_room(table)) {
		table->broken = true;
		return;
	}
	text_append_clean(&clean, text ? text : ""); /* over CELL_MAX: what fits is shown */
	table->cells[table->count].tone = tone;
	table->cells[table->count].text = clean.data ? buf_take(&clean) : strdup("");
	if (!table->cells[table->count].text) {
		table->broken = true;
		return;
	}
	width = text_columns(table->cells[table->count++].text);
	if (width > table->width[column])
		table->width[column] = width;
}

void table_cellf(struct table *table, enum tone tone, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	table_cell(table, tone, text);
}

void table_word(struct table *table, const char *word)
{
	table_cellf(table, style_word_tone(word), "%s %s", style_word_sign(table->style, word), word ? word : "");
}

/* The widest column that may still give something up, or table->columns. Numbers are never cut. */
static size_t widest(const struct table *table)
{
	size_t found = table->columns;

	for (size_t i = 0; i < table->columns; i++) {
		size_t least = text_columns(table->heading[i]);

		if (table->right[i] || table->width[i] <= (least > NARROWEST ? least : NARROWEST))
			continue;
		if (found == table->columns || table->width[i] >= table->width[found])
			found = i;
	}
	return found;
}

/* Makes the widest columns narrower until a line fits into the terminal, as far as that goes; not in a pipe. */
static void fit(struct table *table)
{
	size_t total = (table->columns - 1) * GAP, room = (size_t)table->style->columns, column;

	if (!table->style->tty)
		return;
	for (size_t i = 0; i < table->columns; i++)
		total += table->width[i];
	for (; total > room; total--) {
		column = widest(table);
		if (column == table->columns)
			return;
		table->width[column]--;
	}
}

/* Blanks are printed only when text follows them. */
static void print_cell(struct table *table, size_t column, const char *text, enum tone tone, FILE *out)
{
	size_t width = text_columns(text), room = table->width[column];
	struct buf cut;

	buf_init(&cut, 4 * CELL_MAX);
	if (width > room && text_append_cut(&cut, text, room) == 0) {
		text = buf_text(&cut);
		width = text_columns(text);
	}
	size_t blank = width < room ? room - width : 0;
	if (table->right[column])
		table->owed += blank;
	if (*text) {
		fprintf(out, "%*s%s%s%s", (int)table->owed, "", style_on(table->style, tone), text,
			tone == TONE_PLAIN ? "" : style_off(table->style));
		table->owed = 0;
	}
	table->owed += GAP + (table->right[column] ? 0 : blank);
	if (column + 1 == table->columns) {
		table->owed = 0;
		fputc('\n', out);
	}
	buf_finish(&cut);
}

int table_print(struct table *table, FILE *out)
{
	if (table->broken)
		return ERR_NOMEM;
	if (!table->count)
		return 0;
	fit(table);
	for (size_t i = 0; i < table->columns; i++)
		print_cell(table, i, table->heading[i], TONE_DIM, out);
	for (size_t i = 0; i < table->count; i++)
		print_cell(table, i % table->columns, table->cells[i].text, table->cells[i].tone, out);
	return 0;
}
