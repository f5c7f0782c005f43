-- name: GiveInvitation :execrows
INSERT INTO read.invitation (invitation_id, session_id, kind, code_hash, given_at) VALUES ($1, $2, $3, $4, $5);

-- name: WithdrawInvitation :execrows
DELETE FROM read.invitation WHERE invitation_id = $1;

-- name: JoinGuest :execrows
INSERT INTO read.guest (session_id, player_id, invitation_id, joined_at) VALUES ($1, $2, $3, $4);

-- name: LeaveGuest :execrows
DELETE FROM read.guest WHERE session_id = $1 AND player_id = $2;

-- name: ControlGuest :execrows
UPDATE read.guest SET keyboard = $3, pads = $4 WHERE session_id = $1 AND player_id = $2;

-- name: TouchSession :execrows
UPDATE read.session SET position = $2 WHERE session_id = $1;
