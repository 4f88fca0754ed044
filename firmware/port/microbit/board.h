/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. */
#ifndef BOARD_H
#define BOARD_H

void console_start(void);

#endif
