-- name: Checkpoint :one
-- Locks the view's checkpoint, so that one runner writes at a time.
SELECT position FROM read.checkpoint WHERE view = $1 FOR UPDATE;

-- name: CreateCheckpoint :exec
INSERT INTO read.checkpoint (view, position) VALUES ($1, 0) ON CONFLICT DO NOTHING;

-- name: MoveCheckpoint :execrows
UPDATE read.checkpoint SET position = $2 WHERE view = $1;

-- name: Notify :exec
SELECT pg_notify('read_model', @payload::text);
