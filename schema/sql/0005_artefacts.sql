-- SPDX-License-Identifier: Apache-2.0
-- What runs leave behind besides console and results: core files and what was read out of them.

-- A file is artefacts/<sha256>, there once present is 1; a text is content ('' for a file). The first word of an agent
-- on a name counts.
CREATE TABLE artefact (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	name TEXT NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	kind TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	present INTEGER NOT NULL CHECK (present IN (0, 1)),
	content TEXT NOT NULL,
	created_at_us INTEGER NOT NULL,
	PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
