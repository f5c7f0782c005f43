-- name: Inbox :one
SELECT last_number, first_at, last_at, position FROM read.inbox WHERE player_id = $1;

-- name: Notifications :many
-- Without those of players who are apart from the one who is told.
SELECT n.* FROM read.notification n
WHERE n.player_id = @player_id AND n.number < @before::bigint AND n.at >= @since AND n.at <= @until
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = n.from_id AND b.to_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @player_id AND b.to_id = n.from_id)
ORDER BY n.number DESC
LIMIT @page_size;

-- name: UnseenNotifications :one
SELECT count(*) FROM (
    SELECT FROM read.notification n
    WHERE n.player_id = @player_id AND n.number > @seen::bigint AND n.at >= @since AND n.at <= @until
      AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = n.from_id AND b.to_id = @player_id)
      AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @player_id AND b.to_id = n.from_id)
    LIMIT @at_most) unseen;
