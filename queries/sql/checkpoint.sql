-- name: Checkpoints :many
SELECT view, position FROM read.checkpoint;
