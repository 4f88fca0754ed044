-- SPDX-License-Identifier: Apache-2.0
-- What a run's verdict rests on besides its console, and what its agent read of board and tools: JSON, '' when there is
-- none.

ALTER TABLE run ADD COLUMN facts TEXT NOT NULL DEFAULT '' CHECK (facts = '' OR json_valid(facts));
ALTER TABLE run ADD COLUMN identity TEXT NOT NULL DEFAULT '' CHECK (identity = '' OR json_valid(identity));
