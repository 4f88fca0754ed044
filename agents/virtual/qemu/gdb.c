/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the gdb remote protocol, as QEMU's gdb server speaks them.
 *
 * No acknowledgement is ever sent: the server forgets its last packet at the next '$', and a '+' that reaches it while
 * the core runs would stop the core. */
#include <stdio.h>
#include <string.h>

#include "agents/virtual/qemu/vm_wires.h"

int gdb_send(struct vm *vm, const char *text, size_t len)
{
	char packet[GDB_PACKET_MAX + 8];
	unsigned sum = 0;
	if (vm->broken)
		return vm->broken;
	if (len > GDB_PACKET_MAX)
		return vm_fail(vm, ERR_TOO_BIG);
	packet[0] = '$';
	memcpy(packet + 1, text, len);
	for (size_t i = 0; i < len; i++)
		sum += (unsigned char)text[i];
	snprintf(packet + 1 + len, 4, "#%02x", sum & 0xff);
	int failed = wire_send(&vm->gdb, packet, len + 4, vm_deadline_ns(VM_LIMIT_MS));
	return failed ? vm_fail(vm, failed) : 0;
}

/* Finds one whole packet; false when more bytes are needed. */
static bool gdb_find(const struct buf *in, size_t *ret_start, size_t *ret_len)
{
	const char *start = in->len ? memchr(in->data, '$', in->len) : NULL;
	if (!start)
		return false;
	size_t at = (size_t)(start - in->data);
	const char *end = memchr(start, '#', in->len - at);
	if (!end || (size_t)(end - in->data) + 3 > in->len)
		return false;
	*ret_start = at + 1;
	*ret_len = (size_t)(end - start) - 1;
	return true;
}

int gdb_receive(struct vm *vm, int64_t deadline_ns, char *ret_text, size_t size, size_t *ret_len)
{
	size_t start, len;
	if (vm->broken)
		return vm->broken;
	while (!gdb_find(&vm->gdb.in, &start, &len)) {
		int failed = wire_fill(&vm->gdb, deadline_ns);
		if (failed)
			return failed; /* a caller that only looks may go on after a timeout */
	}
	size_t n = len < size - 1 ? len : size - 1;
	memcpy(ret_text, vm->gdb.in.data + start, n);
	ret_text[n] = 0;
	buf_consume(&vm->gdb.in, start + len + 3);
	*ret_len = n;
	return 0;
}

int gdb_ask(struct vm *vm, const char *question, char *ret_text, size_t size, size_t *ret_len)
{
	int failed = gdb_send(vm, question, strlen(question));
	if (failed)
		return failed;
	failed = gdb_receive(vm, vm_deadline_ns(VM_LIMIT_MS), ret_text, size, ret_len);
	return failed ? vm_fail(vm, failed) : 0;
}

int gdb_ask_ok(struct vm *vm, const char *question)
{
	char answer[64];
	size_t len;
	int failed = gdb_ask(vm, question, answer, sizeof answer, &len);
	if (failed)
		return failed;
	return strcmp(answer, "OK") ? vm_fail(vm, ERR_PROTOCOL) : 0;
}

int gdb_setup(struct vm *vm)
{
	/* The gdb server tells the M-profile registers apart only once the target description was read. */
	static const char *const questions[] = {"qSupported:xmlRegisters=arm", "qXfer:features:read:target.xml:0,ffb",
						"?"};
	char answer[GDB_PACKET_MAX + 1];
	size_t len;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		int failed = gdb_ask(vm, questions[i], answer, sizeof answer, &len);
		if (failed)
			return failed;
	}
	return 0;
}
