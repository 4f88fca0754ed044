/* SPDX-License-Identifier: Apache-2.0 */
/* The debug side of a Cortex-M core: halting, stepping, registers, breakpoints, watchpoints, vector catch, reset.
 *
 * It stands between the debug registers a probe reads and writes and the emulated machine. Calls to the machine are not
 * checked one by one: a machine that failed once fails for good, and the owner looks at vm->broken after each request.
 */
#ifndef ASSAY_VIRTUAL_CORTEXM_CORE_H
#define ASSAY_VIRTUAL_CORTEXM_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/virtual/chip/chip.h"
#include "agents/virtual/qemu/vm.h"

#define CORE_STATES(X)                                                                                                 \
	X(OFF, "off")                                                                                                  \
	X(HALTED, "halted")                                                                                            \
	X(RUNNING, "running")                                                                                          \
	X(BLANK, "blank")     /* nothing to run after reset: the machine stands, the debugger is told it runs */       \
	X(LOCKUP, "lockup")   /* the machine is gone; registers are those it left */                                   \
	X(SERVICE, "service") /* the owner does the work of a flash loader while the machine stands */

enum core_state {
#define X(name, text) CORE_##name,
	CORE_STATES(X)
#undef X
};

const char *core_state_name(enum core_state state);

enum {
	CORE_BREAKPOINTS = 8,
	CORE_WATCHPOINTS = 4,
	CORE_PLANTED_MAX = 512,
	CORE_PLANTED_UNUSUAL = 16,
	CORE_POINTS_MAX = 600
};

/* What a point in the machine is there for; a mask, since several owners may want the same. */
enum {
	POINT_UNIT = 1 << 0,    /* breakpoint unit */
	POINT_PLANTED = 1 << 1, /* BKPT instruction */
	POINT_VECTOR = 1 << 2,  /* vector catch */
	POINT_WATCH = 1 << 3,   /* watchpoint unit */
	POINT_OWNER = 1 << 4,   /* the owner's own watch */
};

struct core_point {
	enum vm_point_type type;
	uint32_t address, len;
	unsigned why;
};

struct core_watch {
	uint32_t comp, mask, function;
};

struct core;

/* What the owner of the core does for it. */
struct core_port {
	/* The core is about to run from regs[VM_PC]. True: the owner takes over and calls core_service_done later. */
	bool (*take_over)(void *context);
	/* The core stands before an access to a range the owner watches. True: the owner carried it out and moved pc
	 * on; false: the core is to stay halted there. */
	bool (*on_owner_watch)(void *context, uint32_t address);
	/* Adds the owner's watches; count is the room. Returns how many. */
	size_t (*owner_points)(void *context, struct core_point *ret_points, size_t count);
	/* A reset after a lockup needs a new machine, standing at its reset vector; NULL when there can be none. */
	struct vm *(*new_machine)(void *context);
	/* The core was reset from outside. */
	void (*on_reset)(void *context);
	void *context;
};

struct core {
	const struct chip *chip;
	struct core_port port;
	struct vm *vm; /* NULL without power or after a lockup */
	enum core_state state;
	uint32_t dhcsr, demcr, dcrdr, dfsr; /* dhcsr: control bits only */
	bool reset_seen;                    /* S_RESET_ST */
	bool just_reset, line_low;
	unsigned reset_count; /* resets from outside */
	bool go_held;         /* a resume that waits to see whether a reset follows */

	bool regs_valid, special_valid, fp_valid;
	uint32_t regs[VM_REGS];
	uint32_t msp, psp, masks; /* masks: CONTROL, FAULTMASK, BASEPRI, PRIMASK from the top byte down */
	uint32_t fp[VM_FP_WORDS], fpscr;

	uint32_t fpb_ctrl, fpb_comp[CORE_BREAKPOINTS];
	struct core_watch watch[CORE_WATCHPOINTS];
	uint32_t planted[CORE_PLANTED_MAX];
	size_t planted_count;
	bool planted_overflow;

	struct core_point points[CORE_POINTS_MAX]; /* in the machine now, sorted */
	size_t point_count;
	bool points_stale;
};

void core_init(struct core *core, const struct chip *chip, const struct core_port *port);
/* Power came: vm stands at its reset vector. The debug registers are as after power-up. */
void core_attach(struct core *core, struct vm *vm);
/* Another machine after a lockup or an unplanned end; the debug registers stay. */
void core_replace_vm(struct core *core, struct vm *vm);
void core_detach(struct core *core);
/* The machine locked up and is gone; regs are what it printed. */
void core_locked_up(struct core *core, const uint32_t regs[VM_REGS]);

/* Lets it run from reset, or halts there when vector catch says so. */
void core_leave_reset(struct core *core);
/* System reset from outside: by the probe. */
void core_reset(struct core *core);
/* The firmware reset itself; the machine is already past it. */
void core_firmware_reset(struct core *core);
void core_reset_line(struct core *core, bool low);

/* Carries out a resume that was held back. */
void core_release(struct core *core);
/* Takes stops that came by themselves. True: there may be more; it is to be called again soon. */
bool core_poll(struct core *core);
void core_halt(struct core *core);
/* The owner finished what it took over; registers were set with core_set_reg. */
void core_service_done(struct core *core);

/* Debug registers, words. False: not one of them. */
bool core_read_debug(struct core *core, uint32_t address, uint32_t *ret_value);
bool core_write_debug(struct core *core, uint32_t address, uint32_t value);

/* Code was written, erased or loaded: looks for BKPT instructions in it. */
void core_note_code(struct core *core, uint32_t address, const uint8_t *code, size_t len);
void core_forget_code(struct core *core, uint32_t address, size_t len);

/* Core registers while halted: 0 to 16 as in enum VM_… */
uint32_t core_reg(struct core *core, unsigned reg);
void core_set_reg(struct core *core, unsigned reg, uint32_t value);
/* The machine's registers changed behind the core's back. */
void core_forget_regs(struct core *core);

#endif
