-- SPDX-License-Identifier: Apache-2.0
-- What the farm knows goes on after a restart. Of boards and images: whose image is in a board's flash, whether nobody
-- could work with the board since, and the strikes against an image that are too few to hold it (held_at_us 0).
ALTER TABLE board ADD COLUMN checks_spoiled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE board ADD COLUMN flashed_run INTEGER;
ALTER TABLE board ADD COLUMN fell_out INTEGER NOT NULL DEFAULT 0 CHECK (fell_out IN (0, 1));
ALTER TABLE board ADD COLUMN forgiven INTEGER NOT NULL DEFAULT 0 CHECK (forgiven IN (0, 1));

ALTER TABLE held_image ADD COLUMN struck_at_us INTEGER NOT NULL DEFAULT 0;
UPDATE held_image SET struck_at_us = held_at_us;

-- That a reserved lease has no board at its time is told once.
ALTER TABLE hold ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));
