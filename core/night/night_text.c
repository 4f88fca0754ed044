/* SPDX-License-Identifier: Apache-2.0 */
/* A night's comparison as text and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "core/night/night_private.h"

/* "3 new failures, 1 missing, …": the words of the headings, in small letters. */
static int write_counts(const struct night_comparison *comparison, struct buf *out)
{
	static const char *const one[] = {"new failure",   "missing", "flaky",    "slower",
					  "still failing", "fixed",   "new case", "unchanged"};
	static const char *const many[] = {"new failures",  "missing", "flaky",     "slower",
					   "still failing", "fixed",   "new cases", "unchanged"};
	/* of a night that is compared with none */
	static const char *const first[NIGHT_KIND_COUNT] = {
		[NIGHT_IS_NEW_FAILURE] = "failing", [NIGHT_IS_GONE] = "missing", [NIGHT_IS_SAME] = "as they should be"};
	int rc = 0;

	for (size_t kind = 0; !rc && kind < NIGHT_KIND_COUNT; kind++) {
		size_t count = comparison->counts[kind];
		const char *word = count == 1 ? one[kind] : many[kind];

		if (!comparison->has_before && first[kind])
			rc = buf_appendf(out, "%s%zu %s", kind ? ", " : "", count, first[kind]);
		else if (comparison->has_before || count)
			rc = buf_appendf(out, "%s%zu %s", kind ? ", " : "", count, word);
	}
	return rc ? rc : buf_append_text(out, "\n");
}

static int write_head(const struct night_comparison *comparison, struct buf *out)
{
	int rc = buf_appendf(out, "%zu case%s in %zu run%s", comparison->cases, comparison->cases == 1 ? "" : "s",
			     comparison->runs, comparison->runs == 1 ? "" : "s");

	if (!rc && comparison->runs_lost)
		rc = buf_appendf(out, ", of which %zu came to nothing that counts", comparison->runs_lost);
	if (!rc)
		rc = buf_append_text(out, comparison->has_before ? "\n" : "; there is no night to compare it with\n");
	return rc ? rc : write_counts(comparison, out);
}

/* "failed 2 of 3": how many of the results that count were so. */
static int write_tally(const struct night_tally *tally, struct buf *out)
{
	uint32_t all = tally->good + tally->bad + tally->missing;
	uint32_t so = tally->state == NIGHT_PASSED ? tally->good : all - tally->good;

	switch (tally->state) {
	case NIGHT_PASSED:
	case NIGHT_FAILED:
	case NIGHT_MISSING:
		return buf_appendf(out, all > 1 ? "%s %" PRIu32 " of %" PRIu32 : "%s", night_state_name(tally->state),
				   so, all);
	case NIGHT_MIXED:
		return buf_appendf(out, "passed %" PRIu32 " of %" PRIu32, tally->good, all);
	case NIGHT_ABSENT:
	case NIGHT_IGNORED:
		break;
	}
	return buf_append_text(out, night_state_name(tally->state));
}

static int write_slower(const struct night_change *change, struct buf *out)
{
	int rc = buf_appendf(out, ": %s %.6g %s, was %.6g %s", change->measure, change->now_value, change->unit,
			     change->before_value, change->unit);

	if (!rc && change->percent > 0)
		rc = buf_appendf(out, " (%.1f %% worse)", change->percent);
	return rc;
}

static int write_states(const struct night_change *change, struct buf *out)
{
	int rc = buf_append_text(out, ": ");

	if (!rc)
		rc = change->absence ? buf_append_text(out, night_absence_text(change->absence))
				     : write_tally(&change->now, out);
	if (!rc && change->before.state != NIGHT_ABSENT) {
		rc = buf_append_text(out, "; ");
		if (!rc)
			rc = write_tally(&change->before, out);
		if (!rc)
			rc = buf_append_text(out, " before");
	}
	if (!rc && change->kind == NIGHT_IS_FLAKY && change->has_flake)
		rc = buf_appendf(out, "; changed its mind %zu of %zu times on the same image", change->flake.flips,
				 change->flake.pairs);
	return rc;
}

int night_image_text(const struct night_image *image, struct buf *out)
{
	return image->version ? buf_appendf(out, "version %" PRId64 " by %s", image->version, image->by)
			      : buf_appendf(out, "image %.12s", image->sha256);
}

/* "; since version 44 by ci, not with version 41 by ann": who is to look at it. */
static int write_since(const struct night_change *change, struct buf *out)
{
	const struct night_image *since = &change->since, *good = &change->good;
	int rc;

	if (!since->night)
		return 0;
	if (good->night && strcmp(since->sha256, good->sha256) == 0)
		return buf_appendf(out, "; since night %" PRId64 ", with the very image of night %" PRId64,
				   since->night, good->night);
	rc = buf_append_text(out, "; since ");
	if (!rc)
		rc = night_image_text(since, out);
	if (!rc)
		rc = buf_appendf(out, " (night %" PRId64 ")", since->night);
	if (!rc)
		rc = buf_append_text(out, good->night ? ", not with " : " or longer");
	return rc || !good->night ? rc : night_image_text(good, out);
}

static int write_change(const struct night_change *change, struct buf *out)
{
	int rc = buf_appendf(out, "  %s [%s, %s on %s]", change->case_name, change->suite, change->image, change->type);

	if (!rc)
		rc = change->kind == NIGHT_IS_SLOWER ? write_slower(change, out) : write_states(change, out);
	if (!rc && change->now.run)
		rc = buf_appendf(out, " (run %" PRId64 ")", change->now.run);
	if (!rc)
		rc = write_since(change, out);
	return rc ? rc : buf_append_text(out, "\n");
}

int night_text(const struct night_comparison *comparison, size_t limit, struct buf *out)
{
	size_t of_kind = 0;
	int rc = write_head(comparison, out);

	for (size_t i = 0; !rc && i < comparison->count; i++) {
		const struct night_change *change = &comparison->item[i];
		bool first = i == 0 || change[-1].kind != change->kind;
		bool last = i + 1 == comparison->count || change[1].kind != change->kind;

		of_kind = first ? 1 : of_kind + 1;
		if (first)
			rc = buf_appendf(out, "\n%s\n",
					 comparison->has_before || change->kind != NIGHT_IS_NEW_FAILURE
						 ? night_kind_heading(change->kind)
						 : "Failing");
		if (!rc && of_kind <= limit)
			rc = write_change(change, out);
		if (!rc && last && of_kind > limit)
			rc = buf_appendf(out, "  and %zu more\n", of_kind - limit);
	}
	return rc;
}

static json_t *tally_to_json(const struct night_tally *tally)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:i}", "state", night_state_name(tally->state), "good", (int)tally->good,
			 "bad", (int)tally->bad, "missing", (int)tally->missing, "ignored", (int)tally->ignored);
}

json_t *night_image_to_json(const struct night_image *image)
{
	json_t *object = json_object();

	json_put(&object, "night", json_integer(image->night));
	json_put(&object, "sha256", json_string(image->sha256));
	if (image->version) {
		json_put(&object, "version", json_integer(image->version));
		json_put(&object, "dropped_by", json_string(image->by));
	}
	return object;
}

static json_t *change_to_json(const struct night_change *change)
{
	json_t *object = json_object();

	json_put(&object, "kind", json_string(night_kind_name(change->kind)));
	json_put(&object, "suite", json_string(change->suite));
	json_put(&object, "image", json_string(change->image));
	json_put(&object, "type", json_string(change->type));
	json_put(&object, "case", json_string(change->case_name));
	if (change->now.run)
		json_put(&object, "run", json_integer(change->now.run));
	json_put(&object, "before", tally_to_json(&change->before));
	json_put(&object, "now", tally_to_json(&change->now));
	if (change->absence)
		json_put(&object, "absence", json_string(night_absence_text(change->absence)));
	if (change->has_flake)
		json_put(&object, "flake", flake_to_json(&change->flake));
	if (change->since.night)
		json_put(&object, "since", night_image_to_json(&change->since));
	if (change->good.night)
		json_put(&object, "good", night_image_to_json(&change->good));
	if (change->kind == NIGHT_IS_SLOWER) {
		json_put(&object, "measure", json_string(change->measure));
		json_put(&object, "unit", json_string(change->unit));
		json_put(&object, "before_value", json_number(change->before_value));
		json_put(&object, "now_value", json_number(change->now_value));
		json_put(&object, "percent", json_number(change->percent));
	}
	return object;
}

json_t *night_to_json(const struct night_comparison *comparison)
{
	json_t *object = json_object(), *counts = json_object(), *changes = json_array();

	for (size_t kind = 0; kind < NIGHT_KIND_COUNT; kind++)
		json_put(&counts, night_kind_name((enum night_kind)kind),
			 json_integer((json_int_t)comparison->counts[kind]));
	for (size_t i = 0; i < comparison->count; i++)
		json_push(&changes, change_to_json(&comparison->item[i]));
	json_put(&object, "cases", json_integer((json_int_t)comparison->cases));
	json_put(&object, "runs", json_integer((json_int_t)comparison->runs));
	json_put(&object, "runs_lost", json_integer((json_int_t)comparison->runs_lost));
	json_put(&object, "compared", json_boolean(comparison->has_before));
	json_put(&object, "counts", counts);
	json_put(&object, "changes", changes);
	return object;
}

json_t *night_places_to_json(struct night *night)
{
	struct map_node *node;
	json_t *array = json_array();

	for (node = map_next(&night->places, NULL); node; node = map_next(&night->places, node))
		memset(map_container(node, struct night_place, node)->in, 0, sizeof(((struct night_place *)0)->in));
	for (node = map_next(&night->cases, NULL); node; node = map_next(&night->cases, node)) {
		const struct night_case *one = map_container(node, struct night_case, node);

		one->place->in[one->tally.state]++;
	}
	for (node = map_next(&night->places, NULL); node; node = map_next(&night->places, node)) {
		const struct night_place *place = map_container(node, struct night_place, node);
		json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:i}", "suite", place->suite, "image", place->image,
					   "type", place->type, "runs", (int)place->runs, "lost", (int)place->lost);

		for (int state = NIGHT_PASSED; state <= NIGHT_IGNORED; state++)
			json_put(&object, night_state_name((enum night_state)state), json_integer(place->in[state]));
		json_push(&array, object);
	}
	return array;
}
