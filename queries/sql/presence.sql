-- name: Presences :many
-- Those whom a player may see, with the game that each entered last.
SELECT sqlc.embed(p), g.session_id, g.game_id, coalesce(g.joinable, false)::boolean AS joinable
FROM read.presence p
LEFT JOIN read.playing g ON g.player_id = p.player_id
  AND g.entered_pos = (SELECT max(l.entered_pos) FROM read.playing l WHERE l.player_id = p.player_id)
WHERE p.player_id = ANY(@players::text[])
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @seen_by AND b.to_id = p.player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = p.player_id AND b.to_id = @seen_by);
