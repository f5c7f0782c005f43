CREATE TABLE read.session (
    session_id    uuid PRIMARY KEY,
    player_id     text        NOT NULL,
    game_id       text        NOT NULL,
    title         text        NOT NULL,
    state         text        NOT NULL CHECK (state IN (
        'requested', 'queued', 'allocated', 'launching', 'ready', 'active',
        'paused', 'interrupted', 'ending', 'ended', 'failed')),
    requested_at  timestamptz NOT NULL,
    queued_as     timestamptz NOT NULL,  -- the queue's order, then requested_pos
    requested_pos bigint      NOT NULL,
    allocated_at  timestamptz,
    worker_id     text,
    slot          integer     NOT NULL DEFAULT 0,  -- of the worker, if there is one
    active_since  timestamptz,           -- while a segment of play is open
    ended_at      timestamptz,
    end_reason    text,
    failure_cause text,
    width         integer,
    height        integer,
    frame_rate    integer,
    encoder       text,
    picture_cause text,                  -- of the last step; none: it is as the game began
    played_ms     bigint      NOT NULL DEFAULT 0 CHECK (played_ms >= 0),
    quality       jsonb,                 -- the last window
    warnings      jsonb       NOT NULL DEFAULT '{}',  -- by the reason of the end
    recording_id  uuid,                  -- that is being made
    saves_trouble text,
    position      bigint      NOT NULL,
    CHECK ((state IN ('ended', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX session_of_player ON read.session (player_id, requested_at DESC, session_id DESC);
CREATE INDEX session_open ON read.session (player_id) WHERE state NOT IN ('ended', 'failed');
CREATE INDEX session_waiting ON read.session (queued_as, requested_pos) WHERE state IN ('requested', 'queued');
CREATE INDEX session_allocated ON read.session (allocated_at) WHERE allocated_at IS NOT NULL;

-- What became of a session's picture, window by window and step by step.
CREATE TABLE read.picture_history (
    session_id uuid        NOT NULL,
    position   bigint      NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL CHECK (ended_at >= began_at),
    quality    jsonb,  -- of a window
    picture    jsonb,  -- of a step
    PRIMARY KEY (session_id, position),
    CHECK ((quality IS NULL) <> (picture IS NULL))
);

-- By which invitations others come.
CREATE TABLE read.invitation (
    invitation_id uuid PRIMARY KEY,
    session_id    uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('watch', 'play')),
    code_hash     bytea       NOT NULL CHECK (length(code_hash) = 32),
    given_at      timestamptz NOT NULL
);
CREATE INDEX invitation_of_session ON read.invitation (session_id);
CREATE INDEX invitation_by_code ON read.invitation (code_hash);

-- Who shares a session with its player.
CREATE TABLE read.guest (
    session_id    uuid        NOT NULL,
    player_id     text        NOT NULL,
    invitation_id uuid        NOT NULL,
    joined_at     timestamptz NOT NULL,
    keyboard      boolean     NOT NULL DEFAULT false,
    pads          integer     NOT NULL DEFAULT 0 CHECK (pads BETWEEN 0 AND 4),
    PRIMARY KEY (session_id, player_id)
);
CREATE INDEX guest_of_player ON read.guest (player_id);
