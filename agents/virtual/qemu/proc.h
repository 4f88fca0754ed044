/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending the QEMU process of one board; it dies with this process whatever happens. */
#ifndef ASSAY_VIRTUAL_QEMU_PROC_H
#define ASSAY_VIRTUAL_QEMU_PROC_H

#include <sys/types.h>

#include "core/base/err.h"

/* The streams that QEMU gets as inherited, connected sockets: no paths, nobody to wait for, and their end is seen. */
enum proc_stream { PROC_QTEST, PROC_GDB, PROC_QMP, PROC_UART, PROC_STREAMS };

struct proc_config {
	const char *machine; /* QEMU's -M */
	const char *nic;     /* QEMU's -nic */
	const char *dir;     /* QEMU's working directory; the names of its files are short and know no comma that way */
	const char *log_path;  /* stdout and stderr are appended here */
	const char *load_name; /* a raw file in dir that is put at load_address before the first reset; NULL: none */
	unsigned load_address;
	int icount_shift; /* one instruction takes 2^shift ns of virtual time */
};

struct proc {
	pid_t pid; /* 0: none */
	int pidfd; /* readable once the process has ended; -1: none */
	int stream[PROC_STREAMS];
};

void proc_init(struct proc *proc);

/* Starts QEMU paused. On failure nothing is left behind. */
int proc_start(struct proc *proc, const struct proc_config *config, struct err *err);

/* Kills and reaps; closes what was not taken over. Accepts one that never started or has ended. Returns the wait
 * status, 0 when there was no process. */
int proc_finish(struct proc *proc);

#endif
