-- name: OpenSessions :many
SELECT session_id FROM read.session
WHERE player_id = $1 AND ended_at IS NULL;

-- name: Unmetered :many
-- What the player's sessions have played and the account has not been told: of
-- those that are open, and of those that ended not long ago.
SELECT s.active_since, (s.played_ms - coalesce(b.billed_ms, 0))::bigint AS unbilled_ms
FROM read.session s LEFT JOIN read.session_bill b ON b.session_id = s.session_id
WHERE s.player_id = @player_id AND (s.ended_at IS NULL OR s.ended_at > @ended_after::timestamptz)
  AND (s.active_since IS NOT NULL OR s.played_ms > coalesce(b.billed_ms, 0));

-- name: PlayedSince :many
SELECT began_at, ended_at FROM read.playtime
WHERE player_id = @player_id AND ended_at > @ended_after::timestamptz
ORDER BY began_at, session_id, segment;
