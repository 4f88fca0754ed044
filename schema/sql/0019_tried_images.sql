-- SPDX-License-Identifier: Apache-2.0
-- Images that are known to leave boards of a type well, so that they need no trial. run: after which its board took
-- another image well; NULL: a person said so.
CREATE TABLE tried_image (
	org TEXT NOT NULL REFERENCES organisation (name),
	image_sha256 TEXT NOT NULL,
	board_type TEXT NOT NULL,
	run INTEGER,
	known_at_us INTEGER NOT NULL,
	PRIMARY KEY (org, image_sha256, board_type)
) STRICT, WITHOUT ROWID;

-- What ran before there were trials goes on without one.
INSERT INTO tried_image (org, image_sha256, board_type, run, known_at_us)
SELECT org, image_sha256, board_type, max(id), max(finished_at_us) FROM run
WHERE id > (SELECT coalesce(max(id), 0) FROM run) - 100000 AND verdict IN ('passed', 'failed') AND image_sha256 <> ''
	AND (org, image_sha256) NOT IN (SELECT org, image_sha256 FROM held_image)
GROUP BY org, image_sha256, board_type ORDER BY max(finished_at_us) DESC LIMIT 16384;
