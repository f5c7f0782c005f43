-- Games whose titles have something like a text, by how like it is. The planner
-- takes a comparison of trigrams to be as cheap as one of numbers, and would
-- rather compare every title than use their index.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION read.alike(said text, of_genre text, room integer, takes text, now_only boolean, at_age integer)
RETURNS TABLE (game text, rank double precision) LANGUAGE plpgsql STABLE ROWS 100
SET pg_trgm.word_similarity_threshold = 0.4 SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
DECLARE begins text := left(read.plain(said), 40);
BEGIN
    IF length(begins) < 4 THEN -- as like one title as another
        RETURN;
    END IF;
    PERFORM set_config('pg_trgm.word_similarity_threshold', CASE WHEN length(begins) < 6 THEN '0.55' ELSE '0.4' END, true);
    RETURN QUERY SELECT g.game_id, word_similarity(begins, g.plain)::float8 FROM read.game g
    WHERE g.published AND begins <% g.plain
      AND (of_genre = '' OR g.genre = of_genre) AND g.players >= room
      AND (takes = '' OR takes = ANY(g.inputs)) AND (NOT now_only OR g.reason = '') AND g.minimum_age <= at_age;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION read.alike;
