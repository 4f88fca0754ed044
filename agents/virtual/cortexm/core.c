/* SPDX-License-Identifier: Apache-2.0 */
/* Debug control registers, reset and power of the core. */
#include "agents/virtual/cortexm/core.h"

#include <string.h>

#include "agents/virtual/cortexm/parts.h"

enum { S_REGRDY = 1 << 16, S_HALT = 1 << 17, S_LOCKUP = 1 << 19, S_RETIRE = 1 << 24, S_RESET = 1 << 25 };
enum { AIRCR_SYSRESETREQ = 4, AIRCR_VECTRESET = 1 };

#define DBGKEY  UINT32_C(0xa05f)
#define VECTKEY UINT32_C(0x05fa)

const char *core_state_name(enum core_state state)
{
	static const char *const names[] = {
#define X(name, text) [CORE_##name] = text,
		CORE_STATES(X)
#undef X
	};
	return names[state];
}

void core_init(struct core *core, const struct chip *chip, const struct core_port *port)
{
	*core = (struct core){.chip = chip, .port = *port, .state = CORE_OFF};
}

void core_attach(struct core *core, struct vm *vm)
{
	core->dhcsr = core->demcr = core->dcrdr = core->dfsr = 0;
	core->go_held = core->line_low = core->planted_overflow = false;
	core->reset_seen = true;
	core_units_power_up(core);
	core_replace_vm(core, vm);
}

void core_replace_vm(struct core *core, struct vm *vm)
{
	core->vm = vm;
	core->point_count = 0;
	core->points_stale = true;
	core_forget_regs(core);
	core->state = CORE_HALTED;
	core->just_reset = true;
}

void core_detach(struct core *core)
{
	core->vm = NULL;
	core->state = CORE_OFF;
	core->go_held = false;
	core_forget_regs(core);
}

void core_locked_up(struct core *core, const uint32_t regs[VM_REGS])
{
	core->vm = NULL;
	core->go_held = false;
	core_forget_regs(core);
	memcpy(core->regs, regs, sizeof core->regs);
	core->msp = core->psp = regs[VM_SP];
	core->masks = 0;
	core->state = CORE_LOCKUP;
	core->dhcsr &= ~(uint32_t)C_HALT;
}

void core_leave_reset(struct core *core)
{
	core->just_reset = true;
	core->reset_seen = true;
	core->dhcsr &= ~(uint32_t)(C_HALT | C_STEP);
	core->points_stale = true;
	core->port.on_reset(core->port.context);
	if (core->line_low) {
		core->state = CORE_HALTED;
		return;
	}
	if (core->demcr & VC_CORERESET && core->dhcsr & C_DEBUGEN) {
		core->state = CORE_HALTED;
		core->dhcsr |= C_HALT;
		core->dfsr |= DFSR_VCATCH;
		return;
	}
	core_go(core);
}

void core_reset(struct core *core)
{
	struct vm_stop stop;
	core->go_held = false;
	core->reset_count++;
	if (!core->vm) {
		struct vm *vm = core->port.new_machine(core->port.context);
		if (!vm)
			return;
		core_replace_vm(core, vm);
		core_leave_reset(core);
		return;
	}
	vm_halt(core->vm, &stop);
	if (vm_reset(core->vm))
		return;
	core_forget_regs(core);
	core_leave_reset(core);
}

void core_firmware_reset(struct core *core)
{
	if (core->demcr & VC_CORERESET && core->dhcsr & C_DEBUGEN) {
		core_reset(core);
		return;
	}
	core->reset_seen = true;
	core_forget_regs(core);
}

void core_reset_line(struct core *core, bool low)
{
	if (low == core->line_low || core->state == CORE_OFF)
		return;
	core->line_low = low;
	if (low)
		core_reset(core);
	else if (core->vm)
		core_leave_reset(core);
}

static uint32_t core_read_dhcsr(struct core *core)
{
	/* Whoever asks whether the core stands does not want a resume held back any longer. */
	core_release(core);
	if (core->vm)
		core_poll(core);
	uint32_t value = core->dhcsr | S_REGRDY;
	if (core->state == CORE_HALTED && !core->line_low)
		value |= S_HALT;
	else if (core->state == CORE_LOCKUP)
		value |= S_LOCKUP;
	else
		value |= S_RETIRE;
	if (core->reset_seen)
		value |= S_RESET;
	core->reset_seen = core->line_low;
	return value;
}

bool core_read_debug(struct core *core, uint32_t address, uint32_t *ret_value)
{
	switch (address) {
	case SCS_DHCSR:
		*ret_value = core_read_dhcsr(core);
		return true;
	case SCS_DCRSR:
		*ret_value = 0;
		return true;
	case SCS_DCRDR:
		*ret_value = core->dcrdr;
		return true;
	case SCS_DEMCR:
		*ret_value = core->demcr;
		return true;
	case SCS_DFSR:
		*ret_value = core->dfsr;
		return true;
	case SCS_CPUID:
		*ret_value = core->chip->cpuid;
		return true;
	case SCS_MVFR0:
		*ret_value = core->chip->has_fpu ? 0x10110021 : 0;
		return true;
	case SCS_MVFR1:
		*ret_value = core->chip->has_fpu ? 0x11000011 : 0;
		return true;
	default:
		return core_units_read(core, address, ret_value);
	}
}

static void core_write_dhcsr(struct core *core, uint32_t value)
{
	if (value >> 16 != DBGKEY)
		return;
	if (core->vm)
		core_poll(core);
	uint32_t control = value & (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS);
	if (!(control & C_DEBUGEN))
		control = 0;
	if ((control ^ core->dhcsr) & C_DEBUGEN)
		core->points_stale = true;
	bool halted = core->state == CORE_HALTED;
	core->dhcsr = control;
	if (core->line_low)
		return;
	if (control & C_HALT) {
		if (!halted)
			core_halt(core);
	} else if (halted && control & C_STEP) {
		core_step(core);
	} else if (halted) {
		/* OpenOCD clears C_HALT just before it asks for a reset: were the core let go at once, it would run new
		 * code from where the old one stood. */
		core->go_held = true;
		core->state = CORE_RUNNING;
	}
}

static void core_write_dcrsr(struct core *core, uint32_t value)
{
	if (core->state != CORE_HALTED)
		return;
	if (value >> 16 & 1)
		core_write_selected(core, value & 0x7f, core->dcrdr);
	else
		core->dcrdr = core_read_selected(core, value & 0x7f);
}

bool core_write_debug(struct core *core, uint32_t address, uint32_t value)
{
	switch (address) {
	case SCS_DHCSR:
		core_write_dhcsr(core, value);
		return true;
	case SCS_DCRSR:
		core_write_dcrsr(core, value);
		return true;
	case SCS_DCRDR:
		core->dcrdr = value;
		return true;
	case SCS_DEMCR:
		core->demcr = value;
		core->points_stale = true;
		return true;
	case SCS_DFSR:
		core->dfsr &= ~value;
		return true;
	case SCS_AIRCR:
		if (value >> 16 != VECTKEY || !(value & (AIRCR_SYSRESETREQ | AIRCR_VECTRESET)))
			return value >> 16 != VECTKEY;
		core_reset(core);
		return true;
	default:
		return core_units_write(core, address, value);
	}
}
