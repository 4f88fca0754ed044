/* SPDX-License-Identifier: Apache-2.0 */
/* Which RAM goes into a core file. */
#include "core/image/core_elf.h"

#define STACK_BELOW 1024u /* what was just popped tells, too */
#define STACK_ABOVE (32u << 10)

struct plan {
	struct core_range *range;
	size_t count;
	uint64_t bytes;
};

static uint64_t end_of(const struct core_range *range)
{
	return (uint64_t)range->address + range->size_bytes;
}

/* Adds [from, to), joined with what touches it; at most as much as still fits. */
static void add(struct plan *plan, uint64_t from, uint64_t to)
{
	size_t at = 0, kept = 0;

	if (plan->bytes >= CORE_RAM_BYTES || from >= to || plan->count == CORE_MAX_RANGES)
		return;
	if (to - from > CORE_RAM_BYTES - plan->bytes)
		to = from + (CORE_RAM_BYTES - plan->bytes);
	for (size_t i = 0; i < plan->count; i++) {
		struct core_range *range = &plan->range[i];

		if (end_of(range) < from || range->address > to) {
			plan->range[kept++] = *range;
			continue;
		}
		from = range->address < from ? range->address : from;
		to = end_of(range) > to ? end_of(range) : to;
		plan->bytes -= range->size_bytes;
	}
	plan->count = kept;
	while (at < plan->count && plan->range[at].address < from)
		at++;
	for (size_t i = plan->count++; i > at; i--)
		plan->range[i] = plan->range[i - 1];
	plan->range[at] = (struct core_range){.address = (uint32_t)from, .size_bytes = (uint32_t)(to - from)};
	plan->bytes += to - from;
}

static bool is_ram(const struct memory_region *region)
{
	return region->kind == MEMORY_RAM && !region->is_alias;
}

static void add_stack(struct plan *plan, const struct board_type *type, uint32_t sp)
{
	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *region = &type->region[i];
		uint64_t begin = region->address, end = begin + region->size_bytes, from, to;

		if (!is_ram(region) || sp < begin || sp > end)
			continue;
		from = sp - begin > STACK_BELOW ? (sp - STACK_BELOW) & ~3u : begin;
		to = end - sp > STACK_ABOVE ? (uint64_t)(sp & ~3u) + STACK_ABOVE : end;
		add(plan, from, to);
	}
}

size_t core_plan(const struct board_type *type, const struct core_registers *registers, struct core_range *ret_ranges)
{
	struct plan plan = {.range = ret_ranges};
	uint64_t all = 0, share;
	size_t regions = 0;

	for (size_t i = 0; i < type->region_count; i++) {
		all += is_ram(&type->region[i]) ? type->region[i].size_bytes : 0;
		regions += is_ram(&type->region[i]);
	}
	if (all > CORE_RAM_BYTES) {
		add_stack(&plan, type, registers->word[CORE_SP]);
		add_stack(&plan, type, registers->word[CORE_MSP]);
		add_stack(&plan, type, registers->word[CORE_PSP]);
	}
	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *region = &type->region[i];

		if (!is_ram(region))
			continue;
		share = all > CORE_RAM_BYTES ? (CORE_RAM_BYTES - plan.bytes) / regions : region->size_bytes;
		regions--;
		add(&plan, region->address,
		    (uint64_t)region->address + (share < region->size_bytes ? share & ~3ull : region->size_bytes));
	}
	return plan.count;
}
