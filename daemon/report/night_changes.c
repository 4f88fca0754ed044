/* SPDX-License-Identifier: Apache-2.0 */
/* A night's changes on its page: the case, what it did, and since which image. */
#include "daemon/report/night_changes.h"

#include <inttypes.h>
#include <string.h>

#include "core/night/night.h"

#define CHANGES_SHOWN 500

const char *night_text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t night_int_in(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

void night_element(struct xml *xml, const char *open, const char *text, const char *close)
{
	xml_raw(xml, "%s", open);
	xml_text(xml, text);
	xml_raw(xml, "%s", close);
}

const char *night_tone(const char *kind)
{
	if (strcmp(kind, "new-failure") == 0 || strcmp(kind, "missing") == 0 || strcmp(kind, "still-failing") == 0)
		return "bad";
	if (strcmp(kind, "flaky") == 0 || strcmp(kind, "slower") == 0)
		return "warn";
	return strcmp(kind, "fixed") == 0 ? "good" : "quiet";
}

static const char *heading_of(const char *kind)
{
	for (int i = 0; i < NIGHT_KIND_COUNT; i++) {
		if (strcmp(night_kind_name((enum night_kind)i), kind) == 0)
			return night_kind_heading((enum night_kind)i);
	}
	return kind;
}

static void write_story(struct xml *xml, const json_t *change)
{
	const json_t *before = json_object_get(change, "before"), *now = json_object_get(change, "now");

	if (night_text_in(change, "measure")[0]) {
		xml_text(xml, night_text_in(change, "measure"));
		xml_raw(xml, " %.6g ", json_number_value(json_object_get(change, "now_value")));
		xml_text(xml, night_text_in(change, "unit"));
		xml_raw(xml, ", was %.6g (%.1f %% worse)", json_number_value(json_object_get(change, "before_value")),
			json_number_value(json_object_get(change, "percent")));
		return;
	}
	xml_text(xml,
		 night_text_in(change, "absence")[0] ? night_text_in(change, "absence") : night_text_in(now, "state"));
	if (strcmp(night_text_in(before, "state"), night_state_name(NIGHT_ABSENT)) != 0)
		night_element(xml, "; ", night_text_in(before, "state"), " before");
}

void night_image(struct xml *xml, const json_t *image)
{
	if (night_int_in(image, "version")) {
		xml_raw(xml, "version %" PRId64, night_int_in(image, "version"));
		night_element(xml, " by <b>", night_text_in(image, "dropped_by"), "</b>");
	} else {
		xml_raw(xml, "image <code>");
		xml_raw(xml, "%.12s", night_text_in(image, "sha256"));
		xml_raw(xml, "</code>");
	}
}

/* Since which image, and with which it was well: who is to look at it. */
static void write_since(struct xml *xml, const json_t *change)
{
	const json_t *since = json_object_get(change, "since"), *good = json_object_get(change, "good");

	if (!since)
		return;
	xml_raw(xml, "<div class=\"small\">since ");
	if (good && strcmp(night_text_in(since, "sha256"), night_text_in(good, "sha256")) == 0) {
		xml_raw(xml, "night %" PRId64 ", with the very image of night %" PRId64 "</div>",
			night_int_in(since, "night"), night_int_in(good, "night"));
		return;
	}
	night_image(xml, since);
	xml_raw(xml, " (night %" PRId64 ")%s", night_int_in(since, "night"), good ? ", not with " : " or longer");
	if (good)
		night_image(xml, good);
	xml_raw(xml, "</div>");
}

static void write_change(struct xml *xml, const json_t *change, const char *heading)
{
	const char *kind = night_text_in(change, "kind");

	if (heading)
		night_element(xml, "<h3>", heading, "</h3>\n");
	xml_raw(xml, "<div class=\"case %s\" style=\"margin-top:8px\"><div class=\"line\">", night_tone(kind));
	night_element(xml, "<span class=\"name\">", night_text_in(change, "case"), "</span>");
	night_element(xml, "<span class=\"small\">", night_text_in(change, "suite"), ", ");
	xml_text(xml, night_text_in(change, "image"));
	night_element(xml, " on ", night_text_in(change, "type"), "</span></div><div>");
	write_story(xml, change);
	if (night_int_in(change, "run"))
		xml_raw(xml, " <span class=\"muted\">(run %" PRId64 ")</span>", night_int_in(change, "run"));
	xml_raw(xml, "</div>");
	write_since(xml, change);
	xml_raw(xml, "</div>\n");
}

void night_changes(struct xml *xml, const json_t *comparison)
{
	const json_t *changes = json_object_get(comparison, "changes"), *change;
	const char *last = "";
	size_t i;

	json_array_foreach(changes, i, change)
	{
		const char *kind = night_text_in(change, "kind");

		if (i == CHANGES_SHOWN) {
			xml_raw(xml, "<p class=\"muted\">and %" PRId64 " more</p>\n",
				night_int_in(comparison, "changes_total") - CHANGES_SHOWN);
			return;
		}
		write_change(xml, change, strcmp(kind, last) != 0 ? heading_of(kind) : NULL);
		last = kind;
	}
	if (json_array_size(changes) == 0)
		xml_raw(xml, "<p class=\"why\">Nothing changed.</p>\n");
}
