-- SPDX-License-Identifier: Apache-2.0
-- How boards that did not answer were helped: one row a climb of the recovery ladder, one each of its rungs.

-- board is no reference: a rack that lost a board keeps its history. begun_at_us is the rack's clock; with the board it
-- is the key. ended_at_us is 0 while it climbs. helped_by is '' when nothing did.
CREATE TABLE recovery (
	board TEXT NOT NULL,
	begun_at_us INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	agent TEXT NOT NULL,
	board_type TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	state TEXT NOT NULL,
	helped_by TEXT NOT NULL,
	rungs INTEGER NOT NULL,
	ended_at_us INTEGER NOT NULL,
	PRIMARY KEY (board, begun_at_us)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_rung (
	board TEXT NOT NULL,
	begun_at_us INTEGER NOT NULL,
	number INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	agent TEXT NOT NULL,
	board_type TEXT NOT NULL,
	rung TEXT NOT NULL,
	result TEXT NOT NULL,
	cause TEXT NOT NULL,
	text TEXT NOT NULL,
	took_us INTEGER NOT NULL,
	PRIMARY KEY (board, begun_at_us, number)
) STRICT, WITHOUT ROWID;

-- For the figures: only what was tried counts.
CREATE INDEX recovery_rung_tried ON recovery_rung (board_type, agent, rung, result, took_us)
	WHERE result IN ('helped', 'failed');
