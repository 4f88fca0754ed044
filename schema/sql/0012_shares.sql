-- SPDX-License-Identifier: Apache-2.0
-- What organisations and members may have, and which hosts and hubs take nothing new. cap 0: none. An agent's token may
-- be good for one rack only (rack '': for any). What each had more than its share is in meta, key share_debts, as JSON.

CREATE TABLE org_share (
	org TEXT PRIMARY KEY REFERENCES organisation (name),
	weight INTEGER NOT NULL CHECK (weight > 0),
	cap INTEGER NOT NULL CHECK (cap >= 0),
	guaranteed INTEGER NOT NULL CHECK (guaranteed >= 0),
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE member_share (
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	weight INTEGER NOT NULL CHECK (weight > 0),
	changed_at_us INTEGER NOT NULL,
	PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

-- hub '': the host itself.
CREATE TABLE drain (
	agent TEXT NOT NULL REFERENCES agent (name),
	hub TEXT NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	drained_by TEXT NOT NULL,
	why TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	PRIMARY KEY (agent, hub)
) STRICT, WITHOUT ROWID;

ALTER TABLE token ADD COLUMN rack TEXT NOT NULL DEFAULT '';
