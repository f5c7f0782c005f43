package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// libraryQuestions are about games.
func libraryQuestions(ctx context.Context, s *samples) []question {
	library := views(queries.ViewLibrary)
	games := texts[events.GameID](ctx, s, "SELECT game_id AS id, players AS n FROM read.game WHERE published")
	genres := collected(ctx, s, "SELECT genre FROM read.game WHERE published GROUP BY 1 ORDER BY count(*) DESC, 1", pgx.RowTo[string])
	titles := collected(ctx, s, "SELECT title FROM read.game WHERE published ORDER BY hashtext(game_id) LIMIT 40", pgx.RowTo[string])
	common, rare := genres[0], genres[len(genres)-1]
	filters := []queries.GameFilter{{}, {Genre: common}, {Genre: rare}, {Players: 4}, {Input: string(events.MouseRelative)}, {Available: true}, {Age: 6},
		{Genre: rare, Players: 4, Input: string(events.Gamepad), Available: true, Age: 12}, {Genre: "none has it"}}
	type searched struct {
		text   string
		filter queries.GameFilter
	}
	var searches []searched
	var typed []string
	for _, text := range append(titles, "the", common, rare, "dragon", "dragno quets", "-dragon", "nothing has this", `"lost dragon"`, "dragon OR tower", "🐉", "& | !", "a") {
		for _, filter := range filters[:3] {
			searches = append(searches, searched{text, filter})
		}
		short := []rune(text)
		typed = append(typed, text, string(short[:min(1, len(short))]), string(short[:min(3, len(short))]))
	}
	return []question{
		paged("Library", library, filters, (*queries.DB).Library),
		once("WholeLibrary", library, (*queries.DB).WholeLibrary),
		about("Game", library, games, (*queries.DB).Game),
		paged("Search", library, searches, func(db *queries.DB, ctx context.Context, of searched, cursor string, size int) (queries.GamePage, error) {
			return db.Search(ctx, of.text, of.filter, cursor, size)
		}),
		about("Complete", library, typed, (*queries.DB).Complete),
	}
}

// figureQuestions are about days, and who did what.
func figureQuestions(ctx context.Context, s *samples) []question {
	figures, audit := views(queries.ViewFigures), views(queries.ViewAudit)
	last := rowsOf[struct{ Day time.Time }](ctx, s, "SELECT max(day) FROM read.daily")[0].Day
	year, month := span{last.AddDate(0, 0, -365), last}, span{last.AddDate(0, 0, -30), last}
	games := append([]events.GameID{""}, texts[events.GameID](ctx, s, "SELECT game_id AS id, count(*) AS n FROM read.daily WHERE game_id <> '' GROUP BY 1")...)
	actors := texts[events.Actor](ctx, s, "SELECT actor AS id, count(*) AS n FROM read.audit GROUP BY 1")
	subjects := texts[string](ctx, s, "SELECT subject AS id, count(*) AS n FROM read.audit GROUP BY 1")
	types := texts[string](ctx, s, "SELECT type AS id, count(*) AS n FROM read.audit GROUP BY 1")
	deeds := []queries.AuditFilter{{}, {Until: longAgo}, {Actor: "player:nobody"}}
	for i := range 30 {
		actor, subject, kind := actors[i%len(actors)], subjects[i%len(subjects)], types[i%len(types)]
		deeds = append(deeds, queries.AuditFilter{Actor: actor}, queries.AuditFilter{Subject: subject}, queries.AuditFilter{Type: kind},
			queries.AuditFilter{Actor: actor, Type: kind}, queries.AuditFilter{Actor: actor, Subject: subject, Type: kind, Since: longAgo, Until: last})
	}
	return []question{
		about("Daily", figures, games, func(db *queries.DB, ctx context.Context, game events.GameID) ([]queries.Day, error) {
			return db.Daily(ctx, game, year.since, year.until)
		}),
		paged("TopGames", figures, []span{year, month, {last, last}}, func(db *queries.DB, ctx context.Context, of span, cursor string, size int) (queries.TopGamePage, error) {
			return db.TopGames(ctx, of.since, of.until, cursor, size)
		}),
		paged("Audit", audit, deeds, (*queries.DB).Audit),
		paged("Audit:of a day", audit, []queries.AuditFilter{{Since: last, Until: last.AddDate(0, 0, 1)}}, (*queries.DB).Audit),
	}
}
