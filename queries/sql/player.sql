-- name: Player :many
-- A row a consent, or one without.
SELECT sqlc.embed(p), c.consent, c.version, c.given_at
FROM read.player p LEFT JOIN read.player_consent c ON c.player_id = p.player_id
WHERE p.player_id = $1 ORDER BY c.consent;

-- name: Names :many
SELECT player_id, name FROM read.player WHERE player_id = ANY(@players::text[]) AND name IS NOT NULL;

-- name: Staff :many
SELECT player_id, roles FROM read.player
WHERE roles <> '{}' AND player_id > @after::text
ORDER BY player_id
LIMIT @page_size;
