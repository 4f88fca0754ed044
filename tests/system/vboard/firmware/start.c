/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors and start-up of the test images. */
#include <stdint.h>

extern uint32_t _stack, _data, _data_end, _data_load, _bss, _bss_end;
int main(void);

void Reset(void)
{
	uint32_t *from = &_data_load, *to = &_data;
	while (to < &_data_end)
		*to++ = *from++;
	for (to = &_bss; to < &_bss_end;)
		*to++ = 0;
	main();
	for (;;)
		;
}

__attribute__((weak)) void Fault(void)
{
	for (;;)
		;
}

__attribute__((weak)) void Tick(void)
{
}

__attribute__((section(".vectors"), used)) void *const vectors[16] = {
	&_stack, Reset, Fault, Fault, Fault, Fault, Fault, 0, 0, 0, 0, Fault, Fault, 0, Fault, Tick};
