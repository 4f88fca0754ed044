/* SPDX-License-Identifier: Apache-2.0 */
/* One emulated machine: memory through qtest, the core through the gdb server, resets and their news through QMP. */
#ifndef ASSAY_VIRTUAL_QEMU_VM_H
#define ASSAY_VIRTUAL_QEMU_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/virtual/qemu/proc.h"
#include "agents/virtual/qemu/wire.h"
#include "core/base/err.h"

/* How long one exchange with QEMU may take. It takes 0.1 ms; what is allowed for is a host busy with other things.
 * OpenOCD waits for its probe as long as that. */
#define VM_LIMIT_MS       5000
#define VM_START_LIMIT_MS 10000

/* Registers as the gdb server numbers them here. */
enum { VM_SP = 13, VM_LR = 14, VM_PC = 15, VM_XPSR = 16, VM_REGS = 17 };
enum { VM_FP_WORDS = 32 };

/* The digits are gdb's own point types. */
enum vm_point_type { VM_BREAK = 1, VM_WATCH_WRITE = 2, VM_WATCH_READ = 3, VM_WATCH_ACCESS = 4 };

enum vm_stop_kind {
	VM_STOP_NONE,
	VM_STOP_PAUSED, /* as asked */
	VM_STOP_TRAP,   /* breakpoint or end of a step */
	VM_STOP_WATCH,  /* the core stands before the access */
};

struct vm_stop {
	enum vm_stop_kind kind;
	uint32_t watch_address; /* start of the watched range */
};

/* Every call returns 0 or an ERR_ code. After the first failure the machine is broken and every later call fails:
 * destroy it. Calls block for VM_LIMIT_MS at most. */
struct vm {
	struct proc proc;
	struct wire qtest, gdb, qmp;
	bool ready;         /* vm_ready succeeded */
	bool running;       /* the core was set going and no stop was seen */
	int broken;         /* the first ERR_ code */
	int64_t asked_ns;   /* when vm_ask_alive asked what was not answered yet; 0: nothing is owed */
	int sstep;          /* what the gdb server was told about single steps */
	char cpu_path[128]; /* the core's name in QEMU's object tree */
	void (*on_reset)(void *context, bool by_firmware);
	void *context;
};

/* Starts QEMU without waiting for it. idle is borrowed for the machine's life. */
int vm_start(struct vm *vm, const struct proc_config *config, struct wire_idle *idle, struct err *err);

/* Waits until QEMU answers and is set up, at most VM_START_LIMIT_MS. Does nothing the second time. */
int vm_ready(struct vm *vm);

/* Ends the process. Accepts a zeroed machine that never started when vm_init was called. */
void vm_init(struct vm *vm);
void vm_finish(struct vm *vm);

/* Memory as the core sees it, also while it runs. ROM is not written. */
int vm_read(struct vm *vm, uint32_t address, void *data, size_t len);
int vm_write(struct vm *vm, uint32_t address, const void *data, size_t len);
/* One bus access of 1, 2 or 4 bytes: for registers of peripherals. */
int vm_read_unit(struct vm *vm, uint32_t address, unsigned size, uint32_t *ret_value);
int vm_write_unit(struct vm *vm, uint32_t address, unsigned size, uint32_t value);
/* Reaches ROM; the core must stand. */
int vm_write_rom(struct vm *vm, uint32_t address, const void *data, size_t len);

/* The core must stand for these. */
int vm_regs(struct vm *vm, uint32_t ret_regs[VM_REGS]);
int vm_set_reg(struct vm *vm, unsigned reg, uint32_t value);
int vm_fp_regs(struct vm *vm, uint32_t ret_words[VM_FP_WORDS], uint32_t *ret_fpscr);
int vm_set_fp_pair(struct vm *vm, unsigned pair, uint32_t low, uint32_t high);
int vm_set_fpscr(struct vm *vm, uint32_t value);
int vm_point(struct vm *vm, bool insert, enum vm_point_type type, uint32_t address, uint32_t len);
int vm_step(struct vm *vm, bool mask_interrupts, struct vm_stop *ret_stop);
int vm_go(struct vm *vm);
/* Raises or lowers an input of the core's that keeps it from sleeping and has no other effect: a WFI ends at once. */
int vm_stay_awake(struct vm *vm, bool awake);

/* Stops a running core. ret_stop tells of a trap that came first. */
int vm_halt(struct vm *vm, struct vm_stop *ret_stop);
/* Takes the news of a stop if there is one; VM_STOP_NONE otherwise. */
int vm_poll_stop(struct vm *vm, struct vm_stop *ret_stop);

/* System reset; the core must stand, and stands at its reset vector afterwards. RAM is kept. */
int vm_reset(struct vm *vm);
/* Makes QEMU look at its streams anew: it does not notice by itself that a guest has begun to listen to its UART. */
int vm_nudge(struct vm *vm);
/* Asks QEMU for any answer, or goes on waiting for the one it owes, for wait_ms at most. 0 also when none came yet;
 * once it is owed for VM_LIMIT_MS the machine is broken. ret_unanswered_ms: how long it is owed; 0: QEMU lives. */
int vm_ask_alive(struct vm *vm, unsigned wait_ms, unsigned *ret_unanswered_ms);
/* Writes memory as the core sees it into a file in the machine's directory. */
int vm_save_memory(struct vm *vm, uint32_t address, uint32_t len, const char *name);
/* Takes pending QMP news (on_reset is called from here). */
int vm_poll_news(struct vm *vm);

#endif
