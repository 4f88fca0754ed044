/* SPDX-License-Identifier: Apache-2.0 */
/* Reads sysfs: one folder a device ("1-1.4"), in it one an interface ("1-1.4:1.0"), in that its serial devices, either
 * as tty/ttyACM0 or, behind a converter, as ttyUSB0. */
#include "agents/scan/usb.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

/* One attribute's text without its line end; "" when there is none. What cannot be printed becomes '?'. */
static void read_text(const char *folder, const char *name, char *ret_text, size_t size)
{
	char path[PATH_MAX];
	FILE *file;
	size_t len;

	ret_text[0] = '\0';
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return;
	file = fopen(path, "re");
	if (!file)
		return;
	len = fread(ret_text, 1, size - 1, file);
	(void)fclose(file);
	ret_text[len] = '\0';
	ret_text[strcspn(ret_text, "\r\n")] = '\0';
	for (char *at = ret_text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

static bool read_id(const char *folder, const char *name, uint16_t *ret_id)
{
	char text[16], *end;
	unsigned long value;

	read_text(folder, name, text, sizeof(text));
	value = strtoul(text, &end, 16);
	if (end == text || *end || value > UINT16_MAX)
		return false;
	*ret_id = (uint16_t)value;
	return true;
}

/* --- Serial devices -------------------------------------------------------------------------------------------- */

/* udev makes names of these; another name could not be written between quotes as it is. */
static bool is_plain(const char *name)
{
	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:,+@%=-")] == '\0';
}

/* The name below serial/by-id that leads to the device. */
static void find_by_id(const char *dev, struct usb_tty *tty)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], target[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%s/serial/by-id", dev);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir)) != NULL) {
		const char *last;
		ssize_t len;

		if (!is_plain(entry->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		last = strrchr(target, '/');
		if (strcmp(last ? last + 1 : target, tty->name) != 0)
			continue;
		if ((size_t)snprintf(tty->by_id, sizeof(tty->by_id), "/dev/serial/by-id/%s", entry->d_name) >=
		    sizeof(tty->by_id))
			tty->by_id[0] = '\0';
	}
	if (dir)
		(void)closedir(dir);
}

static void add_tty(struct usb_device *device, const char *name, const char *dev)
{
	struct usb_tty *tty;

	for (size_t i = 0; i < device->tty_count; i++)
		if (strcmp(device->tty[i].name, name) == 0)
			return;
	if (device->tty_count == USB_MAX_TTYS || strlen(name) >= sizeof(tty->name))
		return;
	tty = &device->tty[device->tty_count++];
	*tty = (struct usb_tty){0};
	mem_text_into(tty->name, sizeof(tty->name), name);
	find_by_id(dev, tty);
}

static void read_ttys(const char *folder, struct usb_device *device, const char *dev)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "tty", 3) == 0 && entry->d_name[3])
			add_tty(device, entry->d_name, dev);
	if (dir)
		(void)closedir(dir);
}

/* --- Devices --------------------------------------------------------------------------------------------------- */

static void read_interface(const char *folder, struct usb_device *device, const char *dev)
{
	char text[USB_TEXT_MAX], ttys[PATH_MAX];

	read_text(folder, "interface", text, sizeof(text));
	device->speaks_cmsis_dap = device->speaks_cmsis_dap || strstr(text, "CMSIS-DAP");
	if ((size_t)snprintf(ttys, sizeof(ttys), "%s/tty", folder) < sizeof(ttys))
		read_ttys(ttys, device, dev);
	read_ttys(folder, device, dev);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The interfaces are gone through in their order, so that a device's first serial device is its first. */
static void read_interfaces(const char *folder, struct usb_device *device, const char *dev)
{
	char *name[32], path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	size_t count = 0;

	while (dir && count < sizeof(name) / sizeof(name[0]) && (entry = readdir(dir)) != NULL)
		if (strchr(entry->d_name, ':') && strncmp(entry->d_name, device->path, strlen(device->path)) == 0)
			name[count++] = mem_text(entry->d_name);
	if (dir)
		(void)closedir(dir);
	qsort(name, count, sizeof(name[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name[i]) < sizeof(path))
			read_interface(path, device, dev);
		free(name[i]);
	}
}

static bool read_device(const char *folder, const char *name, const char *dev, struct usb_device *device)
{
	*device = (struct usb_device){0};
	if (strlen(name) >= sizeof(device->path) || !read_id(folder, "idVendor", &device->vendor) ||
	    !read_id(folder, "idProduct", &device->product))
		return false;
	mem_text_into(device->path, sizeof(device->path), name);
	read_text(folder, "manufacturer", device->maker, sizeof(device->maker));
	read_text(folder, "product", device->name, sizeof(device->name));
	read_text(folder, "serial", device->serial, sizeof(device->serial));
	device->speaks_cmsis_dap = strstr(device->name, "CMSIS-DAP") != NULL;
	read_interfaces(folder, device, dev);
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct usb_device *)a)->path, ((const struct usb_device *)b)->path);
}

int usb_tree_read(const char *sysfs, const char *dev, struct usb_tree *ret_tree, struct err *err)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	struct usb_tree tree = {0};
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%s/bus/usb/devices", sysfs);
	dir = opendir(folder);
	if (!dir)
		return err_set(err, ERR_NOT_FOUND, "%s is not there: this host shows no USB", folder);
	tree.device = mem_alloc_array(USB_MAX_DEVICES, sizeof(*tree.device));
	while ((entry = readdir(dir)) != NULL) {
		/* Ports only: neither interfaces nor the host's own hubs. */
		if (strchr(entry->d_name, ':') || entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		if (tree.count == USB_MAX_DEVICES) {
			tree.is_cut = true;
			break;
		}
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		tree.count += read_device(path, entry->d_name, dev, &tree.device[tree.count]);
	}
	(void)closedir(dir);
	qsort(tree.device, tree.count, sizeof(*tree.device), by_path);
	*ret_tree = tree;
	return 0;
}

void usb_tree_finish(struct usb_tree *tree)
{
	free(tree->device);
	*tree = (struct usb_tree){0};
}

bool usb_hub_of(const struct usb_device *device, char ret_hub[32])
{
	const char *dot = strrchr(device->path, '.');

	if (!dot)
		return false;
	(void)snprintf(ret_hub, 32, "%.*s", (int)(dot - device->path), device->path);
	return true;
}
