-- name: Lobby :many
-- A row a member, or one without.
SELECT sqlc.embed(l), m.player_id, m.joined_at, coalesce(m.ready_in = l.round, false)::boolean AS ready
FROM read.lobby l LEFT JOIN read.lobby_member m ON m.lobby_id = l.lobby_id
WHERE l.lobby_id = $1 ORDER BY m.joined_pos;

-- name: LobbyByCode :one
SELECT lobby_id FROM read.lobby_code WHERE code_hash = $1;

-- name: LobbyBanned :many
SELECT player_id, banned_at FROM read.lobby_ban WHERE lobby_id = $1 ORDER BY banned_at, player_id;

-- name: JoinableLobbies :many
SELECT l.* FROM read.lobby l
WHERE l.visibility = 'public' AND l.state <> 'closed' AND l.members > 0 AND l.members < l.capacity
  AND l.opened_pos < @before::bigint
  AND NOT EXISTS (SELECT FROM read.lobby_member m WHERE m.lobby_id = l.lobby_id AND m.player_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.lobby_ban b WHERE b.lobby_id = l.lobby_id AND b.player_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = l.host_id AND b.to_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @player_id AND b.to_id = l.host_id)
ORDER BY l.opened_pos DESC
LIMIT @page_size;

-- name: JoinableLobbiesOfGame :many
SELECT l.* FROM read.lobby l
WHERE l.visibility = 'public' AND l.state <> 'closed' AND l.members > 0 AND l.members < l.capacity
  AND l.game_id = @game_id AND l.opened_pos < @before::bigint
  AND NOT EXISTS (SELECT FROM read.lobby_member m WHERE m.lobby_id = l.lobby_id AND m.player_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.lobby_ban b WHERE b.lobby_id = l.lobby_id AND b.player_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = l.host_id AND b.to_id = @player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @player_id AND b.to_id = l.host_id)
ORDER BY l.opened_pos DESC
LIMIT @page_size;

-- name: LobbiesOfPlayer :many
SELECT sqlc.embed(l), m.joined_pos
FROM read.lobby_member m JOIN read.lobby l ON l.lobby_id = m.lobby_id
WHERE m.player_id = @player_id AND m.joined_pos < @before::bigint
ORDER BY m.joined_pos DESC
LIMIT @page_size;

-- name: LobbyLife :one
SELECT opened_at, closed_at FROM read.lobby WHERE lobby_id = $1;

-- name: LobbyChat :many
SELECT number, said_at, player_id, text FROM read.lobby_message
WHERE lobby_id = @lobby_id AND number < @before::bigint AND said_at >= @since AND said_at < @until
ORDER BY number DESC
LIMIT @page_size;
