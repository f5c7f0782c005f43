-- name: PutGame :execrows
INSERT INTO read.game (game_id, title, description, genre, art, width, height, frame_rate, inputs, players, published, reason, position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, '', $11)
ON CONFLICT (game_id) DO UPDATE SET
    title = excluded.title, description = excluded.description, genre = excluded.genre, art = excluded.art,
    width = excluded.width, height = excluded.height, frame_rate = excluded.frame_rate, inputs = excluded.inputs,
    players = excluded.players, published = true, position = excluded.position,
    -- a game that is published again starts available, one that changed stays as it was
    reason = CASE WHEN read.game.published THEN read.game.reason ELSE '' END;

-- name: WithdrawGame :execrows
UPDATE read.game SET published = false, position = $2 WHERE game_id = $1;

-- name: SetGameReason :execrows
UPDATE read.game SET reason = $2, position = $3 WHERE game_id = $1;
