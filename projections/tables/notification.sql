-- How far a player's notifications are numbered, and when they came. Who is
-- erased has none, and gets none: of them the word of it is left.
CREATE TABLE read.inbox (
    player_id   text        PRIMARY KEY,
    last_number integer     NOT NULL CHECK (last_number >= 0),
    first_at    timestamptz,
    last_at     timestamptz,
    erased      boolean     NOT NULL,
    position    bigint      NOT NULL,
    CHECK (CASE WHEN last_number = 0 THEN first_at IS NULL AND last_at IS NULL ELSE first_at <= last_at AND NOT erased END)
);

-- A player's notifications, numbered from 1, in the months in which the store
-- took what they tell of.
CREATE TABLE read.notification (
    player_id text        NOT NULL REFERENCES read.inbox,
    number    integer     NOT NULL CHECK (number >= 1),
    at        timestamptz NOT NULL,
    event     text        NOT NULL,  -- the type of what has happened
    from_id   text,                  -- the other player, if one has a part in it
    about     uuid,                  -- the lobby, session, recording, invoice, subscription or credit
    title     text        NOT NULL,  -- of a game, or the number of a document
    reason    text        NOT NULL,  -- the event's own word
    amount    bigint      NOT NULL,  -- in the least part of the currency
    currency  text        NOT NULL,  -- none: it is not about money
    ends_at   timestamptz,           -- until when something is, or what is due then
    position  bigint      NOT NULL,
    PRIMARY KEY (player_id, number, at)
) PARTITION BY RANGE (at);
CREATE INDEX notification_from ON read.notification (from_id) WHERE from_id IS NOT NULL;  -- who are erased

-- Whose a session or recording is, as long as it can be told of.
CREATE TABLE read.notification_subject (
    subject_id uuid PRIMARY KEY,
    player_id  text NOT NULL,
    title      text NOT NULL
);
CREATE INDEX notification_subject_player ON read.notification_subject (player_id);  -- who are erased

-- The notification of each request that is open.
CREATE TABLE read.notification_request (
    by_id  text        NOT NULL,
    to_id  text        NOT NULL,
    number integer     NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (by_id, to_id)
);
CREATE INDEX notification_request_to ON read.notification_request (to_id);  -- who are erased
