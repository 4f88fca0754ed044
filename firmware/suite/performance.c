/* SPDX-License-Identifier: Apache-2.0 */
/* Group Performance: what the board takes for memory, interrupts, switching, flash and cryptography, as measurements.
 * Each repeats its work until it lasted long enough for the counter's grain. */
#include <string.h>

#include "aes.h"
#include "cpu.h"
#include "port.h"
#include "sha256.h"
#include "startup.h"
#include "suite.h"

enum { LASTS_US = 4000, ROUNDS_MAX = 1 << 16, BLOCK_BYTES = 1024, FLASH_WORDS = 64 };

static struct port_counter counter;

struct timing {
	uint64_t rounds;
	uint64_t counts;
};

/* Runs work in ever more rounds; work must do something each time. */
static struct timing time_of(void (*work)(uint32_t rounds))
{
	counter = port_counter_start();
	if (counter.hz == 0)
		IGNORE("no independent counter on this board");
	for (uint32_t rounds = 1;; rounds *= 4) {
		uint32_t begin = counter.read();

		work(rounds);
		uint32_t counts = counter.read() - begin;
		if (rounds >= ROUNDS_MAX || (uint64_t)counts * 1000000U >= (uint64_t)counter.hz * LASTS_US) {
			CHECK(counts > 0, "the counter stands still");
			return (struct timing){rounds, counts};
		}
	}
}

static void measure_rate(const char *name, struct timing timing, uint32_t bytes_a_round)
{
	uint64_t bytes = timing.rounds * bytes_a_round;

	fixture_measure(name, (uint32_t)(bytes * counter.hz / timing.counts / 1000U), "kB/s");
}

static void measure_time(const char *name, struct timing timing)
{
	fixture_measure(name, (uint32_t)(timing.counts * 1000000000U / counter.hz / timing.rounds), "ns");
}

static void copy_memory(uint32_t rounds)
{
	uint8_t *at = (uint8_t *)spare_start;

	for (uint32_t i = 0; i < rounds; i++) {
		memcpy(at + BLOCK_BYTES, at, BLOCK_BYTES);
		__asm volatile("" ::: "memory");
	}
}

static void read_memory(uint32_t rounds)
{
	const volatile uint32_t *at = spare_start;

	for (uint32_t i = 0; i < rounds; i++) {
		for (uint32_t word = 0; word < BLOCK_BYTES / 4; word += 4) {
			(void)at[word];
			(void)at[word + 1];
			(void)at[word + 2];
			(void)at[word + 3];
		}
	}
}

static void write_memory(uint32_t rounds)
{
	volatile uint32_t *at = spare_start;

	for (uint32_t i = 0; i < rounds; i++) {
		for (uint32_t word = 0; word < BLOCK_BYTES / 4; word += 4) {
			at[word] = i;
			at[word + 1] = i;
			at[word + 2] = i;
			at[word + 3] = i;
		}
	}
}

static void case_memory_bandwidth(void)
{
	measure_rate("read", time_of(read_memory), BLOCK_BYTES);
	measure_rate("write", time_of(write_memory), BLOCK_BYTES);
	measure_rate("copy", time_of(copy_memory), BLOCK_BYTES);
}

static volatile uint32_t interrupts_seen;
static uint32_t interrupt_line;

static bool count_interrupt(uint32_t irq)
{
	if (irq != interrupt_line)
		return false;
	interrupts_seen++;
	return true;
}

static void take_interrupts(uint32_t rounds)
{
	interrupts_seen = 0;
	for (uint32_t i = 0; i < rounds; i++)
		cpu_irq_pend(interrupt_line);
	CHECK_EQUAL(rounds, interrupts_seen, "interrupts that came");
}

/* From raising the line to the thread's next instruction: entry, a short handler in C, and return. */
static void case_interrupt_latency(void)
{
	interrupt_line = port_interrupts().line[0];
	cpu_irq_catch(count_interrupt);
	cpu_irq_enable(interrupt_line, 0);
	struct timing timing = time_of(take_interrupts);
	cpu_irq_disable(interrupt_line);
	cpu_irq_catch(NULL);
	measure_time("there-and-back", timing);
}

static void switch_threads(uint32_t rounds)
{
	CHECK_EQUAL(rounds, cpu_switch_contexts(rounds), "turns of the other thread");
}

static void case_context_switch(void)
{
	struct timing timing = time_of(switch_threads);

	timing.rounds *= 2; /* to the other thread and back */
	measure_time("switch", timing);
}

static void hash_blocks(uint32_t rounds)
{
	uint8_t hash[SHA256_BYTES];
	struct sha256 sha;

	sha256_init(&sha);
	for (uint32_t i = 0; i < rounds; i++)
		sha256_update(&sha, (const uint8_t *)spare_start, BLOCK_BYTES);
	sha256_final(&sha, hash);
}

static void encrypt_blocks(uint32_t rounds)
{
	static const uint8_t key[32];
	uint8_t block[AES_BLOCK] = {0};
	struct aes aes;

	aes_init(&aes, key, 16);
	for (uint32_t i = 0; i < rounds; i++)
		aes_encrypt(&aes, block);
}

static void case_crypto(void)
{
	measure_rate("sha256", time_of(hash_blocks), BLOCK_BYTES);
	measure_rate("aes128", time_of(encrypt_blocks), AES_BLOCK);
}

/* The first bytes of a sector that is erased before and after; a write is timed once, for flash wears. */
static void case_flash_write(void)
{
	struct port_flash flash = suite_flash();
	uint32_t words[FLASH_WORDS];

	counter = port_counter_start();
	if (counter.hz == 0)
		IGNORE("no independent counter on this board");
	for (uint32_t i = 0; i < FLASH_WORDS; i++)
		words[i] = 0x01010101U * i;
	suite_flash_erase(flash.address);
	uint32_t begin = counter.read();
	enum port_flash_result result = port_flash_program(flash.address, words, FLASH_WORDS);
	struct timing timing = {1, counter.read() - begin};
	CHECK(result == PORT_FLASH_OK, "the words could not be programmed");
	CHECK(timing.counts > 0, "the counter stands still");
	measure_rate("write", timing, sizeof(words));

	begin = counter.read();
	result = port_flash_erase(flash.address); /* without the reading back, which is no part of it */
	timing.counts = counter.read() - begin;
	CHECK(result == PORT_FLASH_OK, "the sector could not be erased");
	fixture_measure("erase", (uint32_t)(timing.counts * 1000000U / counter.hz), "us");
}

static const struct fixture_case cases[] = {
	{"memory_bandwidth", case_memory_bandwidth}, {"interrupt_latency", case_interrupt_latency},
	{"context_switch", case_context_switch},     {"crypto", case_crypto},
	{"flash_write", case_flash_write},
};
FIXTURE_GROUP(group_performance, "Performance", cases);
