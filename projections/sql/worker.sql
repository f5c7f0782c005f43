-- name: RegisterWorker :execrows
INSERT INTO read.worker (worker_id, incarnation, state, address, slots, held, encoders, games, registered_at, position)
VALUES ($1, $2, 'running', $3, $4, 0, $5, $6, $7, $8)
ON CONFLICT (worker_id) DO UPDATE SET
    incarnation = excluded.incarnation, state = 'running', address = excluded.address, slots = excluded.slots, held = 0,
    encoders = excluded.encoders, games = excluded.games, registered_at = excluded.registered_at, position = excluded.position;

-- name: SetWorkerState :execrows
UPDATE read.worker SET state = $2, position = $3 WHERE worker_id = $1;

-- name: EndWorker :execrows
-- Stopped or lost: its slots are gone.
UPDATE read.worker SET state = $2, held = 0, position = $3 WHERE worker_id = $1;

-- name: HoldSlots :execrows
UPDATE read.worker SET held = held + @more, position = $2 WHERE worker_id = $1;
