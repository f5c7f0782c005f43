-- name: Account :one
SELECT coalesce(sum(played_ms), 0)::bigint AS played_ms, count(DISTINCT session_id) AS sessions
FROM read.playtime WHERE player_id = $1;
