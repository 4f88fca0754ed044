/* SPDX-License-Identifier: Apache-2.0 */
/* The flake score: pairs, flips and Wilson's interval. */
#include "core/verdict/flake.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define Z95 1.959964 /* two-sided 95 % of the normal distribution */

void flake_history_init(struct flake_history *history)
{
	memset(history, 0, sizeof(*history));
}

static size_t find_image(const struct flake_history *history, const char *image_sha256)
{
	size_t i = 0;

	while (i < history->image_count && strcmp(history->last[i].image, image_sha256) != 0)
		i++;
	return i;
}

void flake_history_add(struct flake_history *history, const char *image_sha256, bool passed)
{
	struct flake *flake = &history->flake;
	size_t i;

	if (flake->results == FLAKE_MAX_RESULTS)
		return;
	flake->results++;
	flake->passed += passed;
	i = find_image(history, image_sha256);
	if (i < history->image_count) {
		flake->pairs++;
		flake->flips += history->last[i].passed != passed;
	} else {
		(void)snprintf(history->last[i].image, FLAKE_IMAGE_MAX, "%s", image_sha256);
		history->image_count++;
	}
	history->last[i].passed = passed;
}

void flake_history_score(const struct flake_history *history, struct flake *ret_flake)
{
	struct flake flake = history->flake;
	double n = (double)flake.pairs, share, middle, spread;

	flake.high = 1;
	if (flake.pairs > 0) {
		share = (double)flake.flips / n;
		middle = (share + Z95 * Z95 / (2 * n)) / (1 + Z95 * Z95 / n);
		spread = Z95 / (1 + Z95 * Z95 / n) * sqrt(share * (1 - share) / n + Z95 * Z95 / (4 * n * n));
		flake.score = share;
		flake.low = flake.flips == 0 ? 0 : fmax(0, middle - spread);
		flake.high = flake.flips == flake.pairs ? 1 : fmin(1, middle + spread);
	}
	*ret_flake = flake;
}

/* Four digits are more than such small numbers can mean. */
static json_t *share_json(double share)
{
	return json_number(round(share * 10000) / 10000);
}

json_t *flake_to_json(const struct flake *flake)
{
	json_t *object = json_object();

	json_put(&object, "results", json_integer((json_int_t)flake->results));
	json_put(&object, "passed", json_integer((json_int_t)flake->passed));
	json_put(&object, "pairs", json_integer((json_int_t)flake->pairs));
	json_put(&object, "flips", json_integer((json_int_t)flake->flips));
	json_put(&object, "score", share_json(flake->score));
	json_put(&object, "low", share_json(flake->low));
	json_put(&object, "high", share_json(flake->high));
	return object;
}
