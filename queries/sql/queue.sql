-- name: Queue :many
-- The places of a page begin after those of the page before, as many as are left.
SELECT s.session_id, s.player_id, s.game_id, s.title, s.state, s.requested_at, s.queued_as, s.requested_pos, s.priority,
    s.needs_region, s.needs_encoder, s.needs_gpu,
    ((SELECT coalesce(sum(l.waiting), 0) FROM read.queue_length l
       WHERE l.step < date_bin('15 seconds', @after_at::timestamptz, '0001-01-01 00:00:00Z'))
   + (SELECT count(*) FROM read.session w
       WHERE w.state IN ('requested', 'queued') AND w.queued_as >= date_bin('15 seconds', @after_at::timestamptz, '0001-01-01 00:00:00Z')
         AND (w.queued_as, w.requested_pos) <= (@after_at::timestamptz, @after_pos::bigint)))::bigint AS ahead
FROM read.session s
WHERE s.state IN ('requested', 'queued') AND (s.queued_as, s.requested_pos) > (@after_at::timestamptz, @after_pos::bigint)
ORDER BY s.queued_as, s.requested_pos
LIMIT @page_size;

-- name: QueueLengths :many
SELECT priority, sum(waiting)::bigint AS waiting FROM read.queue_length GROUP BY priority ORDER BY priority DESC;
