/* SPDX-License-Identifier: Apache-2.0 */
/* The suite's groups, which of them an image runs, and the build id it reports. */
#ifndef SUITE_H
#define SUITE_H

#include "fixture.h"

extern const struct fixture_group group_hello;
extern const struct fixture_group group_clock;
extern const struct fixture_group group_memory;
extern const struct fixture_group group_interrupt;
extern const struct fixture_group group_flash;
extern const struct fixture_group group_fault;
extern const struct fixture_group group_crypto;
extern const struct fixture_group group_entropy;
extern const struct fixture_group group_protection;
extern const struct fixture_group group_performance;
extern const struct fixture_group group_reset; /* these go on over restarts */
extern const struct fixture_group group_retention;
extern const struct fixture_group group_update;
extern const struct fixture_group group_network; /* needs a network around the board */

/* What an image runs, in order; ends with NULL. In groups_<suite>.c. */
extern const struct fixture_group *const suite_groups[];

/* Called before the first case and after the last one; do nothing unless an image goes on over restarts. */
void suite_begin(void);
void suite_end(void);

/* Called behind group Memory; does nothing unless an image (inputs/) supplies its own. */
void suite_extra(void);

/* The GNU build id that the linker put into this image: ASSAY_BUILD_ID_BYTES (target.h), or NULL when the note is not
 * sound. */
const uint8_t *build_id(void);

/* For cases that need flash: leaves the case when there is none, or fewer than 4 sectors. And words of it, with the
 * controller's own results checked. */
struct port_flash suite_flash(void);
uint32_t suite_flash_word(uintptr_t address);
void suite_flash_erase(uintptr_t address);
void suite_flash_program(uintptr_t address, const uint32_t *words, size_t count);

#endif
