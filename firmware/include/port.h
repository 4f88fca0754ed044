/* SPDX-License-Identifier: Apache-2.0 */
/* What a board must supply so that the reference suite runs on it: its facts, a start function, a console, and what
 * else it has. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A port lives in firmware/port/<board>/ and begins as a copy of firmware/port/template/.
 *
 * "Required" below means that the link fails without it. Everything else has a weak default (suite/port_default.c) that
 * fails the calling case with the text "<function>: not ported": an unfinished port can never look like a passing one.
 * What a board has not got at all it says ("absent"), and the cases are ignored: that is right only where its board
 * type does not list the feature, for then the suite does not require them (share/suites/). All functions are called
 * from thread mode, privileged, with interrupts enabled, from one place at a time.
 */

/* The board's fixed facts. Until a port defines them every case fails as not ported. */
struct port_board {
	const char *name;      /* as in the banner; no blanks */
	uintptr_t bad_address; /* reading a word here must make the bus answer with an error, at once and precisely */
	uint32_t clock_tolerance_percent; /* how far the tick may be off against the independent counter */
};
extern const struct port_board port_board;

/* Required. Clocks, pins and console; afterwards port_console_write works. Called once, first of all. Must not print.
 */
void port_init(void);

/* Required. Sends size bytes, waiting for room; returns how many the transmitter took (fewer only when it is stuck). */
size_t port_console_write(const char *bytes, size_t size);

/* Waits, with a bound, until the last bit has left the pin. False: it never did. */
bool port_console_drain(void);

/* Starts the 1 kHz tick interrupt. Called once, after port_init. */
void port_clock_start(void);

/* Milliseconds since port_clock_start, counted by the tick interrupt; wraps. */
uint32_t port_clock_ms(void);

/* A free-running counter that does not depend on the tick. hz = 0: absent. */
struct port_counter {
	uint32_t hz;
	uint32_t (*read)(void); /* counts up, wraps at 32 bits */
};
struct port_counter port_counter_start(void);

/* Three interrupt lines of the NVIC that no peripheral of the suite uses, all different; software makes them pending.
 */
struct port_interrupts {
	uint32_t line[3]; /* counted from 0 as in the reference manual */
};
struct port_interrupts port_interrupts(void);

/* Why the chip started, as its register says; causes may be several. Read once per boot, then cleared in the chip. */
enum port_reset_causes {
	PORT_RESET_POWER = 1 << 0,    /* the supply came, or was too low */
	PORT_RESET_PIN = 1 << 1,      /* the reset line */
	PORT_RESET_SOFTWARE = 1 << 2, /* AIRCR.SYSRESETREQ */
	PORT_RESET_WATCHDOG = 1 << 3,
	PORT_RESET_OTHER = 1 << 4,
};
struct port_reset {
	bool absent;
	uint32_t causes; /* of enum port_reset_causes */
	/* On parts whose register cannot tell a power-up from nothing: no bit set means the supply came. */
	bool power_is_zero;
};
struct port_reset port_reset_cause(void);

/* The watchdog. Once started it need not be able to stop. false: absent. */
bool port_watchdog_start(uint32_t limit_ms);
void port_watchdog_feed(void);

/* Flash that the suite may destroy: so many sectors (the unit of erasing), one behind the other, far from the image.
 * sectors = 0: absent. Groups Flash and Update want 4. */
struct port_flash {
	uintptr_t address; /* first byte of the first sector */
	size_t sector_bytes;
	size_t sectors;
};
struct port_flash port_flash(void);

enum port_flash_result {
	PORT_FLASH_OK,
	PORT_FLASH_LOCKED, /* the controller did not accept the unlock keys */
	PORT_FLASH_BUSY,   /* it stayed busy beyond every data sheet's limit */
	PORT_FLASH_ERROR,  /* it reported an error: protection, alignment, size, sequence */
};

/* Erases the sector that begins at address. OK means that the controller said so; the suite reads it back itself. */
enum port_flash_result port_flash_erase(uintptr_t address);

/* Programs count words at address, word aligned, within one sector. OK as above. */
enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count);

/* The journal: the suite's own memory of what it did before a restart. It lies in the image, in the region JOURNAL of
 * board.ld, as 0xFF bytes, so that loading the image always begins it anew. Boards with flash give a sector of its own
 * and do it with the flash functions; a board that runs from RAM writes to it like that. Results as above. */
enum port_flash_result port_journal_erase(uintptr_t address);
enum port_flash_result port_journal_program(uintptr_t address, const uint32_t *words, size_t count);

/* A source of random bytes, as the chip gives them. */
struct port_entropy {
	bool absent;
	uint32_t bits_per_byte; /* of min-entropy the data sheet lets one assume, 1 to 8 */
};
struct port_entropy port_entropy_start(void);
/* Waits, with a bound, for size bytes; returns how many came. */
size_t port_entropy_read(uint8_t *bytes, size_t size);

/* Regions of the core's memory protection unit (PMSAv6 or v7); 0: absent. */
uint32_t port_mpu_regions(void);

/* Cryptography in hardware; a function that is NULL is absent. */
struct port_crypto {
	void (*sha256)(const uint8_t *data, size_t size, uint8_t ret_hash[32]);
	void (*aes128_encrypt)(const uint8_t key[16], uint8_t block[16]);
};
struct port_crypto port_crypto(void);

/* The network (group Network): an Ethernet interface. The addresses are the lab's, as "10.0.2.15": one that nobody else
 * has, and the gateway's, which must answer to ARP and to ICMP echo. Called once, until it has started; the link may
 * take its time afterwards. */
struct port_network {
	bool absent;
	bool started; /* false: the interface is there and does not work */
	uint8_t mac[6];
	const char *address;
	const char *gateway;
};
struct port_network port_network_start(void);
bool port_network_link(void); /* is it up now */

/* An Ethernet frame from the receiver's address on, without its CRC. */
struct port_frame {
	size_t size; /* 60 to 1514 bytes when sent; what the chip took, when received */
	uint32_t words[380];
};
/* Does not wait for the wire. False: the transmitter has no room. */
bool port_network_send(const struct port_frame *frame);
/* Does not wait: false when no frame has come. Those with errors are passed over. */
bool port_network_receive(struct port_frame *frame);

/* A peripheral's interrupt came; irq counts from 0 as in the reference manual. The default takes it for a fault. */
void port_irq(uint32_t irq);

/* The Cortex-M system timer's interrupt came. The default takes it for a fault. */
void port_systick(void);

/* The interrupt that cannot be masked came. The default takes it for a fault. */
void port_nmi(void);

/* Used by the weak defaults: fails the case that runs with "<function>: not ported". Does not return. */
_Noreturn void port_not_ported(const char *function);

#endif
