/* SPDX-License-Identifier: Apache-2.0 */
/* Which versions of the programs that it uses the agent has found on its host; they are noted in every run's record.
 * One for the process, like the programs. */
#ifndef ASSAY_AGENTS_TOOLS_H
#define ASSAY_AGENTS_TOOLS_H

#include <jansson.h>
#include <uv.h>

/* Asks each program, without waiting for its answer. One that is not there is not noted. */
void tools_look(uv_loop_t *loop);
/* {"openocd","qemu"}: the first line of what each said, of those that have answered. NULL when memory ran out. The
 * caller owns it. */
json_t *tools_versions(void);
/* Lets go of programs that have not answered. */
void tools_finish(void);

#endif
