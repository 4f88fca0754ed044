-- SPDX-License-Identifier: Apache-2.0
-- What jobs are for: only tests say something about a firmware.

ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'test' CHECK (kind IN ('test', 'lease', 'check', 'diagnosis'));

DROP TRIGGER run_into_history;

-- The last word of each case (a bare column beside max() is of its row).
CREATE TRIGGER run_into_history AFTER UPDATE OF state ON run
	WHEN new.state = 'finished' AND old.state <> 'finished' AND new.verdict IN ('passed', 'failed')
		AND (SELECT kind FROM job WHERE id = new.job) = 'test'
BEGIN
	INSERT INTO case_history (org, board_type, suite_group, name, run, image_sha256, passed)
		SELECT new.org, new.board_type, suite_group, name, new.id, new.image_sha256, verdict = 'pass'
			FROM (SELECT suite_group, name, verdict, max(serial) FROM case_result WHERE run = new.id
				GROUP BY suite_group, name)
			WHERE verdict IN ('pass', 'fail', 'crashed', 'error')
		ON CONFLICT DO NOTHING;
END;
