-- Players' accounts. What is paid for is in other tables: by subscription and
-- period, by credit, by session, by month.
CREATE TABLE read.account (
    player_id       text PRIMARY KEY,
    opened_at       timestamptz NOT NULL,
    currency        text CHECK (currency ~ '^[A-Z]{3}$'),        -- of the first charge; none before
    played_ms       bigint      NOT NULL CHECK (played_ms >= 0),
    sessions        bigint      NOT NULL CHECK (sessions >= 0),  -- with metered play
    subscription_id uuid,                                        -- that runs; none: there is none
    limit_amount    bigint      NOT NULL CHECK (limit_amount >= 0),  -- on overage, a period
    limit_currency  text CHECK (limit_currency ~ '^[A-Z]{3}$'),  -- none: there is no limit
    limit_reached   boolean     NOT NULL,                        -- in the present period
    erased_at       timestamptz,                                 -- since then nobody knows whose it is
    position        bigint      NOT NULL,
    CHECK (limit_currency IS NOT NULL OR limit_amount = 0)
);

-- Every segment of play that an account was told of, and what it was paid with.
CREATE TABLE read.playtime (
    session_id  uuid        NOT NULL,
    segment     bigint      NOT NULL CHECK (segment >= 1),
    player_id   text        NOT NULL REFERENCES read.account,
    game_id     text        NOT NULL,
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    played_ms   bigint      NOT NULL CHECK (played_ms >= 0),
    included_ms bigint      NOT NULL CHECK (included_ms >= 0),  -- of the plan's hours
    credit_ms   bigint      NOT NULL CHECK (credit_ms >= 0),
    overage_ms  bigint      NOT NULL CHECK (overage_ms >= 0),
    charge      bigint      NOT NULL CHECK (charge >= 0),       -- for the overage
    waived      bigint      NOT NULL CHECK (waived >= 0),       -- that the spending limit kept from being paid
    currency    text CHECK (currency ~ '^[A-Z]{3}$'),           -- of both; none: the overage has no price
    PRIMARY KEY (session_id, segment, ended_at),
    CHECK (ended_at >= began_at),
    CHECK (currency IS NOT NULL OR charge = 0 AND waived = 0)
) PARTITION BY RANGE (ended_at);
CREATE INDEX playtime_of_player ON read.playtime (player_id, ended_at DESC, session_id DESC, segment DESC);

-- What of a session is on the account.
CREATE TABLE read.session_bill (
    session_id  uuid PRIMARY KEY,
    player_id   text    NOT NULL REFERENCES read.account,
    game_id     text    NOT NULL,
    segments    bigint  NOT NULL CHECK (segments >= 1),
    billed_ms   bigint  NOT NULL CHECK (billed_ms >= 0),
    included_ms bigint  NOT NULL CHECK (included_ms >= 0),
    credit_ms   bigint  NOT NULL CHECK (credit_ms >= 0),
    overage_ms  bigint  NOT NULL CHECK (overage_ms >= 0),
    charge      bigint  NOT NULL CHECK (charge >= 0),
    waived      bigint  NOT NULL CHECK (waived >= 0),
    currency    text CHECK (currency ~ '^[A-Z]{3}$'),
    CHECK (currency IS NOT NULL OR charge = 0 AND waived = 0)
);

-- What was played in a month, by game. A segment is of the month in UTC in
-- which it ended, a session of that of its first one.
CREATE TABLE read.usage_month (
    player_id   text   NOT NULL REFERENCES read.account,
    month       date   NOT NULL CHECK (extract(day FROM month) = 1),
    game_id     text   NOT NULL,
    sessions    bigint NOT NULL CHECK (sessions >= 0),
    played_ms   bigint NOT NULL CHECK (played_ms >= 0),
    included_ms bigint NOT NULL CHECK (included_ms >= 0),
    credit_ms   bigint NOT NULL CHECK (credit_ms >= 0),
    overage_ms  bigint NOT NULL CHECK (overage_ms >= 0),
    charge      bigint NOT NULL CHECK (charge >= 0),
    waived      bigint NOT NULL CHECK (waived >= 0),
    currency    text CHECK (currency ~ '^[A-Z]{3}$'),
    PRIMARY KEY (player_id, month, game_id),
    CHECK (currency IS NOT NULL OR charge = 0 AND waived = 0)
);

CREATE TABLE read.subscription (
    player_id       text        NOT NULL REFERENCES read.account,
    subscription_id uuid        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('running', 'pausing', 'paused', 'ending', 'ended')),
    plan_id         text        NOT NULL,
    plan_version    bigint      NOT NULL CHECK (plan_version >= 1),
    price           bigint      NOT NULL CHECK (price >= 0),    -- of a period; these terms hold whatever becomes of the plan
    overage         bigint      NOT NULL CHECK (overage >= 0),  -- of an hour beyond; 0: there is none
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    length          text        NOT NULL CHECK (length IN ('month', 'year')),
    included_ms     bigint      NOT NULL CHECK (included_ms >= 0),
    rollover_ms     bigint      NOT NULL CHECK (rollover_ms >= 0),
    at_once         integer     NOT NULL CHECK (at_once >= 1),  -- sessions
    longest_ms      bigint      NOT NULL CHECK (longest_ms >= 0),
    resolution      integer     NOT NULL,
    priority        integer     NOT NULL,
    next_plan_id    text,                  -- from the next period on; none: the same
    next_version    bigint CHECK (next_version >= 1),
    next_price      bigint      NOT NULL CHECK (next_price >= 0),
    next_length     text CHECK (next_length IN ('month', 'year')),
    period          bigint      NOT NULL CHECK (period >= 1),
    period_from     timestamptz NOT NULL,
    period_to       timestamptz NOT NULL,  -- it is renewed, or ends, or pauses then
    period_paused   boolean     NOT NULL,
    cancelled       boolean     NOT NULL,
    pausing         boolean     NOT NULL,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    end_reason      text CHECK (end_reason IN ('cancelled', 'unpaid', 'stopped', 'erased')),
    position        bigint      NOT NULL,
    PRIMARY KEY (player_id, subscription_id),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CHECK (num_nulls(next_plan_id, next_version, next_length) IN (0, 3))
);
CREATE INDEX subscription_of_player ON read.subscription (player_id, started_at DESC, subscription_id DESC);
CREATE INDEX subscription_of_plan ON read.subscription (plan_id, plan_version, started_at DESC, subscription_id DESC) WHERE ended_at IS NULL;

-- What a period cost, and what was had of it. Left are the hours included, with
-- those of the period before that rolled over; late_ms had lapsed with that one,
-- for play of then that is metered late.
CREATE TABLE read.subscription_period (
    player_id       text        NOT NULL,
    subscription_id uuid        NOT NULL,
    period          bigint      NOT NULL CHECK (period >= 1),
    from_at         timestamptz NOT NULL,
    to_at           timestamptz NOT NULL CHECK (to_at >= from_at),
    paused          boolean     NOT NULL,
    price           bigint      NOT NULL CHECK (price >= 0),  -- with what changes within it cost
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    included_ms     bigint      NOT NULL CHECK (included_ms >= 0),
    rollover_ms     bigint      NOT NULL CHECK (rollover_ms >= 0),
    left_ms         bigint      NOT NULL CHECK (left_ms >= 0),
    late_ms         bigint      NOT NULL CHECK (late_ms >= 0),
    burnt_ms        bigint      NOT NULL CHECK (burnt_ms >= 0),   -- of what was included, rolled over or late
    lapsed_ms       bigint      NOT NULL CHECK (lapsed_ms >= 0),  -- with its end
    credit_ms       bigint      NOT NULL CHECK (credit_ms >= 0),
    overage_ms      bigint      NOT NULL CHECK (overage_ms >= 0),
    spent           bigint      NOT NULL CHECK (spent >= 0),  -- on overage: counts against the spending limit
    waived          bigint      NOT NULL CHECK (waived >= 0),
    limit_reached   boolean     NOT NULL,
    PRIMARY KEY (player_id, subscription_id, period),
    FOREIGN KEY (player_id, subscription_id) REFERENCES read.subscription
);

CREATE TABLE read.credit (
    player_id  text        NOT NULL REFERENCES read.account,
    credit_id  uuid        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('open', 'burnt', 'expired', 'revoked')),
    play_ms    bigint      NOT NULL CHECK (play_ms >= 0),
    left_ms    bigint      NOT NULL CHECK (left_ms BETWEEN 0 AND play_ms),
    lapsed_ms  bigint      NOT NULL CHECK (lapsed_ms >= 0),     -- expired or revoked
    price      bigint      NOT NULL CHECK (price >= 0),         -- 0: a gift
    earned     bigint      NOT NULL CHECK (earned >= 0),        -- of the price, by play and by expiry
    currency   text CHECK (currency ~ '^[A-Z]{3}$'),
    priority   integer     NOT NULL,                            -- the least is burnt first
    expires_at timestamptz,
    granted_at timestamptz NOT NULL,
    ended_at   timestamptz,
    position   bigint      NOT NULL,
    PRIMARY KEY (player_id, credit_id),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK (currency IS NOT NULL OR price = 0 AND earned = 0)
);
CREATE INDEX credit_open ON read.credit (player_id, priority, expires_at, granted_at) WHERE ended_at IS NULL;
CREATE INDEX credit_of_player ON read.credit (player_id, granted_at DESC, credit_id DESC);

-- How many subscriptions to a version of a plan run.
CREATE TABLE read.plan_subscribers (
    plan_id      text   NOT NULL,
    plan_version bigint NOT NULL CHECK (plan_version >= 1),
    running      bigint NOT NULL CHECK (running >= 0),
    PRIMARY KEY (plan_id, plan_version)
);
