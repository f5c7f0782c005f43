-- name: OfferedPlans :many
-- The cheapest first.
SELECT sqlc.embed(p), coalesce(s.running, 0)::bigint AS subscribers
FROM read.plan_version p LEFT JOIN read.plan_subscribers s ON s.plan_id = p.plan_id AND s.plan_version = p.version
WHERE p.withdrawn_at IS NULL AND (p.price, p.plan_id, p.version) > (@after_price::bigint, @after_plan::text, @after_version::bigint)
ORDER BY p.price, p.plan_id, p.version
LIMIT @page_size;

-- name: PlanVersions :many
-- The last first, with those that are withdrawn.
SELECT sqlc.embed(p), coalesce(s.running, 0)::bigint AS subscribers
FROM read.plan_version p LEFT JOIN read.plan_subscribers s ON s.plan_id = p.plan_id AND s.plan_version = p.version
WHERE p.plan_id = @plan_id AND p.version < @before::bigint
ORDER BY p.version DESC
LIMIT @page_size;

-- name: PlanVersion :one
SELECT sqlc.embed(p), coalesce(s.running, 0)::bigint AS subscribers
FROM read.plan_version p LEFT JOIN read.plan_subscribers s ON s.plan_id = p.plan_id AND s.plan_version = p.version
WHERE p.plan_id = @plan_id AND p.version = @version::bigint;
