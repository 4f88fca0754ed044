-- SPDX-License-Identifier: Apache-2.0
-- What the farm knows goes on after a restart: how often agents did not take a run, and how often in a row an agent said
-- of a board that it is busy.
ALTER TABLE run ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE board ADD COLUMN busy INTEGER NOT NULL DEFAULT 0;
