-- SPDX-License-Identifier: Apache-2.0
-- The farm's first shape. Times are unix microseconds (0: not yet), states and verdicts the words of the API.
-- Every row that belongs to an organisation carries it.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
	name TEXT PRIMARY KEY,
	created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO organisation (name, created_at_us) VALUES ('default', 0);

-- hash: of the token's text, which is kept nowhere.
CREATE TABLE token (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'agent')),
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE board_type (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	body TEXT NOT NULL CHECK (json_valid(body)),
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	version TEXT NOT NULL,
	boot TEXT NOT NULL,
	online INTEGER NOT NULL CHECK (online IN (0, 1)),
	seen_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE board (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	type TEXT NOT NULL,
	agent TEXT NOT NULL REFERENCES agent (name),
	state TEXT NOT NULL CHECK (state IN ('offline', 'idle', 'running', 'recovering', 'quarantined')),
	reason TEXT NOT NULL,
	unique_id TEXT NOT NULL,
	virtual INTEGER NOT NULL CHECK (virtual IN (0, 1)),
	fence INTEGER NOT NULL,
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX board_agent ON board (agent);

-- text: the suite as it was put.
CREATE TABLE suite (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	version TEXT NOT NULL,
	text TEXT NOT NULL,
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The file is images/<sha256>; who brought it is who may see it.
CREATE TABLE image (
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	org TEXT NOT NULL REFERENCES organisation (name),
	name TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	body TEXT NOT NULL CHECK (json_valid(body)),
	owner TEXT NOT NULL,
	created_at_us INTEGER NOT NULL,
	PRIMARY KEY (sha256, org)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
	id INTEGER PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	owner TEXT NOT NULL,
	name TEXT NOT NULL,
	suite TEXT NOT NULL,
	priority INTEGER NOT NULL,
	retries INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished')),
	verdict TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	cancel_wanted INTEGER NOT NULL CHECK (cancel_wanted IN (0, 1)),
	submitted_at_us INTEGER NOT NULL,
	finished_at_us INTEGER NOT NULL,
	spec TEXT NOT NULL CHECK (json_valid(spec)),
	CHECK ((state = 'finished') = (verdict <> 'none'))
) STRICT;

CREATE INDEX job_org ON job (org, id);
CREATE INDEX job_open ON job (id) WHERE state <> 'finished';

-- number: which of the job's runs; its attempts share it. spec: which entry of the job file. have: agent events taken.
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	job INTEGER NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
	org TEXT NOT NULL REFERENCES organisation (name),
	number INTEGER NOT NULL,
	spec INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	board_type TEXT NOT NULL,
	wanted_board TEXT NOT NULL,
	board TEXT NOT NULL,
	agent TEXT NOT NULL,
	fence INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'assigned', 'running', 'finished')),
	verdict TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	image_sha256 TEXT NOT NULL,
	image_name TEXT NOT NULL,
	build_id TEXT NOT NULL,
	image_bytes INTEGER NOT NULL,
	passed INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	ignored INTEGER NOT NULL,
	missing INTEGER NOT NULL,
	crashed INTEGER NOT NULL,
	error INTEGER NOT NULL,
	cases_total INTEGER NOT NULL,
	console_bytes INTEGER NOT NULL,
	console_dropped INTEGER NOT NULL,
	console_sha256 TEXT NOT NULL,
	core TEXT NOT NULL,
	have INTEGER NOT NULL,
	queued_at_us INTEGER NOT NULL,
	assigned_at_us INTEGER NOT NULL,
	started_at_us INTEGER NOT NULL,
	finished_at_us INTEGER NOT NULL,
	UNIQUE (job, number, attempt),
	CHECK ((state = 'finished') = (verdict <> 'none'))
) STRICT;

CREATE INDEX run_open ON run (id) WHERE state <> 'finished';
CREATE INDEX run_board ON run (board, id);

-- serial: number of the agent's event that began it.
CREATE TABLE step (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	serial INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	step TEXT NOT NULL,
	phase TEXT NOT NULL CHECK (phase IN ('forward', 'back')),
	row INTEGER NOT NULL,
	ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	begun_at_us INTEGER NOT NULL,
	took_us INTEGER NOT NULL,
	PRIMARY KEY (run, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_result (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	serial INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	suite_group TEXT NOT NULL,
	name TEXT NOT NULL,
	verdict TEXT NOT NULL,
	message TEXT NOT NULL,
	required INTEGER NOT NULL CHECK (required IN (0, 1)),
	waived_ignore INTEGER NOT NULL CHECK (waived_ignore IN (0, 1)),
	console_from INTEGER NOT NULL,
	console_to INTEGER NOT NULL,
	begun_at_us INTEGER NOT NULL,
	ended_at_us INTEGER NOT NULL,
	PRIMARY KEY (run, serial)
) STRICT, WITHOUT ROWID;

-- The exclusive right of a run to a board, under a number that only grows; one open lease for each board.
CREATE TABLE lease (
	board TEXT NOT NULL REFERENCES board (name) DEFERRABLE INITIALLY DEFERRED,
	fence INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	begun_at_us INTEGER NOT NULL,
	ended_at_us INTEGER NOT NULL,
	PRIMARY KEY (board, fence)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX lease_open ON lease (board) WHERE ended_at_us = 0;
CREATE INDEX lease_run ON lease (run);

-- seq: 1, 2, 3 … without gaps. body: the whole event as one JSON object.
CREATE TABLE event (
	seq INTEGER PRIMARY KEY,
	at_us INTEGER NOT NULL,
	type TEXT NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	job INTEGER NOT NULL,
	run INTEGER NOT NULL,
	board TEXT NOT NULL,
	body TEXT NOT NULL
) STRICT;

CREATE INDEX event_job ON event (job, seq) WHERE job <> 0;
CREATE INDEX event_run ON event (run, seq) WHERE run <> 0;
CREATE INDEX event_board ON event (board, seq) WHERE board <> '';
