/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the board share with each other only. */
#ifndef ASSAY_VIRTUAL_BOARD_PARTS_H
#define ASSAY_VIRTUAL_BOARD_PARTS_H

#include "agents/virtual/board/board.h"

/* Files in the board's directory. */
#define BOARD_FLASH_NAME "flash.bin"
#define BOARD_COPY_NAME  "flash.copy"
#define BOARD_UICR_NAME  "uicr.bin"

/* cells.c: the flash cells, in the store and in the machine */
int board_cells_load(struct board *board, struct board_machine *machine);
void board_cells_push(struct board *board);
void board_cells_copy_out(struct board *board);
void board_cells_note_code(struct board *board);
void board_f4_init(struct board *board);
/* An access to what the chip's flash controller does here: its registers, and cells the emulation has not or does not
 * write. True: it was carried out. */
bool board_flash_read(struct board *board, uint32_t address, uint32_t *ret_value);
bool board_flash_write(struct board *board, uint32_t address, unsigned size, uint32_t value);

/* cause.c: the register of reset causes. True: the access was to it, and is carried out. */
void board_cause_power(struct board *board);
void board_cause_reset(struct board *board);
bool board_cause_read(const struct board *board, uint32_t address, uint32_t *ret_value);
bool board_cause_write(struct board *board, uint32_t address, unsigned size, uint32_t value);

/* trap.c: accesses of the firmware that the board carries out */
size_t board_owner_points(void *context, struct core_point *ret_points, size_t count);
bool board_on_owner_watch(void *context, uint32_t address);

/* loader.c: flash loaders whose work is done here */
bool board_take_over(void *context);
void board_service(struct board *board);

/* board.c */
void board_reset_controllers(struct board *board);

/* bus.c */
void board_bus_init(struct board *board);

/* machine.c */
int board_machine_start(struct board *board, struct board_machine *machine, struct err *err);
void board_machine_finish(struct board_machine *machine);
/* What comes into the log from now on is taken for this machine's: all before is another's. */
void board_machine_begin_log(const struct board *board, struct board_machine *machine);
bool board_machine_lockup(struct board *board, const struct board_machine *machine, uint32_t ret_regs[VM_REGS]);

#endif
