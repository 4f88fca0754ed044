/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_HZ 25000000U /* core, buses and peripherals: one clock */

void console_start(void);

#endif
