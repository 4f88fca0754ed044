/* SPDX-License-Identifier: Apache-2.0 */
/* What the MPS2's console wants to know. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_HZ 25000000U

void console_start(void);

#endif
