/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify: ready, status, watchdog, stopping. Every call is harmless when not run by systemd. */
#include "daemon/loop/notify.h"

#include <systemd/sd-daemon.h>

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	sd_notify(0, "WATCHDOG=1");
}

void notify_init(struct notify *notify, struct loop *loop)
{
	uint64_t limit_us = 0;

	uv_timer_init(&loop->uv, &notify->watchdog);
	if (sd_watchdog_enabled(0, &limit_us) > 0) {
		uint64_t every_ms = limit_us / 1000 / 3;
		uv_timer_start(&notify->watchdog, on_watchdog, every_ms, every_ms ? every_ms : 1);
	}
}

void notify_ready(struct notify *notify, const char *status)
{
	(void)notify;
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_status(struct notify *notify, const char *status)
{
	(void)notify;
	sd_notifyf(0, "STATUS=%s", status);
}

void notify_stopping(struct notify *notify)
{
	(void)notify;
	sd_notify(0, "STOPPING=1");
}

void notify_finish(struct notify *notify)
{
	uv_close((uv_handle_t *)&notify->watchdog, NULL);
}
