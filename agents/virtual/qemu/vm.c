/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated core: life of the machine, registers, running, stepping, points. */
#include "agents/virtual/qemu/vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/qemu/vm_wires.h"

/* The gdb server's numbers of xPSR, of the first floating-point double and of FPSCR. */
enum { GDB_XPSR = 25, GDB_FP_FIRST = 26, GDB_FPSCR = 42 };

/* Bits of the gdb server's single-step mode. */
enum { SSTEP_ENABLE = 1, SSTEP_MASKED = 7 };

int vm_fail(struct vm *vm, int code)
{
	if (!vm->broken)
		vm->broken = code;
	return code;
}

int64_t vm_deadline_ns(unsigned limit_ms)
{
	return wire_now_ns() + (int64_t)limit_ms * 1000000;
}

void vm_init(struct vm *vm)
{
	*vm = (struct vm){.qtest.fd = -1, .gdb.fd = -1, .qmp.fd = -1, .sstep = SSTEP_MASKED};
	proc_init(&vm->proc);
}

int vm_start(struct vm *vm, const struct proc_config *config, struct wire_idle *idle, struct err *err)
{
	int failed = proc_start(&vm->proc, config, err);
	if (failed)
		return vm_fail(vm, failed);
	wire_init(&vm->qtest, vm->proc.stream[PROC_QTEST], idle);
	wire_init(&vm->gdb, vm->proc.stream[PROC_GDB], idle);
	wire_init(&vm->qmp, vm->proc.stream[PROC_QMP], idle);
	vm->proc.stream[PROC_QTEST] = vm->proc.stream[PROC_GDB] = vm->proc.stream[PROC_QMP] = -1;
	return 0;
}

int vm_ready(struct vm *vm)
{
	if (vm->ready || vm->broken)
		return vm->broken;
	int failed = qmp_setup(vm, vm_deadline_ns(VM_START_LIMIT_MS));
	if (!failed)
		failed = gdb_setup(vm);
	if (!failed)
		vm->ready = true;
	return failed;
}

void vm_finish(struct vm *vm)
{
	wire_finish(&vm->qtest);
	wire_finish(&vm->gdb);
	wire_finish(&vm->qmp);
	proc_finish(&vm->proc);
	vm_init(vm);
}

int vm_regs(struct vm *vm, uint32_t ret_regs[VM_REGS])
{
	char text[1024];
	size_t len;
	uint8_t raw[4 * VM_REGS];
	int failed = gdb_ask(vm, "g", text, sizeof text, &len);
	if (failed)
		return failed;
	if (bytes_from_hex(text, len, raw, sizeof raw) != sizeof raw)
		return vm_fail(vm, ERR_PROTOCOL);
	for (unsigned i = 0; i < VM_REGS; i++)
		ret_regs[i] = bytes_get32(raw + 4 * i);
	return 0;
}

static int vm_put_reg(struct vm *vm, unsigned number, const uint8_t *value, size_t size)
{
	char question[64];
	int head = snprintf(question, sizeof question, "P%x=", number);
	bytes_to_hex(value, size, question + head);
	question[(size_t)head + 2 * size] = 0;
	return gdb_ask_ok(vm, question);
}

int vm_set_reg(struct vm *vm, unsigned reg, uint32_t value)
{
	uint8_t raw[4];
	bytes_put32(raw, value);
	return vm_put_reg(vm, reg == VM_XPSR ? GDB_XPSR : reg, raw, sizeof raw);
}

int vm_set_fp_pair(struct vm *vm, unsigned pair, uint32_t low, uint32_t high)
{
	uint8_t raw[8];
	bytes_put32(raw, low);
	bytes_put32(raw + 4, high);
	return vm_put_reg(vm, GDB_FP_FIRST + pair, raw, sizeof raw);
}

int vm_set_fpscr(struct vm *vm, uint32_t value)
{
	uint8_t raw[4];
	bytes_put32(raw, value);
	return vm_put_reg(vm, GDB_FPSCR, raw, sizeof raw);
}

/* All questions are sent before the first answer is awaited: one wait instead of seventeen. */
int vm_fp_regs(struct vm *vm, uint32_t ret_words[VM_FP_WORDS], uint32_t *ret_fpscr)
{
	uint8_t raw[4 * VM_FP_WORDS + 8] = {0};
	for (unsigned number = GDB_FP_FIRST; number <= GDB_FPSCR; number++) {
		char question[16];
		int n = snprintf(question, sizeof question, "p%x", number);
		int failed = gdb_send(vm, question, (size_t)n);
		if (failed)
			return failed;
	}
	for (unsigned number = GDB_FP_FIRST; number <= GDB_FPSCR; number++) {
		char text[64];
		size_t len, want = number == GDB_FPSCR ? 4 : 8;
		int failed = gdb_receive(vm, vm_deadline_ns(VM_LIMIT_MS), text, sizeof text, &len);
		if (failed)
			return vm_fail(vm, failed);
		if (bytes_from_hex(text, len, raw + 8 * (number - GDB_FP_FIRST), want) != want)
			return vm_fail(vm, ERR_PROTOCOL);
	}
	for (unsigned i = 0; i < VM_FP_WORDS; i++)
		ret_words[i] = bytes_get32(raw + 4 * i);
	*ret_fpscr = bytes_get32(raw + 4 * VM_FP_WORDS);
	return 0;
}

int vm_write_rom(struct vm *vm, uint32_t address, const void *data, size_t len)
{
	const uint8_t *from = data;
	while (len) {
		char question[GDB_PACKET_MAX];
		size_t n = len < 1900 ? len : 1900;
		int head = snprintf(question, sizeof question, "M%" PRIx32 ",%zx:", address, n);
		bytes_to_hex(from, n, question + head);
		question[(size_t)head + 2 * n] = 0;
		int failed = gdb_ask_ok(vm, question);
		if (failed)
			return failed;
		address += (uint32_t)n;
		from += n;
		len -= n;
	}
	return 0;
}

int vm_point(struct vm *vm, bool insert, enum vm_point_type type, uint32_t address, uint32_t len)
{
	char question[64];
	snprintf(question, sizeof question, "%c%d,%" PRIx32 ",%" PRIx32, insert ? 'Z' : 'z', (int)type, address, len);
	return gdb_ask_ok(vm, question);
}

static struct vm_stop vm_parse_stop(const char *text)
{
	struct vm_stop stop = {.kind = VM_STOP_TRAP};
	const char *watch = strstr(text, "watch:");
	if (watch) {
		stop.kind = VM_STOP_WATCH;
		stop.watch_address = (uint32_t)strtoul(watch + 6, NULL, 16);
	} else if (!strncmp(text, "T02", 3)) {
		stop.kind = VM_STOP_PAUSED;
	}
	return stop;
}

static int vm_await_stop(struct vm *vm, int64_t deadline_ns, struct vm_stop *ret_stop)
{
	char text[256];
	size_t len;
	int failed = gdb_receive(vm, deadline_ns, text, sizeof text, &len);
	if (failed)
		return failed;
	vm->running = false;
	*ret_stop = vm_parse_stop(text);
	return 0;
}

int vm_step(struct vm *vm, bool mask_interrupts, struct vm_stop *ret_stop)
{
	int mode = mask_interrupts ? SSTEP_MASKED : SSTEP_ENABLE;
	if (mode != vm->sstep) {
		char question[32];
		snprintf(question, sizeof question, "Qqemu.sstep=%x", (unsigned)mode);
		int failed = gdb_ask_ok(vm, question);
		if (failed)
			return failed;
		vm->sstep = mode;
	}
	int failed = gdb_send(vm, "s", 1);
	if (failed)
		return failed;
	failed = vm_await_stop(vm, vm_deadline_ns(VM_LIMIT_MS), ret_stop);
	return failed ? vm_fail(vm, failed) : 0;
}

int vm_go(struct vm *vm)
{
	int failed = gdb_send(vm, "c", 1);
	if (!failed)
		vm->running = true;
	return failed;
}

int vm_halt(struct vm *vm, struct vm_stop *ret_stop)
{
	if (vm->broken)
		return vm->broken;
	if (!vm->running) {
		*ret_stop = (struct vm_stop){.kind = VM_STOP_PAUSED};
		return 0;
	}
	int failed = vm_poll_stop(vm, ret_stop); /* a stop that came by itself needs no asking */
	if (failed || ret_stop->kind != VM_STOP_NONE)
		return failed;
	failed = wire_send(&vm->gdb, "\x03", 1, vm_deadline_ns(VM_LIMIT_MS));
	if (!failed)
		failed = vm_await_stop(vm, vm_deadline_ns(VM_LIMIT_MS), ret_stop);
	return failed ? vm_fail(vm, failed) : 0;
}

int vm_poll_stop(struct vm *vm, struct vm_stop *ret_stop)
{
	struct vm_stop stop = {.kind = VM_STOP_NONE};
	int failed = vm->broken;
	if (!failed && vm->running)
		failed = vm_await_stop(vm, 0, &stop);
	if (failed == ERR_TIMEOUT)
		failed = 0;
	if (failed)
		return vm_fail(vm, failed);
	*ret_stop = stop;
	return 0;
}

int vm_reset(struct vm *vm)
{
	return qmp_system_reset(vm);
}
