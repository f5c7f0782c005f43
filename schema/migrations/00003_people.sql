-- Who shares a session with its player, and by which invitations others come.

-- +goose Up
CREATE TABLE read.invitation (
    invitation_id uuid PRIMARY KEY,
    session_id    uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('watch', 'play')),
    code_hash     bytea       NOT NULL CHECK (length(code_hash) = 32),
    given_at      timestamptz NOT NULL
);
CREATE INDEX invitation_of_session ON read.invitation (session_id);
CREATE INDEX invitation_by_code ON read.invitation (code_hash);

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

GRANT SELECT ON read.invitation, read.guest TO playcast_reader;

-- +goose Down
DROP TABLE read.guest, read.invitation;
