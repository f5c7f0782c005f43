CREATE TABLE read.lobby (
    lobby_id    uuid        PRIMARY KEY,
    state       text        NOT NULL CHECK (state IN ('open', 'started', 'closed')),
    visibility  text        NOT NULL CHECK (visibility IN ('public', 'friends', 'code')),
    capacity    integer     NOT NULL,
    members     integer     NOT NULL CHECK (members BETWEEN 0 AND capacity),
    host_id     text,                  -- none: it is closed
    game_id     text,                  -- none is chosen
    title       text        NOT NULL,  -- of the game
    session_id  uuid,                  -- that is played
    round       integer     NOT NULL,  -- one more whenever nobody is ready any more
    code_hash   text,                  -- in hexadecimal
    opened_at   timestamptz NOT NULL,
    opened_pos  bigint      NOT NULL,
    closed_at   timestamptz,
    position    bigint      NOT NULL,
    CHECK ((state = 'started') = (session_id IS NOT NULL)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (host_id IS NULL))
);
-- Those that anybody can join, the newest first, and by game.
CREATE INDEX lobby_joinable ON read.lobby (opened_pos DESC)
    WHERE visibility = 'public' AND state <> 'closed' AND members > 0 AND members < capacity;
CREATE INDEX lobby_joinable_game ON read.lobby (game_id, opened_pos DESC)
    WHERE visibility = 'public' AND state <> 'closed' AND members > 0 AND members < capacity;

-- What a code opens. Of two lobbies with one code the earlier has it.
CREATE TABLE read.lobby_code (
    code_hash text PRIMARY KEY CHECK (length(code_hash) = 64),
    lobby_id  uuid NOT NULL UNIQUE REFERENCES read.lobby
);

CREATE TABLE read.lobby_member (
    lobby_id   uuid        NOT NULL REFERENCES read.lobby,
    player_id  text        NOT NULL,
    ready_in   integer     NOT NULL,  -- the round in which they are ready; 0: none
    joined_at  timestamptz NOT NULL,
    joined_pos bigint      NOT NULL,  -- who has been a member for longest comes first
    PRIMARY KEY (lobby_id, player_id)
);
CREATE INDEX lobby_member_player ON read.lobby_member (player_id, joined_pos DESC);

CREATE TABLE read.lobby_ban (
    lobby_id  uuid        NOT NULL REFERENCES read.lobby,
    player_id text        NOT NULL,
    banned_at timestamptz NOT NULL,
    PRIMARY KEY (lobby_id, player_id)
);
CREATE INDEX lobby_ban_player ON read.lobby_ban (player_id);

-- What was said, sealed with the key of who said it. A lobby's messages lie in
-- the months of its life.
CREATE TABLE read.lobby_message (
    lobby_id  uuid        NOT NULL REFERENCES read.lobby,
    number    integer     NOT NULL CHECK (number >= 1),
    said_at   timestamptz NOT NULL,
    player_id text        NOT NULL,
    text      bytea       NOT NULL,
    PRIMARY KEY (lobby_id, number, said_at)
) PARTITION BY RANGE (said_at);
CREATE INDEX lobby_message_player ON read.lobby_message (player_id);  -- who are erased
