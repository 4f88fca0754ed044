-- SPDX-License-Identifier: Apache-2.0
-- How often the sectors of boards' flash were erased, and which steps wrote flash, as their agents tell it.

-- board is no reference: a rack that lost a board keeps its ledger. sectors: [[address,size,count,erases],...], count
-- entries of size bytes side by side that were erased equally often. worn: it was told that the board nears the end.
CREATE TABLE wear (
	board TEXT PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	unique_id TEXT NOT NULL,
	sectors TEXT NOT NULL CHECK (json_valid(sectors)),
	erases INTEGER NOT NULL,
	worst INTEGER NOT NULL,
	worst_address INTEGER NOT NULL,
	worn INTEGER NOT NULL CHECK (worn IN (0, 1)),
	changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Until now it had to be read from the words of the step.
ALTER TABLE step ADD COLUMN flash_written INTEGER NOT NULL DEFAULT 0 CHECK (flash_written IN (0, 1));
UPDATE step SET flash_written = 1 WHERE step = 'flash' AND ended = 1 AND text LIKE '%bytes written%';
