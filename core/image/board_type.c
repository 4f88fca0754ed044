/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and checking board types. */
#include "core/image/board_type.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The architectures, and for each the set of those whose code it runs (bit i: archs[i]). */
static const char *const archs[] = {"armv6-m", "armv7-m", "armv7e-m", "armv8-m.base", "armv8-m.main", "armv8.1-m.main"};
static const uint8_t runs[] = {0x01, 0x03, 0x07, 0x09, 0x1f, 0x3f};

static const char *const kinds[] = {[MEMORY_FLASH] = "flash", [MEMORY_RAM] = "ram"};

/* How a region is erased: by its sectors, or with the whole chip only. */
static const char *const erases[] = {"sector", "chip"};

const char *memory_kind_name(enum memory_kind kind)
{
	return kinds[kind];
}

bool board_type_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= sizeof((struct board_type *)0)->name || !islower((unsigned char)name[0]))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool board_type_is_simulated(const char *name)
{
	static const char word[] = BOARD_TYPE_SIMULATED;
	size_t len = sizeof word - 1;

	return strncmp(name, word, len) == 0 && (name[len] == '\0' || name[len] == '-');
}

bool board_type_runs(const struct board_type *type, const char *image_arch)
{
	for (size_t board = 0; board < COUNT(archs); board++) {
		if (strcmp(type->arch, archs[board]) != 0)
			continue;
		for (size_t image = 0; image < COUNT(archs); image++) {
			if (strcmp(image_arch, archs[image]) == 0)
				return (runs[board] >> image & 1) != 0;
		}
	}
	return false;
}

const struct memory_region *board_type_region(const struct board_type *type, uint32_t address, uint32_t size_bytes)
{
	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *region = &type->region[i];
		uint32_t from = address - region->address;

		if (address >= region->address && from < region->size_bytes && size_bytes <= region->size_bytes - from)
			return region;
	}
	return NULL;
}

uint32_t board_type_home(const struct board_type *type, uint32_t address, uint32_t size_bytes)
{
	const struct memory_region *region = board_type_region(type, address, size_bytes);

	return region && region->is_alias ? region->alias_of + (address - region->address) : address;
}

static void copy_text(const struct doc_node *node, const char *key, bool required, char *target, size_t size,
		      struct doc_problems *problems)
{
	const char *text;

	if (doc_read_text(node, key, required, size - 1, &text, problems))
		snprintf(target, size, "%s", text);
}

static bool read_u32(const struct doc_node *node, const char *key, bool required, uint32_t *ret_value,
		     struct doc_problems *problems)
{
	int64_t value;

	if (!doc_read_int(node, key, required, 0, UINT32_MAX, &value, problems))
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

/* An address of a 32-bit word. */
static void read_word_address(const struct doc_node *node, const char *key, bool required, uint32_t *ret_address,
			      struct doc_problems *problems)
{
	uint32_t address;

	if (!read_u32(node, key, required, &address, problems))
		return;
	if (address % 4) {
		const struct doc_node *child = doc_get(node, key);

		doc_problem_add(problems, child->line, child->path, child->text, "a multiple of 4");
		return;
	}
	*ret_address = address;
}

static void read_name(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	const struct doc_node *child = doc_get(node, "type");
	const char *name;

	if (!doc_read_text(node, "type", true, sizeof type->name - 1, &name, problems))
		return;
	if (!board_type_name_valid(name))
		doc_problem_add(problems, child->line, child->path, name,
				"a name of lower case letters, digits and '-' that begins with a letter");
	else
		snprintf(type->name, sizeof type->name, "%s", name);
}

static void read_region(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"kind", "address", "size", "alias-of", "erase", NULL};
	struct memory_region *region = &type->region[type->region_count];
	int64_t size_bytes = 0;
	size_t kind = 0, erase = 0, before = problems->count;

	doc_refuse_unknown(node, known, problems);
	if (node->kind != DOC_MAPPING)
		return;
	*region = (struct memory_region){0};
	doc_read_enum(node, "kind", true, kinds, COUNT(kinds), &kind, problems);
	read_u32(node, "address", true, &region->address, problems);
	doc_read_int(node, "size", true, 1, UINT32_MAX, &size_bytes, problems);
	region->is_alias = read_u32(node, "alias-of", false, &region->alias_of, problems);
	doc_read_enum(node, "erase", false, erases, COUNT(erases), &erase, problems);
	if (problems->count > before)
		return;
	region->erased_with_chip = erase == 1;
	region->kind = (enum memory_kind)kind;
	region->size_bytes = (uint32_t)size_bytes;
	if (size_bytes - 1 > UINT32_MAX - (int64_t)region->address) {
		doc_problem_add(problems, node->line, node->path, "a region that passes the end of the address space",
				"address + size of at most 4 GiB");
		return;
	}
	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *other = &type->region[i];

		if (region->address <= other->address + (other->size_bytes - 1) &&
		    other->address <= region->address + (region->size_bytes - 1)) {
			doc_problem_add(problems, node->line, node->path, "a region that overlaps another",
					"regions apart from each other (memory[%zu] is at 0x%08x)", i, other->address);
			return;
		}
	}
	type->region_count++;
}

/* Aliases may stand before what they are aliases of. */
static void check_aliases(const struct doc_node *list, const struct board_type *type, struct doc_problems *problems)
{
	for (size_t i = 0; i < type->region_count; i++) {
		const struct memory_region *alias = &type->region[i], *home;

		if (!alias->is_alias)
			continue;
		home = board_type_region(type, alias->alias_of, alias->size_bytes);
		if (!home || home->is_alias || home->kind != alias->kind) {
			const struct doc_node *child = doc_get(list->child[i], "alias-of");

			doc_problem_add(problems, child->line, child->path, child->text,
					"the address of as much %s in a region that is no alias", kinds[alias->kind]);
		}
	}
}

static void read_memory(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(node, "memory", true, BOARD_TYPE_MAX_REGIONS, problems);
	size_t before = problems->count;

	for (size_t i = 0; list && i < list->count; i++)
		read_region(list->child[i], type, problems);
	if (list && !list->count)
		doc_problem_add(problems, list->line, list->path, "an empty list", "at least one memory region");
	if (list && problems->count == before)
		check_aliases(list, type, problems);
}

static void read_identity(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"name", "address", "mask", "value", NULL};
	static const char *const known_dpidr[] = {"name", "mask", "value", NULL};
	struct chip_identity *identity = &type->identity[type->identity_count];
	size_t before = problems->count;
	const struct doc_node *name = doc_get(node, "name");

	*identity = (struct chip_identity){.mask = UINT32_MAX};
	identity->is_dpidr = name && name->kind == DOC_SCALAR && strcmp(name->text, "dpidr") == 0;
	doc_refuse_unknown(node, identity->is_dpidr ? known_dpidr : known, problems);
	if (node->kind != DOC_MAPPING)
		return;
	copy_text(node, "name", true, identity->name, sizeof identity->name, problems);
	if (!identity->is_dpidr)
		read_word_address(node, "address", true, &identity->address, problems);
	read_u32(node, "mask", false, &identity->mask, problems);
	read_u32(node, "value", true, &identity->value, problems);
	if (problems->count > before)
		return;
	if (identity->value & ~identity->mask) {
		doc_problem_add(problems, node->line, node->path, "a value with bits outside the mask",
				"value & mask = value, or it can never match");
		return;
	}
	type->identity_count++;
}

static void read_identities(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(node, "identity", false, BOARD_TYPE_MAX_IDENTITIES, problems);

	for (size_t i = 0; list && i < list->count; i++)
		read_identity(list->child[i], type, problems);
}

static void read_unique_id(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"address", "words", NULL};
	const struct doc_node *child = doc_read_mapping(node, "unique-id", false, problems);
	int64_t words = 0;

	if (!child)
		return;
	doc_refuse_unknown(child, known, problems);
	read_word_address(child, "address", true, &type->unique_id_address, problems);
	if (doc_read_int(child, "words", true, 1, 4, &words, problems))
		type->unique_id_words = (uint32_t)words;
}

static void read_vectors(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	const struct doc_node *child = doc_get(node, "vectors");

	if (!type->region_count)
		return;
	type->vectors_address = type->region[0].address;
	for (size_t i = type->region_count; i-- > 0;) {
		if (type->region[i].kind == MEMORY_FLASH && !type->region[i].is_alias &&
		    !type->region[i].erased_with_chip)
			type->vectors_address = type->region[i].address;
	}
	if (!child)
		return;
	read_word_address(node, "vectors", false, &type->vectors_address, problems);
	if (!board_type_region(type, type->vectors_address, 8))
		doc_problem_add(problems, child->line, child->path, child->kind == DOC_SCALAR ? child->text : "a list",
				"an address within one of the memory regions");
}

static void read_openocd(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"config", "target", "work-area", "chip-erase", NULL};
	const struct doc_node *child = doc_read_mapping(node, "openocd", true, problems);
	const struct doc_node *list;

	if (!child)
		return;
	doc_refuse_unknown(child, known, problems);
	list = doc_read_sequence(child, "config", true, BOARD_TYPE_MAX_CONFIG, problems);
	for (size_t i = 0; list && i < list->count; i++) {
		char *target = type->openocd_config[type->openocd_config_count];
		const char *text;

		if (doc_node_text(list->child[i], sizeof type->openocd_config[0] - 1, &text, problems)) {
			snprintf(target, sizeof type->openocd_config[0], "%s", text);
			type->openocd_config_count++;
		}
	}
	if (list && !list->count)
		doc_problem_add(problems, list->line, list->path, "an empty list", "at least one configuration file");
	copy_text(child, "target", false, type->openocd_target, sizeof type->openocd_target, problems);
	copy_text(child, "chip-erase", false, type->openocd_chip_erase, sizeof type->openocd_chip_erase, problems);
	type->openocd_work_area_set = read_u32(child, "work-area", false, &type->openocd_work_area_bytes, problems);
}

static void read_flash(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"endurance", NULL};
	const struct doc_node *child = doc_read_mapping(node, "flash", false, problems);
	int64_t endurance = 0;

	if (!child)
		return;
	doc_refuse_unknown(child, known, problems);
	if (doc_read_int(child, "endurance", true, 1, UINT32_MAX, &endurance, problems))
		type->flash_endurance = (uint32_t)endurance;
}

static void read_console(const struct doc_node *node, struct board_type *type, struct doc_problems *problems)
{
	static const char *const known[] = {"baud", NULL};
	const struct doc_node *child = doc_read_mapping(node, "console", false, problems);
	int64_t baud = 115200;

	if (child) {
		doc_refuse_unknown(child, known, problems);
		doc_read_int(child, "baud", false, 300, 12000000, &baud, problems);
	}
	type->baud = (uint32_t)baud;
}

bool board_type_read(const struct doc_node *node, struct board_type *ret_type, struct doc_problems *problems)
{
	static const char *const known[] = {"type",     "description", "mcu",     "arch",    "memory",
					    "identity", "unique-id",   "vectors", "openocd", "console",
					    "flash",    "features",    NULL};
	struct board_type type = {0};
	size_t arch = 0, before = problems->count;

	doc_refuse_unknown(node, known, problems);
	if (node->kind != DOC_MAPPING)
		return false;
	read_name(node, &type, problems);
	copy_text(node, "description", false, type.description, sizeof type.description, problems);
	copy_text(node, "mcu", false, type.mcu, sizeof type.mcu, problems);
	if (doc_read_enum(node, "arch", true, archs, COUNT(archs), &arch, problems))
		snprintf(type.arch, sizeof type.arch, "%s", archs[arch]);
	read_memory(node, &type, problems);
	read_identities(node, &type, problems);
	read_unique_id(node, &type, problems);
	read_vectors(node, &type, problems);
	read_openocd(node, &type, problems);
	read_console(node, &type, problems);
	read_flash(node, &type, problems);
	type.feature_count = features_read(node, type.features, problems);
	if (problems->count > before)
		return false;
	*ret_type = type;
	return true;
}
