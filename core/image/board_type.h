/* SPDX-License-Identifier: Apache-2.0 */
/* A board type: what all boards of one SKU share. Read from board-types/<name>.yaml (share/assay/board-types or a rack
 * file's own `types:`), sent by the agent to the daemon as JSON of the same shape. */
#ifndef ASSAY_IMAGE_BOARD_TYPE_H
#define ASSAY_IMAGE_BOARD_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/doc.h"
#include "core/base/json.h"
#include "core/image/feature.h"

#define BOARD_TYPE_MAX_REGIONS    16
#define BOARD_TYPE_MAX_IDENTITIES 8
#define BOARD_TYPE_MAX_CONFIG     8

/* What the names of simulated boards' types are, or begin with, followed by '-': no other type may be called so. */
#define BOARD_TYPE_SIMULATED "simulated"

enum memory_kind { MEMORY_FLASH, MEMORY_RAM };

struct memory_region {
	enum memory_kind kind;
	uint32_t address;
	uint32_t size_bytes;
	bool is_alias;     /* the memory at alias_of once more: flash that is seen at 0 too, for one */
	uint32_t alias_of; /* within a region of the same kind that is no alias */
	/* Flash that no sector erase reaches: programming only clears bits there, and what has to be set again takes
	 * the erase of the whole chip. */
	bool erased_with_chip;
};

/* A word of the chip that must have a value before anything is written to it. */
struct chip_identity {
	char name[32];    /* "dpidr" (the debug port's), or a free name such as "dev-id" */
	bool is_dpidr;    /* then address is unused */
	uint32_t address; /* of a 32-bit word, read through the probe; a multiple of 4 */
	uint32_t mask;
	uint32_t value;
};

/* type: microbit
 * description: BBC micro:bit (nRF51822)
 * mcu: nRF51822
 * arch: armv6-m                      # armv6-m, armv7-m, armv7e-m, armv8-m.base, armv8-m.main, armv8.1-m.main
 * memory:
 *   - {kind: flash, address: 0x0, size: 256K}
 *   - {kind: ram, address: 0x20000000, size: 16K}
 *   - {kind: flash, address: 0x0, size: 1M, alias-of: 0x08000000}  # (on another chip) the same cells at 0: an image
 *                                    # linked there is written to where the flash controller has them
 *   - {kind: flash, address: 0x10001000, size: 256, erase: chip}  # erased with the whole chip only; default: sector
 * identity:
 *   - {name: dpidr, value: 0x0bb11477}
 *   - {name: dev-id, address: 0xe0042000, mask: 0xfff, value: 0x413}
 * unique-id: {address: 0x10000060, words: 2}
 * vectors: 0x0                       # where the core fetches SP and PC at reset; default the first flash region's
 *                                    # start, else the first region's
 * openocd:
 *   config: [target/nrf51.cfg]       # after the interface; stock files or those of share/openocd
 *   target: nrf51.cpu                # Tcl target name; default the current one
 *   work-area: 4K                    # value for WORKAREASIZE, set before the files; default theirs
 *   chip-erase: nrf51 mass_erase     # command that erases everything; for regions with erase: chip
 * console: {baud: 115200}
 * flash: {endurance: 20000}          # erases that a sector bears, of the datasheet; boards past 90 % are spared
 * features: {flash: true, ram-kb: 16, crypto: none}   # what suites may ask for (core/image/feature.h) */
struct board_type {
	char name[32]; /* lower case letters, digits, '-' */
	char description[96];
	char mcu[48];
	char arch[16];
	struct memory_region region[BOARD_TYPE_MAX_REGIONS];
	size_t region_count;
	struct chip_identity identity[BOARD_TYPE_MAX_IDENTITIES];
	size_t identity_count;
	uint32_t unique_id_address;
	uint32_t unique_id_words; /* 1..4; 0: the chip has none */
	uint32_t vectors_address;
	char openocd_config[BOARD_TYPE_MAX_CONFIG][160]; /* -f files, in order, after the rack board's interface */
	size_t openocd_config_count;
	char openocd_target[48];     /* Tcl target name; "" = the current one */
	char openocd_chip_erase[80]; /* "": a type without; then such flash can only be programmed while it is erased */
	bool openocd_work_area_set;
	uint32_t openocd_work_area_bytes; /* may be 0: no work area at all */
	uint32_t baud;
	struct feature features[FEATURES_MAX];
	size_t feature_count;
	uint32_t flash_endurance; /* erases that each sector bears; 0: nobody knows, or there is no flash */
};

/* Reads one type out of a document node. Every mistake goes to problems. Returns whether it is good; *ret_type is
 * untouched when not. */
bool board_type_read(const struct doc_node *node, struct board_type *ret_type, struct doc_problems *problems);

/* Whether name is a good name of a board type. */
bool board_type_name_valid(const char *name);
/* Whether boards of a type of this name are simulated: nothing they say is about hardware. */
bool board_type_is_simulated(const char *name);

/* The same shape as JSON, for the wire, the store and the API. NULL when memory ran out. */
json_t *board_type_to_json(const struct board_type *type);
/* Returns 0, ERR_INVALID with err naming the field, or ERR_NOMEM. */
int board_type_from_json(const json_t *object, struct board_type *ret_type, struct err *err);

/* Whether a core of this architecture runs code built for image_arch; false too for words that are no architecture. */
bool board_type_runs(const struct board_type *type, const char *image_arch);

const char *memory_kind_name(enum memory_kind kind);

/* Where [address, address + size) is written and read through the probe: elsewhere when it lies within an alias. */
uint32_t board_type_home(const struct board_type *type, uint32_t address, uint32_t size_bytes);

/* The region that holds [address, address + size), or NULL. */
const struct memory_region *board_type_region(const struct board_type *type, uint32_t address, uint32_t size_bytes);

#endif
