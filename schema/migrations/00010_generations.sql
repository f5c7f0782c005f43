-- Each view has its tables in schemas of their own, one a generation; the names
-- in this schema are views over the generation that is live. The tables of
-- before are derived, and are filled again there.

-- +goose Up
DROP TABLE read.clip, read.recording, read.guest, read.invitation, read.picture_history,
    read.playtime, read.account, read.session, read.game, read.worker, read.checkpoint;

CREATE TABLE read.generation (
    view       text        NOT NULL,
    generation integer     NOT NULL CHECK (generation >= 1),
    version    integer     NOT NULL CHECK (version >= 1),  -- of the view that makes the rows
    state      text        NOT NULL CHECK (state IN ('building', 'live', 'previous')),
    position   bigint      NOT NULL DEFAULT 0,             -- up to which everything is in the rows
    seen       bigint      NOT NULL DEFAULT 0,             -- events, of any type
    event_at   timestamptz,                                -- when the store took the last of them
    made_at    timestamptz NOT NULL DEFAULT now(),
    failed     text,                                       -- the event that it has stopped at
    failure    text,
    PRIMARY KEY (view, generation),
    UNIQUE (view, state) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((failed IS NULL) = (failure IS NULL))
) WITH (fillfactor = 50);  -- rows change many times a second, and stay in their pages

CREATE VIEW read.checkpoint AS SELECT view, position FROM read.generation WHERE state = 'live';

-- +goose StatementBegin
CREATE FUNCTION read.advance(of_view text, of_generation integer, after bigint, reached bigint, more bigint, newest timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE now_is text;
BEGIN
    UPDATE read.generation
    SET position = reached, seen = seen + more, event_at = coalesce(newest, event_at), failed = NULL, failure = NULL
    WHERE view = of_view AND generation = of_generation AND position = after
    RETURNING state INTO now_is;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'generation % of % is not at % any more', of_generation, of_view, after USING ERRCODE = 'PC001';
    END IF;
    RETURN now_is;
END $$;
-- +goose StatementEnd

GRANT SELECT ON read.generation, read.checkpoint TO playcast_reader;

-- +goose Down
DROP FUNCTION read.advance;
DROP VIEW read.checkpoint;
DROP TABLE read.generation;
