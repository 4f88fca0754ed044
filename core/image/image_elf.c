/* SPDX-License-Identifier: Apache-2.0 */
/* ELF images, through libelf: segments by load address, architecture, entry, build id. */
#include <stdio.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>
#include <sodium.h>

#include "core/image/image_read.h"

#define MAX_SECTIONS 4096 /* looked at for notes and attributes */
#define MAX_HEADERS  1024 /* program headers looked at */

/* The file being read. */
struct source {
	Elf *elf;
	const uint8_t *data;
	size_t size_bytes;
	struct err *err;
};

static const char *machine_name(unsigned int machine, char *scratch, size_t size)
{
	static const struct {
		unsigned int machine;
		const char *name;
	} known[] = {{EM_386, "x86"},       {EM_X86_64, "x86-64"}, {EM_AARCH64, "64-bit ARM"},
		     {EM_RISCV, "RISC-V"},  {EM_XTENSA, "Xtensa"}, {EM_AVR, "AVR"},
		     {EM_MSP430, "MSP430"}, {EM_MIPS, "MIPS"},     {EM_PPC, "PowerPC"}};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].machine == machine)
			return known[i].name;
	}
	snprintf(scratch, size, "machine %u", machine);
	return scratch;
}

/* ELF's first bytes and header: what it is built for, and that it is a program. */
static int check_header(const struct source *source, GElf_Ehdr *ret_header)
{
	const uint8_t *ident = source->data;
	unsigned int machine;
	char scratch[32];

	if (source->size_bytes < sizeof(Elf32_Ehdr))
		return err_set(source->err, ERR_INVALID, "found an ELF of %zu bytes, expected at least a whole header",
			       source->size_bytes);
	if (ident[EI_DATA] != ELFDATA2LSB)
		return err_set(source->err, ERR_INVALID, "found a big-endian ELF, expected little-endian ARM");
	machine = (unsigned int)ident[18] | (unsigned int)ident[19] << 8;
	if (machine != EM_ARM)
		return err_set(source->err, ERR_INVALID, "found an ELF for %s, expected 32-bit ARM",
			       machine_name(machine, scratch, sizeof scratch));
	if (ident[EI_CLASS] != ELFCLASS32)
		return err_set(source->err, ERR_INVALID, "found a 64-bit ELF, expected 32-bit ARM");
	if (!gelf_getehdr(source->elf, ret_header))
		return err_set(source->err, ERR_INVALID, "found a damaged ELF header: %s", elf_errmsg(-1));
	if (ret_header->e_type == ET_REL)
		return err_set(source->err, ERR_INVALID, "found an object file (not linked), expected a linked image");
	if (ret_header->e_type != ET_EXEC)
		return err_set(source->err, ERR_INVALID,
			       "found an ELF of type %u, expected an executable (type 2) at "
			       "fixed addresses",
			       ret_header->e_type);
	return 0;
}

/* The i-th program header, when it stands for bytes to load. Headers are copied out: libelf's own may be unaligned. */
static bool get_load(const struct source *source, size_t i, GElf_Phdr *ret_header)
{
	return gelf_getphdr(source->elf, (int)i, ret_header) && ret_header->p_type == PT_LOAD && ret_header->p_filesz;
}

/* Some linker scripts set no load addresses at all: then, as OpenOCD does, the virtual ones count. */
static bool has_load_addresses(const struct source *source, size_t count)
{
	bool has_virtual = false;
	GElf_Phdr header;

	for (size_t i = 0; i < count; i++) {
		if (!get_load(source, i, &header))
			continue;
		if (header.p_paddr)
			return true;
		has_virtual |= header.p_vaddr != 0;
	}
	return !has_virtual;
}

/* Linkers may begin the first segment with the file's own headers, below the first section's address: bytes that are no
 * part of the program and would be written over what lies there, a boot loader maybe. How many they are. */
static uint64_t head_bytes(const struct source *source, const GElf_Phdr *segment)
{
	uint64_t first = segment->p_filesz;
	Elf_Scn *section = NULL;
	bool has_sections = false;
	GElf_Shdr header;

	if (segment->p_offset >= sizeof(Elf32_Ehdr))
		return 0;
	for (size_t i = 0; i < MAX_SECTIONS && (section = elf_nextscn(source->elf, section)); i++) {
		if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS || !(header.sh_flags & SHF_ALLOC))
			continue;
		has_sections = true;
		if (header.sh_size && header.sh_offset >= segment->p_offset &&
		    header.sh_offset - segment->p_offset < first)
			first = header.sh_offset - segment->p_offset;
	}
	return has_sections ? first : 0;
}

static int read_segments(const struct source *source, struct image *image, size_t count)
{
	bool load = has_load_addresses(source, count);
	GElf_Phdr header;

	for (size_t i = 0; i < count; i++) {
		uint64_t head;
		int rc;

		if (!get_load(source, i, &header))
			continue;
		if (header.p_offset > source->size_bytes || header.p_filesz > source->size_bytes - header.p_offset)
			return err_set(source->err, ERR_INVALID,
				       "found segment %zu at bytes %llu to %llu of a file of %zu, expected it within "
				       "the file (is it cut off?)",
				       i, (unsigned long long)header.p_offset,
				       (unsigned long long)(header.p_offset + header.p_filesz), source->size_bytes);
		head = head_bytes(source, &header);
		if (head == header.p_filesz)
			continue;
		rc = image_add_segment(image, (uint32_t)((load ? header.p_paddr : header.p_vaddr) + head),
				       source->data + header.p_offset + head, header.p_filesz - head, source->err);
		if (rc)
			return rc;
	}
	if (!image->segment_count)
		return err_set(source->err, ERR_INVALID, "found an ELF without loadable bytes, expected an image");
	return 0;
}

/* Looks for the GNU build id among notes. */
static void read_notes(Elf_Data *notes, struct image *image)
{
	size_t at = 0, next, name_at, desc_at;
	GElf_Nhdr note;

	while (notes && (next = gelf_getnote(notes, at, &note, &name_at, &desc_at)) > 0) {
		const char *name = (const char *)notes->d_buf + name_at;

		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
		    note.n_descsz && note.n_descsz <= IMAGE_BUILD_ID_MAX) {
			sodium_bin2hex(image->build_id, sizeof image->build_id,
				       (const unsigned char *)notes->d_buf + desc_at, note.n_descsz);
			return;
		}
		at = next;
	}
}

/* What the sections tell: attributes and notes. A file without sections, or with damaged ones, is still an image. */
static void read_sections(const struct source *source, struct image *image)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	for (size_t i = 0; i < MAX_SECTIONS && (section = elf_nextscn(source->elf, section)); i++) {
		if (!gelf_getshdr(section, &header) || header.sh_offset > source->size_bytes ||
		    header.sh_size > source->size_bytes - header.sh_offset)
			continue;
		if (header.sh_type == SHT_ARM_ATTRIBUTES) {
			const char *arch = arm_attributes_arch(source->data + header.sh_offset, header.sh_size);

			if (arch)
				snprintf(image->arch, sizeof image->arch, "%s", arch);
		} else if (header.sh_type == SHT_NOTE && !image->build_id[0]) {
			read_notes(elf_getdata(section, NULL), image);
		}
	}
}

static void read_note_segments(const struct source *source, struct image *image, size_t count)
{
	GElf_Phdr header;

	for (size_t i = 0; i < count && !image->build_id[0]; i++) {
		if (gelf_getphdr(source->elf, (int)i, &header) && header.p_type == PT_NOTE)
			read_notes(elf_getdata_rawchunk(source->elf, (int64_t)header.p_offset, header.p_filesz,
							ELF_T_NHDR),
				   image);
	}
}

static int read_program(const struct source *source, struct image *image)
{
	GElf_Ehdr header;
	size_t count = 0;
	int rc = check_header(source, &header);

	if (rc)
		return rc;
	if (elf_getphdrnum(source->elf, &count) || !count || count > MAX_HEADERS)
		return err_set(source->err, ERR_INVALID,
			       "found no readable program headers, expected a linked image (is the file cut off?)");
	rc = read_segments(source, image, count);
	if (rc)
		return rc;
	image->entry = (uint32_t)header.e_entry;
	snprintf(image->arch, sizeof image->arch, "arm");
	read_sections(source, image);
	read_note_segments(source, image, count);
	return 0;
}

int image_read_elf(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err)
{
	struct source source = {.data = data, .size_bytes = size_bytes, .err = err};
	int rc;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return err_set(err, ERR_UNSUPPORTED, "libelf is too old");
	/* libelf takes a writable pointer but does not write to an image it was given in memory for reading. */
	source.elf = elf_memory((char *)(uintptr_t)data, size_bytes);
	if (!source.elf)
		return err_set(err, ERR_INVALID, "found a damaged ELF: %s", elf_errmsg(-1));
	rc = read_program(&source, image);
	elf_end(source.elf);
	return rc;
}
