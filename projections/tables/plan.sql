-- Versions of plans. What is withdrawn is kept: subscriptions go on with it.
CREATE TABLE read.plan_version (
    plan_id      text        NOT NULL,
    version      bigint      NOT NULL CHECK (version >= 1),
    price        bigint      NOT NULL CHECK (price >= 0),    -- of a period
    overage      bigint      NOT NULL CHECK (overage >= 0),  -- of an hour beyond; 0: there is none
    currency     text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    length       text        NOT NULL CHECK (length IN ('month', 'year')),
    included_ms  bigint      NOT NULL CHECK (included_ms >= 0),
    rollover_ms  bigint      NOT NULL CHECK (rollover_ms >= 0),
    at_once      integer     NOT NULL CHECK (at_once >= 1),
    longest_ms   bigint      NOT NULL CHECK (longest_ms >= 0),
    resolution   integer     NOT NULL,
    priority     integer     NOT NULL,
    published_at timestamptz NOT NULL,
    withdrawn_at timestamptz,  -- none: it is offered
    position     bigint      NOT NULL,
    PRIMARY KEY (plan_id, version)
);
CREATE INDEX plan_offered ON read.plan_version (price, plan_id, version) WHERE withdrawn_at IS NULL;
