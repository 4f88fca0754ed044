/* SPDX-License-Identifier: Apache-2.0 */
/* Something to stop in: a loop that calls and writes; semihosting when SEMIHOSTING is defined; an RTT block. */
#include "board.h"

volatile uint32_t watched, counter;

struct rtt_buffer {
	const char *name;
	char *data;
	uint32_t size, write, read, flags;
};
static char up_data[64];
volatile struct {
	char id[16];
	uint32_t up_count, down_count;
	struct rtt_buffer up[1];
} rtt = {.up_count = 1, .up = {{"Terminal", up_data, sizeof up_data, 0, 0, 0}}};

static void rtt_put(const char *text)
{
	while (*text) {
		up_data[rtt.up[0].write] = *text++;
		rtt.up[0].write = (rtt.up[0].write + 1) % sizeof up_data;
	}
}

__attribute__((noinline)) uint32_t inner(uint32_t value)
{
	watched = value;
	return value + 1;
}

#ifdef SEMIHOSTING
static void semihosting_write0(const char *text)
{
	register uint32_t op __asm("r0") = 4;
	register const char *arg __asm("r1") = text;
	__asm volatile("bkpt 0xab" : "+r"(op) : "r"(arg) : "memory");
}
#endif

int main(void)
{
	static const char id[] = "SEGGER RTT";
	for (unsigned i = 0; i < sizeof id; i++)
		rtt.id[i] = id[i];
	uart_init();
	put_text("debug\r\n");
	rtt_put("hello from rtt\n");
#ifdef SEMIHOSTING
	semihosting_write0("hello from the host\n");
	put_text("after semihosting\r\n");
#endif
	for (;;)
		counter = inner(counter);
}
