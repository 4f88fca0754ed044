-- SPDX-License-Identifier: Apache-2.0
-- Leases of people, each beside its job of kind lease. grace_ms 0: it needs no client; granted_at_us 0: not granted yet;
-- from_us: reserved for then; 0: as soon as may be.
-- Not to be mixed up with table lease, the fences of all runs.

CREATE TABLE hold (
	job INTEGER PRIMARY KEY REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
	org TEXT NOT NULL REFERENCES organisation (name),
	holder TEXT NOT NULL,
	why TEXT NOT NULL,
	asked_ms INTEGER NOT NULL CHECK (asked_ms > 0),
	from_us INTEGER NOT NULL,
	grace_ms INTEGER NOT NULL CHECK (grace_ms >= 0),
	granted_at_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	warned INTEGER NOT NULL,
	CHECK ((granted_at_us = 0) = (until_us = 0))
) STRICT;
