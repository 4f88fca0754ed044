/* SPDX-License-Identifier: Apache-2.0 */
/* Resets a USB device by the port it hangs on. Blocking: for the thread pool. */
#ifndef ASSAY_AGENTS_DRIVER_USB_H
#define ASSAY_AGENTS_DRIVER_USB_H

#include "core/base/err.h"

#define USB_SYSFS        "/sys/bus/usb/devices"
#define USB_DEVFS        "/dev/bus/usb"
#define USB_COME_BACK_MS 5000

/* port: as the kernel names it ("1-1.4"). sysfs and devfs: USB_SYSFS and USB_DEVFS but in tests. Returns 0 when the
 * device was reset and is there again; ERR_NOT_FOUND (nothing hangs on the port), ERR_DENIED, ERR_TIMEOUT (it did not
 * come back) or ERR_IO. */
int usb_reset(const char *sysfs, const char *devfs, const char *port, struct err *err);

#endif
