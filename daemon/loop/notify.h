/* SPDX-License-Identifier: Apache-2.0 */
/* Telling systemd how the process is, when it asks to be told. */
#ifndef ASSAY_LOOP_NOTIFY_H
#define ASSAY_LOOP_NOTIFY_H

#include "daemon/loop/loop.h"

/* In the caller's memory; a timer on the loop that answers the watchdog, so that a loop that hangs is noticed. */
struct notify {
	uv_timer_t watchdog;
};

void notify_init(struct notify *notify, struct loop *loop);
/* status is one line for people, in `systemctl status`. */
void notify_ready(struct notify *notify, const char *status);
void notify_status(struct notify *notify, const char *status);
void notify_stopping(struct notify *notify);
void notify_finish(struct notify *notify);

#endif
