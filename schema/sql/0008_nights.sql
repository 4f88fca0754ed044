-- SPDX-License-Identifier: Apache-2.0
-- Schedules, what is dropped for them, the nights that come of them, and who is told of those.

CREATE TABLE schedule (
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	author TEXT NOT NULL,
	paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
	removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
	changed_at_us INTEGER NOT NULL,
	dealt_us INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE artefact_drop (
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	author TEXT NOT NULL,
	created_at_us INTEGER NOT NULL,
	files TEXT NOT NULL CHECK (json_valid(files)),
	PRIMARY KEY (org, name, version)
) STRICT, WITHOUT ROWID;

-- cells: of the matrix, each with the job and entries of its `runs` that run it, or why it does not run.
CREATE TABLE night (
	id INTEGER PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	schedule TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'finished', 'skipped')),
	summarised INTEGER NOT NULL CHECK (summarised IN (0, 1)),
	text TEXT NOT NULL,
	due_us INTEGER NOT NULL,
	begun_at_us INTEGER NOT NULL,
	finished_at_us INTEGER NOT NULL,
	cells TEXT NOT NULL CHECK (json_valid(cells))
) STRICT;

CREATE INDEX night_of ON night (org, schedule, id);
CREATE INDEX night_open ON night (id) WHERE state IN ('waiting', 'running') OR (state = 'finished' AND summarised = 0);

CREATE TABLE night_summary (
	night INTEGER PRIMARY KEY REFERENCES night (id),
	org TEXT NOT NULL REFERENCES organisation (name),
	before INTEGER NOT NULL,
	json TEXT NOT NULL CHECK (json_valid(json)),
	text TEXT NOT NULL
) STRICT;

CREATE TABLE night_acceptance (
	night INTEGER PRIMARY KEY REFERENCES night (id),
	org TEXT NOT NULL REFERENCES organisation (name),
	accepted_by TEXT NOT NULL,
	accepted_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery (
	night INTEGER NOT NULL REFERENCES night (id),
	number INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	kind TEXT NOT NULL CHECK (kind IN ('webhook', 'mail')),
	state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
	target TEXT NOT NULL,
	secret TEXT NOT NULL,
	tries INTEGER NOT NULL,
	next_at_us INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (night, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_pending ON delivery (next_at_us) WHERE state = 'pending';

CREATE TABLE secret (
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	author TEXT NOT NULL,
	removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
	created_at_us INTEGER NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

-- The night that a job is part of; 0: none.
ALTER TABLE job ADD COLUMN night INTEGER NOT NULL DEFAULT 0;
CREATE INDEX job_night ON job (night) WHERE night <> 0;
