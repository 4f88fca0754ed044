/* SPDX-License-Identifier: Apache-2.0 */
/* One board a probe: its name, probe, console and hub as far as USB tells; the rest is left to a person. */
#include "agents/scan/write.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agents/scan/ask.h"
#include "agents/scan/probe.h"
#include "agents/scan/types.h"

#define UNKNOWN_TYPE "unknown"

/* The kind of the probe and the end of its serial number, or the port it is on. */
static void name_of(const struct usb_device *device, const struct probe_kind *kind, char *ret_name, size_t size)
{
	const char *rest = probe_serial_is_good(device) ? device->serial : device->path;
	size_t len = strlen(rest);

	(void)snprintf(ret_name, size, "%s-%.8s", kind->word, len > 8 ? rest + len - 8 : rest);
	for (char *at = ret_name; *at; at++)
		*at = (char)(isalnum((unsigned char)*at) || *at == '.' ? tolower((unsigned char)*at) : '-');
}

static bool is_name_used(const struct usb_tree *tree, size_t before, const char *name)
{
	char other[SCAN_NAME_MAX + 1];

	for (size_t i = 0; i < before; i++) {
		const struct probe_kind *kind = probe_kind_of(&tree->device[i]);

		if (!kind)
			continue;
		name_of(&tree->device[i], kind, other, sizeof(other));
		if (strcmp(other, name) == 0)
			return true;
	}
	return false;
}

/* --- What is on the probe -------------------------------------------------------------------------------------- */

static void write_type(const struct usb_device *device, const struct probe_kind *kind,
		       const struct scan_options *options, struct buf *text)
{
	struct err err = {0};
	struct buf names;
	uint32_t dpidr;
	size_t count;

	if (!options->asks) {
		(void)buf_appendf(text, "    type: %s # to be filled in: USB does not tell what is on the probe\n",
				  UNKNOWN_TYPE);
		return;
	}
	if (ask_dpidr(device, kind, &dpidr, &err)) {
		(void)buf_appendf(text, "    type: %s # to be filled in; the probe was asked, but: %s\n", UNKNOWN_TYPE,
				  err.text);
		return;
	}
	buf_init(&names, 4096);
	count = types_with_dpidr(options->types_dir, dpidr, &names);
	(void)buf_appendf(text, "    # the chip's debug port says 0x%08" PRIx32 "; types with that: %s\n", dpidr,
			  count ? buf_text(&names) : "none");
	if (count == 1)
		(void)buf_appendf(text, "    type: %s # to be checked: other chips have that debug port too\n",
				  buf_text(&names));
	else
		(void)buf_appendf(text, "    type: %s # to be filled in\n", UNKNOWN_TYPE);
	buf_finish(&names);
}

static void write_probe(const struct usb_device *device, const struct probe_kind *kind, struct buf *text)
{
	if (probe_serial_is_good(device)) {
		(void)buf_appendf(text,
				  "    openocd: {interface: %s, args: [\"-c\", \"adapter serial %s\"]}\n"
				  "    probe-serial: \"%s\"\n",
				  kind->interface, device->serial, device->serial);
		return;
	}
	(void)buf_appendf(text,
			  "    # its serial number is %s: with another such probe here it cannot be told from that\n"
			  "    openocd: {interface: %s}\n",
			  device->serial[0] ? "too long or not made of letters and digits" : "missing",
			  kind->interface);
}

static void write_console(const struct usb_device *device, struct buf *text)
{
	bool has_console = false;

	for (size_t i = 0; i < device->tty_count; i++) {
		const struct usb_tty *tty = &device->tty[i];

		if (!tty->by_id[0])
			(void)buf_appendf(text,
					  "    # %s has no stable name below /dev/serial/by-id (is udev running?)\n",
					  tty->name);
		else
			(void)buf_appendf(text, "    %sconsole: {device: \"%s\"}%s\n", has_console ? "# or " : "",
					  tty->by_id, has_console ? "" : " # at the type's baud rate");
		has_console = has_console || tty->by_id[0];
	}
	if (!has_console)
		(void)buf_append_text(text, "    # no console: the probe has no serial port; without one no run can be "
					    "judged by what it prints\n");
}

static void write_power(const struct usb_device *device, struct buf *text)
{
	char hub[32];

	if (usb_hub_of(device, hub))
		(void)buf_appendf(text,
				  "    # power: {on: [uhubctl, -l, \"%s\", -p, \"%s\", -a, \"on\"],\n"
				  "    #         off: [uhubctl, -l, \"%s\", -p, \"%s\", -a, \"off\"]} # if the hub can "
				  "switch its ports\n",
				  hub, device->path + strlen(hub) + 1, hub, device->path + strlen(hub) + 1);
	else
		(void)buf_append_text(text, "    # no power: it hangs on a port of the host itself\n");
}

static void write_board(const struct usb_tree *tree, size_t at, const struct scan_options *options, struct buf *text)
{
	const struct usb_device *device = &tree->device[at];
	const struct probe_kind *kind = probe_kind_of(device);
	char name[SCAN_NAME_MAX + 1], hub[32];

	name_of(device, kind, name, sizeof(name));
	if (is_name_used(tree, at, name))
		(void)snprintf(name, sizeof(name), "%s-%s", kind->word, device->path);
	(void)buf_appendf(text, "  # %s (%04x:%04x, %s) on USB %s\n  - name: %s\n",
			  device->name[0] ? device->name : "unnamed", device->vendor, device->product, kind->text,
			  device->path, name);
	write_type(device, kind, options, text);
	write_probe(device, kind, text);
	write_console(device, text);
	if (usb_hub_of(device, hub))
		(void)buf_appendf(text, "    hub: usb-%s\n", hub);
	write_power(device, text);
}

/* --- The whole ------------------------------------------------------------------------------------------------- */

static void write_hubs(const struct usb_tree *tree, struct buf *text)
{
	char hub[32], last[32] = "";

	for (size_t i = 0; i < tree->count; i++) {
		if (!probe_kind_of(&tree->device[i]) || !usb_hub_of(&tree->device[i], hub) || strcmp(hub, last) == 0)
			continue;
		(void)buf_appendf(text, "%s  usb-%s: {} # {limit: N} when it bears no more boards at work at a time\n",
				  last[0] ? "" : "hubs:\n", hub);
		memcpy(last, hub, sizeof(last));
	}
}

/* Converters of their own, which may be boards' consoles. */
static void write_other_ttys(const struct usb_tree *tree, struct buf *text)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct usb_device *device = &tree->device[i];

		for (size_t k = 0; !probe_kind_of(device) && k < device->tty_count; k++)
			(void)buf_appendf(text,
					  "# %s (%s) on USB %s belongs to no probe; it may be a board's console\n",
					  device->tty[k].by_id[0] ? device->tty[k].by_id : device->tty[k].name,
					  device->name[0] ? device->name : "unnamed", device->path);
	}
}

size_t scan_write(const struct usb_tree *tree, const struct scan_options *options, struct buf *ret_text)
{
	size_t boards = 0;

	(void)buf_appendf(
		ret_text,
		"# What assay-agent scan found. To be read over; assay-agent --check FILE says what is left to do.\n"
		"rack: %s\n",
		options->rack);
	write_hubs(tree, ret_text);
	(void)buf_append_text(ret_text, "boards:\n");
	for (size_t i = 0; i < tree->count; i++) {
		if (!probe_kind_of(&tree->device[i]))
			continue;
		if (++boards <= SCAN_MAX_BOARDS)
			write_board(tree, i, options, ret_text);
	}
	if (boards > SCAN_MAX_BOARDS)
		(void)buf_appendf(ret_text, "# %zu more probes: a rack has %d boards at most\n",
				  boards - SCAN_MAX_BOARDS, SCAN_MAX_BOARDS);
	write_other_ttys(tree, ret_text);
	if (tree->is_cut)
		(void)buf_appendf(ret_text, "# there are more than %d USB devices: some were not looked at\n",
				  USB_MAX_DEVICES);
	return boards;
}
