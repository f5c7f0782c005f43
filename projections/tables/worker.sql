-- The workers: where each is reached, and what it has.
CREATE TABLE read.worker (
    worker_id     text PRIMARY KEY,
    incarnation   text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('running', 'draining', 'stopped', 'lost')),
    address       text        NOT NULL,  -- for signalling; empty: within the gateway's own process
    slots         integer     NOT NULL CHECK (slots >= 1),
    held          integer     NOT NULL CHECK (held BETWEEN 0 AND slots),
    encoders      text[],
    games         text[],                -- none: any
    registered_at timestamptz NOT NULL,
    position      bigint      NOT NULL
);
