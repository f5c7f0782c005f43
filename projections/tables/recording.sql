CREATE TABLE read.recording (
    recording_id uuid PRIMARY KEY,
    session_id   uuid        NOT NULL,
    player_id    text        NOT NULL,
    game_id      text        NOT NULL,
    title        text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('recording', 'finished', 'failed')),
    started_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text,
    fault        text,
    length_ms    bigint      NOT NULL DEFAULT 0 CHECK (length_ms >= 0),
    bytes        bigint      NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    width        integer,
    height       integer,
    codec        text,
    position     bigint      NOT NULL,
    CHECK ((state = 'recording') = (ended_at IS NULL))
);
CREATE INDEX recording_newest ON read.recording (started_at DESC, recording_id DESC);
CREATE INDEX recording_in_state ON read.recording (state, started_at DESC, recording_id DESC);
CREATE INDEX recording_of_player ON read.recording (player_id, started_at DESC, recording_id DESC);

CREATE TABLE read.clip (
    clip_id      uuid PRIMARY KEY,
    recording_id uuid        NOT NULL REFERENCES read.recording ON DELETE CASCADE,
    title        bytea,      -- sealed; none: nobody knows it
    from_ms      bigint      NOT NULL CHECK (from_ms >= 0),
    to_ms        bigint      NOT NULL CHECK (to_ms > from_ms),
    cut_at       timestamptz NOT NULL
);
CREATE INDEX clip_of_recording ON read.clip (recording_id, from_ms);
