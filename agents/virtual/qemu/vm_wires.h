/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the machine share: packets of the gdb server and commands of QMP. */
#ifndef ASSAY_VIRTUAL_QEMU_VM_WIRES_H
#define ASSAY_VIRTUAL_QEMU_VM_WIRES_H

#include "agents/virtual/qemu/vm.h"

/* The largest gdb packet QEMU takes. */
#define GDB_PACKET_MAX 4096

/* Marks the machine broken with the first failure; returns code. */
int vm_fail(struct vm *vm, int code);
int64_t vm_deadline_ns(unsigned limit_ms);

int gdb_send(struct vm *vm, const char *text, size_t len);
/* One packet's content, NUL-terminated, cut to size - 1. */
int gdb_receive(struct vm *vm, int64_t deadline_ns, char *ret_text, size_t size, size_t *ret_len);
int gdb_ask(struct vm *vm, const char *question, char *ret_text, size_t size, size_t *ret_len);
int gdb_ask_ok(struct vm *vm, const char *question);
int gdb_setup(struct vm *vm);

int qmp_setup(struct vm *vm, int64_t deadline_ns);
int qmp_system_reset(struct vm *vm);

#endif
