-- The books. Debits are positive, credits negative; every transaction sums to
-- zero in each currency, which no constraint can hold and the fold does.
CREATE TABLE read.ledger_transaction (
    at             timestamptz NOT NULL,
    position       bigint      NOT NULL,
    transaction_id uuid        NOT NULL,  -- the event that it is made of
    type           text        NOT NULL,  -- of the event
    player_id      text        NOT NULL,
    invoice_id     uuid,
    session_id     uuid,
    currency       text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount         bigint      NOT NULL CHECK (amount > 0),  -- that is moved
    owed           bigint      NOT NULL,  -- by how much the player owes more; less than nothing: less
    owes           bigint      NOT NULL,  -- what the player owes by then, in the order of the log
    PRIMARY KEY (at, position)
) PARTITION BY RANGE (at);
CREATE INDEX ledger_statement ON read.ledger_transaction (player_id, at DESC, position DESC) WHERE invoice_id IS NOT NULL;
CREATE INDEX ledger_of_invoice ON read.ledger_transaction (invoice_id, at, position) WHERE invoice_id IS NOT NULL;

CREATE TABLE read.ledger_entry (
    at        timestamptz NOT NULL,
    position  bigint      NOT NULL,
    number    integer     NOT NULL CHECK (number >= 1),  -- within the transaction
    entry_id  uuid        NOT NULL,
    account   text        NOT NULL,
    player_id text        NOT NULL,
    amount    bigint      NOT NULL CHECK (amount <> 0),
    currency  text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    PRIMARY KEY (at, position, number),
    FOREIGN KEY (at, position) REFERENCES read.ledger_transaction
) PARTITION BY RANGE (at);
CREATE INDEX ledger_entry_of_account ON read.ledger_entry (account, currency, at DESC, position DESC, number DESC);

CREATE TABLE read.ledger_balance (
    account  text   NOT NULL,
    currency text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    debit    bigint NOT NULL CHECK (debit >= 0),
    credit   bigint NOT NULL CHECK (credit >= 0),
    entries  bigint NOT NULL CHECK (entries >= 1),
    position bigint NOT NULL,
    PRIMARY KEY (account, currency)
);

-- What was posted on a day in UTC: revenue of any time is the sum of a few.
CREATE TABLE read.ledger_day (
    day      date   NOT NULL,
    account  text   NOT NULL,
    currency text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    debit    bigint NOT NULL CHECK (debit >= 0),
    credit   bigint NOT NULL CHECK (credit >= 0),
    PRIMARY KEY (day, account, currency)
);

-- The books by player, of the accounts that players have: their balances come
-- to those of the books.
CREATE TABLE read.ledger_player (
    player_id text   NOT NULL,
    account   text   NOT NULL CHECK (account IN ('receivable', 'payable', 'written-off', 'refunds', 'credits-liability')),
    currency  text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    balance   bigint NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (player_id, account, currency)
);
