/* SPDX-License-Identifier: Apache-2.0 */
/* A board's flash-wear ledger, drawn: one sign a sector, or a few sectors, and the numbers below. */
#include "daemon/cli/board_wear.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/table.h"

#define STRIP_MAX 64

/* One run of sectors without a gap, as far as a strip shows it. */
struct strip {
	int64_t from, end;
	int64_t sectors;
	int64_t worst[STRIP_MAX];
};

static int64_t end_of(const json_t *run)
{
	return api_int(run, "address") + api_int(run, "size") * api_int(run, "count");
}

/* The runs from index on that follow each other; returns the index behind them. */
static size_t measure(const json_t *sectors, size_t index, struct strip *strip)
{
	const json_t *run = json_array_get(sectors, index);

	*strip = (struct strip){.from = api_int(run, "address")};
	strip->end = strip->from;
	for (; run && api_int(run, "address") == strip->end; run = json_array_get(sectors, ++index)) {
		strip->sectors += api_int(run, "count");
		strip->end = end_of(run);
	}
	return index;
}

static void fill(const json_t *sectors, size_t first, size_t last, struct strip *strip, int64_t columns)
{
	int64_t number = 0;

	for (size_t i = first; i < last; i++) {
		const json_t *run = json_array_get(sectors, i);

		for (int64_t k = 0; k < api_int(run, "count"); k++, number++) {
			int64_t *cell = &strip->worst[number * columns / strip->sectors];

			*cell = api_int(run, "erases") > *cell ? api_int(run, "erases") : *cell;
		}
	}
}

static void print_cell(const struct style *style, int64_t erases, int64_t full, int64_t endurance)
{
	static const char *const blocks[] = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[] = {".", "1", "2", "3", "4", "5", "6", "7", "8"};
	int64_t level = erases == 0 || full == 0 ? 0 : erases >= full ? 8 : 1 + erases * 7 / full;
	enum tone tone = endurance && erases * 10 > endurance * 9 ? TONE_BAD
			 : endurance && erases * 2 > endurance    ? TONE_WARN
								  : TONE_GOOD;

	printf("%s%s%s", style_on(style, level ? tone : TONE_DIM), (style->unicode ? blocks : letters)[level],
	       style_off(style));
}

/* As high as the endurance, or as the most worn sector when nobody knows that. */
static void draw(const struct style *style, const json_t *wear)
{
	const json_t *sectors = json_object_get(wear, "sectors");
	int64_t endurance = api_int(wear, "endurance");
	int64_t full = endurance ? endurance : api_int(json_object_get(wear, "worst"), "erases");
	struct strip strip;

	for (size_t i = 0, next; i < json_array_size(sectors); i = next) {
		int64_t columns;

		next = measure(sectors, i, &strip);
		columns = strip.sectors < STRIP_MAX ? strip.sectors : STRIP_MAX;
		if (columns < 1)
			continue;
		fill(sectors, i, next, &strip, columns);
		printf("0x%08" PRIx64 " ", (uint64_t)strip.from);
		for (int64_t k = 0; k < columns; k++)
			print_cell(style, strip.worst[k], full, endurance);
		printf(" 0x%08" PRIx64 "\n", (uint64_t)strip.end - 1);
	}
}

static int print_numbers(const struct style *style, const json_t *wear)
{
	static const char *const headings[] = {"ADDRESS", ">SECTORS", ">BYTES EACH", ">ERASES EACH", NULL};
	struct table *table = table_create(style, headings);
	const json_t *run;
	size_t i;
	int rc;

	json_array_foreach(json_object_get(wear, "sectors"), i, run)
	{
		table_cellf(table, TONE_STRONG, "0x%08" PRIx64, (uint64_t)api_int(run, "address"));
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(run, "count"));
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(run, "size"));
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(run, "erases"));
	}
	rc = table_print(table, stdout);
	table_destroy(table);
	return rc;
}

int board_wear_print(const struct style *style, const json_t *wear)
{
	const json_t *worst = json_object_get(wear, "worst");
	int64_t endurance = api_int(wear, "endurance"), erases = api_int(worst, "erases");

	printf("board %s: %" PRId64 " erases of sectors of its flash\n", api_text(wear, "board"),
	       api_int(wear, "erases"));
	if (!json_array_size(json_object_get(wear, "sectors")))
		return 0;
	printf("most worn: 0x%08" PRIx64 ", %" PRId64 " erases", (uint64_t)api_int(worst, "address"), erases);
	if (endurance)
		printf(" of %" PRId64 " that it bears (%.1f %%)%s\n", endurance,
		       100 * (double)erases / (double)endurance,
		       json_is_true(json_object_get(wear, "worn")) ? ": used when there is no other" : "");
	else
		printf("; how many it bears its board type does not say\n");
	draw(style, wear);
	return print_numbers(style, wear);
}
