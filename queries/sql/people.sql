-- name: Guests :many
SELECT sqlc.embed(g) FROM read.guest g WHERE g.session_id = $1 ORDER BY g.joined_at, g.player_id;

-- name: Invitations :many
SELECT sqlc.embed(i) FROM read.invitation i WHERE i.session_id = $1 ORDER BY i.given_at, i.invitation_id;

-- name: InvitationByCode :one
SELECT sqlc.embed(i), s.player_id, s.game_id, s.title, s.state, s.recording_id
FROM read.invitation i JOIN read.session s ON s.session_id = i.session_id
WHERE i.code_hash = $1 AND s.state NOT IN ('ending', 'ended', 'failed');

-- name: GuestSessions :many
SELECT g.session_id FROM read.guest g JOIN read.session s ON s.session_id = g.session_id
WHERE g.player_id = $1 AND s.state NOT IN ('ending', 'ended', 'failed')
ORDER BY g.joined_at DESC, g.session_id;
