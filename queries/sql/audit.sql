-- name: Audit :many
SELECT at, position, actor, command_id, correlation, stream, type, subject FROM read.audit
WHERE (@actor::text = '' OR actor = @actor) AND (@subject::text = '' OR subject = @subject) AND (@type::text = '' OR type = @type)
  AND at >= @since::timestamptz AND at < @until::timestamptz
  AND at <= @before_at::timestamptz AND (at, position) < (@before_at, @before_position::bigint)
ORDER BY at DESC, position DESC
LIMIT @page_size;
