-- Who players are. Of one who is erased the receipt is left, and nothing else.
CREATE TABLE read.player (
    player_id     text        PRIMARY KEY,
    name          bytea,                 -- sealed with the player's key
    email         bytea,                 -- so too
    preferences   jsonb       NOT NULL,
    roles         text[]      NOT NULL,  -- in order
    age_class     integer     NOT NULL,
    age_next      text        NOT NULL,  -- the month in which the next class begins; empty: none does
    age_at        timestamptz,           -- when that was declared; none: it was not
    guardian      integer     NOT NULL,  -- which PIN it is; 0: there is no guardian
    guardian_at   timestamptz,           -- since when it is that one
    limits        jsonb,                 -- none: there are none
    known_at      timestamptz NOT NULL,
    erased_at     timestamptz,
    erased_by     text        NOT NULL,
    key_destroyed timestamptz,
    position      bigint      NOT NULL,
    CHECK ((guardian = 0) = (guardian_at IS NULL)),
    CHECK (erased_at IS NOT NULL OR key_destroyed IS NULL),
    CHECK (erased_at IS NULL OR name IS NULL AND email IS NULL AND roles = '{}' AND limits IS NULL AND guardian = 0)
);
CREATE INDEX player_with_role ON read.player (player_id) WHERE roles <> '{}';

CREATE TABLE read.player_consent (
    player_id text        NOT NULL REFERENCES read.player,
    consent   text        NOT NULL,
    version   text        NOT NULL,  -- of the text that they agree to
    given_at  timestamptz NOT NULL,
    PRIMARY KEY (player_id, consent)
);
