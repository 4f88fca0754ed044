/* SPDX-License-Identifier: Apache-2.0 */
/* All points the core wants in the machine, from whatever source, brought in step before it runs. */
#include <stdlib.h>
#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/parts.h"
#include "agents/virtual/cortexm/thumb.h"

static int point_compare(const void *left, const void *right)
{
	const struct core_point *a = left, *b = right;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return a->len < b->len ? -1 : a->len > b->len;
}

/* Breakpoints on the handlers whose entry is to be caught; they are looked up each time, since firmware moves its
 * table. */
static size_t vector_points(struct core *core, struct core_point *ret_points, size_t room)
{
	static const struct {
		uint32_t bits;
		unsigned vector;
	} caught[] = {{VC_HARDERR, 3}, {VC_MMERR, 4}, {VC_BUSERR, 5}, {VC_USAGE, 6}};
	uint32_t table = 0;
	size_t n = 0;
	if (!(core->demcr & (VC_HARDERR | VC_MMERR | VC_BUSERR | VC_USAGE)))
		return 0;
	if (!core->chip->armv6m)
		vm_read_unit(core->vm, SCS_VTOR, 4, &table);
	for (size_t i = 0; i < sizeof caught / sizeof *caught && n < room; i++) {
		uint32_t handler = 0;
		if (!(core->demcr & caught[i].bits) || (core->chip->armv6m && caught[i].vector != 3))
			continue;
		if (!vm_read_unit(core->vm, table + 4 * caught[i].vector, 4, &handler) && handler & 1)
			ret_points[n++] = (struct core_point){VM_BREAK, handler & ~UINT32_C(1), 2, POINT_VECTOR};
	}
	return n;
}

static size_t wanted_points(struct core *core, struct core_point *points, size_t room)
{
	size_t n = 0;
	if (core->dhcsr & C_DEBUGEN) {
		n += core_unit_points(core, points, room);
		n += vector_points(core, points + n, room - n);
		for (size_t i = 0; i < core->planted_count && n < room; i++)
			points[n++] = (struct core_point){VM_BREAK, core->planted[i], 2, POINT_PLANTED};
	}
	n += core->port.owner_points(core->port.context, points + n, room - n);
	qsort(points, n, sizeof *points, point_compare);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept && !point_compare(&points[kept - 1], &points[i]))
			points[kept - 1].why |= points[i].why;
		else
			points[kept++] = points[i];
	}
	return kept;
}

void core_sync_points(struct core *core)
{
	struct core_point wanted[CORE_POINTS_MAX];
	if (!core->points_stale)
		return;
	size_t n = wanted_points(core, wanted, CORE_POINTS_MAX), old = 0, new = 0;
	while (old < core->point_count || new < n) {
		const struct core_point *have = old < core->point_count ? &core->points[old] : NULL;
		const struct core_point *want = new < n ? &wanted[new] : NULL;
		int order = !have ? 1 : !want ? -1 : point_compare(have, want);
		if (order < 0)
			vm_point(core->vm, false, have->type, have->address, have->len);
		if (order > 0)
			vm_point(core->vm, true, want->type, want->address, want->len);
		old += order <= 0;
		new += order >= 0;
	}
	memcpy(core->points, wanted, n * sizeof *wanted);
	core->point_count = n;
	/* What vector catch looks up may have moved by the next time. */
	core->points_stale = core->demcr & (VC_HARDERR | VC_MMERR | VC_BUSERR | VC_USAGE);
}

void core_drop_watches(struct core *core)
{
	size_t kept = 0;
	for (size_t i = 0; i < core->point_count; i++) {
		if (core->points[i].type == VM_BREAK)
			core->points[kept++] = core->points[i];
		else
			vm_point(core->vm, false, core->points[i].type, core->points[i].address, core->points[i].len);
	}
	core->point_count = kept;
	core->points_stale = true;
}

unsigned core_point_at(const struct core *core, uint32_t pc)
{
	unsigned why = 0;
	for (size_t i = 0; i < core->point_count; i++)
		if (core->points[i].type == VM_BREAK && core->points[i].address == pc)
			why |= core->points[i].why;
	return why;
}

const struct core_point *core_watch_at(const struct core *core, uint32_t address)
{
	for (size_t i = 0; i < core->point_count; i++)
		if (core->points[i].type != VM_BREAK && core->points[i].address == address)
			return &core->points[i];
	return NULL;
}

/* Where a piece of code lies, for thumb_find_breakpoints. */
struct planting {
	struct core *core;
	uint32_t address;
	const uint8_t *code;
};

/* What compilers, debuggers and semihosting write behind BKPT. Data that looks like BKPT has any number there, and
 * every breakpoint costs the machine time, so of other numbers only the first few are taken. */
static bool is_usual_breakpoint(uint8_t number)
{
	return number <= 1 || number == 0x11 || number == 0xab || number >= 0xfe;
}

static void on_breakpoint_found(void *context, size_t offset)
{
	struct planting *planting = context;
	struct core *core = planting->core;
	if (core->planted_count >= CORE_PLANTED_UNUSUAL && !is_usual_breakpoint(planting->code[offset]))
		return;
	core->points_stale = true;
	if (core->planted_count == CORE_PLANTED_MAX)
		core->planted_overflow = true;
	else
		core->planted[core->planted_count++] = planting->address + (uint32_t)offset;
}

void core_forget_code(struct core *core, uint32_t address, size_t len)
{
	for (size_t i = 0; i < core->planted_count;) {
		if (core->planted[i] - address < len) {
			core->planted[i] = core->planted[--core->planted_count];
			core->points_stale = true;
		} else {
			i++;
		}
	}
}

void core_note_code(struct core *core, uint32_t address, const uint8_t *code, size_t len)
{
	struct planting planting = {core, address, code};
	core_forget_code(core, address, len);
	if (address & 1 || len < 2)
		return;
	/* A halfword written by itself is a debugger's own breakpoint: what stands before it says nothing. */
	thumb_find_breakpoints(code, len, on_breakpoint_found, &planting);
}
