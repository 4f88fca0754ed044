/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones: reading TZif, and the way between UTC and local time. */
#include "core/calendar/timezone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar/timezone_rule.h"

#define HEADER_BYTES   44
#define MIN_OFFSET_S   (-89999) /* RFC 8536: more than 25 h behind, 26 h ahead are no offsets */
#define MAX_OFFSET_S   93599
#define FOOTER_MAX     128
#define MAX_TYPES      256
#define MAX_TEXT_BYTES 2048

struct change {
	int64_t at_s;
	uint8_t type;
};

struct time_zone {
	char name[TIME_ZONE_NAME_MAX];
	struct time_zone_span *type; /* offset, kind and abbreviation only */
	size_t type_count;
	struct change *change; /* ascending */
	size_t change_count;
	bool has_rule; /* for what comes after the last change */
	struct time_rule rule;
};

/* What a header says of the block behind it. */
struct block {
	size_t utc, standard, leap, changes, types, text_bytes;
	size_t time_bytes; /* 4 in the first block, 8 in the second */
};

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t get_i64(const uint8_t *bytes)
{
	return (int64_t)((uint64_t)get_u32(bytes) << 32 | get_u32(bytes + 4));
}

static size_t block_size(const struct block *block)
{
	return block->changes * (block->time_bytes + 1) + block->types * 6 + block->text_bytes +
	       block->leap * (block->time_bytes + 4) + block->standard + block->utc;
}

/* Reads a header and sees that its block is all there. */
static int read_header(const uint8_t *bytes, size_t len, size_t time_bytes, struct block *ret_block, struct err *err)
{
	struct block block = {.time_bytes = time_bytes};

	if (len < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
		return err_set(err, ERR_CORRUPT, "no TZif header");
	if (bytes[4] < '2')
		return err_set(err, ERR_UNSUPPORTED, "a TZif file of version 1, whose times end in 2038");
	block.utc = get_u32(bytes + 20);
	block.standard = get_u32(bytes + 24);
	block.leap = get_u32(bytes + 28);
	block.changes = get_u32(bytes + 32);
	block.types = get_u32(bytes + 36);
	block.text_bytes = get_u32(bytes + 40);
	/* Each number is 32 bits wide and each element small, so the sum cannot pass 64. */
	if (block_size(&block) > len - HEADER_BYTES)
		return err_set(err, ERR_CORRUPT, "a TZif block that is longer than the file");
	*ret_block = block;
	return 0;
}

static int read_types(struct time_zone *zone, const struct block *block, const uint8_t *bytes, struct err *err)
{
	const char *text = (const char *)bytes + block->types * 6;

	for (size_t i = 0; i < block->types; i++) {
		const uint8_t *from = bytes + i * 6;
		struct time_zone_span *type = &zone->type[i];
		size_t index = from[5], room = block->text_bytes > index ? block->text_bytes - index : 0;
		const char *end = room ? memchr(text + index, '\0', room) : NULL;

		type->offset_s = (int32_t)get_u32(from);
		type->daylight_saving = from[4] == 1;
		if (from[4] > 1 || type->offset_s < MIN_OFFSET_S || type->offset_s > MAX_OFFSET_S)
			return err_set(err, ERR_CORRUPT, "a local time type that cannot be");
		if (!end || end - (text + index) >= TIME_ZONE_ABBREV_MAX)
			return err_set(err, ERR_CORRUPT, "an abbreviation without end");
		snprintf(type->abbreviation, sizeof type->abbreviation, "%s", text + index);
	}
	return 0;
}

static int read_changes(struct time_zone *zone, const struct block *block, const uint8_t *bytes, struct err *err)
{
	const uint8_t *types = bytes + block->changes * block->time_bytes;

	for (size_t i = 0; i < block->changes; i++) {
		struct change *change = &zone->change[i];

		change->at_s = get_i64(bytes + i * 8);
		change->type = types[i];
		if (change->type >= block->types)
			return err_set(err, ERR_CORRUPT, "a change to a local time type that is not there");
		if (change->at_s < -2 * TIME_ZONE_LIMIT_S || change->at_s > 2 * TIME_ZONE_LIMIT_S)
			return err_set(err, ERR_CORRUPT, "a change out of all time");
		if (i && change->at_s <= change[-1].at_s)
			return err_set(err, ERR_CORRUPT, "changes out of order");
	}
	zone->change_count = block->changes;
	return 0;
}

static int read_block(struct time_zone *zone, const struct block *block, const uint8_t *bytes, struct err *err)
{
	int rc;

	if (block->leap)
		return err_set(err, ERR_UNSUPPORTED, "a TZif file that counts leap seconds");
	if (block->changes > TIME_ZONE_MAX_CHANGES || block->types > MAX_TYPES || block->text_bytes > MAX_TEXT_BYTES)
		return err_set(err, ERR_TOO_BIG, "a TZif file with more changes than there can be");
	if (!block->types)
		return err_set(err, ERR_CORRUPT, "a TZif file without a local time type");
	zone->type = calloc(block->types, sizeof *zone->type);
	zone->change = calloc(block->changes + 1, sizeof *zone->change);
	if (!zone->type || !zone->change)
		return err_set(err, ERR_NOMEM, "no memory for a time zone");
	zone->type_count = block->types;
	rc = read_types(zone, block, bytes + block->changes * (block->time_bytes + 1), err);
	return rc ? rc : read_changes(zone, block, bytes, err);
}

/* A line of its own; empty when the last change holds for ever. */
static int read_footer(struct time_zone *zone, const uint8_t *bytes, size_t len, struct err *err)
{
	const uint8_t *end = len > 1 ? memchr(bytes + 1, '\n', len - 1) : NULL;
	char text[FOOTER_MAX];

	if (!end || bytes[0] != '\n')
		return err_set(err, ERR_CORRUPT, "no TZif footer");
	if (end - bytes > (ptrdiff_t)sizeof text || memchr(bytes, '\0', (size_t)(end - bytes)))
		return err_set(err, ERR_CORRUPT, "a TZif footer that is no rule");
	memcpy(text, bytes + 1, (size_t)(end - bytes - 1));
	text[end - bytes - 1] = '\0';
	if (!text[0])
		return 0;
	zone->has_rule = time_rule_parse(text, &zone->rule);
	return zone->has_rule ? 0 : err_set(err, ERR_CORRUPT, "a TZif footer that is no rule");
}

static int read_file(struct time_zone *zone, const uint8_t *bytes, size_t len, struct err *err)
{
	struct block block;
	size_t skip;
	int rc = read_header(bytes, len, 4, &block, err);

	if (rc)
		return rc;
	skip = HEADER_BYTES + block_size(&block);
	rc = read_header(bytes + skip, len - skip, 8, &block, err);
	if (rc)
		return rc;
	skip += HEADER_BYTES;
	rc = read_block(zone, &block, bytes + skip, err);
	skip += block_size(&block);
	return rc ? rc : read_footer(zone, bytes + skip, len - skip, err);
}

int time_zone_read(const char *name, const void *bytes, size_t len, struct time_zone **ret_zone, struct err *err)
{
	struct time_zone *zone;
	int rc;

	if (!time_zone_name_valid(name))
		return err_set(err, ERR_INVALID, "not a name of a time zone");
	if (len > TIME_ZONE_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG, "%s: a TZif file of more than %u bytes", name, TIME_ZONE_MAX_BYTES);
	zone = calloc(1, sizeof *zone);
	if (!zone)
		return err_set(err, ERR_NOMEM, "no memory for a time zone");
	snprintf(zone->name, sizeof zone->name, "%s", name);
	rc = read_file(zone, bytes, len, err);
	if (rc) {
		err_prefix(err, "%s", name);
		time_zone_destroy(zone);
		return rc;
	}
	*ret_zone = zone;
	return 0;
}

void time_zone_destroy(struct time_zone *zone)
{
	if (!zone)
		return;
	free(zone->type);
	free(zone->change);
	free(zone);
}

const struct time_zone *time_zone_utc(void)
{
	static struct time_zone_span type = {.abbreviation = "UTC"};
	static const struct time_zone utc = {.name = "UTC", .type = &type, .type_count = 1};

	return &utc;
}

const char *time_zone_name(const struct time_zone *zone)
{
	return zone->name;
}

bool time_zone_name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-";

	if (strlen(name) >= TIME_ZONE_NAME_MAX)
		return false;
	for (;;) {
		if (!*name || !strchr(letters, *name))
			return false;
		name += strspn(name, others);
		if (*name != '/')
			return !*name;
		name++;
	}
}

/* How many changes have come by then. */
static size_t changes_until(const struct time_zone *zone, int64_t at_s)
{
	size_t low = 0, high = zone->change_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->change[middle].at_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void time_zone_span_at(const struct time_zone *zone, int64_t at_s, struct time_zone_span *ret_span)
{
	size_t after = changes_until(zone, at_s);
	const struct change *change = after ? &zone->change[after - 1] : NULL;

	if (after == zone->change_count && zone->has_rule) {
		time_rule_span_at(&zone->rule, at_s, ret_span);
		if (change && ret_span->from_s < change->at_s)
			ret_span->from_s = change->at_s;
		return;
	}
	*ret_span = zone->type[change ? change->type : 0];
	ret_span->from_s = change ? change->at_s : INT64_MIN;
	ret_span->until_s = after < zone->change_count ? zone->change[after].at_s : INT64_MAX;
}

int64_t time_zone_to_local(const struct time_zone *zone, int64_t at_s)
{
	struct time_zone_span span;

	time_zone_span_at(zone, at_s, &span);
	return at_s + span.offset_s;
}

/* Whether clocks show local_s in the span, which ends after that time. */
static bool span_shows(const struct time_zone_span *span, int64_t local_s)
{
	return span->from_s == INT64_MIN || local_s - span->offset_s >= span->from_s;
}

static bool span_over(const struct time_zone_span *span, int64_t local_s)
{
	return span->until_s != INT64_MAX && local_s - span->offset_s >= span->until_s;
}

enum local_time time_zone_from_local(const struct time_zone *zone, int64_t local_s, int64_t *ret_at_s)
{
	struct time_zone_span span;
	int64_t last_s = local_s - MIN_OFFSET_S;
	bool found = false;

	/* Only spans that reach into the hours around it can show it. */
	time_zone_span_at(zone, local_s - MAX_OFFSET_S - 1, &span);
	for (;;) {
		if (!span_over(&span, local_s)) {
			bool shows = span_shows(&span, local_s);

			if (found && shows)
				return LOCAL_TWICE;
			if (!found)
				*ret_at_s = shows ? local_s - span.offset_s : span.from_s;
			if (!shows && !found)
				return LOCAL_NEVER;
			found = true;
		}
		if (span.until_s > last_s)
			return LOCAL_ONCE;
		time_zone_span_at(zone, span.until_s, &span);
	}
}

const struct time_zone *time_zones_find(const struct time_zones *zones, const char *name)
{
	if (strcmp(name, "UTC") == 0)
		return time_zone_utc();
	if (!zones || !time_zone_name_valid(name))
		return NULL;
	return zones->find(zones->context, name);
}
