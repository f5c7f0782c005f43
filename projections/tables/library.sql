CREATE TABLE read.game (
    game_id     text PRIMARY KEY,
    title       text    NOT NULL,
    description text    NOT NULL,
    genre       text    NOT NULL,
    art         text    NOT NULL,
    width       integer NOT NULL,
    height      integer NOT NULL,
    frame_rate  integer NOT NULL,
    inputs      text[]  NOT NULL,
    players     integer NOT NULL CHECK (players BETWEEN 1 AND 4),
    published   boolean NOT NULL,
    reason      text    NOT NULL,  -- why it can't be played; empty: it can
    position    bigint  NOT NULL
);
