/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a library while the program runs. */
#include "daemon/cli/library.h"

#include <dlfcn.h>
#include <string.h>

int library_load(const char *file, const char *purpose, const struct library_function *functions, size_t count,
		 void *table, struct err *err)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return err_set(err, ERR_UNSUPPORTED, "%s: %s", purpose, dlerror());
	for (size_t i = 0; i < count; i++) {
		if (!dlsym(library, functions[i].name)) {
			err_set(err, ERR_UNSUPPORTED, "%s: %s", purpose, dlerror());
			dlclose(library);
			return ERR_UNSUPPORTED;
		}
	}
	for (size_t i = 0; i < count; i++) {
		void *address = dlsym(library, functions[i].name);

		memcpy((char *)table + functions[i].offset, &address, sizeof address);
	}
	return 0;
}
