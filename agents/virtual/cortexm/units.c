/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoint unit, watchpoint unit and ROM table: the registers, and the points they ask for. */
#include "agents/virtual/cortexm/parts.h"

#define FPB_BASE UINT32_C(0xe0002000)
#define DWT_BASE UINT32_C(0xe0001000)
#define ITM_BASE UINT32_C(0xe0000000)
#define SCS_BASE UINT32_C(0xe000e000)
#define ROM_BASE UINT32_C(0xe00ff000)
#define PAGE     UINT32_C(0x1000)

enum { FPB_ENABLE = 1, FPB_KEY = 2, FPB_LITERALS = 2, FPB_COMP = 8, DWT_COMP = 0x20 };

/* Functions of a watchpoint comparator that halt. */
enum { DWT_PC = 4, DWT_READ = 5, DWT_WRITE = 6, DWT_ACCESS = 7 };

void core_units_power_up(struct core *core)
{
	core->fpb_ctrl = 0;
	for (unsigned i = 0; i < CORE_BREAKPOINTS; i++)
		core->fpb_comp[i] = 0;
	for (unsigned i = 0; i < CORE_WATCHPOINTS; i++)
		core->watch[i] = (struct core_watch){0};
	core->points_stale = true;
}

/* CoreSight identification at the end of each unit's page. */
static uint32_t unit_id(uint32_t offset, unsigned part, unsigned class)
{
	switch (offset) {
	case 0xfd0:
		return 4; /* ARM */
	case 0xfe0:
		return part & 0xff;
	case 0xfe4:
		return 0xb0 | part >> 8;
	case 0xfe8:
		return 0x0b;
	case 0xff0:
		return 0x0d;
	case 0xff4:
		return class << 4;
	case 0xff8:
		return 0x05;
	case 0xffc:
		return 0xb1;
	default:
		return 0;
	}
}

static uint32_t fpb_read(const struct core *core, uint32_t offset)
{
	unsigned count = core->chip->breakpoints, at = (offset - FPB_COMP) / 4;
	if (offset == 0)
		return core->fpb_ctrl | count << 4 | (core->chip->armv6m ? 0U : FPB_LITERALS << 8);
	if (offset >= FPB_COMP && at < count)
		return core->fpb_comp[at];
	return unit_id(offset, core->chip->armv6m ? 0x00b : core->chip->has_fpu ? 0x00c : 0x003, 14);
}

static uint32_t dwt_read(const struct core *core, uint32_t offset)
{
	unsigned at = (offset - DWT_COMP) / 16;
	if (offset == 0)
		return core->chip->watchpoints << 28;
	if (offset < DWT_COMP || at >= core->chip->watchpoints)
		return unit_id(offset, core->chip->armv6m ? 0x00a : 0x002, 14);
	const struct core_watch *watch = &core->watch[at];
	switch (offset & 15) {
	case 0:
		return watch->comp;
	case 4:
		return watch->mask;
	case 8:
		return watch->function;
	default:
		return 0;
	}
}

static uint32_t rom_read(const struct core *core, uint32_t offset)
{
	/* system control space, watchpoints, breakpoints, instrumentation; bit 0: present */
	static const uint32_t entries[] = {0xfff0f003, 0xfff02003, 0xfff03003, 0xfff01003};
	unsigned count = core->chip->armv6m ? 3 : 4;
	if (offset / 4 < count)
		return entries[offset / 4];
	if (offset == 0xfcc)
		return 1; /* system memory is on this bus */
	return unit_id(offset, core->chip->armv6m ? 0x471 : core->chip->has_fpu ? 0x4c4 : 0x4c3, 1);
}

bool core_units_read(struct core *core, uint32_t address, uint32_t *ret_value)
{
	uint32_t offset = address & (PAGE - 1);
	switch (address & ~(PAGE - 1)) {
	case FPB_BASE:
		*ret_value = fpb_read(core, offset);
		return true;
	case DWT_BASE:
		*ret_value = dwt_read(core, offset);
		/* Reading tells a match once. */
		if (offset >= DWT_COMP && (offset & 15) == 8 && (offset - DWT_COMP) / 16 < core->chip->watchpoints)
			core->watch[(offset - DWT_COMP) / 16].function &= ~DWT_MATCHED;
		return true;
	case ITM_BASE:
		*ret_value = unit_id(offset, 0x001, 14);
		return true;
	case ROM_BASE:
		*ret_value = rom_read(core, offset);
		return true;
	case UINT32_C(0xf0000000): /* the nRF51's own table points to the core's */
		*ret_value = offset == 0 ? 0xf00ff003 : unit_id(offset, 0x001, 1);
		return true;
	case SCS_BASE:
		if (offset < 0xfd0)
			return false;
		*ret_value = unit_id(offset, core->chip->armv6m ? 0x008 : core->chip->has_fpu ? 0x00c : 0x000, 14);
		return true;
	default:
		return false;
	}
}

static void fpb_write(struct core *core, uint32_t offset, uint32_t value)
{
	unsigned at = (offset - FPB_COMP) / 4;
	if (offset == 0 && value & FPB_KEY)
		core->fpb_ctrl = value & FPB_ENABLE;
	else if (offset >= FPB_COMP && at < core->chip->breakpoints)
		core->fpb_comp[at] = value & 0xdffffffd;
	core->points_stale = true;
}

static void dwt_write(struct core *core, uint32_t offset, uint32_t value)
{
	unsigned at = (offset - DWT_COMP) / 16;
	if (offset < DWT_COMP || at >= core->chip->watchpoints)
		return;
	struct core_watch *watch = &core->watch[at];
	switch (offset & 15) {
	case 0:
		watch->comp = value;
		break;
	case 4:
		watch->mask = value & 15;
		break;
	case 8:
		watch->function = value & 15;
		break;
	default:
		break;
	}
	core->points_stale = true;
}

bool core_units_write(struct core *core, uint32_t address, uint32_t value)
{
	uint32_t offset = address & (PAGE - 1);
	switch (address & ~(PAGE - 1)) {
	case FPB_BASE:
		fpb_write(core, offset, value);
		return true;
	case DWT_BASE:
		dwt_write(core, offset, value);
		return true;
	case ITM_BASE:
	case ROM_BASE:
		return true;
	default:
		return false;
	}
}

static size_t watch_point(const struct core_watch *watch, struct core_point *ret_point)
{
	uint32_t len = UINT32_C(1) << watch->mask, address = watch->comp & ~(len - 1);
	*ret_point = (struct core_point){.address = address, .len = len, .why = POINT_WATCH};
	switch (watch->function & 15) {
	case DWT_PC:
		*ret_point = (struct core_point){VM_BREAK, watch->comp & ~UINT32_C(1), 2, POINT_UNIT};
		return 1;
	case DWT_READ:
		ret_point->type = VM_WATCH_READ;
		return 1;
	case DWT_WRITE:
		ret_point->type = VM_WATCH_WRITE;
		return 1;
	case DWT_ACCESS:
		ret_point->type = VM_WATCH_ACCESS;
		return 1;
	default:
		return 0;
	}
}

size_t core_unit_points(const struct core *core, struct core_point *ret_points, size_t room)
{
	size_t n = 0;
	for (unsigned i = 0; i < core->chip->breakpoints && core->fpb_ctrl & FPB_ENABLE; i++) {
		uint32_t comp = core->fpb_comp[i], word = comp & 0x1ffffffc;
		if (!(comp & 1))
			continue;
		if (comp >> 30 & 1 && n < room) /* the lower halfword */
			ret_points[n++] = (struct core_point){VM_BREAK, word, 2, POINT_UNIT};
		if (comp >> 31 && n < room)
			ret_points[n++] = (struct core_point){VM_BREAK, word + 2, 2, POINT_UNIT};
	}
	for (unsigned i = 0; i < core->chip->watchpoints && n < room; i++)
		n += watch_point(&core->watch[i], &ret_points[n]);
	return n;
}
