-- What became of a session's picture, window by window and step by step.

-- +goose Up
ALTER TABLE read.session ADD COLUMN picture_cause text;  -- of the last step; none: it is as the game began

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
GRANT SELECT ON read.picture_history TO playcast_reader;

-- The view of sessions begins again at the start of the log, to fill these.
TRUNCATE read.session;
DELETE FROM read.checkpoint WHERE view = 'session';

-- +goose Down
DROP TABLE read.picture_history;
ALTER TABLE read.session DROP COLUMN picture_cause;
