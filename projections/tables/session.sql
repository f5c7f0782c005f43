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
    priority      smallint    NOT NULL DEFAULT 0 CHECK (priority >= 0),
    needs_region  text        NOT NULL DEFAULT '',  -- of its worker; empty: any
    needs_encoder text        NOT NULL DEFAULT '',
    needs_gpu     boolean     NOT NULL DEFAULT false,
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
    warnings      jsonb       NOT NULL DEFAULT '{}',  -- by the reason of the end
    recording_id  uuid,                  -- that is being made
    saves_trouble text,
    position      bigint      NOT NULL,
    CHECK ((state IN ('ended', 'failed')) = (ended_at IS NOT NULL))
) WITH (fillfactor = 80);  -- a session changes a dozen times in its first minutes
CREATE INDEX session_newest ON read.session (requested_at DESC, session_id DESC);
CREATE INDEX session_live ON read.session (requested_at DESC, session_id DESC) WHERE ended_at IS NULL;
CREATE INDEX session_of_player ON read.session (player_id, requested_at DESC, session_id DESC);
CREATE INDEX session_of_game ON read.session (game_id, requested_at DESC, session_id DESC);
CREATE INDEX session_of_worker ON read.session (worker_id, requested_at DESC, session_id DESC) WHERE worker_id IS NOT NULL;
CREATE INDEX session_in_state ON read.session (state, requested_at DESC, session_id DESC);
CREATE INDEX session_of_game_in_state ON read.session (game_id, state, requested_at DESC, session_id DESC);
CREATE INDEX session_of_worker_in_state ON read.session (worker_id, state, requested_at DESC, session_id DESC) WHERE worker_id IS NOT NULL;
CREATE INDEX session_of_player_ended ON read.session (player_id, ended_at);
CREATE INDEX session_waiting ON read.session (queued_as, requested_pos) WHERE state IN ('requested', 'queued');
CREATE INDEX session_allocated ON read.session (allocated_at) WHERE allocated_at IS NOT NULL;

-- How many sessions wait, by their order and priority: a place in the queue is
-- a sum over the steps ahead, and not over the sessions.
CREATE TABLE read.queue_length (
    step     timestamptz NOT NULL,  -- the sessions whose queued_as is within 15 s from it
    priority smallint    NOT NULL CHECK (priority >= 0),
    waiting  integer     NOT NULL CHECK (waiting >= 1),
    PRIMARY KEY (step, priority)
);

-- A session's quality: where its last window is, and the sums of all. The worst frame
-- rate is the lowest, of the others the highest.
CREATE TABLE read.session_quality (
    session_id       uuid PRIMARY KEY REFERENCES read.session,
    told_from        timestamptz NOT NULL,  -- between these lies its history
    told_to          timestamptz NOT NULL CHECK (told_to >= told_from),
    last_at          timestamptz,           -- of the last window in the history; none: there was none
    last_position    bigint,
    windows          bigint           NOT NULL DEFAULT 0 CHECK (windows >= 0),
    frame_rate_sum   double precision NOT NULL DEFAULT 0,
    frame_rate_worst double precision NOT NULL DEFAULT 0,
    bit_rate_sum     double precision NOT NULL DEFAULT 0,
    lost_sum         double precision NOT NULL DEFAULT 0,
    lost_worst       double precision NOT NULL DEFAULT 0,
    round_trip_sum   double precision NOT NULL DEFAULT 0,
    round_trip_worst double precision NOT NULL DEFAULT 0,
    delay_sum        double precision NOT NULL DEFAULT 0,
    delay_worst      double precision NOT NULL DEFAULT 0,
    answered         bigint           NOT NULL DEFAULT 0 CHECK (answered BETWEEN 0 AND windows),
    answer_sum       double precision NOT NULL DEFAULT 0,
    answer_worst     double precision NOT NULL DEFAULT 0,
    freezes          bigint           NOT NULL DEFAULT 0,
    freeze_ms        double precision NOT NULL DEFAULT 0,
    position         bigint           NOT NULL,
    CHECK ((last_at IS NULL) = (windows = 0))
) WITH (fillfactor = 70);  -- each window changes it, and no index

-- What became of a session's picture, window by window and step by step.
CREATE TABLE read.picture_history (
    session_id uuid        NOT NULL,
    position   bigint      NOT NULL,
    at         timestamptz NOT NULL,  -- when the store took it
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL CHECK (ended_at >= began_at),
    quality    jsonb,  -- of a window
    picture    jsonb,  -- of a step
    frame_rate double precision NOT NULL DEFAULT 0,  -- presented, or if the player tells nothing, sent
    bit_rate   double precision NOT NULL DEFAULT 0,
    lost       double precision NOT NULL DEFAULT 0,  -- share of packets
    round_trip double precision NOT NULL DEFAULT 0,  -- milliseconds, as what follows
    delay      double precision NOT NULL DEFAULT 0,  -- captured to sent, 95 % of frames
    answer     double precision,                     -- input to picture, 95 % of inputs
    freezes    bigint           NOT NULL DEFAULT 0,
    freeze_ms  double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (session_id, position, at),
    CHECK ((quality IS NULL) <> (picture IS NULL))
) PARTITION BY RANGE (at);

-- By which invitations others come.
CREATE TABLE read.invitation (
    invitation_id uuid PRIMARY KEY,
    session_id    uuid        NOT NULL REFERENCES read.session,
    kind          text        NOT NULL CHECK (kind IN ('watch', 'play')),
    code_hash     bytea       NOT NULL CHECK (length(code_hash) = 32),
    given_at      timestamptz NOT NULL
);
CREATE INDEX invitation_of_session ON read.invitation (session_id);
CREATE INDEX invitation_by_code ON read.invitation (code_hash);

-- Who shares a session with its player.
CREATE TABLE read.guest (
    session_id    uuid        NOT NULL REFERENCES read.session,
    player_id     text        NOT NULL,
    invitation_id uuid        NOT NULL,
    joined_at     timestamptz NOT NULL,
    keyboard      boolean     NOT NULL DEFAULT false,
    pads          integer     NOT NULL DEFAULT 0 CHECK (pads BETWEEN 0 AND 4),
    PRIMARY KEY (session_id, player_id)
);
CREATE INDEX guest_of_player ON read.guest (player_id);

-- What is kept of a player's saves of a game, and what the last trouble was.
CREATE TABLE read.save_set (
    player_id      text        NOT NULL,
    game_id        text        NOT NULL,
    kept_at        timestamptz,           -- none: nothing is kept yet
    kept_session   uuid,
    version        text,
    bytes          bigint      NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    files          integer     NOT NULL DEFAULT 0 CHECK (files >= 0),
    skipped        integer     NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    times_kept     bigint      NOT NULL DEFAULT 0,
    troubled_at    timestamptz,           -- none: there was no trouble
    trouble_session uuid,
    trouble        text,
    detail         text,
    times_troubled bigint      NOT NULL DEFAULT 0,
    position       bigint      NOT NULL,
    PRIMARY KEY (player_id, game_id),
    CHECK ((kept_at IS NULL) = (kept_session IS NULL)),
    CHECK ((troubled_at IS NULL) = (trouble_session IS NULL))
);
CREATE INDEX save_set_troubled ON read.save_set (troubled_at DESC, player_id DESC, game_id DESC) WHERE troubled_at IS NOT NULL;
