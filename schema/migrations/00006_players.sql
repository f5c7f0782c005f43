-- How many can play a game at once.

-- +goose Up
ALTER TABLE read.game ADD COLUMN players integer NOT NULL DEFAULT 1 CHECK (players BETWEEN 1 AND 4);

-- +goose Down
ALTER TABLE read.game DROP COLUMN players;
