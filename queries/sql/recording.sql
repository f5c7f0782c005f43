-- name: Recording :one
SELECT sqlc.embed(r) FROM read.recording r WHERE r.recording_id = $1;

-- name: Recordings :many
SELECT sqlc.embed(r) FROM read.recording r
WHERE r.player_id = @player_id AND (r.started_at, r.recording_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY r.started_at DESC, r.recording_id DESC
LIMIT @page_size;

-- name: AllRecordings :many
SELECT sqlc.embed(r) FROM read.recording r
WHERE (r.started_at, r.recording_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY r.started_at DESC, r.recording_id DESC
LIMIT @page_size;

-- name: AllRecordingsInState :many
SELECT sqlc.embed(r) FROM read.recording r
WHERE r.state = @state AND (r.started_at, r.recording_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY r.started_at DESC, r.recording_id DESC
LIMIT @page_size;

-- name: Clips :many
SELECT sqlc.embed(c) FROM read.clip c WHERE c.recording_id = ANY(@recordings::uuid[]) ORDER BY c.from_ms, c.clip_id;

-- name: RecordedBytes :one
SELECT coalesce(sum(bytes), 0)::bigint FROM read.recording WHERE player_id = $1;
