/* SPDX-License-Identifier: Apache-2.0 */
/* Bars of time. */
#include "daemon/cli/time_bar.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 16 /* that are told in words; there are nine */

const char time_bar_legend[] = "# running  f flash  p power  s staging  L leased  c checking  r recovering  . idle  "
			       "- offline";

static const struct {
	const char *kind;
	char sign;
} signs[] = {
	{"running", '#'},  {"flash", 'f'},      {"power", 'p'}, {"staging", 's'}, {"leased", 'L'},
	{"checking", 'c'}, {"recovering", 'r'}, {"idle", '.'},  {"offline", '-'},
};

static json_int_t sum_of(const json_t *us)
{
	const char *kind;
	const json_t *value;
	json_int_t sum = 0;

	json_object_foreach((json_t *)(uintptr_t)us, kind, value) sum += json_integer_value(value);
	return sum;
}

/* Each kind goes on up to where the sum of all so far belongs, so that all signs together are always the bar. */
void time_bar(const json_t *us, char ret_bar[TIME_BAR_COLUMNS + 1])
{
	json_int_t sum = sum_of(us), so_far = 0;
	size_t at = 0;

	for (size_t i = 0; sum > 0 && i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t until;

		so_far += json_integer_value(json_object_get(us, signs[i].kind));
		until = (size_t)((double)so_far / (double)sum * TIME_BAR_COLUMNS + 0.5);
		while (at < until && at < TIME_BAR_COLUMNS)
			ret_bar[at++] = signs[i].sign;
	}
	ret_bar[at] = '\0';
}

struct share {
	const char *kind;
	json_int_t us;
};

static int larger_first(const void *a, const void *b)
{
	json_int_t left = ((const struct share *)a)->us, right = ((const struct share *)b)->us;

	return (left < right) - (left > right);
}

const char *time_bar_shares(const json_t *us, char *scratch, size_t size)
{
	struct share shares[KINDS_MAX];
	size_t count = 0, len = 0;
	json_int_t sum = sum_of(us);
	const char *kind;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)us, kind, value)
	{
		if (count < KINDS_MAX && json_integer_value(value) > 0)
			shares[count++] = (struct share){kind, json_integer_value(value)};
	}
	qsort(shares, count, sizeof(shares[0]), larger_first);
	scratch[0] = '\0';
	for (size_t i = 0; i < count && len < size; i++)
		len += (size_t)snprintf(scratch + len, size - len, "%s%.1f %% %s", i ? ", " : "",
					100.0 * (double)shares[i].us / (double)sum, shares[i].kind);
	return scratch;
}
