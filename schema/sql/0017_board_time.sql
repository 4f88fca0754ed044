-- SPDX-License-Identifier: Apache-2.0
-- What boards' time goes into: one row a board and UTC day, in microseconds.

-- day: since 1970-01-01. Of the day that is open kind is what the board is in since since_us (unix), and that is not in
-- the columns yet; of a day that is over kind is '' and since_us is 0.
CREATE TABLE board_time (
	board TEXT NOT NULL,
	day INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	idle_us INTEGER NOT NULL,
	staging_us INTEGER NOT NULL,
	power_us INTEGER NOT NULL,
	flash_us INTEGER NOT NULL,
	running_us INTEGER NOT NULL,
	recovering_us INTEGER NOT NULL,
	checking_us INTEGER NOT NULL,
	leased_us INTEGER NOT NULL,
	offline_us INTEGER NOT NULL,
	kind TEXT NOT NULL,
	since_us INTEGER NOT NULL,
	PRIMARY KEY (board, day)
) STRICT, WITHOUT ROWID;

-- For the start: the open day of each board, whenever that was.
CREATE INDEX board_time_open ON board_time (board) WHERE since_us <> 0;
