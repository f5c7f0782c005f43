-- What a session's saves have met.

-- +goose Up
ALTER TABLE read.session ADD COLUMN saves_trouble text;

-- +goose Down
ALTER TABLE read.session DROP COLUMN saves_trouble;
