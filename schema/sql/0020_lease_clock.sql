-- SPDX-License-Identifier: Apache-2.0
-- When a lease ends by the clock that nobody puts forward or back, and the start of the machine since which that clock
-- goes on; '': not known.
ALTER TABLE hold ADD COLUMN boot TEXT NOT NULL DEFAULT '';
ALTER TABLE hold ADD COLUMN end_us INTEGER NOT NULL DEFAULT 0;
