-- name: PictureHistory :many
-- The times of the session's history say in which months it lies.
SELECT h.position, h.began_at, h.ended_at, h.quality, h.picture FROM read.picture_history h
WHERE h.session_id = @session_id AND h.position > @after
  AND h.at >= (SELECT q.told_from FROM read.session_quality q WHERE q.session_id = @session_id)
  AND h.at <= (SELECT q.told_to FROM read.session_quality q WHERE q.session_id = @session_id)
ORDER BY h.position
LIMIT @page_size;

-- name: SessionCurve :many
-- As many windows go into a point as it takes for no more points than asked for.
SELECT min(w.began_at)::timestamptz AS began_at, max(w.ended_at)::timestamptz AS ended_at, count(*) AS windows,
    sum(w.frame_rate)::float8 AS frame_rate_sum, min(w.frame_rate)::float8 AS frame_rate_worst,
    sum(w.bit_rate)::float8 AS bit_rate_sum,
    sum(w.lost)::float8 AS lost_sum, max(w.lost)::float8 AS lost_worst,
    sum(w.round_trip)::float8 AS round_trip_sum, max(w.round_trip)::float8 AS round_trip_worst,
    sum(w.delay)::float8 AS delay_sum, max(w.delay)::float8 AS delay_worst,
    count(w.answer) AS answered, coalesce(sum(w.answer), 0)::float8 AS answer_sum, coalesce(max(w.answer), 0)::float8 AS answer_worst,
    sum(w.freezes)::bigint AS freezes, sum(w.freeze_ms)::float8 AS freeze_ms
FROM (
    SELECT h.began_at, h.ended_at, h.frame_rate, h.bit_rate, h.lost, h.round_trip, h.delay, h.answer, h.freezes, h.freeze_ms,
        (row_number() OVER (ORDER BY h.position) - 1) / (SELECT greatest(1, ceil(q.windows / sqlc.arg(points)::float8))::bigint
            FROM read.session_quality q WHERE q.session_id = @session_id) AS point
    FROM read.picture_history h
    WHERE h.session_id = @session_id AND h.quality IS NOT NULL
      AND h.at >= (SELECT q.told_from FROM read.session_quality q WHERE q.session_id = @session_id)
      AND h.at <= (SELECT q.told_to FROM read.session_quality q WHERE q.session_id = @session_id)
) w
GROUP BY w.point ORDER BY w.point;
