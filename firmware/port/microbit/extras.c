/* SPDX-License-Identifier: Apache-2.0 */
/* What else the nRF51822 has: reset reasons, watchdog, random numbers, AES, and interrupts for software. */
#include <string.h>

#include "cpu.h"
#include "port.h"

#define POWER_RESETREAS REG32(0x40000400U)
#define RNG_START       REG32(0x4000D000U)
#define RNG_VALRDY      REG32(0x4000D100U)
#define RNG_CONFIG      REG32(0x4000D504U)
#define RNG_VALUE       REG32(0x4000D508U)
#define ECB_STARTECB    REG32(0x4000E000U)
#define ECB_ENDECB      REG32(0x4000E100U)
#define ECB_DATAPTR     REG32(0x4000E504U)
#define WDT_START       REG32(0x40010000U)
#define WDT_RUNSTATUS   REG32(0x40010400U)
#define WDT_CRV         REG32(0x40010504U)
#define WDT_RREN        REG32(0x40010508U)
#define WDT_RR0         REG32(0x40010600U)

#define RESETREAS_PIN      (1U << 0)
#define RESETREAS_WATCHDOG (1U << 1)
#define RESETREAS_SOFTWARE (1U << 2)
#define RESETREAS_ALL      0x0007000FU

enum { SWI0_IRQ = 20, LOW_HZ = 32768, CORRECT_BIAS = 1, WAIT_LIMIT = 1000000 };

struct port_interrupts port_interrupts(void)
{
	return (struct port_interrupts){.line = {SWI0_IRQ, SWI0_IRQ + 1, SWI0_IRQ + 2}};
}

/* Power-up leaves the register at zero. */
struct port_reset port_reset_cause(void)
{
	static struct port_reset reset;
	static bool is_read;

	if (is_read)
		return reset;
	is_read = true;
	reset.power_is_zero = true;
	uint32_t reasons = POWER_RESETREAS & RESETREAS_ALL;
	POWER_RESETREAS = reasons; /* written ones clear */
	if (reasons & RESETREAS_PIN)
		reset.causes |= PORT_RESET_PIN;
	if (reasons & RESETREAS_WATCHDOG)
		reset.causes |= PORT_RESET_WATCHDOG;
	if (reasons & RESETREAS_SOFTWARE)
		reset.causes |= PORT_RESET_SOFTWARE;
	if (reasons & ~(RESETREAS_PIN | RESETREAS_WATCHDOG | RESETREAS_SOFTWARE))
		reset.causes |= PORT_RESET_OTHER;
	return reset;
}

/* QEMU has none: there it never runs. */
bool port_watchdog_start(uint32_t limit_ms)
{
	WDT_CRV = LOW_HZ * limit_ms / 1000U;
	WDT_RREN = 1;
	WDT_START = 1;
	return (WDT_RUNSTATUS & 1U) != 0;
}

void port_watchdog_feed(void)
{
	WDT_RR0 = 0x6E524635U;
}

struct port_entropy port_entropy_start(void)
{
	RNG_CONFIG = CORRECT_BIAS;
	RNG_START = 1;
	return (struct port_entropy){.bits_per_byte = 6};
}

size_t port_entropy_read(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		RNG_VALRDY = 0;
		for (uint32_t turn = 0; !RNG_VALRDY; turn++) {
			if (turn == WAIT_LIMIT)
				return i;
		}
		bytes[i] = (uint8_t)RNG_VALUE;
	}
	return size;
}

/* The chip's own "MPU" protects blocks against code elsewhere; Arm's is not there. */
uint32_t port_mpu_regions(void)
{
	return 0;
}

/* What the ECB block reads and writes. */
static struct {
	uint8_t key[16], plain[16], cipher[16];
} ecb;

static void encrypt(const uint8_t key[16], uint8_t block[16])
{
	memcpy(ecb.key, key, sizeof(ecb.key));
	memcpy(ecb.plain, block, sizeof(ecb.plain));
	ECB_ENDECB = 0;
	ECB_STARTECB = 1;
	for (uint32_t turn = 0; !ECB_ENDECB && turn < WAIT_LIMIT; turn++) {
	}
	cpu_barrier();
	memcpy(block, ecb.cipher, sizeof(ecb.cipher));
}

/* QEMU has no model of the ECB block: its pointer keeps nothing. */
struct port_crypto port_crypto(void)
{
	ECB_DATAPTR = (uint32_t)(uintptr_t)&ecb;
	if (ECB_DATAPTR != (uint32_t)(uintptr_t)&ecb)
		return (struct port_crypto){0};
	return (struct port_crypto){.aes128_encrypt = encrypt};
}
