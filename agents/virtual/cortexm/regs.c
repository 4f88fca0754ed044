/* SPDX-License-Identifier: Apache-2.0 */
/* Core registers through DCRSR: cached while the core stands; those QEMU's gdb server lacks are fetched by the core
 * itself.
 *
 * MSP, PSP and the masks: MRS instructions are put into scratch RAM and stepped, interrupts masked, then RAM and
 * registers are put back. */
#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/parts.h"

/* Selectors of DCRSR. */
enum { SEL_XPSR = 16, SEL_MSP = 17, SEL_PSP = 18, SEL_MASKS = 20, SEL_FPSCR = 33, SEL_FP = 64 };

enum { STUFF_MAX = 6 };

void core_forget_regs(struct core *core)
{
	core->regs_valid = core->special_valid = core->fp_valid = false;
}

void core_load_regs(struct core *core)
{
	if (core->regs_valid || !core->vm)
		return;
	if (!vm_regs(core->vm, core->regs))
		core->regs_valid = true;
}

uint32_t core_reg(struct core *core, unsigned reg)
{
	core_load_regs(core);
	return core->regs[reg];
}

void core_set_reg(struct core *core, unsigned reg, uint32_t value)
{
	core_load_regs(core);
	core->regs[reg] = value;
	if (core->vm)
		vm_set_reg(core->vm, reg, value);
}

/* Runs count 32-bit instructions from scratch RAM in privileged thread or the present handler mode. */
static void core_stuff(struct core *core, const uint16_t (*code)[2], unsigned count)
{
	uint8_t saved[4 * STUFF_MAX], raw[4 * STUFF_MAX];
	uint32_t scratch = core->chip->scratch;
	for (unsigned i = 0; i < count; i++) {
		bytes_put16(raw + 4 * i, code[i][0]);
		bytes_put16(raw + 4 * i + 2, code[i][1]);
	}
	if (vm_read(core->vm, scratch, saved, 4 * count))
		return;
	vm_write(core->vm, scratch, raw, 4 * count);
	vm_set_reg(core->vm, VM_PC, scratch);
	/* No IT block may make them conditional. */
	vm_set_reg(core->vm, VM_XPSR, (core->regs[VM_XPSR] & XPSR_NO_IT) | XPSR_THUMB);
	for (unsigned i = 0; i < count; i++) {
		struct vm_stop stop;
		if (vm_step(core->vm, true, &stop))
			return;
	}
	vm_write(core->vm, scratch, saved, 4 * count);
}

static void core_restore(struct core *core, const uint32_t *saved, unsigned low_count)
{
	for (unsigned i = 0; i < low_count; i++)
		vm_set_reg(core->vm, i, saved[i]);
	vm_set_reg(core->vm, VM_PC, saved[VM_PC]);
	vm_set_reg(core->vm, VM_XPSR, saved[VM_XPSR]);
	memcpy(core->regs, saved, sizeof core->regs);
	core->regs_valid = true;
}

static void core_load_special(struct core *core)
{
	/* MRS r0, MSP; r1, PSP; r2, PRIMASK; r3, BASEPRI; r4, FAULTMASK; r5, CONTROL. An M0 lacks two of them. */
	static const uint16_t all[][2] = {{0xf3ef, 0x8008}, {0xf3ef, 0x8109}, {0xf3ef, 0x8210},
					  {0xf3ef, 0x8514}, {0xf3ef, 0x8311}, {0xf3ef, 0x8413}};
	unsigned count = core->chip->armv6m ? 4 : 6;
	uint32_t saved[VM_REGS], got[VM_REGS];
	core_load_regs(core);
	if (core->special_valid || !core->vm || !core->regs_valid)
		return;
	memcpy(saved, core->regs, sizeof saved);
	core_stuff(core, all, count);
	if (vm_regs(core->vm, got))
		return;
	core->msp = got[0];
	core->psp = got[1];
	core->masks = (got[2] & 1) | (got[5] & 7) << 24;
	if (!core->chip->armv6m)
		core->masks |= (got[3] & 0xff) << 8 | (got[4] & 1) << 16;
	core->special_valid = true;
	core_restore(core, saved, 6);
}

static void core_write_special(struct core *core, unsigned selector, uint32_t value)
{
	uint32_t saved[VM_REGS];
	uint16_t code[4][2] = {{0xf380, 0x8808}}; /* MSR MSP, r0 */
	unsigned count = 1;
	core_load_regs(core);
	if (!core->vm || !core->regs_valid)
		return;
	memcpy(saved, core->regs, sizeof saved);
	if (selector == SEL_MASKS) {
		/* MSR PRIMASK, r0; CONTROL, r1; BASEPRI, r2; FAULTMASK, r3 */
		static const uint16_t masks[4][2] = {
			{0xf380, 0x8810}, {0xf381, 0x8814}, {0xf382, 0x8811}, {0xf383, 0x8813}};
		memcpy(code, masks, sizeof code);
		count = core->chip->armv6m ? 2 : 4;
		vm_set_reg(core->vm, 0, value & 1);
		vm_set_reg(core->vm, 1, value >> 24 & 7);
		vm_set_reg(core->vm, 2, value >> 8 & 0xff);
		vm_set_reg(core->vm, 3, value >> 16 & 1);
	} else {
		if (selector == SEL_PSP)
			code[0][1] = 0x8809;
		vm_set_reg(core->vm, 0, value);
	}
	core_stuff(core, code, count);
	core_restore(core, saved, 4);
	core_forget_regs(core); /* the stack pointer in use may have changed */
}

static void core_load_fp(struct core *core)
{
	if (!core->fp_valid && core->vm && !vm_fp_regs(core->vm, core->fp, &core->fpscr))
		core->fp_valid = true;
}

static bool is_fp(const struct core *core, unsigned selector)
{
	return core->chip->has_fpu &&
	       (selector == SEL_FPSCR || (selector >= SEL_FP && selector < SEL_FP + VM_FP_WORDS));
}

uint32_t core_read_selected(struct core *core, unsigned selector)
{
	if (selector <= SEL_XPSR)
		return core_reg(core, selector);
	if (is_fp(core, selector)) {
		core_load_fp(core);
		return selector == SEL_FPSCR ? core->fpscr : core->fp[selector - SEL_FP];
	}
	core_load_special(core);
	return selector == SEL_MSP     ? core->msp
	       : selector == SEL_PSP   ? core->psp
	       : selector == SEL_MASKS ? core->masks
				       : 0;
}

void core_write_selected(struct core *core, unsigned selector, uint32_t value)
{
	if (selector <= SEL_XPSR) {
		core_set_reg(core, selector, value);
		if (selector == VM_SP)
			core->special_valid = false;
		if (selector == VM_PC)
			core->just_reset = false; /* the debugger says what to run */
	} else if (selector == SEL_FPSCR && core->chip->has_fpu) {
		core_load_fp(core);
		core->fpscr = value;
		if (core->vm)
			vm_set_fpscr(core->vm, value);
	} else if (is_fp(core, selector)) {
		unsigned word = selector - SEL_FP;
		core_load_fp(core);
		core->fp[word] = value;
		if (core->vm)
			vm_set_fp_pair(core->vm, word / 2, core->fp[word & ~1U], core->fp[word | 1]);
	} else if (selector == SEL_MSP || selector == SEL_PSP || selector == SEL_MASKS) {
		core_write_special(core, selector, value);
	}
}
