-- The workers: where each is reached, what it has, and what became of what it ran.
CREATE TABLE read.worker (
    worker_id     text PRIMARY KEY,
    incarnation   text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('running', 'draining', 'stopped', 'lost')),
    address       text        NOT NULL,  -- for signalling; empty: within the gateway's own process
    region        text        NOT NULL DEFAULT '',  -- empty: none is named
    gpu           text        NOT NULL DEFAULT '',  -- empty: it has none
    slots         integer     NOT NULL CHECK (slots >= 1),
    held          integer     NOT NULL CHECK (held BETWEEN 0 AND slots),
    encoders      text[],
    games         text[],                -- none: any
    registered_at timestamptz NOT NULL,
    ran           bigint      NOT NULL DEFAULT 0 CHECK (ran >= 0),     -- sessions that it was given since
    failed        bigint      NOT NULL DEFAULT 0 CHECK (failed >= 0),  -- of those
    last          text        NOT NULL CHECK (last IN (
        'registered', 'draining', 'resumed', 'stopped', 'lost', 'took', 'freed', 'failed')),
    last_session  uuid,                  -- that it was about
    last_at       timestamptz NOT NULL,
    position      bigint      NOT NULL
) WITH (fillfactor = 70);

-- The slots of workers that run.
CREATE TABLE read.slot (
    worker_id  text        NOT NULL REFERENCES read.worker,
    slot       integer     NOT NULL CHECK (slot >= 0),
    session_id uuid,       -- none: it is free
    since      timestamptz NOT NULL,
    PRIMARY KEY (worker_id, slot)
) WITH (fillfactor = 70);

-- Which process of a worker has a session that is not over.
CREATE TABLE read.running (
    session_id  uuid PRIMARY KEY,
    worker_id   text NOT NULL REFERENCES read.worker,
    incarnation text NOT NULL
);
