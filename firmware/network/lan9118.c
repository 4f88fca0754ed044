/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the LAN9118, used one frame at a time. */
#include "lan9118.h"

#define LAN(offset)      (*(volatile uint32_t *)(0x40200000U + (offset)))
#define LAN_RX_DATA      LAN(0x00)
#define LAN_TX_DATA      LAN(0x20)
#define LAN_RX_STATUS    LAN(0x40)
#define LAN_TX_STATUS    LAN(0x48)
#define LAN_IRQ_CFG      LAN(0x54)
#define LAN_INT_STS      LAN(0x58)
#define LAN_INT_EN       LAN(0x5C)
#define LAN_BYTE_TEST    LAN(0x64)
#define LAN_FIFO_INT     LAN(0x68)
#define LAN_RX_CFG       LAN(0x6C)
#define LAN_TX_CFG       LAN(0x70)
#define LAN_HW_CFG       LAN(0x74)
#define LAN_RX_FIFO_INF  LAN(0x7C)
#define LAN_TX_FIFO_INF  LAN(0x80)
#define LAN_MAC_CSR_CMD  LAN(0xA4)
#define LAN_MAC_CSR_DATA LAN(0xA8)

#define HW_CFG_RESET    (1U << 0)
#define HW_CFG_SF       (1U << 20)
#define TX_CFG_ON       (1U << 1)
#define INT_RX_STATUS   (1U << 3)
#define IRQ_ON_PUSHPULL ((1U << 8) | (1U << 4) | 1U) /* enabled, active high, push-pull */
#define CSR_BUSY        (1U << 31)
#define CSR_READ        (1U << 30)
#define RX_STATUS_ERROR (1U << 15)

enum {
	MAC_CR = 1,
	MAC_ADDRH = 2,
	MAC_ADDRL = 3,
	MAC_MII_ACC = 6,
	MAC_MII_DATA = 7,
	PHY_ADDRESS = 1,
	PHY_STATUS = 1,
	WAIT_LIMIT = 100000
};

static void wait_clear(volatile uint32_t *reg, uint32_t mask)
{
	for (uint32_t i = 0; i < WAIT_LIMIT && (*reg & mask); i++) {
	}
}

static uint32_t mac_read(uint32_t index)
{
	LAN_MAC_CSR_CMD = CSR_BUSY | CSR_READ | index;
	wait_clear(&LAN_MAC_CSR_CMD, CSR_BUSY);
	return LAN_MAC_CSR_DATA;
}

static void mac_write(uint32_t index, uint32_t value)
{
	LAN_MAC_CSR_DATA = value;
	LAN_MAC_CSR_CMD = CSR_BUSY | index;
	wait_clear(&LAN_MAC_CSR_CMD, CSR_BUSY);
}

bool lan_start(uint8_t ret_mac[6])
{
	if (LAN_BYTE_TEST != 0x87654321U)
		return false;
	LAN_HW_CFG = HW_CFG_RESET;
	wait_clear(&LAN_HW_CFG, HW_CFG_RESET);

	uint32_t low = mac_read(MAC_ADDRL); /* from the EEPROM */
	uint32_t high = mac_read(MAC_ADDRH);
	for (uint32_t i = 0; i < 4; i++)
		ret_mac[i] = (uint8_t)(low >> (8 * i));
	ret_mac[4] = (uint8_t)high;
	ret_mac[5] = (uint8_t)(high >> 8);

	LAN_HW_CFG = HW_CFG_SF | (5U << 16);
	LAN_RX_CFG = 0;
	LAN_TX_CFG = TX_CFG_ON;
	mac_write(MAC_CR, (1U << 20) | (1U << 3) | (1U << 2)); /* full duplex, transmit, receive */
	LAN_FIFO_INT = 0;
	LAN_INT_STS = 0xFFFFFFFFU;
	LAN_IRQ_CFG = IRQ_ON_PUSHPULL;
	return true;
}

bool lan_link_is_up(void)
{
	mac_write(MAC_MII_ACC, (PHY_ADDRESS << 11) | (PHY_STATUS << 6) | 1U);
	for (uint32_t i = 0; i < WAIT_LIMIT && (mac_read(MAC_MII_ACC) & 1U); i++) {
	}
	return mac_read(MAC_MII_DATA) & (1U << 2);
}

bool lan_send(const void *frame, size_t size)
{
	const uint32_t *words = frame;

	while ((LAN_TX_FIFO_INF >> 16) & 0xFFU)
		(void)LAN_TX_STATUS; /* of frames sent before: where nobody reads them, the transmitter stops */
	if ((LAN_TX_FIFO_INF & 0xFFFFU) < size + 8)
		return false;
	LAN_TX_DATA = (1U << 13) | (1U << 12) | (uint32_t)size; /* first and last segment */
	LAN_TX_DATA = (uint32_t)size;
	for (size_t i = 0; i < (size + 3) / 4; i++)
		LAN_TX_DATA = words[i];
	return true;
}

size_t lan_receive(void *frame)
{
	uint32_t *words = frame;

	while ((LAN_RX_FIFO_INF >> 16) & 0xFFU) {
		uint32_t status = LAN_RX_STATUS;
		size_t size = (status >> 16) & 0x3FFFU;
		bool fits = !(status & RX_STATUS_ERROR) && size > 4 && size <= LAN_FRAME_BYTES;

		for (size_t i = 0; i < (size + 3) / 4; i++) {
			uint32_t word = LAN_RX_DATA;
			if (fits)
				words[i] = word;
		}
		if (fits)
			return size - 4;
	}
	return 0;
}

void lan_interrupt_enable(bool on)
{
	LAN_INT_STS = INT_RX_STATUS;
	LAN_INT_EN = on ? INT_RX_STATUS : 0;
}
