/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of assay-sim. */
#ifndef ASSAY_SIM_OPTIONS_H
#define ASSAY_SIM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX_LOADS 8
#define OPTIONS_MAX_SETS  100

struct options {
	const char *loads[OPTIONS_MAX_LOADS];
	size_t load_count;
	const char *sets[OPTIONS_MAX_SETS];
	size_t set_count;
	const char *record; /* NULL: none */
	const char *html;   /* NULL: none */
	bool json;
};

enum options_next { OPTIONS_GO, OPTIONS_DONE, OPTIONS_WRONG };

/* Prints what was asked for (DONE) or what is wrong (WRONG) itself. */
enum options_next options_parse(struct options *options, int argc, char **argv);

#endif
