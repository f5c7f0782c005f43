-- What a day (in UTC) came to, of each game and, where the game is empty, of all.
CREATE TABLE read.daily (
    game_id         text   NOT NULL,
    day             date   NOT NULL,
    players         bigint NOT NULL CHECK (players >= 0),    -- that played, each once
    played_ms       bigint NOT NULL CHECK (played_ms >= 0),
    requested       bigint NOT NULL CHECK (requested >= 0),  -- sessions
    started         bigint NOT NULL CHECK (started >= 0),
    ended           bigint NOT NULL CHECK (ended >= 0),
    failed          bigint NOT NULL CHECK (failed >= 0),
    waits           bigint NOT NULL CHECK (waits >= 0),      -- for a slot, that were over
    waited_ms       bigint NOT NULL CHECK (waited_ms >= 0),
    longest_wait_ms bigint NOT NULL CHECK (longest_wait_ms BETWEEN 0 AND waited_ms),
    windows         bigint NOT NULL CHECK (windows >= 0),    -- of quality
    bad_windows     bigint NOT NULL CHECK (bad_windows BETWEEN 0 AND windows),
    frames_mhz      bigint NOT NULL,  -- sums over the windows: frames sent, in thousandths a second
    total_us        bigint NOT NULL,  -- of a frame from capture to socket, the median
    round_trip_us   bigint NOT NULL,
    lost_ppm        bigint NOT NULL,  -- packets
    bit_rate        bigint NOT NULL,
    answered        bigint NOT NULL CHECK (answered BETWEEN 0 AND windows),  -- windows with an input that a frame answered
    answer_us       bigint NOT NULL,  -- sum over those: from the input to the frame, the median
    PRIMARY KEY (game_id, day)
);
CREATE INDEX daily_games ON read.daily (day, game_id) WHERE game_id <> '';

-- Who played what on a day: what players are counted once by.
CREATE TABLE read.daily_player (
    player_id text NOT NULL,
    day       date NOT NULL,
    game_id   text NOT NULL,  -- empty: any
    PRIMARY KEY (player_id, day, game_id)
) PARTITION BY RANGE (day);

-- Sessions that are not over: of which game they are, and since when they wait.
CREATE TABLE read.daily_session (
    session_id   uuid PRIMARY KEY,
    game_id      text        NOT NULL,
    requested_at timestamptz NOT NULL,
    allocated    boolean     NOT NULL
);

CREATE TABLE read.daily_failure (
    day      date   NOT NULL,
    game_id  text   NOT NULL,  -- empty: not known
    cause    text   NOT NULL,
    failures bigint NOT NULL CHECK (failures > 0),
    PRIMARY KEY (day, game_id, cause)
);

-- Money that moved on a day, in minor units, gross.
CREATE TABLE read.daily_revenue (
    day      date   NOT NULL,
    currency text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    issued   bigint NOT NULL,
    voided   bigint NOT NULL,  -- of what was issued on any day
    credited bigint NOT NULL,  -- by credit notes
    paid     bigint NOT NULL,
    refunded bigint NOT NULL,
    PRIMARY KEY (day, currency)
);
