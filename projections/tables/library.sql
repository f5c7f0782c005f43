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
    minimum_age integer NOT NULL CHECK (minimum_age BETWEEN 0 AND 18),  -- 0: anybody may play it
    published   boolean NOT NULL,
    reason      text    NOT NULL,  -- why it can't be played; empty: it can
    position    bigint  NOT NULL,
    -- By what is always there, and not a generation's own.
    plain       text COLLATE "C" NOT NULL GENERATED ALWAYS AS ("read".plain(title)) STORED,
    words       tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('"read".words', left(title, 1000)), 'A') ||
        setweight(to_tsvector('"read".words', left(genre, 1000)), 'B') ||
        setweight(to_tsvector('"read".words', left(description, 20000)), 'D')) STORED
);
CREATE INDEX game_by_title ON read.game (plain, game_id) WHERE published;
CREATE INDEX game_by_genre ON read.game (left(genre, 100), plain, game_id) WHERE published;
CREATE INDEX game_by_words ON read.game USING gin (words) WITH (fastupdate = off) WHERE published;
CREATE INDEX game_by_likeness ON read.game USING gin (plain gin_trgm_ops) WITH (fastupdate = off) WHERE published;

-- A published game's title from each of its words on, besides the first.
CREATE TABLE read.game_start (
    game_id text    NOT NULL REFERENCES read.game,
    place   integer NOT NULL CHECK (place >= 1),
    start   text    NOT NULL,
    plain   text COLLATE "C" NOT NULL GENERATED ALWAYS AS ("read".plain(start)) STORED,
    PRIMARY KEY (game_id, place)
);
CREATE INDEX game_start_plain ON read.game_start (plain, game_id);

-- What players think of a game: apart from it, so that its words are not
-- written again with each star.
CREATE TABLE read.game_rating (
    game_id text PRIMARY KEY,
    ratings bigint NOT NULL CHECK (ratings >= 0),
    stars   bigint NOT NULL CHECK (stars BETWEEN ratings AND 5 * ratings)  -- of all of them
);
