/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the emulated machine through QEMU's qtest protocol. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/qemu/vm_wires.h"

#define QTEST_CHUNK 16384

/* The next answer, which stays in the wire's buffer. */
static int qtest_await(struct vm *vm, int64_t deadline_ns, const char **ret_text, size_t *ret_len)
{
	struct buf *in = &vm->qtest.in;
	for (size_t seen = 0;;) {
		const char *end = in->len > seen ? memchr(in->data + seen, '\n', in->len - seen) : NULL;
		if (end) {
			*ret_text = in->data;
			*ret_len = (size_t)(end - in->data);
			return *ret_len >= 2 && !memcmp(in->data, "OK", 2) ? 0 : ERR_PROTOCOL;
		}
		seen = in->len;
		int failed = wire_fill(&vm->qtest, deadline_ns);
		if (failed)
			return failed;
	}
}

/* The answer to vm_ask_alive's question. */
static int qtest_take_owed(struct vm *vm, int64_t deadline_ns)
{
	const char *text;
	size_t text_len;
	int failed = qtest_await(vm, deadline_ns, &text, &text_len);
	if (failed)
		return failed;
	buf_consume(&vm->qtest.in, text_len + 1);
	vm->asked_ns = 0;
	return 0;
}

/* Sends one command and waits for its answer, which stays in the wire's buffer: *ret_text, *ret_len, without newline.
 * The caller consumes *ret_len + 1 bytes. */
static int qtest_exchange(struct vm *vm, const char *command, size_t len, const char **ret_text, size_t *ret_len)
{
	if (vm->broken)
		return vm->broken;
	int64_t deadline = vm_deadline_ns(VM_LIMIT_MS);
	int failed = vm->asked_ns ? qtest_take_owed(vm, deadline) : 0;
	if (!failed)
		failed = wire_send(&vm->qtest, command, len, deadline);
	if (!failed)
		failed = qtest_await(vm, deadline, ret_text, ret_len);
	return failed ? vm_fail(vm, failed) : 0;
}

static int qtest_read_chunk(struct vm *vm, uint32_t address, uint8_t *data, size_t len)
{
	char command[64];
	const char *text;
	size_t text_len;
	int n = snprintf(command, sizeof command, "read 0x%" PRIx32 " 0x%zx\n", address, len);
	int failed = qtest_exchange(vm, command, (size_t)n, &text, &text_len);
	if (failed)
		return failed;
	size_t got = text_len > 5 ? bytes_from_hex(text + 5, text_len - 5, data, len) : 0; /* "OK 0x…" */
	buf_consume(&vm->qtest.in, text_len + 1);
	return got == len ? 0 : vm_fail(vm, ERR_PROTOCOL);
}

int vm_read(struct vm *vm, uint32_t address, void *data, size_t len)
{
	uint8_t *to = data;
	while (len) {
		size_t n = len < QTEST_CHUNK ? len : QTEST_CHUNK;
		int failed = qtest_read_chunk(vm, address, to, n);
		if (failed)
			return failed;
		address += (uint32_t)n;
		to += n;
		len -= n;
	}
	return 0;
}

int vm_write(struct vm *vm, uint32_t address, const void *data, size_t len)
{
	char command[2 * QTEST_CHUNK + 64];
	const uint8_t *from = data;
	while (len) {
		size_t n = len < QTEST_CHUNK ? len : QTEST_CHUNK;
		int head = snprintf(command, sizeof command, "write 0x%" PRIx32 " 0x%zx 0x", address, n);
		bytes_to_hex(from, n, command + head);
		size_t total = (size_t)head + 2 * n;
		command[total++] = '\n';
		const char *text;
		size_t text_len;
		int failed = qtest_exchange(vm, command, total, &text, &text_len);
		if (failed)
			return failed;
		buf_consume(&vm->qtest.in, text_len + 1);
		address += (uint32_t)n;
		from += n;
		len -= n;
	}
	return 0;
}

static char qtest_width(unsigned size)
{
	return size == 4 ? 'l' : size == 2 ? 'w' : 'b';
}

int vm_read_unit(struct vm *vm, uint32_t address, unsigned size, uint32_t *ret_value)
{
	char command[64];
	const char *text;
	size_t text_len;
	int n = snprintf(command, sizeof command, "read%c 0x%" PRIx32 "\n", qtest_width(size), address);
	int failed = qtest_exchange(vm, command, (size_t)n, &text, &text_len);
	if (failed)
		return failed;
	uint32_t value = text_len > 3 ? (uint32_t)strtoull(text + 3, NULL, 0) : 0;
	buf_consume(&vm->qtest.in, text_len + 1);
	*ret_value = value;
	return 0;
}

int vm_write_unit(struct vm *vm, uint32_t address, unsigned size, uint32_t value)
{
	char command[64];
	const char *text;
	size_t text_len;
	int n = snprintf(command, sizeof command, "write%c 0x%" PRIx32 " 0x%" PRIx32 "\n", qtest_width(size), address,
			 value);
	int failed = qtest_exchange(vm, command, (size_t)n, &text, &text_len);
	if (failed)
		return failed;
	buf_consume(&vm->qtest.in, text_len + 1);
	return 0;
}

/* Any of its inputs ends a core's sleep; from this one, FIQ, a core of the M profile takes no interrupt. */
int vm_stay_awake(struct vm *vm, bool awake)
{
	enum { CPU_INPUT_FIQ = 1 };
	char command[192];
	const char *text;
	size_t text_len;
	int n = snprintf(command, sizeof command, "set_irq_in %s unnamed-gpio-in %d %d\n", vm->cpu_path, CPU_INPUT_FIQ,
			 awake);
	int failed = qtest_exchange(vm, command, (size_t)n, &text, &text_len);
	if (!failed)
		buf_consume(&vm->qtest.in, text_len + 1);
	return failed;
}

/* A question whose answer nobody needs, only that it comes. */
static const char idle_question[] = "endianness\n";

/* The main loop has to turn once; of its streams only this one is served there. */
int vm_nudge(struct vm *vm)
{
	const char *text;
	size_t text_len;
	int failed = qtest_exchange(vm, idle_question, sizeof idle_question - 1, &text, &text_len);
	if (!failed)
		buf_consume(&vm->qtest.in, text_len + 1);
	return failed;
}

int vm_ask_alive(struct vm *vm, unsigned wait_ms, unsigned *ret_unanswered_ms)
{
	int failed = vm->broken;
	if (!failed && !vm->asked_ns) {
		vm->asked_ns = wire_now_ns();
		failed = wire_send(&vm->qtest, idle_question, sizeof idle_question - 1, vm_deadline_ns(VM_LIMIT_MS));
	}
	if (!failed)
		failed = qtest_take_owed(vm, vm_deadline_ns(wait_ms));
	int64_t waited_ns = vm->asked_ns ? wire_now_ns() - vm->asked_ns : 0;
	if (failed == ERR_TIMEOUT && waited_ns < (int64_t)VM_LIMIT_MS * 1000000)
		failed = 0;
	*ret_unanswered_ms = (unsigned)((waited_ns + 999999) / 1000000);
	return failed ? vm_fail(vm, failed) : 0;
}
