-- SPDX-License-Identifier: Apache-2.0
-- How cases ended before, for flake scores: of each case on each board type the last results that the firmware answers
-- for. Filled when a run finishes; a run that the farm is to blame for, and cases that were ignored or never ran, leave
-- nothing.

CREATE TABLE case_history (
	org TEXT NOT NULL REFERENCES organisation (name),
	board_type TEXT NOT NULL,
	suite_group TEXT NOT NULL,
	name TEXT NOT NULL,
	run INTEGER NOT NULL,
	image_sha256 TEXT NOT NULL,
	passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
	PRIMARY KEY (org, board_type, suite_group, name, run)
) STRICT, WITHOUT ROWID;

-- At most 100 of each: core/verdict/flake.h.
CREATE TRIGGER case_history_cut AFTER INSERT ON case_history
BEGIN
	DELETE FROM case_history WHERE org = new.org AND board_type = new.board_type AND suite_group = new.suite_group
		AND name = new.name AND run <= (SELECT run FROM case_history WHERE org = new.org
			AND board_type = new.board_type AND suite_group = new.suite_group AND name = new.name
			ORDER BY run DESC LIMIT 1 OFFSET 100);
END;

-- The last word of each case (a bare column beside max() is of its row).
CREATE TRIGGER run_into_history AFTER UPDATE OF state ON run
	WHEN new.state = 'finished' AND old.state <> 'finished' AND new.verdict IN ('passed', 'failed')
BEGIN
	INSERT INTO case_history (org, board_type, suite_group, name, run, image_sha256, passed)
		SELECT new.org, new.board_type, suite_group, name, new.id, new.image_sha256, verdict = 'pass'
			FROM (SELECT suite_group, name, verdict, max(serial) FROM case_result WHERE run = new.id
				GROUP BY suite_group, name)
			WHERE verdict IN ('pass', 'fail', 'crashed', 'error')
		ON CONFLICT DO NOTHING;
END;

INSERT INTO case_history (org, board_type, suite_group, name, run, image_sha256, passed)
	SELECT r.org, r.board_type, c.suite_group, c.name, r.id, r.image_sha256, c.verdict = 'pass'
		FROM (SELECT run, suite_group, name, verdict, max(serial) FROM case_result
			GROUP BY run, suite_group, name) AS c
		JOIN run AS r ON r.id = c.run AND r.verdict IN ('passed', 'failed')
		WHERE c.verdict IN ('pass', 'fail', 'crashed', 'error')
		ORDER BY r.id;
