-- Two rows a friendship, one of each: a page of a player's friends is then one
-- walk along the key, where one row with two indexes would be a union of two.
CREATE TABLE read.friendship (
    player_id text        NOT NULL,
    friend_id text        NOT NULL CHECK (friend_id <> player_id),
    since     timestamptz NOT NULL,
    PRIMARY KEY (player_id, friend_id)
);

-- Who asks sees a request from when they asked, who is asked from when it is
-- shown to them: never, while they block who asks.
CREATE TABLE read.friend_request (
    by_id     text        NOT NULL,
    to_id     text        NOT NULL CHECK (to_id <> by_id),
    asked_at  timestamptz NOT NULL,
    asked_pos bigint      NOT NULL,
    shown_at  timestamptz,
    shown_pos bigint,
    PRIMARY KEY (by_id, to_id),
    CHECK ((shown_at IS NULL) = (shown_pos IS NULL))
);
CREATE INDEX friend_request_out ON read.friend_request (by_id, asked_pos DESC);
CREATE INDEX friend_request_in ON read.friend_request (to_id, shown_pos DESC) WHERE shown_pos IS NOT NULL;

CREATE TABLE read.block (
    by_id      text        NOT NULL,
    to_id      text        NOT NULL CHECK (to_id <> by_id),
    blocked_at timestamptz NOT NULL,
    PRIMARY KEY (by_id, to_id)
);
CREATE INDEX block_to ON read.block (to_id, by_id);  -- who is apart from somebody, from either side

-- How many of each a player has that they are shown.
CREATE TABLE read.circle (
    player_id text    PRIMARY KEY,
    friends   integer NOT NULL CHECK (friends >= 0),
    asking    integer NOT NULL CHECK (asking >= 0),  -- requests of theirs
    asked     integer NOT NULL CHECK (asked >= 0),   -- requests to them
    blocking  integer NOT NULL CHECK (blocking >= 0),
    position  bigint  NOT NULL
);
