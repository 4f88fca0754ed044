/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that few commands need: loaded when one does, since each costs every start of the program milliseconds. */
#ifndef ASSAY_CLI_LIBRARY_H
#define ASSAY_CLI_LIBRARY_H

#include <stddef.h>

#include "core/base/err.h"

/* A function that is wanted, and where in the caller's table of pointers its address goes. */
struct library_function {
	const char *name;
	size_t offset;
};

/* Loads the library file (its soname) for the rest of the program's life and fills the table with all of the functions,
 * or leaves it as it was. purpose begins the error, as "https needs libcurl". Returns 0 or ERR_UNSUPPORTED. */
int library_load(const char *file, const char *purpose, const struct library_function *functions, size_t count,
		 void *table, struct err *err);

#endif
