/* SPDX-License-Identifier: Apache-2.0 */
/* ELF core files: little endian, 32 bits, ARM. */
#include "core/image/core_elf.h"

#include <elf.h>
#include <string.h>

#include "core/base/err.h"
#include "core/image/fault.h"

#define NT_GDB_TDESC     0xff000000u
#define NT_ASSAY         0x41535359u
#define PRSTATUS_BYTES   148 /* of 32-bit ARM: what gdb's reader tells it by */
#define PRSTATUS_SIGNAL  12
#define PRSTATUS_THREAD  24
#define PRSTATUS_WORDS   72 /* R0-R15, xPSR, R0 before a system call */
#define VFP_BYTES        (32 * 8 + 4)
#define SIGNAL_FAULT     11
#define SIGNAL_TRAP      5
#define FRAME_WORDS      8
#define FRAME_FP_WORDS   26
#define FRAME_ALIGNED    (1u << 9) /* of the stacked xPSR: a word was left out to align the frame */
#define EXC_BASIC        (1u << 4) /* of EXC_RETURN: no floating-point state */
#define EXC_PSP          (1u << 2)
#define SEARCH_WORDS     64
#define LOCKED_UP_PC     0xfffffffeu
#define EXCEPTION_NUMBER 0x1ffu
#define THUMB            (1u << 24)

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static bool peek(const struct core_range *ranges, size_t range_count, uint64_t address, uint32_t *ret_word)
{
	for (size_t i = 0; i < range_count; i++) {
		uint64_t at = address - ranges[i].address;
		const uint8_t *data = ranges[i].data;

		if (address < ranges[i].address || at + 4 > ranges[i].size_bytes || !data)
			continue;
		*ret_word = (uint32_t)data[at] | (uint32_t)data[at + 1] << 8 | (uint32_t)data[at + 2] << 16 |
			    (uint32_t)data[at + 3] << 24;
		return true;
	}
	return false;
}

/* EXC_RETURN and, for the main stack, where the frame is: in LR with the frame at SP while the handler has not called
 * on and pushed nothing; else among the words above SP, the frame right above it. */
static bool find_frame(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		       uint32_t *ret_exc_return, uint32_t *ret_frame)
{
	uint32_t sp = registers->word[CORE_MSP] & ~3u, word = registers->word[CORE_LR];
	bool found = fault_is_exc_return(word);

	for (uint32_t i = 0; i < SEARCH_WORDS && !found; i++, sp += 4) {
		if (!peek(ranges, range_count, sp, &word))
			return false;
		found = fault_is_exc_return(word);
	}
	*ret_exc_return = word;
	*ret_frame = word & EXC_PSP ? registers->word[CORE_PSP] & ~3u : sp;
	return found;
}

/* A core that locked up stands at no code: what it was called by is the nearest that is known. */
static bool find_caller(const struct core_registers *registers, struct core_registers *ret_caller)
{
	struct core_registers caller = *registers;

	if (registers->word[CORE_PC] != LOCKED_UP_PC || fault_is_exc_return(registers->word[CORE_LR]) ||
	    registers->word[CORE_LR] >= 0xf0000000u)
		return false;
	caller.word[CORE_PC] = registers->word[CORE_LR] & ~1u;
	*ret_caller = caller;
	return true;
}

bool core_interrupted(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		      struct core_registers *ret_interrupted)
{
	static const enum core_register stacked[FRAME_WORDS] = {CORE_R0,  CORE_R1, CORE_R2, CORE_R3,
								CORE_R12, CORE_LR, CORE_PC, CORE_XPSR};
	struct core_registers before = *registers;
	uint32_t exc_return, frame, size_words;

	if ((registers->word[CORE_XPSR] & EXCEPTION_NUMBER) == 0 ||
	    !find_frame(registers, ranges, range_count, &exc_return, &frame))
		return find_caller(registers, ret_interrupted);
	for (uint32_t i = 0; i < FRAME_WORDS; i++) {
		if (!peek(ranges, range_count, (uint64_t)frame + 4 * i, &before.word[stacked[i]]))
			return false;
	}
	size_words = exc_return & EXC_BASIC ? FRAME_WORDS : FRAME_FP_WORDS;
	before.word[CORE_SP] = frame + 4 * size_words + (before.word[CORE_XPSR] & FRAME_ALIGNED ? 4 : 0);
	before.word[exc_return & EXC_PSP ? CORE_PSP : CORE_MSP] = before.word[CORE_SP];
	before.word[CORE_PC] &= ~1u;
	*ret_interrupted = before;
	return true;
}

static int add_note(struct buf *notes, const char *name, uint32_t type, const void *data, size_t size)
{
	static const uint8_t zeros[4];
	uint8_t head[12];
	size_t name_size = strlen(name) + 1;
	int rc;

	put32(head, (uint32_t)name_size);
	put32(head + 4, (uint32_t)size);
	put32(head + 8, type);
	rc = buf_append(notes, head, sizeof head);
	if (rc == 0)
		rc = buf_append(notes, name, name_size);
	if (rc == 0)
		rc = buf_append(notes, zeros, (4 - name_size % 4) % 4);
	if (rc == 0)
		rc = buf_append(notes, data, size);
	return rc ? rc : buf_append(notes, zeros, (4 - size % 4) % 4);
}

static int add_thread(struct buf *notes, const struct core_registers *registers, uint32_t thread)
{
	uint8_t status[PRSTATUS_BYTES] = {0}, vfp[VFP_BYTES] = {0};
	bool faulted = registers->word[CORE_CFSR] || registers->word[CORE_HFSR];
	int rc;

	status[PRSTATUS_SIGNAL] = faulted ? SIGNAL_FAULT : SIGNAL_TRAP;
	put32(status + PRSTATUS_THREAD, thread);
	for (uint32_t i = CORE_R0; i <= CORE_XPSR; i++)
		put32(status + PRSTATUS_WORDS + 4 * i, registers->word[i]);
	rc = add_note(notes, "CORE", NT_PRSTATUS, status, sizeof status);
	if (rc || !registers->has_fp)
		return rc;
	for (uint32_t i = 1; i < CORE_FP_WORDS; i++)
		put32(vfp + (size_t)4 * (i - 1), registers->fp[i]);
	put32(vfp + VFP_BYTES - 4, registers->fp[0]);
	return add_note(notes, "LINUX", NT_ARM_VFP, vfp, sizeof vfp);
}

static int add_notes(struct buf *notes, const struct core_registers *registers, const struct core_range *ranges,
		     size_t range_count)
{
	static const char description[] =
		"<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target><architecture>arm"
		"</architecture><feature name=\"org.gnu.gdb.arm.m-profile\">"
#define R(name) "<reg name=\"" name "\" bitsize=\"32\"/>"
		R("r0") R("r1") R("r2") R("r3") R("r4") R("r5") R("r6") R("r7") R("r8") R("r9") R("r10") R("r11")
			R("r12") "<reg name=\"sp\" bitsize=\"32\" type=\"data_ptr\"/>" R(
				"lr") "<reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\"/>"
				      "<reg name=\"xpsr\" bitsize=\"32\" regnum=\"25\"/></feature></target>";
#undef R
	struct core_registers interrupted;
	uint8_t own[4 * CORE_REGISTER_COUNT];
	int rc = add_thread(notes, registers, 1);

	if (rc == 0 && core_interrupted(registers, ranges, range_count, &interrupted))
		rc = add_thread(notes, &interrupted, 2);
	for (uint32_t i = 0; i < CORE_REGISTER_COUNT; i++)
		put32(own + (size_t)4 * i, registers->word[i]);
	if (rc == 0)
		rc = add_note(notes, "ASSAY", NT_ASSAY, own, sizeof own);
	/* With floating-point registers gdb's own idea of the core is the fuller one. */
	if (rc == 0 && !registers->has_fp)
		rc = add_note(notes, "GDB", NT_GDB_TDESC, description, sizeof description);
	return rc;
}

static int add_segment(struct buf *out, uint32_t type, uint32_t offset, uint32_t address, size_t size, uint32_t flags)
{
	Elf32_Phdr head = {.p_type = type,
			   .p_offset = offset,
			   .p_vaddr = address,
			   .p_filesz = (Elf32_Word)size,
			   .p_memsz = type == PT_LOAD ? (Elf32_Word)size : 0,
			   .p_flags = flags,
			   .p_align = type == PT_LOAD ? 1 : 4};

	return buf_append(out, &head, sizeof head);
}

static int add_heads(struct buf *out, size_t notes_size, const struct core_range *ranges, size_t range_count)
{
	Elf32_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_CORE,
			   .e_machine = EM_ARM,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof head,
			   .e_flags = EF_ARM_EABI_VER5,
			   .e_ehsize = sizeof head,
			   .e_phentsize = sizeof(Elf32_Phdr),
			   .e_phnum = (Elf32_Half)(range_count + 1)};
	size_t at = sizeof head + (range_count + 1) * sizeof(Elf32_Phdr);
	int rc = buf_append(out, &head, sizeof head);

	if (rc == 0)
		rc = add_segment(out, PT_NOTE, (uint32_t)at, 0, notes_size, 0);
	at += notes_size;
	for (size_t i = 0; i < range_count && rc == 0; i++) {
		rc = add_segment(out, PT_LOAD, (uint32_t)at, ranges[i].address, ranges[i].size_bytes,
				 PF_R | PF_W | PF_X);
		at += ranges[i].size_bytes;
	}
	return rc;
}

/* The host is little endian as the target is (checked where the heads are laid out as structs). */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ELF heads are written as the host holds them");

int core_elf_write(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		   struct buf *out)
{
	struct buf notes;
	int rc;

	buf_init(&notes, 8192);
	rc = add_notes(&notes, registers, ranges, range_count);
	if (rc == 0)
		rc = add_heads(out, notes.len, ranges, range_count);
	if (rc == 0)
		rc = buf_append(out, notes.data, notes.len);
	for (size_t i = 0; i < range_count && rc == 0; i++)
		rc = buf_append(out, ranges[i].data, ranges[i].size_bytes);
	buf_finish(&notes);
	return rc;
}
