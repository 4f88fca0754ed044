-- SPDX-License-Identifier: Apache-2.0
-- What runs are held to, how their cases stand with it, what they measured; waivers and baselines.

-- asked: exactly what the agent was given ({"require","end","waivers","limits"}); '' before a run is assigned.
ALTER TABLE run ADD COLUMN waived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN expected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN asked TEXT NOT NULL DEFAULT '' CHECK (asked = '' OR json_valid(asked));

-- waiver: its id when standing is waived, else 0.
ALTER TABLE case_result ADD COLUMN category TEXT NOT NULL DEFAULT 'functional'
	CHECK (category IN ('functional', 'performance', 'security'));
ALTER TABLE case_result ADD COLUMN standing TEXT NOT NULL DEFAULT ''
	CHECK (standing IN ('', 'waived', 'expected', 'unexpected-pass', 'optional'));
ALTER TABLE case_result ADD COLUMN waiver INTEGER NOT NULL DEFAULT 0;

-- serial: of the case's row, or number of the event that ended the run for a value of no case (suite_group and case_name
-- are '' then). number: within it. value: NULL when it is missing; low, high: what it had to keep within, NULL: nothing.
CREATE TABLE measurement (
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	serial INTEGER NOT NULL,
	number INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	board_type TEXT NOT NULL,
	suite_group TEXT NOT NULL,
	case_name TEXT NOT NULL,
	name TEXT NOT NULL,
	unit TEXT NOT NULL,
	value REAL,
	verdict TEXT NOT NULL CHECK (verdict IN ('unjudged', 'ok', 'out', 'missing')),
	low REAL,
	high REAL,
	basis TEXT NOT NULL,
	console_from INTEGER NOT NULL,
	console_to INTEGER NOT NULL,
	PRIMARY KEY (run, serial, number),
	CHECK ((value IS NULL) = (verdict = 'missing'))
) STRICT, WITHOUT ROWID;

CREATE INDEX measurement_history ON measurement (org, board_type, suite_group, case_name, name, run);

-- Known defects of a board type; never deleted.
CREATE TABLE waiver (
	id INTEGER PRIMARY KEY,
	org TEXT NOT NULL REFERENCES organisation (name),
	board_type TEXT NOT NULL,
	cases TEXT NOT NULL,
	author TEXT NOT NULL,
	reason TEXT NOT NULL,
	intermittent INTEGER NOT NULL CHECK (intermittent IN (0, 1)),
	created_at_us INTEGER NOT NULL,
	from_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	withdrawn_at_us INTEGER NOT NULL,
	withdrawn_by TEXT NOT NULL,
	CHECK (until_us > from_us)
) STRICT;

-- Measured values that somebody took into the baseline of a board type.
CREATE TABLE accepted_value (
	run INTEGER NOT NULL,
	serial INTEGER NOT NULL,
	number INTEGER NOT NULL,
	org TEXT NOT NULL REFERENCES organisation (name),
	board_type TEXT NOT NULL,
	case_name TEXT NOT NULL,
	name TEXT NOT NULL,
	unit TEXT NOT NULL,
	value REAL NOT NULL,
	job INTEGER NOT NULL REFERENCES job (id),
	accepted_by TEXT NOT NULL,
	accepted_at_us INTEGER NOT NULL,
	PRIMARY KEY (run, serial, number),
	FOREIGN KEY (run, serial, number) REFERENCES measurement (run, serial, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX accepted_value_of ON accepted_value (org, board_type, case_name, name, unit, accepted_at_us);
