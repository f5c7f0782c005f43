-- name: HistoryOfAll :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: LiveSessions :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.ended_at IS NULL AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryInState :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.state = @state AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryOfGame :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.game_id = @game_id AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryOfGameInState :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.game_id = @game_id AND s.state = @state AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryOfWorker :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.worker_id = @worker_id::text AND (@game_id::text = '' OR s.game_id = @game_id)
  AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryOfWorkerInState :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.worker_id = @worker_id::text AND s.state = @state AND (@game_id::text = '' OR s.game_id = @game_id)
  AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: HistoryOfPlayer :many
SELECT sqlc.embed(s), sqlc.embed(q),
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
WHERE s.player_id = @player_id AND (@state::text = '' OR s.state = @state)
  AND (@game_id::text = '' OR s.game_id = @game_id) AND (@worker_id::text = '' OR s.worker_id = @worker_id)
  AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;
