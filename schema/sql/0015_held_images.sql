-- SPDX-License-Identifier: Apache-2.0
-- Images that put boards out of action and get no more of them. evidence: boards, runs and causes.
CREATE TABLE held_image (
	org TEXT NOT NULL REFERENCES organisation (name),
	image_sha256 TEXT NOT NULL,
	image_name TEXT NOT NULL,
	held_at_us INTEGER NOT NULL,
	evidence TEXT NOT NULL CHECK (json_valid(evidence)),
	PRIMARY KEY (org, image_sha256)
) STRICT, WITHOUT ROWID;
