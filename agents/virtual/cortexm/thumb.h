/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding Thumb instructions as far as a debug probe needs it: loads and stores, and where breakpoints hide. */
#ifndef ASSAY_VIRTUAL_CORTEXM_THUMB_H
#define ASSAY_VIRTUAL_CORTEXM_THUMB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THUMB_MAX_UNITS = 16 };

/* One load or store about to execute. Its accesses are units of size bytes at ascending addresses. */
struct thumb_access {
	bool is_store;
	unsigned size; /* 1, 2 or 4 */
	bool sign_extend;
	uint32_t address;
	unsigned count;
	uint8_t reg[THUMB_MAX_UNITS]; /* source or target of each unit */
	int base;                     /* register written back, -1: none */
	uint32_t base_value;
	unsigned length; /* of the instruction, 2 or 4 bytes */
};

/* regs are r0 to pc, pc the address of the instruction whose bytes are code[0..3]. False when it is no load or store
 * this decoder knows; floating-point and exclusive accesses are not. */
bool thumb_decode_access(const uint8_t code[4], const uint32_t regs[16], struct thumb_access *ret_access);

/* Calls found(context, offset) for each BKPT in the code; prefixes of 32-bit instructions are told from 16-bit ones, so
 * that second halves that look like BKPT are left out. */
void thumb_find_breakpoints(const uint8_t *code, size_t len, void (*found)(void *context, size_t offset),
			    void *context);

#endif
