CREATE TABLE read.account (
    player_id text PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    position  bigint      NOT NULL
);

-- Every segment of play that an account was told of.
CREATE TABLE read.playtime (
    session_id uuid        NOT NULL,
    segment    integer     NOT NULL CHECK (segment >= 1),
    player_id  text        NOT NULL REFERENCES read.account,
    game_id    text        NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL CHECK (ended_at >= began_at),
    played_ms  bigint      NOT NULL CHECK (played_ms >= 0),
    PRIMARY KEY (session_id, segment)
);
CREATE INDEX playtime_of_player ON read.playtime (player_id);
