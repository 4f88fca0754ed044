/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the GNU build id in the running image: the note of `ld --build-id=sha1`, kept in a loaded section. */
#include <string.h>

#include "suite.h"
#include "target.h"

/* An ELF note, as laid down by the linker; cortexm/sections.ld gives its bounds. */
struct note {
	uint32_t name_bytes;
	uint32_t desc_bytes;
	uint32_t type;
	char name[4];
	uint8_t desc[ASSAY_BUILD_ID_BYTES];
};

extern const struct note build_id_start;
extern const uint8_t build_id_end[];

const uint8_t *build_id(void)
{
	enum { NT_GNU_BUILD_ID = 3 };
	const struct note *note = &build_id_start;

	if ((uintptr_t)build_id_end - (uintptr_t)note < sizeof(*note))
		return NULL;
	if (note->type != NT_GNU_BUILD_ID || note->name_bytes != 4 || memcmp(note->name, "GNU", 4) != 0)
		return NULL;
	return note->desc_bytes == ASSAY_BUILD_ID_BYTES ? note->desc : NULL;
}
