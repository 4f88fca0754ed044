-- SPDX-License-Identifier: Apache-2.0
-- What an organisation's boards of a type must pass to be known to work. spec: a job of one run.
CREATE TABLE golden (
	org TEXT NOT NULL REFERENCES organisation (name),
	board_type TEXT NOT NULL,
	image_sha256 TEXT NOT NULL,
	image_name TEXT NOT NULL,
	build_id TEXT NOT NULL,
	image_bytes INTEGER NOT NULL,
	suite TEXT NOT NULL,
	spec TEXT NOT NULL CHECK (json_valid(spec)),
	set_by TEXT NOT NULL,
	set_at_us INTEGER NOT NULL,
	PRIMARY KEY (org, board_type)
) STRICT, WITHOUT ROWID;
