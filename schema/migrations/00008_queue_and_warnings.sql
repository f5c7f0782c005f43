-- The queue by priority, how fast it moves, and the ends that players are warned of.

-- +goose Up
TRUNCATE read.session, read.picture_history, read.invitation, read.guest;
DELETE FROM read.checkpoint WHERE view = 'session';

ALTER TABLE read.session
    ADD COLUMN queued_as    timestamptz NOT NULL,               -- the queue's order, then requested_pos
    ADD COLUMN allocated_at timestamptz,
    ADD COLUMN warnings     jsonb       NOT NULL DEFAULT '{}';  -- by the reason of the end
DROP INDEX read.session_waiting;
CREATE INDEX session_waiting ON read.session (queued_as, requested_pos) WHERE state IN ('requested', 'queued');
CREATE INDEX session_allocated ON read.session (allocated_at) WHERE allocated_at IS NOT NULL;

-- +goose Down
DROP INDEX read.session_allocated, read.session_waiting;
ALTER TABLE read.session DROP COLUMN queued_as, DROP COLUMN allocated_at, DROP COLUMN warnings;
CREATE INDEX session_waiting ON read.session (requested_pos) WHERE state IN ('requested', 'queued');
