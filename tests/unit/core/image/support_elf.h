/* SPDX-License-Identifier: Apache-2.0 */
/* Small ELF files made in memory, right or wrong in one place. */
#ifndef ASSAY_TESTS_SUPPORT_ELF_H
#define ASSAY_TESTS_SUPPORT_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_LOADS 4

/* One PT_LOAD of size_bytes in the file, filled with its index + 1, or with data. */
struct elf_load {
	uint32_t vaddr, paddr, size_bytes, memory_bytes;
	const uint8_t *data;
};

struct elf_plan {
	unsigned int machine; /* 0: ARM */
	unsigned int type;    /* 0: executable */
	uint32_t entry;
	struct elf_load load[ELF_MAX_LOADS];
	size_t load_count;
	const uint8_t *attributes; /* content of .ARM.attributes; NULL: none */
	size_t attributes_bytes;
	const uint8_t *build_id; /* NULL: none */
	size_t build_id_bytes;
	int note_segment; /* the build id is in a PT_NOTE too, and has no section */
};

/* The file; free() it. */
uint8_t *elf_make(const struct elf_plan *plan, size_t *ret_size);

#endif
