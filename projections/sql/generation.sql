-- name: Generations :many
SELECT * FROM read.generation ORDER BY view, generation;

-- name: Generation :one
SELECT * FROM read.generation WHERE view = $1 AND generation = $2;

-- name: InState :one
SELECT * FROM read.generation WHERE view = $1 AND state = $2;

-- name: LockInState :one
-- Holds up who moves the generation until the transaction ends.
SELECT * FROM read.generation WHERE view = $1 AND state = $2 FOR UPDATE;

-- name: AddGeneration :one
INSERT INTO read.generation (view, generation, version, state)
SELECT @view, coalesce(max(generation), 0) + 1, @version, @state FROM read.generation WHERE view = @view
RETURNING *;

-- name: SetState :execrows
UPDATE read.generation SET state = @state WHERE view = @view AND generation = @generation;

-- name: DropGeneration :execrows
DELETE FROM read.generation WHERE view = $1 AND generation = $2;

-- name: Fail :execrows
-- Another runner, which knows more, may have gone on.
UPDATE read.generation SET failed = @failed::text, failure = @failure::text
WHERE view = @view AND generation = @generation AND position = @position;

-- name: LockFirst :exec
-- One process at a time makes the first generation of a view.
SELECT pg_advisory_xact_lock(hashtextextended('playcast first of ' || @view::text, 0));

-- name: HoldView :one
-- One process at a time builds, switches and drops a view's generations: the
-- one that has the lock, until its connection ends; false: somebody has it.
SELECT pg_try_advisory_lock(hashtextextended('playcast view ' || @view::text, 0));

-- name: LetGo :exec
SELECT pg_advisory_unlock_all();

-- name: Notify :exec
SELECT pg_notify('read_model', @payload::text);
