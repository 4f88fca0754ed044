/* SPDX-License-Identifier: Apache-2.0 */
/* What was erased, and the ledger, as JSON: for the wire and the store; and which sectors an image lies in. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/health/wear.h"

static bool in_pass(const struct flashed *flashed, size_t first, uint32_t address)
{
	for (size_t i = first; i < flashed->erased_count; i++) {
		const struct flash_sectors *run = &flashed->erased[i];

		if (address >= run->address && (address - run->address) / run->size_bytes < run->count)
			return true;
	}
	return false;
}

static void add_sector(struct flashed *flashed, size_t first, uint32_t address, uint32_t size_bytes)
{
	struct flash_sectors *last = flashed->erased_count > first ? &flashed->erased[flashed->erased_count - 1] : NULL;

	if (in_pass(flashed, first, address))
		return;
	if (last && last->size_bytes == size_bytes && last->count < FLASHED_MAX_SECTORS &&
	    last->address + (uint64_t)last->count * size_bytes == address)
		last->count++;
	else if (flashed->erased_count < FLASHED_MAX_RUNS)
		flashed->erased[flashed->erased_count++] = (struct flash_sectors){address, size_bytes, 1};
}

void flashed_add(struct flashed *flashed, size_t first_of_pass, const struct flash_sectors *table, size_t table_count,
		 uint32_t address, uint32_t size_bytes)
{
	uint64_t from = address, end = from + size_bytes;

	for (size_t i = 0; size_bytes && i < table_count; i++) {
		const struct flash_sectors *run = &table[i];
		uint64_t run_end = run->address + (uint64_t)run->count * run->size_bytes;
		uint64_t at = from > run->address ? from : run->address;

		for (at -= (at - run->address) % run->size_bytes; at < end && at < run_end; at += run->size_bytes)
			add_sector(flashed, first_of_pass, (uint32_t)at, run->size_bytes);
	}
}

json_t *flashed_to_json(const struct flashed *flashed)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < flashed->erased_count; i++) {
		const struct flash_sectors *run = &flashed->erased[i];

		json_push(&list, json_pack("{s:I, s:I, s:I}", "address", (json_int_t)run->address, "size",
					   (json_int_t)run->size_bytes, "count", (json_int_t)run->count));
	}
	json_put(&object, "erased", list);
	return object;
}

static bool read_run(const json_t *entry, struct flash_sectors *run)
{
	json_int_t address, size, count;

	if (json_unpack((json_t *)(uintptr_t)entry, "{s:I, s:I, s:I !}", "address", &address, "size", &size, "count",
			&count))
		return false;
	if (address < 0 || address > UINT32_MAX || size < 1 || size > UINT32_MAX || count < 1 ||
	    count > FLASHED_MAX_SECTORS || size > (UINT32_MAX + INT64_C(1) - address) / count)
		return false;
	*run = (struct flash_sectors){(uint32_t)address, (uint32_t)size, (uint32_t)count};
	return true;
}

int flashed_from_json(const json_t *object, struct flashed *ret_flashed, struct err *err)
{
	const json_t *list = json_object_get(object, "erased"), *entry;
	struct flashed flashed = {0};
	size_t i;

	if (!json_is_array(list) || json_object_size(object) != 1)
		return err_set(err, ERR_INVALID, "erased: expected a list, and nothing beside it");
	if (json_array_size(list) > FLASHED_MAX_RUNS)
		return err_set(err, ERR_INVALID, "erased: found %zu runs of sectors, expected at most %d",
			       json_array_size(list), FLASHED_MAX_RUNS);
	json_array_foreach(list, i, entry)
	{
		if (!read_run(entry, &flashed.erased[flashed.erased_count++]))
			return err_set(err, ERR_INVALID, "erased[%zu]: expected address, size and count of sectors", i);
	}
	*ret_flashed = flashed;
	return 0;
}

char *wear_to_text(const struct wear *wear)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < wear->sectors_count; i++) {
		const struct wear_sectors *run = &wear->sectors[i];

		json_push(&list, json_pack("[I, I, I, I]", (json_int_t)run->address, (json_int_t)run->size_bytes,
					   (json_int_t)run->count, (json_int_t)run->erases));
	}
	text = list ? json_dumps(list, JSON_COMPACT) : NULL;
	if (!text)
		mem_exhausted();
	json_decref(list);
	return text;
}

static bool read_sectors(const json_t *entry, uint64_t after, struct wear_sectors *run)
{
	json_int_t address, size, count, erases;

	if (json_unpack((json_t *)(uintptr_t)entry, "[I, I, I, I !]", &address, &size, &count, &erases))
		return false;
	if (address < 0 || address > UINT32_MAX || (uint64_t)address < after || size < 1 ||
	    size > UINT32_MAX + INT64_C(1) || count < 1 || count > WEAR_MAX_SECTORS || erases < 0 ||
	    erases > UINT32_MAX)
		return false;
	*run = (struct wear_sectors){(uint32_t)address, (uint64_t)size, (uint32_t)count, (uint32_t)erases};
	return true;
}

int wear_from_text(const char *text, uint64_t erases, struct wear *ret_wear, struct err *err)
{
	json_t *list = json_loads(text, 0, NULL), *entry;
	struct wear wear = {.erases = erases};
	uint64_t after = 0;
	size_t i, entries = 0;
	int rc = json_is_array(list) && json_array_size(list) <= WEAR_MAX_SECTORS ? 0 : ERR_INVALID;

	wear.sectors = mem_alloc_array(json_array_size(list) + 1, sizeof(*wear.sectors));
	json_array_foreach(list, i, entry)
	{
		struct wear_sectors *run = &wear.sectors[i];

		if (rc == 0 && !read_sectors(entry, after, run))
			rc = ERR_INVALID;
		if (rc)
			break;
		after = run->address + run->count * run->size_bytes;
		entries += run->count;
		if (run->erases > wear.worst) {
			wear.worst = run->erases;
			wear.worst_address = run->address;
		}
		wear.sectors_count++;
	}
	json_decref(list);
	if (rc || entries > WEAR_MAX_SECTORS) {
		wear_clear(&wear);
		return err_set(err, ERR_INVALID, "not a ledger of a flash's wear: %.80s", text);
	}
	*ret_wear = wear;
	return 0;
}
