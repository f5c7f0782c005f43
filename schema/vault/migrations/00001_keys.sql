-- The vault: the keys of what is personal, each wrapped by the master key.
-- Unlike what is in the schema named read, nothing of it can be made again: there
-- is no way down from here.

-- +goose Up
CREATE TABLE vault.master (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    mark     bytea NOT NULL, -- which the master key alone opens
    made_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vault.key (
    player_id text PRIMARY KEY,
    wrapped   bytea,
    made_at   timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz, -- a row of who is erased stays, so that no key is made anew
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);

-- +goose Down
