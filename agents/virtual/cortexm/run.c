/* SPDX-License-Identifier: Apache-2.0 */
/* Going, halting and stepping, and what a stop of the machine means.
 *
 * Going: blank after reset? the owner takes over? else points are brought in step and the machine continues.
 * A stop is a breakpoint, a watchpoint (the machine stands before the access), or none of the debugger's business: a
 * vector that is not caught, or an access the owner carries out; then the machine goes on.
 * Failures: the machine breaks in any call; the owner sees vm->broken. */
#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/parts.h"

enum { OP_WFE = 0xbf20, OP_WFI = 0xbf30, ICSR_PENDSVSET = 1 << 28, ICSR_PENDSVCLR = 1 << 27 };

static uint16_t core_code_at(struct core *core, uint32_t address)
{
	uint8_t raw[2] = {0};
	vm_read(core->vm, address, raw, sizeof raw);
	return bytes_get16(raw);
}

static bool is_wait(uint16_t op)
{
	return op == OP_WFE || op == OP_WFI;
}

/* A core that sleeps executes nothing until an exception pends, not even a step; entering debug state wakes a real one.
 * Here a PendSV, pended around the step and not taken, wakes it. Returns whether it has to be taken back. */
bool core_wake(struct core *core)
{
	uint32_t icsr = 0;
	if (!is_wait(core_code_at(core, core->regs[VM_PC] - 2)))
		return false;
	if (vm_read_unit(core->vm, SCS_ICSR, 4, &icsr) || icsr & ICSR_PENDSVSET)
		return false;
	vm_write_unit(core->vm, SCS_ICSR, 4, ICSR_PENDSVSET);
	return true;
}

void core_wake_done(struct core *core, bool woken)
{
	if (woken)
		vm_write_unit(core->vm, SCS_ICSR, 4, ICSR_PENDSVCLR);
}

bool core_step_once(struct core *core, bool mask_interrupts, struct vm_stop *ret_stop)
{
	core_load_regs(core);
	if (!core->regs_valid)
		return false;
	if (is_wait(core_code_at(core, core->regs[VM_PC]))) { /* stepping over it does not sleep */
		core_set_reg(core, VM_PC, core->regs[VM_PC] + 2);
		*ret_stop = (struct vm_stop){.kind = VM_STOP_TRAP};
		return true;
	}
	bool woken = core_wake(core);
	bool done = !vm_step(core->vm, mask_interrupts || woken, ret_stop);
	core_wake_done(core, woken);
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

void core_poll(struct core *core)
{
	struct vm_stop stop;
	while (core->state == CORE_RUNNING && core->vm->running) {
		if (vm_poll_stop(core->vm, &stop) || stop.kind == VM_STOP_NONE)
			return;
		if (core_on_stop(core, &stop)) {
			if (core->state == CORE_RUNNING) /* a pause nobody here asked for */
				core_halted(core, DFSR_HALTED);
			return;
		}
		core_step_off(core);
		core_run_machine(core);
	}
}

void core_halt(struct core *core)
{
	core_release(core);
	while (core->state == CORE_RUNNING) {
		struct vm_stop stop;
		if (vm_halt(core->vm, &stop)) /* broken: the owner will see */
			return;
		if (stop.kind == VM_STOP_PAUSED || !core_on_stop(core, &stop)) {
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
