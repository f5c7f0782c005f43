-- The titles of clips are as their players' keys sealed them.

-- +goose Up
-- Those that were not are not read from the log any more either. The table is
-- written anew, so that no file of it has them.
ALTER TABLE read.clip
    ALTER COLUMN title DROP NOT NULL,  -- none: nobody knows it
    ALTER COLUMN title TYPE bytea USING NULL;

-- +goose Down
ALTER TABLE read.clip
    ALTER COLUMN title TYPE text USING '',
    ALTER COLUMN title SET NOT NULL;
