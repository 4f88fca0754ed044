-- SPDX-License-Identifier: Apache-2.0
-- Where a run's failure comes from, by the runs of a job of kind diagnosis; 0: there was no such run. failing: a hash of
-- the names of the cases that failed, when failing_known. origin: 'none' until the job is over.
CREATE TABLE diagnosis (
	job INTEGER PRIMARY KEY REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
	org TEXT NOT NULL REFERENCES organisation (name),
	run INTEGER NOT NULL REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
	cause TEXT NOT NULL,
	failing INTEGER NOT NULL,
	failing_known INTEGER NOT NULL CHECK (failing_known IN (0, 1)),
	origin TEXT NOT NULL CHECK (origin IN ('none', 'firmware', 'this-board', 'this-rack', 'intermittent', 'unknown')),
	sibling INTEGER NOT NULL,
	again INTEGER NOT NULL,
	golden INTEGER NOT NULL,
	neighbour INTEGER NOT NULL
) STRICT;

CREATE INDEX diagnosis_run ON diagnosis (run);
