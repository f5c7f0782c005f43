-- name: SavesOfPlayer :many
SELECT sqlc.embed(s) FROM read.save_set s
WHERE s.player_id = @player_id AND s.game_id > @after
ORDER BY s.game_id LIMIT @page_size;

-- name: SavesOf :one
SELECT sqlc.embed(s) FROM read.save_set s WHERE s.player_id = @player_id AND s.game_id = @game_id;

-- name: TroubledSaves :many
SELECT sqlc.embed(s) FROM read.save_set s
WHERE s.troubled_at IS NOT NULL AND (s.troubled_at, s.player_id, s.game_id) < (@before_at::timestamptz, @before_player::text, @before_game::text)
ORDER BY s.troubled_at DESC, s.player_id DESC, s.game_id DESC
LIMIT @page_size;
