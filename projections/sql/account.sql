-- name: OpenAccount :execrows
INSERT INTO read.account (player_id, opened_at, position) VALUES ($1, $2, $3);

-- name: MeterPlaytime :execrows
INSERT INTO read.playtime (session_id, segment, player_id, game_id, began_at, ended_at, played_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: TouchAccount :execrows
UPDATE read.account SET position = $2 WHERE player_id = $1;
