/* SPDX-License-Identifier: Apache-2.0 */
/* Names and kinds of artefacts. */
#include "core/farm/artefact.h"

#include <stddef.h>
#include <string.h>

bool artefact_kind_valid(const char *kind)
{
	static const char *const kinds[] = {"core", "backtrace", "registers"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	}
	return false;
}

bool artefact_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < ARTEFACT_NAME_MAX && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}
