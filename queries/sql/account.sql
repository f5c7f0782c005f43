-- name: Account :one
SELECT sqlc.embed(a),
    (SELECT coalesce(sum(c.left_ms), 0)::bigint FROM read.credit c
      WHERE c.player_id = a.player_id AND c.ended_at IS NULL) AS credit_ms
FROM read.account a WHERE a.player_id = $1;

-- name: Subscription :one
SELECT sqlc.embed(s), sqlc.embed(p)
FROM read.subscription s JOIN read.subscription_period p
  ON p.player_id = s.player_id AND p.subscription_id = s.subscription_id AND p.period = s.period
WHERE s.player_id = $1 AND s.subscription_id = $2;

-- name: Subscriptions :many
SELECT sqlc.embed(s), sqlc.embed(p)
FROM read.subscription s JOIN read.subscription_period p
  ON p.player_id = s.player_id AND p.subscription_id = s.subscription_id AND p.period = s.period
WHERE s.player_id = @player_id AND (s.started_at, s.subscription_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.started_at DESC, s.subscription_id DESC
LIMIT @page_size;

-- name: Periods :many
SELECT sqlc.embed(p) FROM read.subscription_period p
WHERE p.player_id = @player_id AND p.subscription_id = @subscription_id AND p.period < @before::bigint
ORDER BY p.period DESC
LIMIT @page_size;

-- name: Subscribers :many
SELECT s.player_id, s.subscription_id, s.state, s.started_at, s.period, s.period_to
FROM read.subscription s
WHERE s.plan_id = @plan_id AND s.plan_version = @plan_version::bigint AND s.ended_at IS NULL
  AND (s.started_at, s.subscription_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY s.started_at DESC, s.subscription_id DESC
LIMIT @page_size;

-- name: OpenCredits :many
-- In the order in which they are burnt.
SELECT sqlc.embed(c) FROM read.credit c
WHERE c.player_id = $1 AND c.ended_at IS NULL
ORDER BY c.priority, c.expires_at, c.granted_at, c.position;

-- name: Credits :many
SELECT sqlc.embed(c) FROM read.credit c
WHERE c.player_id = @player_id AND (c.granted_at, c.credit_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY c.granted_at DESC, c.credit_id DESC
LIMIT @page_size;

-- name: Usage :many
SELECT sqlc.embed(u) FROM read.usage_month u
WHERE u.player_id = @player_id AND (u.month < @before_month::date OR u.month = @before_month::date AND u.game_id > @after_game::text)
ORDER BY u.month DESC, u.game_id
LIMIT @page_size;

-- name: Playtime :many
-- The partitions are in the order of the answer, so that only as many are read
-- as it takes.
SELECT sqlc.embed(p) FROM read.playtime p
WHERE p.player_id = @player_id AND p.ended_at <= @before_at::timestamptz
  AND (p.ended_at, p.session_id, p.segment) < (@before_at::timestamptz, @before_session::uuid, @before_segment::bigint)
ORDER BY p.ended_at DESC, p.session_id DESC, p.segment DESC
LIMIT @page_size;

-- name: SessionBill :one
SELECT sqlc.embed(b) FROM read.session_bill b WHERE b.session_id = $1;
