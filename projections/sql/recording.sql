-- name: OpenRecording :execrows
INSERT INTO read.recording (recording_id, session_id, player_id, game_id, title, state, started_at, position)
VALUES ($1, $2, $3, $4, $5, 'recording', $6, $7);

-- name: ProgressRecording :execrows
UPDATE read.recording SET length_ms = $2, bytes = $3, position = $4 WHERE recording_id = $1;

-- name: FinishRecording :execrows
UPDATE read.recording SET state = 'finished', ended_at = $2, end_reason = $3, length_ms = $4, bytes = $5,
    width = $6, height = $7, codec = $8, position = $9
WHERE recording_id = $1;

-- name: FailRecording :execrows
UPDATE read.recording SET state = 'failed', ended_at = $2, fault = $3, length_ms = $4, bytes = $5, position = $6
WHERE recording_id = $1;

-- name: CutClip :execrows
INSERT INTO read.clip (clip_id, recording_id, title, from_ms, to_ms, cut_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: TouchRecording :execrows
UPDATE read.recording SET position = $2 WHERE recording_id = $1;

-- name: DeleteRecording :execrows
DELETE FROM read.recording WHERE recording_id = $1;

-- name: RecordSession :execrows
UPDATE read.session SET recording_id = sqlc.narg('recording_id'), position = @position WHERE session_id = @session_id;
