/* SPDX-License-Identifier: Apache-2.0 */
/* The rack file: which boards hang on this host, and how each is reached. YAML:
 *
 * rack: lab-1                          # the agent's name in the farm; lower-case letters, digits, '-'; 1-40 bytes
 * limit: 4                             # boards at work at a time, 1..64; default: all
 * site: berlin                         # where it stands; what jobs may ask for
 * hubs: {front: {limit: 2}}            # USB hubs of this host, and boards on one that may be at work at a time
 * types: [ … ]                         # board types written out here; others come from --types-dir/<type>.yaml
 * boards:
 *   - name: mb1                        # unique in the whole farm; letters, digits, '-', '_', '.'; 1-40 bytes
 *     type: microbit
 *     tags: [scope, usb3]              # what jobs may ask for (core/spec/tags.h)
 *     features: {psram: 8M}            # what it has beyond its type; up to 8 (core/spec/equipment.h)
 *     hub: front                       # one of hubs
 *     virtual:                         # a virtual board: the agent runs assay-vboard for it
 *       chip: nrf51                    # nrf51, stm32f405, mps2-an385
 *       nic: none                      # none (default), user, isolated
 *     # probe and console of a virtual board are its own; so is its power, unless commands are written (see below)
 *   - name: f4-real
 *     type: nucleo-f411re
 *     openocd:                         # a real board: any OpenOCD configuration
 *       interface: interface/stlink.cfg           # -f, before the type's own files
 *       args: ["-c", "adapter serial 066D…"]      # argv for OpenOCD, after the interface, as written
 *       files: [my-board.cfg]                     # -f instead of the type's own files; may be left out
 *     probe-serial: 066D…              # must be named in one of openocd's args, so that no other probe can answer
 *     probe-usb: 1-1.4                 # the probe's USB port (/sys/bus/usb/devices), to reset the probe when it hangs
 *     reset-line: true                 # the probe's reset line is wired (default: false; of a virtual board it is)
 *     unique-id: 0123abcd…             # hex words as the chip gives them; another value stops the run before any write
 *     console: {device: /dev/serial/by-id/…, baud: 115200}   # or {tcp: host:port}, or none (default)
 *     power: {on: [argv…], off: [argv…], settle: 200ms}      # or none (default); never a shell string */
#ifndef ASSAY_AGENTS_RACK_H
#define ASSAY_AGENTS_RACK_H

#include <stdbool.h>
#include <stddef.h>

#include "agents/driver/config.h"
#include "core/base/doc.h"
#include "core/image/board_type.h"

#define RACK_MAX_BOARDS 64
#define RACK_MAX_TYPES  64
#define RACK_NAME_MAX   40

struct rack {
	char name[RACK_NAME_MAX + 1];
	int64_t limit; /* boards at work at a time; 0: all */
	char site[TAG_SIZE];
	struct equipment_hub hubs[EQUIPMENT_MAX_HUBS];
	size_t hub_count;
	struct board_type *types;
	size_t type_count;
	struct board_config *boards;
	size_t board_count;
};

/* Reads a rack file's text. types_dir holds <type>.yaml files; may be NULL. All mistakes, also those of the type
 * files, go to problems. Returns 0 and the rack (rack_destroy), ERR_INVALID or ERR_NOMEM. */
int rack_read(const char *file, const char *text, size_t len, const char *types_dir, struct rack **ret_rack,
	      struct doc_problems *problems);
/* As rack_read, from the file itself; a file that cannot be read is a problem too. */
int rack_load(const char *file, const char *types_dir, struct rack **ret_rack, struct doc_problems *problems);
void rack_destroy(struct rack *rack);

/* NULL when there is none of that name. */
const struct board_type *rack_type(const struct rack *rack, const char *name);
const struct board_config *rack_board(const struct rack *rack, const char *name);

#endif
