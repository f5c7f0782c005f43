-- name: Daily :many
SELECT day, players, played_ms, requested, started, ended, failed, waits, waited_ms, longest_wait_ms, windows, bad_windows,
    frames_mhz, total_us, round_trip_us, lost_ppm, bit_rate, answered, answer_us
FROM read.daily WHERE game_id = @game_id AND day BETWEEN @first AND @last ORDER BY day;

-- name: DailyFailures :many
SELECT day, cause, sum(failures)::bigint AS failures FROM read.daily_failure
WHERE day BETWEEN @first AND @last AND (@game_id::text = '' OR game_id = @game_id)
GROUP BY day, cause ORDER BY day, cause;

-- name: DailyRevenue :many
SELECT day, currency, issued, voided, credited, paid, refunded FROM read.daily_revenue
WHERE day BETWEEN @first AND @last ORDER BY day, currency;

-- name: TopGames :many
SELECT game_id, sum(played_ms)::bigint AS played_ms, sum(started)::bigint AS started, sum(players)::bigint AS player_days
FROM read.daily WHERE day BETWEEN @first AND @last AND game_id <> ''
GROUP BY game_id
HAVING sum(played_ms) < @played_before::bigint OR sum(played_ms) = @played_before AND game_id > @after_id::text
ORDER BY played_ms DESC, game_id
LIMIT @page_size;
