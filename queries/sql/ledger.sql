-- name: TrialBalance :many
SELECT account, currency, debit, credit, position FROM read.ledger_balance
ORDER BY currency, account;

-- name: Turnover :many
SELECT account, currency, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
FROM read.ledger_day WHERE day >= @since::date AND day < @until::date
GROUP BY account, currency ORDER BY currency, account;

-- name: PlayerBalances :many
SELECT account, currency, balance FROM read.ledger_player
WHERE player_id = $1 ORDER BY currency, account;

-- name: Statement :many
SELECT sqlc.embed(t) FROM read.ledger_transaction t
WHERE t.player_id = @player_id AND t.invoice_id IS NOT NULL AND t.at <= @before_at::timestamptz
  AND (t.at, t.position) < (@before_at::timestamptz, @before_position::bigint)
ORDER BY t.at DESC, t.position DESC
LIMIT @page_size;

-- name: Journal :many
SELECT sqlc.embed(t) FROM read.ledger_transaction t
WHERE t.at >= @since::timestamptz AND t.at < @until::timestamptz
  AND t.at >= @after_at::timestamptz AND (t.at, t.position) > (@after_at::timestamptz, @after_position::bigint)
ORDER BY t.at, t.position
LIMIT @page_size;

-- name: Entries :many
-- Those of transactions that lie between two.
SELECT sqlc.embed(e) FROM read.ledger_entry e
WHERE e.at >= @first_at::timestamptz AND e.at <= @last_at::timestamptz
  AND (e.at, e.position) >= (@first_at::timestamptz, @first_position::bigint)
  AND (e.at, e.position) <= (@last_at::timestamptz, @last_position::bigint)
ORDER BY e.at, e.position, e.number;

-- name: InvoiceBooked :many
SELECT sqlc.embed(t) FROM read.ledger_transaction t
WHERE t.invoice_id = $1 AND t.at >= @since::timestamptz
ORDER BY t.at, t.position;

-- name: AccountEntries :many
SELECT sqlc.embed(e) FROM read.ledger_entry e
WHERE e.account = @account AND e.currency = @currency
  AND e.at >= @since::timestamptz AND e.at < @until::timestamptz AND e.at <= @before_at::timestamptz
  AND (e.at, e.position, e.number) < (@before_at::timestamptz, @before_position::bigint, @before_number::bigint)
ORDER BY e.at DESC, e.position DESC, e.number DESC
LIMIT @page_size;
