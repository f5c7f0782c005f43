-- Invoices, from their drafts on. What is open, was written off, was given back
-- out of goodwill and is owed to the player is the balance of an issued one.
CREATE TABLE read.invoice (
    invoice_id   uuid PRIMARY KEY,
    player_id    text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('drafted', 'discarded', 'approved', 'open', 'settled', 'voided', 'written-off')),
    number       text UNIQUE,              -- none: it is not issued
    series       text,
    currency     text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    net          bigint      NOT NULL,
    tax          bigint      NOT NULL,
    total        bigint      NOT NULL CHECK (total = net + tax),
    open         bigint      NOT NULL CHECK (open >= 0),
    written_off  bigint      NOT NULL CHECK (written_off >= 0),
    goodwill     bigint      NOT NULL CHECK (goodwill >= 0),
    owed         bigint      NOT NULL CHECK (owed >= 0),
    paid         bigint      NOT NULL CHECK (paid >= 0),      -- all that came in
    credited     bigint      NOT NULL CHECK (credited >= 0),  -- all that is on credit notes
    refunded     bigint      NOT NULL CHECK (refunded >= 0),  -- all that went back
    lines        integer     NOT NULL CHECK (lines >= 0),
    dunning      text        NOT NULL CHECK (dunning IN ('none', 'asked', 'failed', 'exhausted')),
    attempts     integer     NOT NULL CHECK (attempts >= 0),  -- to have it paid
    failure      text,                     -- of the last one
    tried_at     timestamptz,              -- the last one
    drafted_at   timestamptz NOT NULL,
    approved_at  timestamptz,
    issued_at    timestamptz,
    due_at       timestamptz,              -- at once, when it is issued
    settled_at   timestamptz,              -- nothing is open since then
    position     bigint      NOT NULL,
    CHECK ((number IS NULL) = (issued_at IS NULL)),
    CHECK ((state = 'open') = (open > 0))
);
CREATE INDEX invoice_of_player ON read.invoice (player_id, issued_at DESC, invoice_id DESC) WHERE issued_at IS NOT NULL;
CREATE INDEX invoice_of_state ON read.invoice (state, drafted_at DESC, invoice_id DESC);
CREATE INDEX invoice_all ON read.invoice (drafted_at DESC, invoice_id DESC);
CREATE INDEX invoice_overdue ON read.invoice (due_at, invoice_id) WHERE state = 'open';
CREATE INDEX invoice_owed ON read.invoice (player_id, currency) WHERE state = 'open' OR owed > 0;

CREATE TABLE read.invoice_line (
    invoice_id uuid    NOT NULL REFERENCES read.invoice,
    number     integer NOT NULL CHECK (number >= 1),
    kind       text    NOT NULL CHECK (kind IN ('subscription', 'proration', 'playtime', 'credits', 'discount')),
    text       text    NOT NULL,  -- a code
    quantity   bigint  NOT NULL,
    per        bigint  NOT NULL CHECK (per >= 1),
    price      bigint  NOT NULL,
    amount     bigint  NOT NULL,  -- net of tax
    tax_rate   integer NOT NULL CHECK (tax_rate >= 0),  -- in basis points
    credited   bigint  NOT NULL,  -- of the amount, on credit notes
    PRIMARY KEY (invoice_id, number)
);

-- What the lines follow from.
CREATE TABLE read.invoice_source (
    invoice_id      uuid    NOT NULL,
    line            integer NOT NULL,
    number          integer NOT NULL CHECK (number >= 1),  -- within the line
    event_id        uuid    NOT NULL,
    session_id      uuid,
    segment         bigint,
    subscription_id uuid,
    period          bigint,
    PRIMARY KEY (invoice_id, line, number),
    FOREIGN KEY (invoice_id, line) REFERENCES read.invoice_line
);
CREATE INDEX invoice_source_session ON read.invoice_source (session_id) WHERE session_id IS NOT NULL;

-- The taxes of an invoice by rate, each rounded once.
CREATE TABLE read.invoice_tax (
    invoice_id uuid    NOT NULL REFERENCES read.invoice,
    rate       integer NOT NULL CHECK (rate >= 0),  -- in basis points
    net        bigint  NOT NULL,
    tax        bigint  NOT NULL,
    PRIMARY KEY (invoice_id, rate)
);

CREATE TABLE read.credit_note (
    invoice_id     uuid        NOT NULL REFERENCES read.invoice,
    credit_note_id uuid        NOT NULL,
    player_id      text        NOT NULL,
    number         text UNIQUE,  -- none: it is not issued
    reason         text        NOT NULL CHECK (reason IN ('outage', 'mistake', 'cancelled', 'goodwill', 'surplus', 'dispute', 'creditnote')),
    currency       text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    net            bigint      NOT NULL,
    tax            bigint      NOT NULL,
    total          bigint      NOT NULL CHECK (total > 0 AND total = net + tax),
    from_open      bigint      NOT NULL CHECK (from_open >= 0),  -- where the total has gone
    from_written   bigint      NOT NULL CHECK (from_written >= 0),
    from_goodwill  bigint      NOT NULL CHECK (from_goodwill >= 0),
    to_player      bigint      NOT NULL CHECK (to_player >= 0),
    approved_at    timestamptz NOT NULL,
    issued_at      timestamptz,
    position       bigint      NOT NULL,
    PRIMARY KEY (invoice_id, credit_note_id),
    CHECK ((number IS NULL) = (issued_at IS NULL)),
    CHECK (issued_at IS NULL OR total = from_open + from_written + from_goodwill + to_player)
);
CREATE INDEX credit_note_all ON read.credit_note (approved_at DESC, credit_note_id DESC);

CREATE TABLE read.credit_note_line (
    invoice_id     uuid    NOT NULL,
    credit_note_id uuid    NOT NULL,
    line           integer NOT NULL,
    net            bigint  NOT NULL CHECK (net <> 0),
    PRIMARY KEY (invoice_id, credit_note_id, line),
    FOREIGN KEY (invoice_id, credit_note_id) REFERENCES read.credit_note
);

CREATE TABLE read.payment (
    invoice_id uuid        NOT NULL REFERENCES read.invoice,
    payment_id uuid        NOT NULL,
    player_id  text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('asked', 'succeeded', 'failed')),
    attempt    integer     NOT NULL CHECK (attempt >= 0),  -- 0: playcast did not ask
    asked      bigint      NOT NULL CHECK (asked >= 0),
    received   bigint      NOT NULL CHECK (received >= 0),
    refunded   bigint      NOT NULL CHECK (refunded BETWEEN 0 AND received),
    currency   text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reference  text,  -- the provider's
    failure    text,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    position   bigint      NOT NULL,
    PRIMARY KEY (invoice_id, payment_id),
    CHECK ((state = 'asked') = (ended_at IS NULL)),
    CHECK ((state = 'succeeded') = (received > 0 AND reference IS NOT NULL))
);
CREATE INDEX payment_of_player ON read.payment (player_id, began_at DESC, payment_id DESC);
CREATE INDEX payment_by_reference ON read.payment (reference) WHERE reference IS NOT NULL;

CREATE TABLE read.refund (
    invoice_id uuid        NOT NULL,
    refund_id  uuid        NOT NULL,
    payment_id uuid        NOT NULL,
    player_id  text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('asked', 'refunded', 'failed', 'given-up')),
    amount     bigint      NOT NULL CHECK (amount > 0),
    currency   text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason     text,                     -- none: playcast did not ask
    attempt    integer     NOT NULL CHECK (attempt >= 0),
    instead_of uuid,                     -- the one that failed
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (invoice_id, refund_id),
    FOREIGN KEY (invoice_id, payment_id) REFERENCES read.payment,
    CHECK ((state = 'asked') = (ended_at IS NULL))
);

-- The numbers of documents, each given once.
CREATE TABLE read.document_number (
    series         text        NOT NULL CHECK (series ~ '^\d{4}-\d{2}$'),
    number         bigint      NOT NULL CHECK (number >= 1),
    printed        text        NOT NULL UNIQUE,
    invoice_id     uuid        NOT NULL,
    credit_note_id uuid,  -- none: it is the invoice's own
    assigned_at    timestamptz NOT NULL,
    PRIMARY KEY (series, number)
);

-- How far a series has come: without gaps, documents is the last number.
CREATE TABLE read.document_series (
    series      text        NOT NULL PRIMARY KEY CHECK (series ~ '^\d{4}-\d{2}$'),
    documents   bigint      NOT NULL CHECK (documents >= 1),
    last        bigint      NOT NULL CHECK (last >= 1),
    assigned_at timestamptz NOT NULL
);

-- Charges that could not be billed and are owed still.
CREATE TABLE read.unbilled (
    invoice_id  uuid PRIMARY KEY,        -- that they would be on
    player_id   text        NOT NULL,
    event_id    uuid        NOT NULL,    -- the first charge
    net         bigint      NOT NULL,
    currency    text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    code        text        NOT NULL,    -- of the refusal
    given_up_at timestamptz NOT NULL,
    position    bigint      NOT NULL
);
CREATE INDEX unbilled_since ON read.unbilled (given_up_at, invoice_id);
