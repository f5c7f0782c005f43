-- The read models: everything in this schema is derived from the events and
-- can be dropped at any time.

-- +goose Up
CREATE TABLE read.checkpoint (
    view     text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE read.game (
    game_id     text PRIMARY KEY,
    title       text    NOT NULL,
    description text    NOT NULL,
    genre       text    NOT NULL,
    art         text    NOT NULL,
    width       integer NOT NULL,
    height      integer NOT NULL,
    frame_rate  integer NOT NULL,
    inputs      text[]  NOT NULL,
    published   boolean NOT NULL,
    reason      text    NOT NULL,  -- why it can't be played; empty: it can
    position    bigint  NOT NULL
);

CREATE TABLE read.session (
    session_id    uuid PRIMARY KEY,
    player_id     text        NOT NULL,
    game_id       text        NOT NULL,
    title         text        NOT NULL,
    state         text        NOT NULL CHECK (state IN (
        'requested', 'queued', 'allocated', 'launching', 'ready', 'active',
        'paused', 'interrupted', 'ending', 'ended', 'failed')),
    requested_at  timestamptz NOT NULL,
    requested_pos bigint      NOT NULL,  -- the queue's order
    worker_id     text,
    slot          integer,
    active_since  timestamptz,           -- while a segment of play is open
    ended_at      timestamptz,
    end_reason    text,
    failure_cause text,
    width         integer,
    height        integer,
    frame_rate    integer,
    encoder       text,
    played_ms     bigint      NOT NULL DEFAULT 0 CHECK (played_ms >= 0),
    quality       jsonb,                 -- the last window
    position      bigint      NOT NULL,
    CHECK ((state IN ('ended', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX session_of_player ON read.session (player_id, requested_at DESC, session_id DESC);
CREATE INDEX session_open ON read.session (player_id) WHERE state NOT IN ('ended', 'failed');
CREATE INDEX session_waiting ON read.session (requested_pos) WHERE state IN ('requested', 'queued');

CREATE TABLE read.account (
    player_id text PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    position  bigint      NOT NULL
);

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

GRANT SELECT ON ALL TABLES IN SCHEMA read TO playcast_reader;

-- +goose Down
DROP TABLE read.playtime, read.account, read.session, read.game, read.checkpoint;
