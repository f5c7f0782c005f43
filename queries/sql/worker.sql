-- name: Holder :one
SELECT w.worker_id, w.address, w.state FROM read.session s JOIN read.worker w USING (worker_id)
WHERE s.session_id = $1 AND s.state NOT IN ('ended', 'failed');

-- name: OfferedGames :many
SELECT DISTINCT unnest(games)::text AS game_id FROM read.worker
WHERE state IN ('running', 'draining') AND worker_id <> @other_than;
