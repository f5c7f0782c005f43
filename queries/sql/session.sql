-- name: Session :one
SELECT sqlc.embed(s), sqlc.embed(q), h.quality,
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms,
    CASE WHEN s.state IN ('requested', 'queued') THEN
        (SELECT coalesce(sum(l.waiting), 0) FROM read.queue_length l
          WHERE l.step < date_bin('15 seconds', s.queued_as, '0001-01-01 00:00:00Z'))
      + (SELECT count(*) FROM read.session w
          WHERE w.state IN ('requested', 'queued') AND w.queued_as >= date_bin('15 seconds', s.queued_as, '0001-01-01 00:00:00Z')
            AND (w.queued_as, w.requested_pos) <= (s.queued_as, s.requested_pos))
    ELSE 0 END::bigint AS place
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
LEFT JOIN read.picture_history h ON h.session_id = s.session_id AND h.position = q.last_position AND h.at = q.last_at
WHERE s.session_id = $1;

-- name: Sessions :many
SELECT sqlc.embed(s), sqlc.embed(q), h.quality,
    coalesce((SELECT b.billed_ms FROM read.session_bill b WHERE b.session_id = s.session_id), 0)::bigint AS billed_ms,
    CASE WHEN s.state IN ('requested', 'queued') THEN
        (SELECT coalesce(sum(l.waiting), 0) FROM read.queue_length l
          WHERE l.step < date_bin('15 seconds', s.queued_as, '0001-01-01 00:00:00Z'))
      + (SELECT count(*) FROM read.session w
          WHERE w.state IN ('requested', 'queued') AND w.queued_as >= date_bin('15 seconds', s.queued_as, '0001-01-01 00:00:00Z')
            AND (w.queued_as, w.requested_pos) <= (s.queued_as, s.requested_pos))
    ELSE 0 END::bigint AS place
FROM read.session s JOIN read.session_quality q ON q.session_id = s.session_id
LEFT JOIN read.picture_history h ON h.session_id = s.session_id AND h.position = q.last_position AND h.at = q.last_at
WHERE s.player_id = @player_id AND (s.requested_at, s.session_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.requested_at DESC, s.session_id DESC
LIMIT @page_size;

-- name: Pace :one
-- How fast slots were given: of the last few, the first and the last.
SELECT count(*) AS slots, min(allocated_at)::timestamptz AS first, max(allocated_at)::timestamptz AS last
FROM (SELECT allocated_at FROM read.session WHERE allocated_at IS NOT NULL ORDER BY allocated_at DESC LIMIT @at_most) recent
HAVING count(*) > 0;
