-- SPDX-License-Identifier: Apache-2.0
-- Boards: the states they may be in, what people and policies decided about them, and whether they are known to work.

-- hold: out of service until a person lets it in again, since held_at_us, by whom and why. unproven: why it needs its
-- health check, '' when it does not. recover_wanted: its agent is to take it up again and has not said that it does.
CREATE TABLE board_before AS SELECT * FROM board;
DROP TABLE board;
CREATE TABLE board (
	name TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	type TEXT NOT NULL,
	agent TEXT NOT NULL REFERENCES agent (name),
	state TEXT NOT NULL CHECK (state IN ('offline', 'free', 'leased', 'running', 'recovering', 'suspect',
		'quarantined', 'retired')),
	reason TEXT NOT NULL,
	unique_id TEXT NOT NULL,
	virtual INTEGER NOT NULL CHECK (virtual IN (0, 1)),
	fence INTEGER NOT NULL,
	changed_at_us INTEGER NOT NULL,
	hold TEXT NOT NULL DEFAULT '' CHECK (hold IN ('', 'quarantined', 'retired')),
	held_by TEXT NOT NULL DEFAULT '',
	held_why TEXT NOT NULL DEFAULT '',
	held_at_us INTEGER NOT NULL DEFAULT 0,
	unproven TEXT NOT NULL DEFAULT '',
	recover_wanted INTEGER NOT NULL DEFAULT 0 CHECK (recover_wanted IN (0, 1)),
	checks_failed INTEGER NOT NULL DEFAULT 0,
	runs_since_pass INTEGER NOT NULL DEFAULT 0,
	proven_at_us INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO board (name, org, type, agent, state, reason, unique_id, virtual, fence, changed_at_us)
	SELECT name, org, type, agent, CASE state WHEN 'idle' THEN 'free' ELSE state END, reason, unique_id, virtual, fence,
		changed_at_us FROM board_before;
UPDATE board SET hold = 'quarantined', held_by = 'agent', held_why = reason, held_at_us = changed_at_us
	WHERE state = 'quarantined';
DROP TABLE board_before;

CREATE INDEX board_agent ON board (agent);

-- What people and policies decided about a board.
CREATE INDEX event_board_hold ON event (board, seq)
	WHERE type IN ('board.quarantined', 'board.released', 'board.retired', 'board.unretired');
