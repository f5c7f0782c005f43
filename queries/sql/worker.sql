-- name: Holder :one
SELECT w.worker_id, w.address, w.state FROM read.session s JOIN read.worker w USING (worker_id)
WHERE s.session_id = $1 AND s.state NOT IN ('ended', 'failed');

-- name: OfferedGames :many
SELECT DISTINCT unnest(games)::text AS game_id FROM read.worker
WHERE state IN ('running', 'draining') AND worker_id <> @other_than;

-- name: Worker :one
SELECT sqlc.embed(w) FROM read.worker w WHERE w.worker_id = $1;

-- name: Workers :many
SELECT sqlc.embed(w) FROM read.worker w WHERE w.worker_id > @after ORDER BY w.worker_id LIMIT @page_size;

-- name: Slots :many
SELECT sqlc.embed(s) FROM read.slot s WHERE s.worker_id = ANY(@workers::text[]) ORDER BY s.worker_id, s.slot;
