-- name: Session :one
SELECT sqlc.embed(s),
    (SELECT coalesce(sum(p.played_ms), 0)::bigint FROM read.playtime p WHERE p.session_id = s.session_id) AS billed_ms,
    (SELECT count(*) FROM read.session w
      WHERE w.state IN ('requested', 'queued') AND w.requested_pos <= s.requested_pos) AS place
FROM read.session s WHERE s.session_id = $1;

-- name: Sessions :many
SELECT sqlc.embed(s),
    (SELECT coalesce(sum(p.played_ms), 0)::bigint FROM read.playtime p WHERE p.session_id = s.session_id) AS billed_ms,
    (SELECT count(*) FROM read.session w
      WHERE w.state IN ('requested', 'queued') AND w.requested_pos <= s.requested_pos) AS place
FROM read.session s
WHERE s.player_id = @player_id AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;
