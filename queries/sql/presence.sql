-- name: Presences :many
-- Those whom a player may see, with the game that each entered last.
SELECT sqlc.embed(p), coalesce(g.session_id, '00000000-0000-0000-0000-000000000000')::uuid AS session_id,
    coalesce(g.game_id, '') AS game_id, coalesce(g.joinable, false)::boolean AS joinable
FROM read.presence p
LEFT JOIN LATERAL (
    SELECT l.session_id, l.game_id, l.joinable FROM read.playing l
    WHERE l.player_id = p.player_id ORDER BY l.entered_pos DESC LIMIT 1) g ON true
WHERE p.player_id = ANY(@players::text[])
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = @seen_by AND b.to_id = p.player_id)
  AND NOT EXISTS (SELECT FROM read.block b WHERE b.by_id = p.player_id AND b.to_id = @seen_by);
