/* SPDX-License-Identifier: Apache-2.0 */
/* Building small ELF files. */
#include "tests/unit/core/image/support_elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct file {
	uint8_t *data;
	size_t size;
};

/* Appends, 4-aligned; returns the offset. */
static size_t append(struct file *file, const void *data, size_t size)
{
	size_t at = (file->size + 3) & ~(size_t)3;

	file->data = realloc(file->data, at + size + 1);
	memset(file->data + file->size, 0, at - file->size);
	if (size)
		memcpy(file->data + at, data, size);
	file->size = at + size;
	return at;
}

static Elf32_Shdr section(uint32_t type, size_t offset, size_t size)
{
	return (Elf32_Shdr){.sh_type = type,
			    .sh_offset = (uint32_t)offset,
			    .sh_size = (uint32_t)size,
			    .sh_addralign = type == SHT_NOTE ? 4 : 1};
}

static size_t append_note(struct file *file, const struct elf_plan *plan)
{
	Elf32_Nhdr header = {4, (uint32_t)plan->build_id_bytes, NT_GNU_BUILD_ID};
	size_t at = append(file, &header, sizeof header);

	append(file, "GNU", 4);
	append(file, plan->build_id, plan->build_id_bytes);
	append(file, "", 0);
	return at;
}

static void append_loads(struct file *file, const struct elf_plan *plan, Elf32_Phdr *headers)
{
	for (size_t i = 0; i < plan->load_count; i++) {
		const struct elf_load *load = &plan->load[i];
		uint8_t *fill = malloc(load->size_bytes + 1);

		memset(fill, (int)i + 1, load->size_bytes + 1);
		headers[i] = (Elf32_Phdr){
			.p_type = PT_LOAD,
			.p_vaddr = load->vaddr,
			.p_paddr = load->paddr,
			.p_filesz = load->size_bytes,
			.p_memsz = load->memory_bytes ? load->memory_bytes : load->size_bytes,
			.p_offset = (uint32_t)append(file, load->data ? load->data : fill, load->size_bytes)};
		free(fill);
	}
}

uint8_t *elf_make(const struct elf_plan *plan, size_t *ret_size)
{
	Elf32_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
			     .e_type = (uint16_t)(plan->type ? plan->type : ET_EXEC),
			     .e_machine = (uint16_t)(plan->machine ? plan->machine : EM_ARM),
			     .e_version = EV_CURRENT,
			     .e_entry = plan->entry,
			     .e_ehsize = sizeof(Elf32_Ehdr),
			     .e_phentsize = sizeof(Elf32_Phdr),
			     .e_shentsize = sizeof(Elf32_Shdr)};
	size_t segments = plan->load_count + (plan->note_segment ? 1 : 0), sections = 1, at;
	Elf32_Phdr program[ELF_MAX_LOADS + 1] = {0};
	Elf32_Shdr table[4] = {0};
	struct file file = {0};

	append(&file, &header, sizeof header);
	at = append(&file, program, segments * sizeof program[0]);
	append_loads(&file, plan, program);
	if (plan->build_id) {
		size_t note = append_note(&file, plan), size = file.size - note;

		if (plan->note_segment)
			program[plan->load_count] = (Elf32_Phdr){.p_type = PT_NOTE,
								 .p_offset = (uint32_t)note,
								 .p_filesz = (uint32_t)size,
								 .p_align = 4};
		else
			table[sections++] = section(SHT_NOTE, note, size);
	}
	if (plan->attributes)
		table[sections++] = section(SHT_ARM_ATTRIBUTES, append(&file, plan->attributes, plan->attributes_bytes),
					    plan->attributes_bytes);
	header.e_phoff = segments ? (uint32_t)at : 0;
	header.e_phnum = (uint16_t)segments;
	header.e_shoff = (uint32_t)append(&file, table, sections * sizeof table[0]);
	header.e_shnum = (uint16_t)sections;
	memcpy(file.data, &header, sizeof header);
	if (segments)
		memcpy(file.data + at, program, segments * sizeof program[0]);
	*ret_size = file.size;
	return file.data;
}
