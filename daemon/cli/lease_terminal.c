/* SPDX-License-Identifier: Apache-2.0 */
/* Raw mode, and the keys that are for us. */
#include "daemon/cli/lease_terminal.h"

#include <unistd.h>

/* One key. Puts up to two bytes into out. */
static enum escape_wish take_key(struct escape *escape, uint8_t key, uint8_t *out, size_t *out_bytes)
{
	bool tilde = escape->tilde;

	escape->tilde = false;
	if (tilde && key == '.')
		return ESCAPE_LEAVE;
	if (tilde && key == '?') {
		escape->begins_line = true;
		return ESCAPE_HELP;
	}
	if (!tilde && key == '~' && escape->begins_line) {
		escape->tilde = true;
		return ESCAPE_NOTHING;
	}
	if (tilde && key != '~')
		out[(*out_bytes)++] = '~'; /* it was just a tilde; of two one goes to the board */
	out[(*out_bytes)++] = key;
	escape->begins_line = key == '\r' || key == '\n';
	return ESCAPE_NOTHING;
}

enum escape_wish escape_take(struct escape *escape, const uint8_t *data, size_t size_bytes, uint8_t *out,
			     size_t *ret_out_bytes, size_t *ret_used)
{
	enum escape_wish wish = ESCAPE_NOTHING;
	size_t used = 0, out_bytes = 0;

	while (used < size_bytes && wish == ESCAPE_NOTHING)
		wish = take_key(escape, data[used++], out, &out_bytes);
	*ret_out_bytes = out_bytes;
	*ret_used = used;
	return wish;
}

bool lease_terminal_raw(struct lease_terminal *terminal)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal->before))
		return false;
	raw = terminal->before;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST | ONLCR;
	terminal->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	return terminal->raw;
}

void lease_terminal_restore(struct lease_terminal *terminal)
{
	if (terminal->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
	terminal->raw = false;
}
