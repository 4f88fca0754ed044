/* SPDX-License-Identifier: Apache-2.0 */
/* The post-mortem of a core as files: an ELF core file of what was dumped, and words about it. Blocking: for the thread
 * pool. */
#ifndef ASSAY_AGENTS_BENCH_CORE_FILE_H
#define ASSAY_AGENTS_BENCH_CORE_FILE_H

#include "core/base/buf.h"
#include "core/image/core_elf.h"

/* The probe's words (struct probe_ops, registers). ERR_PROTOCOL when they are too few. */
int core_file_registers(const uint32_t *words, size_t count, struct core_registers *ret_registers, struct err *err);

/* What became of it. */
struct core_file {
	uint64_t size_bytes;
	char sha256[65];
	bool interrupted; /* it has a second thread: what an exception broke off */
};

/* Reads the dumps (one file a range, exactly as long) and writes the core file. */
int core_file_write(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		    const char *const *dumps, const char *path, struct core_file *ret_file, struct err *err);

#endif
