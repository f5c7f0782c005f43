-- What a player is, and what others see of it, with a position for either: the
-- truth's moves also while an invisible player comes and goes.
CREATE TABLE read.presence (
    player_id text    PRIMARY KEY,
    state     text    NOT NULL CHECK (state IN ('offline', 'idle', 'online', 'in-game')),
    invisible boolean NOT NULL,
    position  bigint  NOT NULL,
    shown     text    NOT NULL CHECK (shown = state OR shown = 'offline'),
    shown_at  timestamptz,     -- since when others see that; none: they never saw anything else
    shown_pos bigint  NOT NULL
) WITH (fillfactor = 80);  -- rows change often, and stay in their pages

-- The games that players are in at the moment. What they do is the one entered last.
CREATE TABLE read.playing (
    player_id   text    NOT NULL,
    session_id  uuid    NOT NULL,
    game_id     text    NOT NULL,
    joinable    boolean NOT NULL,
    entered_pos bigint  NOT NULL,
    PRIMARY KEY (player_id, session_id)
);
