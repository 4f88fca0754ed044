/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's machine protocol: commands, and the events that tell of resets.
 *
 * Happy path: a command is sent, its "return" comes; events may stand before it. A reset's own event is waited for as
 * well, since the "return" only says that the reset was asked for.
 * Failures: the stream ends (QEMU died), the deadline passes, or "error" comes; each breaks the machine. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agents/virtual/qemu/vm_wires.h"
#include "core/base/mem.h"

static const char ask_cpus[] = "{\"execute\":\"query-cpus-fast\"}\n";

enum qmp_line { QMP_NONE, QMP_GREETING, QMP_RETURN, QMP_ERROR, QMP_RESET, QMP_OTHER };

static enum qmp_line qmp_on_event(struct vm *vm, const json_t *message, const char *event)
{
	if (strcmp(event, "RESET"))
		return QMP_OTHER;
	bool by_firmware = json_is_true(json_object_get(json_object_get(message, "data"), "guest"));
	if (vm->on_reset)
		vm->on_reset(vm->context, by_firmware);
	return QMP_RESET;
}

/* The only answers with a content are those about the cores. */
static enum qmp_line qmp_on_return(struct vm *vm, const json_t *content)
{
	const char *path = json_string_value(json_object_get(json_array_get(content, 0), "qom-path"));
	if (path)
		mem_text_into(vm->cpu_path, sizeof vm->cpu_path, path);
	return QMP_RETURN;
}

/* Takes one line off the stream, if a whole one is there. */
static enum qmp_line qmp_next(struct vm *vm)
{
	struct buf *in = &vm->qmp.in;
	const char *end = in->len ? memchr(in->data, '\n', in->len) : NULL;
	if (!end)
		return QMP_NONE;
	size_t len = (size_t)(end - in->data);
	json_t *message = json_loadb(in->data, len, 0, NULL);
	buf_consume(in, len + 1);
	const char *event = json_string_value(json_object_get(message, "event"));
	enum qmp_line line = QMP_OTHER;
	if (event)
		line = qmp_on_event(vm, message, event);
	else if (json_object_get(message, "return"))
		line = qmp_on_return(vm, json_object_get(message, "return"));
	else if (json_object_get(message, "error"))
		line = QMP_ERROR;
	else if (json_object_get(message, "QMP"))
		line = QMP_GREETING;
	json_decref(message);
	return line;
}

static int qmp_await(struct vm *vm, enum qmp_line wanted, int64_t deadline_ns, bool *seen_reset)
{
	for (;;) {
		enum qmp_line line = qmp_next(vm);
		if (line == QMP_RESET && seen_reset)
			*seen_reset = true;
		if (line == wanted)
			return 0;
		if (line == QMP_ERROR)
			return vm_fail(vm, ERR_PROTOCOL);
		if (line != QMP_NONE)
			continue;
		int failed = wire_fill(&vm->qmp, deadline_ns);
		if (failed)
			return vm_fail(vm, failed);
	}
}

static int qmp_command(struct vm *vm, const char *text, int64_t deadline_ns, bool *seen_reset)
{
	if (vm->broken)
		return vm->broken;
	int failed = wire_send(&vm->qmp, text, strlen(text), deadline_ns);
	return failed ? vm_fail(vm, failed) : qmp_await(vm, QMP_RETURN, deadline_ns, seen_reset);
}

int qmp_setup(struct vm *vm, int64_t deadline_ns)
{
	int failed = qmp_await(vm, QMP_GREETING, deadline_ns, NULL);
	if (!failed)
		failed = qmp_command(vm, "{\"execute\":\"qmp_capabilities\"}\n", deadline_ns, NULL);
	if (!failed)
		failed = qmp_command(vm, ask_cpus, deadline_ns, NULL);
	if (!failed && !vm->cpu_path[0])
		failed = vm_fail(vm, ERR_PROTOCOL);
	return failed;
}

int qmp_system_reset(struct vm *vm)
{
	int64_t deadline = vm_deadline_ns(VM_LIMIT_MS);
	bool done = false;
	int failed = vm_poll_news(vm); /* so that an older reset is not taken for this one */
	if (!failed)
		failed = qmp_command(vm, "{\"execute\":\"system_reset\"}\n", deadline, &done);
	if (!failed && !done)
		failed = qmp_await(vm, QMP_RESET, deadline, NULL);
	return failed;
}

int vm_save_memory(struct vm *vm, uint32_t address, uint32_t len, const char *name)
{
	json_t *command = json_pack("{s:s, s:{s:I, s:I, s:s}}", "execute", "memsave", "arguments", "val",
				    (json_int_t)address, "size", (json_int_t)len, "filename", name);
	char *text = command ? json_dumps(command, JSON_COMPACT) : NULL;
	json_decref(command);
	if (!text)
		return ERR_NOMEM;
	int failed = qmp_command(vm, text, vm_deadline_ns(VM_LIMIT_MS), NULL);
	free(text);
	return failed;
}

int vm_poll_news(struct vm *vm)
{
	if (vm->broken)
		return vm->broken;
	for (;;) {
		while (qmp_next(vm) != QMP_NONE)
			;
		int failed = wire_fill(&vm->qmp, 0);
		if (failed == ERR_TIMEOUT)
			return 0;
		if (failed)
			return vm_fail(vm, failed);
	}
}
