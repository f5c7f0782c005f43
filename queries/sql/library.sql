-- name: Games :many
SELECT g.game_id, g.title, g.description, g.genre, g.art, g.width, g.height, g.frame_rate, g.inputs, g.players, g.minimum_age, g.reason,
    coalesce(r.ratings, 0)::bigint AS ratings, coalesce(r.stars, 0)::bigint AS stars
FROM read.game g LEFT JOIN read.game_rating r USING (game_id)
WHERE g.game_id = ANY(@ids::text[]) AND g.published;

-- name: Library :many
SELECT g.game_id, g.plain FROM read.game g
WHERE g.published AND (@genre::text = '' OR left(g.genre, 100) = left(@genre, 100) AND g.genre = @genre) AND g.players >= @players::int
  AND (@input::text = '' OR @input = ANY(g.inputs)) AND (NOT @available::boolean OR g.reason = '') AND g.minimum_age <= @age::int
  AND (g.plain, g.game_id) > (@after_plain::text, @after_id::text)
ORDER BY g.plain, g.game_id
LIMIT @page_size;

-- name: WholeLibrary :many
-- Many at once, without what only filters need.
SELECT g.game_id, g.title, g.description, g.genre, g.art, g.width, g.height, g.frame_rate, g.inputs, g.players, g.minimum_age, g.reason,
    coalesce(r.ratings, 0)::bigint AS ratings, coalesce(r.stars, 0)::bigint AS stars, g.plain
FROM read.game g LEFT JOIN read.game_rating r USING (game_id)
WHERE g.published AND (g.plain, g.game_id) > (@after_plain::text, @after_id::text)
ORDER BY g.plain, g.game_id
LIMIT @page_size;

-- name: SearchSize :one
-- How many games have the words, up to a bound. Where nothing has to be there,
-- as in "-doom", an index is of no use, and many are assumed.
SELECT CASE WHEN numnode(websearch_to_tsquery('read.words', @text)) = 0 THEN 0
    WHEN querytree(websearch_to_tsquery('read.words', @text)) = 'T' THEN @at_most::int
    ELSE (SELECT count(*) FROM (
        SELECT FROM read.game g
        WHERE g.published AND g.words @@ websearch_to_tsquery('read.words', @text)
          AND (@genre::text = '' OR left(g.genre, 100) = left(@genre, 100) AND g.genre = @genre) AND g.players >= @players::int
          AND (@input::text = '' OR @input = ANY(g.inputs)) AND (NOT @available::boolean OR g.reason = '') AND g.minimum_age <= @age::int
        LIMIT @at_most::int) found) END::int;

-- name: SearchByRank :many
-- Words of the title count most, then those of the genre; the title itself comes first.
SELECT g.game_id, g.rank FROM (
    SELECT *, (ts_rank('{0.1, 0.2, 0.4, 1}', words, websearch_to_tsquery('read.words', @text)) + (plain = read.plain(@text))::int)::float8 AS rank
    FROM read.game WHERE published AND words @@ websearch_to_tsquery('read.words', @text)
) g
WHERE (@genre::text = '' OR left(g.genre, 100) = left(@genre, 100) AND g.genre = @genre) AND g.players >= @players::int
  AND (@input::text = '' OR @input = ANY(g.inputs)) AND (NOT @available::boolean OR g.reason = '') AND g.minimum_age <= @age::int
  AND (g.rank < @rank::float8 OR g.rank = @rank AND g.game_id > @after_id::text)
ORDER BY g.rank DESC, g.game_id
LIMIT @page_size;

-- name: SearchByTitle :many
SELECT g.game_id, g.plain FROM read.game g
WHERE g.published AND g.words @@ websearch_to_tsquery('read.words', @text)
  AND (@genre::text = '' OR left(g.genre, 100) = left(@genre, 100) AND g.genre = @genre) AND g.players >= @players::int
  AND (@input::text = '' OR @input = ANY(g.inputs)) AND (NOT @available::boolean OR g.reason = '') AND g.minimum_age <= @age::int
  AND (g.plain, g.game_id) > (@after_plain::text, @after_id::text)
ORDER BY g.plain, g.game_id
LIMIT @page_size;

-- name: SearchByLikeness :many
SELECT game::text AS game_id, rank::float8 AS rank
FROM read.alike(@text::text, @genre::text, @players::int, @input::text, @available::boolean, @age::int)
WHERE rank < @rank::float8 OR rank = @rank AND game > @after_id::text
ORDER BY rank DESC, game_id
LIMIT @page_size;

-- name: Complete :many
-- Titles that begin so come before those that have it later on. A game has up
-- to 12 words to begin at.
SELECT game_id, title FROM (
    SELECT DISTINCT ON (found.game_id) found.game_id, g.title, found.later, found.plain
    FROM (
        (SELECT b.game_id, b.plain, 0 AS later FROM read.game b
         WHERE b.published AND read.plain(@prefix) <> '' AND b.plain >= read.plain(@prefix) AND b.plain < read.plain(@prefix) || chr(1114111)
         ORDER BY b.plain, b.game_id LIMIT @at_most::int)
        UNION ALL
        (SELECT s.game_id, s.plain, 1 FROM read.game_start s
         WHERE read.plain(@prefix) <> '' AND s.plain >= read.plain(@prefix) AND s.plain < read.plain(@prefix) || chr(1114111)
         ORDER BY s.plain, s.game_id LIMIT 13 * @at_most::int)
    ) found JOIN read.game g ON g.game_id = found.game_id
    ORDER BY found.game_id, found.later, found.plain
) each ORDER BY later, plain, game_id LIMIT @at_most::int;
