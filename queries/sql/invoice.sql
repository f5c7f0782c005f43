-- name: Invoice :one
SELECT sqlc.embed(i) FROM read.invoice i WHERE i.invoice_id = $1;

-- name: InvoiceLines :many
SELECT sqlc.embed(l) FROM read.invoice_line l WHERE l.invoice_id = $1 ORDER BY l.number;

-- name: InvoiceSources :many
SELECT sqlc.embed(s) FROM read.invoice_source s WHERE s.invoice_id = $1 ORDER BY s.line, s.number;

-- name: InvoiceTaxes :many
SELECT sqlc.embed(t) FROM read.invoice_tax t WHERE t.invoice_id = $1 ORDER BY t.rate;

-- name: InvoiceNotes :many
SELECT sqlc.embed(n) FROM read.credit_note n WHERE n.invoice_id = $1 ORDER BY n.approved_at, n.position;

-- name: InvoiceNoteLines :many
SELECT sqlc.embed(l) FROM read.credit_note_line l WHERE l.invoice_id = $1 ORDER BY l.credit_note_id, l.line;

-- name: InvoicePayments :many
SELECT sqlc.embed(p) FROM read.payment p WHERE p.invoice_id = $1 ORDER BY p.began_at, p.payment_id;

-- name: InvoiceRefunds :many
SELECT sqlc.embed(r) FROM read.refund r WHERE r.invoice_id = $1 ORDER BY r.began_at, r.refund_id;

-- name: Invoices :many
-- A player's, that are out.
SELECT sqlc.embed(i) FROM read.invoice i
WHERE i.player_id = @player_id AND i.issued_at IS NOT NULL
  AND (i.issued_at, i.invoice_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY i.issued_at DESC, i.invoice_id DESC
LIMIT @page_size;

-- name: AllInvoices :many
SELECT sqlc.embed(i) FROM read.invoice i
WHERE (i.drafted_at, i.invoice_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY i.drafted_at DESC, i.invoice_id DESC
LIMIT @page_size;

-- name: InvoicesInState :many
SELECT sqlc.embed(i) FROM read.invoice i
WHERE i.state = @state AND (i.drafted_at, i.invoice_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY i.drafted_at DESC, i.invoice_id DESC
LIMIT @page_size;

-- name: Receivables :many
-- What is open, for the longest first.
SELECT sqlc.embed(i) FROM read.invoice i
WHERE i.state = 'open' AND (i.due_at, i.invoice_id) > (@after_at::timestamptz, @after_id::uuid)
ORDER BY i.due_at, i.invoice_id
LIMIT @page_size;

-- name: Owing :many
SELECT currency, sum(open)::bigint AS open, sum(owed)::bigint AS owed,
    coalesce(sum(open) FILTER (WHERE dunning IN ('failed', 'exhausted')), 0)::bigint AS overdue
FROM read.invoice WHERE player_id = $1 AND (state = 'open' OR owed > 0)
GROUP BY currency ORDER BY currency;

-- name: CreditNotes :many
SELECT sqlc.embed(n) FROM read.credit_note n
WHERE (n.approved_at, n.credit_note_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY n.approved_at DESC, n.credit_note_id DESC
LIMIT @page_size;

-- name: Payments :many
SELECT sqlc.embed(p) FROM read.payment p
WHERE p.player_id = @player_id AND (p.began_at, p.payment_id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY p.began_at DESC, p.payment_id DESC
LIMIT @page_size;

-- name: PaymentsByReference :many
SELECT sqlc.embed(p) FROM read.payment p WHERE p.reference = $1 ORDER BY p.began_at, p.payment_id LIMIT 100;

-- name: Document :one
SELECT sqlc.embed(d) FROM read.document_number d WHERE d.printed = $1;

-- name: DocumentSeries :many
SELECT sqlc.embed(s) FROM read.document_series s WHERE s.series < @before::text ORDER BY s.series DESC LIMIT @page_size;

-- name: Unbilled :many
SELECT sqlc.embed(u) FROM read.unbilled u
WHERE (u.given_up_at, u.invoice_id) > (@after_at::timestamptz, @after_id::uuid)
ORDER BY u.given_up_at, u.invoice_id
LIMIT @page_size;

-- name: SessionInvoices :many
SELECT DISTINCT i.invoice_id, i.number, i.state, i.drafted_at
FROM read.invoice_source s JOIN read.invoice i ON i.invoice_id = s.invoice_id
WHERE s.session_id = $1 ORDER BY i.drafted_at, i.invoice_id LIMIT 100;
