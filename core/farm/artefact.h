/* SPDX-License-Identifier: Apache-2.0 */
/* What a run leaves behind besides console and results: names, kinds and bounds, the same everywhere. */
#ifndef ASSAY_FARM_ARTEFACT_H
#define ASSAY_FARM_ARTEFACT_H

#include <stdbool.h>

#define ARTEFACT_MAX_BYTES (4u << 20)  /* of a file */
#define ARTEFACT_MAX_TEXT  (64u << 10) /* of one that is kept as text */
#define ARTEFACT_NAME_MAX  64          /* with the NUL */
#define ARTEFACT_KIND_MAX  16

/* Kinds: core (an ELF core file), backtrace (the decoded fault and a symbolised backtrace), registers. */
bool artefact_kind_valid(const char *kind);
/* Letters, digits, '.', '-', '_', not beginning with '.': a file name anywhere. */
bool artefact_name_valid(const char *name);

#endif
