-- name: PictureHistory :many
SELECT position, began_at, ended_at, quality, picture FROM read.picture_history
WHERE session_id = @session_id AND position > @after
ORDER BY position
LIMIT @page_size;
