/* SPDX-License-Identifier: Apache-2.0 */
/* How long the names and texts in records may be. */
#ifndef ASSAY_FARM_RECORD_SIZES_H
#define ASSAY_FARM_RECORD_SIZES_H

#define FARM_NAME_MAX 64  /* names of boards, agents, types, suites; with the NUL */
#define FARM_TEXT_MAX 400 /* one line of why; with the NUL */
#define SHA256_HEX    65

#endif
