/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on the host's USB, as sysfs tells it. */
#ifndef ASSAY_AGENTS_SCAN_USB_H
#define ASSAY_AGENTS_SCAN_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define USB_TEXT_MAX    128
#define USB_MAX_TTYS    4
#define USB_MAX_DEVICES 512

struct usb_tty {
	char name[32];                /* "ttyACM0" */
	char by_id[USB_TEXT_MAX * 2]; /* its stable path below /dev/serial/by-id; "": it has none */
};

struct usb_device {
	char path[32]; /* bus and ports, as the kernel names it: "1-1.4.2" */
	uint16_t vendor, product;
	char maker[USB_TEXT_MAX], name[USB_TEXT_MAX], serial[USB_TEXT_MAX]; /* "": it tells none */
	bool speaks_cmsis_dap;                                              /* by its name or that of an interface */
	struct usb_tty tty[USB_MAX_TTYS];
	size_t tty_count;
};

struct usb_tree {
	struct usb_device *device; /* sorted by path */
	size_t count;
	bool is_cut; /* there are more than USB_MAX_DEVICES */
};

/* Reads all devices below sysfs ("/sys") and the names of serial devices below dev ("/dev"). 0 (usb_tree_finish), or
 * ERR_NOT_FOUND when the host shows no USB at all. */
int usb_tree_read(const char *sysfs, const char *dev, struct usb_tree *ret_tree, struct err *err);
void usb_tree_finish(struct usb_tree *tree);

/* The path of the hub a device hangs on; false: on a port of the host itself. */
bool usb_hub_of(const struct usb_device *device, char ret_hub[32]);

#endif
