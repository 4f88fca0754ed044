-- SPDX-License-Identifier: Apache-2.0
-- What runs that print little have printed; the consoles of others are files, and have no rows here.

-- id: run * 65536 + offset of the first byte. at_us: when that came, by the rack's clock.
CREATE TABLE console_chunk (
	id INTEGER PRIMARY KEY,
	at_us INTEGER NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
