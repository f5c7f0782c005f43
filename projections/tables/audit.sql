-- Who did what of that which somebody has to answer for.
CREATE TABLE read.audit (
    at          timestamptz NOT NULL,
    position    bigint      NOT NULL CHECK (position >= 0),
    actor       text        NOT NULL,
    command_id  uuid        NOT NULL,
    correlation text        NOT NULL,
    stream      text        NOT NULL,
    type        text        NOT NULL,
    subject     text        NOT NULL CHECK (subject LIKE '%:%'),  -- kind:id, as actors are
    PRIMARY KEY (at, position)
) PARTITION BY RANGE (at);
CREATE INDEX audit_by_actor ON read.audit (actor, at, position);
CREATE INDEX audit_by_subject ON read.audit (subject, at, position);
CREATE INDEX audit_by_type ON read.audit (type, at, position);
