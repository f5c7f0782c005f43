-- name: Friends :many
SELECT f.friend_id, f.since, p.shown, p.shown_at, p.shown_pos, coalesce(g.session_id, '00000000-0000-0000-0000-000000000000')::uuid AS session_id,
    coalesce(g.game_id, '') AS game_id, coalesce(g.joinable, false)::boolean AS joinable
FROM read.friendship f
LEFT JOIN read.presence p ON p.player_id = f.friend_id
LEFT JOIN LATERAL (
    SELECT l.session_id, l.game_id, l.joinable FROM read.playing l
    WHERE l.player_id = f.friend_id AND p.shown = 'in-game' ORDER BY l.entered_pos DESC LIMIT 1) g ON true
WHERE f.player_id = @player_id AND f.friend_id > @after::text
ORDER BY f.friend_id
LIMIT @page_size;

-- name: RequestsTo :many
SELECT by_id, shown_at::timestamptz AS shown_at, shown_pos::bigint AS shown_pos FROM read.friend_request
WHERE to_id = @player_id AND shown_pos < @before::bigint
ORDER BY shown_pos DESC
LIMIT @page_size;

-- name: RequestsBy :many
SELECT to_id, asked_at, asked_pos FROM read.friend_request
WHERE by_id = @player_id AND asked_pos < @before::bigint
ORDER BY asked_pos DESC
LIMIT @page_size;

-- name: Blocked :many
SELECT to_id, blocked_at FROM read.block
WHERE by_id = @player_id AND to_id > @after::text
ORDER BY to_id
LIMIT @page_size;

-- name: Circle :one
SELECT friends, asking, asked, blocking, position FROM read.circle WHERE player_id = $1;

-- name: Tie :one
SELECT
    EXISTS (SELECT FROM read.friendship f WHERE f.player_id = @player_id AND f.friend_id = @other_id) AS friends,
    EXISTS (SELECT FROM read.friend_request r WHERE r.by_id = @player_id AND r.to_id = @other_id) AS asking,
    EXISTS (SELECT FROM read.friend_request r WHERE r.by_id = @other_id AND r.to_id = @player_id AND r.shown_pos IS NOT NULL) AS asked,
    EXISTS (SELECT FROM read.block b WHERE b.by_id = @player_id AND b.to_id = @other_id) AS blocking,
    EXISTS (SELECT FROM read.block b WHERE b.by_id = @other_id AND b.to_id = @player_id) AS blocked;
