/* SPDX-License-Identifier: Apache-2.0 */
/* Thumb loads and stores of the Cortex-M0 to M4 integer core. */
#include "agents/virtual/cortexm/thumb.h"

#include "agents/virtual/bytes.h"

enum { REG_SP = 13, REG_PC = 15 };

static void access_single(struct thumb_access *access, bool is_store, unsigned size, bool sign_extend, unsigned reg,
			  uint32_t address)
{
	*access = (struct thumb_access){.is_store = is_store,
					.size = size,
					.sign_extend = sign_extend,
					.address = address,
					.count = 1,
					.base = -1};
	access->reg[0] = (uint8_t)reg;
}

/* Register lists: PUSH, POP, STM, LDM. The lowest register lies at the lowest address. */
static void access_list(struct thumb_access *access, bool is_store, uint32_t list, uint32_t address)
{
	*access = (struct thumb_access){.is_store = is_store, .size = 4, .address = address, .base = -1};
	for (unsigned reg = 0; reg < 16; reg++)
		if (list >> reg & 1)
			access->reg[access->count++] = (uint8_t)reg;
}

static void access_write_back(struct thumb_access *access, unsigned base, uint32_t value)
{
	access->base = (int)base;
	access->base_value = value;
}

/* STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH with a register offset, by bits 11 to 9. */
static void decode16_register(uint16_t op, const uint32_t *regs, struct thumb_access *access)
{
	static const uint8_t sizes[8] = {4, 2, 1, 1, 4, 2, 1, 2};
	unsigned kind = op >> 9 & 7;
	access_single(access, kind < 3, sizes[kind], kind == 3 || kind == 7, op & 7,
		      regs[op >> 3 & 7] + regs[op >> 6 & 7]);
}

static bool decode16_multiple(uint16_t op, const uint32_t *regs, struct thumb_access *access)
{
	unsigned base = op >> 8 & 7;
	uint32_t list = op & 0xff;
	if ((op & 0xf000) == 0xc000) { /* STM, LDM */
		bool is_load = op & 0x0800;
		access_list(access, !is_load, list, regs[base]);
		if (!is_load || !(list >> base & 1))
			access_write_back(access, base, regs[base] + 4 * access->count);
		return access->count > 0;
	}
	if ((op & 0xfe00) == 0xb400) { /* PUSH */
		access_list(access, true, list | (op & 0x100U) << 6, 0);
		access->address = regs[REG_SP] - 4 * access->count;
		access_write_back(access, REG_SP, access->address);
		return access->count > 0;
	}
	if ((op & 0xfe00) == 0xbc00) { /* POP */
		access_list(access, false, list | (op & 0x100U) << 7, regs[REG_SP]);
		access_write_back(access, REG_SP, regs[REG_SP] + 4 * access->count);
		return access->count > 0;
	}
	return false;
}

static bool decode16(uint16_t op, const uint32_t *regs, struct thumb_access *access)
{
	uint32_t base = regs[op >> 3 & 7], imm5 = op >> 6 & 31;
	switch (op >> 11) {
	case 0x09: /* LDR literal */
		access_single(access, false, 4, false, op >> 8 & 7, ((regs[REG_PC] + 4) & ~3U) + 4 * (op & 0xffU));
		return true;
	case 0x0a:
	case 0x0b:
		decode16_register(op, regs, access);
		return true;
	case 0x0c: /* STR, LDR immediate; then STRB, LDRB; then STRH, LDRH */
	case 0x0d:
		access_single(access, !(op & 0x800), 4, false, op & 7, base + 4 * imm5);
		return true;
	case 0x0e:
	case 0x0f:
		access_single(access, !(op & 0x800), 1, false, op & 7, base + imm5);
		return true;
	case 0x10:
	case 0x11:
		access_single(access, !(op & 0x800), 2, false, op & 7, base + 2 * imm5);
		return true;
	case 0x12: /* STR, LDR relative to SP */
	case 0x13:
		access_single(access, !(op & 0x800), 4, false, op >> 8 & 7, regs[REG_SP] + 4 * (op & 0xffU));
		return true;
	default:
		return decode16_multiple(op, regs, access);
	}
}

/* LDR/STR of bytes, halfwords and words: 1111 100S U SZ L. */
static bool decode32_single(uint16_t hi, uint16_t lo, const uint32_t *regs, struct thumb_access *access)
{
	unsigned rn = hi & 15, rt = lo >> 12, size_code = hi >> 5 & 3;
	bool is_store = !(hi & 0x10), sign_extend = hi & 0x100;
	if (size_code == 3 || (is_store && (rn == REG_PC || sign_extend)))
		return false;
	unsigned size = 1U << size_code;
	uint32_t base = rn == REG_PC ? (regs[REG_PC] + 4) & ~3U : regs[rn];
	if (rn == REG_PC || hi & 0x80) { /* literal, or a 12-bit offset */
		uint32_t offset = lo & 0xfff;
		access_single(access, is_store, size, sign_extend, rt, hi & 0x80 ? base + offset : base - offset);
		return true;
	}
	if (!(lo & 0x800)) { /* register offset, shifted left */
		if (lo & 0x7c0)
			return false;
		access_single(access, is_store, size, sign_extend, rt, base + (regs[lo & 15] << (lo >> 4 & 3)));
		return true;
	}
	uint32_t moved = lo & 0x200 ? base + (lo & 0xffU) : base - (lo & 0xffU);
	access_single(access, is_store, size, sign_extend, rt, lo & 0x400 ? moved : base);
	if (lo & 0x100)
		access_write_back(access, rn, moved);
	return true;
}

/* LDRD, STRD with an immediate offset. */
static bool decode32_dual(uint16_t hi, uint16_t lo, const uint32_t *regs, struct thumb_access *access)
{
	unsigned rn = hi & 15;
	bool indexed = hi & 0x100, write_back = hi & 0x20;
	if ((!indexed && !write_back) || rn == REG_PC)
		return false; /* exclusive accesses and table branches */
	uint32_t base = regs[rn], offset = 4 * (lo & 0xffU), moved = hi & 0x80 ? base + offset : base - offset;
	access_single(access, !(hi & 0x10), 4, false, lo >> 12, indexed ? moved : base);
	access->count = 2;
	access->reg[1] = lo >> 8 & 15;
	if (write_back)
		access_write_back(access, rn, moved);
	return true;
}

/* STM, LDM, increment after or decrement before. */
static bool decode32_multiple(uint16_t hi, uint16_t lo, const uint32_t *regs, struct thumb_access *access)
{
	unsigned rn = hi & 15;
	bool before = (hi >> 7 & 3) == 2;
	if (!before && (hi >> 7 & 3) != 1)
		return false;
	access_list(access, !(hi & 0x10), lo, regs[rn]);
	uint32_t span = 4 * access->count;
	if (before)
		access->address -= span;
	if (hi & 0x20)
		access_write_back(access, rn, before ? regs[rn] - span : regs[rn] + span);
	return access->count > 0;
}

static bool is_wide(uint16_t half)
{
	return half >> 11 >= 0x1d;
}

bool thumb_decode_access(const uint8_t code[4], const uint32_t regs[16], struct thumb_access *ret_access)
{
	uint16_t hi = bytes_get16(code), lo = bytes_get16(code + 2);
	struct thumb_access access;
	bool known;
	if (!is_wide(hi))
		known = decode16(hi, regs, &access);
	else if ((hi & 0xfe00) == 0xf800)
		known = decode32_single(hi, lo, regs, &access);
	else if ((hi & 0xfe40) == 0xe840)
		known = decode32_dual(hi, lo, regs, &access);
	else if ((hi & 0xfe40) == 0xe800)
		known = decode32_multiple(hi, lo, regs, &access);
	else
		known = false;
	if (!known)
		return false;
	access.length = is_wide(hi) ? 4 : 2;
	*ret_access = access;
	return true;
}

void thumb_find_breakpoints(const uint8_t *code, size_t len, void (*found)(void *context, size_t offset), void *context)
{
	bool second_half = false;
	for (size_t at = 0; at + 1 < len; at += 2) {
		uint16_t half = bytes_get16(code + at);
		if (second_half) {
			second_half = false;
			continue;
		}
		if (is_wide(half))
			second_half = true;
		else if (half >> 8 == 0xbe)
			found(context, at);
	}
}
