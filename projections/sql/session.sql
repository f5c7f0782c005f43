-- name: RequestSession :execrows
INSERT INTO read.session (session_id, player_id, game_id, title, state, requested_at, queued_as, requested_pos, position)
VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $7);

-- name: QueueSession :execrows
UPDATE read.session SET state = 'queued', position = $2 WHERE session_id = $1;

-- name: AllocateSession :execrows
UPDATE read.session SET state = 'allocated', worker_id = $2, slot = $3, allocated_at = $4, position = $5 WHERE session_id = $1;

-- name: LaunchSession :execrows
UPDATE read.session SET state = 'launching', position = $2 WHERE session_id = $1;

-- name: ReadySession :execrows
UPDATE read.session SET state = 'ready', width = $2, height = $3, frame_rate = $4, encoder = $5, position = $6
WHERE session_id = $1;

-- name: ActivateSession :execrows
UPDATE read.session SET state = 'active', active_since = $2, position = $3 WHERE session_id = $1;

-- name: RestSession :execrows
-- Paused, interrupted or ending: the segment of play is closed. What ends play
-- alone is not near any more.
UPDATE read.session SET state = $2, active_since = NULL, played_ms = played_ms + @closed_ms, end_reason = $3, position = $4,
    warnings = warnings - 'idle' - 'daily-allowance' - 'guardian'
WHERE session_id = $1;

-- name: EndSession :execrows
UPDATE read.session SET state = 'ended', active_since = NULL, played_ms = played_ms + @closed_ms, ended_at = $2, end_reason = $3, position = $4
WHERE session_id = $1;

-- name: FailSession :execrows
UPDATE read.session SET state = 'failed', active_since = NULL, played_ms = played_ms + @closed_ms, ended_at = $2, failure_cause = $3, position = $4
WHERE session_id = $1;

-- name: SetSessionQuality :execrows
UPDATE read.session SET quality = $2, position = $3 WHERE session_id = $1;

-- name: AdaptSessionPicture :execrows
UPDATE read.session SET width = $2, height = $3, frame_rate = $4, encoder = $5, picture_cause = $6, position = $7
WHERE session_id = $1;

-- name: WarnSession :execrows
UPDATE read.session SET warnings = warnings || @warning::jsonb, position = $2 WHERE session_id = $1;

-- name: RouseSession :execrows
UPDATE read.session SET warnings = warnings - 'idle', position = $2 WHERE session_id = $1;

-- name: TroubleSessionSaves :execrows
UPDATE read.session SET saves_trouble = $2, position = $3 WHERE session_id = $1;

-- name: AddPictureHistory :execrows
INSERT INTO read.picture_history (session_id, position, began_at, ended_at, quality, picture)
VALUES ($1, $2, $3, $4, $5, $6);
