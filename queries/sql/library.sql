-- name: Library :many
SELECT game_id, title, description, genre, art, width, height, frame_rate, inputs, players, reason
FROM read.game WHERE published ORDER BY title, game_id;

-- name: Game :one
SELECT game_id, title, description, genre, art, width, height, frame_rate, inputs, players, reason
FROM read.game WHERE game_id = $1 AND published;
