/* SPDX-License-Identifier: Apache-2.0 */
/* Going, halting and stepping, and what a stop of the machine means.
 *
 * Going: blank after reset? the owner takes over? else points are brought in step and the machine continues.
 * A stop is a breakpoint, a watchpoint (the machine stands before the access), or none of the debugger's business: a
 * vector that is not caught, or an access the owner carries out; then the machine goes on.
 * Failures: the machine breaks in any call; the owner sees vm->broken. */
#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/parts.h"

/* Firmware that writes flash stops at each word; console and control want their turn between. */
enum { STOPS_AT_ONCE = 32 };

enum { OP_WFE = 0xbf20, OP_WFI = 0xbf30, OP_WIDE_HINT = 0xf3af, OP_WIDE_WFE = 0x8002, OP_WIDE_WFI = 0x8003 };

/* The size of the WFI or WFE whose code this is; 0: another instruction. */
static unsigned wait_size(uint16_t first, uint16_t second)
{
	if (first == OP_WFE || first == OP_WFI)
		return 2;
	return first == OP_WIDE_HINT && (second == OP_WIDE_WFE || second == OP_WIDE_WFI) ? 4 : 0;
}

/* Entering debug state ends a WFI, and the core goes on behind it. QEMU's core stays asleep, executes nothing, not even
 * a step, and would sleep on wherever its pc was moved to: it is made to execute its WFI again, kept awake. Code that
 * only looks like one does no harm: what is executed is a WFI all the same. */
static void core_end_sleep(struct core *core)
{
	struct vm_stop stop;
	uint8_t raw[4] = {0};
	uint32_t pc = core_reg(core, VM_PC), xpsr = core_reg(core, VM_XPSR);
	if (!core->regs_valid || pc < sizeof raw || vm_read(core->vm, pc - 4, raw, sizeof raw))
		return;
	unsigned size = wait_size(bytes_get16(raw), bytes_get16(raw + 2)) == 4 ? 4 : wait_size(bytes_get16(raw + 2), 0);
	if (!size)
		return;
	vm_set_reg(core->vm, VM_PC, pc - size);
	vm_set_reg(core->vm, VM_XPSR, xpsr & XPSR_NO_IT);
	vm_stay_awake(core->vm, true);
	vm_step(core->vm, true, &stop);
	vm_stay_awake(core->vm, false);
	core_forget_regs(core);
	core_set_reg(core, VM_PC, pc);
	core_set_reg(core, VM_XPSR, xpsr);
}

bool core_step_once(struct core *core, bool mask_interrupts, struct vm_stop *ret_stop)
{
	uint8_t raw[4] = {0};
	core_load_regs(core);
	if (!core->regs_valid || vm_read(core->vm, core->regs[VM_PC], raw, sizeof raw))
		return false;
	unsigned size = wait_size(bytes_get16(raw), bytes_get16(raw + 2));
	if (size) { /* stepping over it does not sleep */
		core_set_reg(core, VM_PC, core->regs[VM_PC] + size);
		*ret_stop = (struct vm_stop){.kind = VM_STOP_TRAP};
		return true;
	}
	bool done = !vm_step(core->vm, mask_interrupts, ret_stop);
	core_forget_regs(core);
	return done;
}

/* Nothing can run that has no vectors: the machine would lock up at once, which QEMU does not survive. */
static bool core_is_blank(struct core *core)
{
	core_load_regs(core);
	uint32_t pc = core->regs[VM_PC];
	const struct chip_region *region = chip_region_of(core->chip, pc, 2);
	return !(core->regs[VM_XPSR] & XPSR_THUMB) || pc == 0 || !region ||
	       (region->memory != CHIP_RAM && region->memory != CHIP_FLASH && region->memory != CHIP_ALIAS);
}

static void core_run_machine(struct core *core)
{
	core_sync_points(core);
	if (!vm_go(core->vm))
		core->state = CORE_RUNNING;
	core_forget_regs(core);
}

static void core_halted(struct core *core, uint32_t why)
{
	core->state = CORE_HALTED;
	core->dfsr |= why;
	core->dhcsr |= C_HALT;
}

/* On hardware a watchpoint halts after the access, and resuming goes on from there. */
static void core_on_watchpoint(struct core *core, uint32_t address)
{
	struct vm_stop stop;
	for (unsigned i = 0; i < core->chip->watchpoints; i++) {
		uint32_t len = UINT32_C(1) << core->watch[i].mask;
		if (core->watch[i].function && (core->watch[i].comp & ~(len - 1)) == address)
			core->watch[i].function |= DWT_MATCHED;
	}
	core_drop_watches(core);
	core_step_once(core, true, &stop);
	core_halted(core, DFSR_DWTTRAP);
}

static bool core_vector_caught(struct core *core)
{
	uint32_t wanted;
	switch (core_reg(core, VM_XPSR) & 0x1ff) {
	case 3:
		wanted = VC_HARDERR;
		break;
	case 4:
		wanted = VC_MMERR;
		break;
	case 5:
		wanted = VC_BUSERR;
		break;
	case 6:
		wanted = VC_USAGE;
		break;
	default:
		return false;
	}
	return core->demcr & wanted;
}

/* Returns true when the core stays halted. */
static bool core_on_trap(struct core *core)
{
	unsigned why = core_point_at(core, core_reg(core, VM_PC));
	if (why & (POINT_UNIT | POINT_PLANTED)) {
		core_halted(core, DFSR_BKPT);
		return true;
	}
	if (why & POINT_VECTOR && !core_vector_caught(core))
		return false;
	core_halted(core, why & POINT_VECTOR ? DFSR_VCATCH : DFSR_HALTED);
	return true;
}

/* What a stop means; true when the core stays halted, false when it is to go on. */
static bool core_on_stop(struct core *core, const struct vm_stop *stop)
{
	core_forget_regs(core);
	if (stop->kind == VM_STOP_TRAP)
		return core_on_trap(core);
	if (stop->kind != VM_STOP_WATCH)
		return true;
	const struct core_point *watch = core_watch_at(core, stop->watch_address);
	if (watch && watch->why & POINT_OWNER) {
		if (core->port.on_owner_watch(core->port.context, stop->watch_address))
			return false;
		core_halted(core, DFSR_HALTED);
		return true;
	}
	core_on_watchpoint(core, stop->watch_address);
	return true;
}

/* A breakpoint that is only there for a vector must not hold the core that resumes from it. */
static void core_step_off(struct core *core)
{
	struct vm_stop stop;
	if (core_point_at(core, core_reg(core, VM_PC)) == POINT_VECTOR)
		core_step_once(core, false, &stop);
}

void core_go(struct core *core)
{
	core->go_held = false;
	if (!core->vm) {
		core->state = CORE_LOCKUP;
		return;
	}
	if (core->just_reset && core_is_blank(core)) {
		core->state = CORE_BLANK;
		return;
	}
	core->just_reset = false;
	if (core->port.take_over(core->port.context)) {
		core->state = CORE_SERVICE;
		return;
	}
	core_sync_points(core);
	core_step_off(core);
	core_run_machine(core);
}

bool core_poll(struct core *core)
{
	struct vm_stop stop;
	for (int stops = 0; core->state == CORE_RUNNING && core->vm->running; stops++) {
		if (stops == STOPS_AT_ONCE)
			return true;
		if (vm_poll_stop(core->vm, &stop) || stop.kind == VM_STOP_NONE)
			return false;
		if (core_on_stop(core, &stop)) {
			if (core->state == CORE_RUNNING) { /* a pause nobody here asked for */
				core_end_sleep(core);
				core_halted(core, DFSR_HALTED);
			}
			return false;
		}
		core_step_off(core);
		core_run_machine(core);
	}
	return false;
}

void core_halt(struct core *core)
{
	core_release(core);
	while (core->state == CORE_RUNNING) {
		struct vm_stop stop;
		if (vm_halt(core->vm, &stop)) /* broken: the owner will see */
			return;
		core_forget_regs(core);
		if (stop.kind == VM_STOP_PAUSED) {
			core_end_sleep(core);
			break;
		}
		if (!core_on_stop(core, &stop)) {
			core_forget_regs(core);
			break;
		}
	}
	if (core->state != CORE_HALTED)
		core_halted(core, DFSR_HALTED);
}

void core_step(struct core *core)
{
	struct vm_stop stop;
	if (!core->vm)
		return;
	core->just_reset = false;
	core_sync_points(core);
	if (!core_step_once(core, core->dhcsr & C_MASKINTS, &stop))
		return;
	if (stop.kind == VM_STOP_WATCH)
		core_on_stop(core, &stop);
	core_halted(core, DFSR_HALTED);
}

void core_release(struct core *core)
{
	if (core->go_held)
		core_go(core);
}

void core_service_done(struct core *core)
{
	core_halted(core, DFSR_BKPT);
}
