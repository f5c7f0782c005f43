package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/saves"
	"github.com/playcast/playcast/streamer/storage"
)

// savesFlags say where players' saves are kept.
type savesFlags struct {
	Store string `name:"saves" placeholder:"FOLDER|s3://…" help:"Where players' saves are kept: a folder, or s3://key:secret@host:port/bucket/prefix?region=…&tls=on, which several workers may share. Without a key, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY count, or AWS_SHARED_CREDENTIALS_FILE. Default: a folder in the data directory." env:"PLAYCAST_SAVES"`
	Keep  int    `name:"saves-keep" default:"5" help:"How many versions of a player's saves of a game are kept." env:"PLAYCAST_SAVES_KEEP"`
}

func (f savesFlags) validate() error {
	if f.Keep < 1 || f.Keep > 1000 {
		return fmt.Errorf("--saves-keep %d: 1 to 1000 versions can be kept", f.Keep)
	}
	if scheme, _, found := strings.Cut(f.Store, "://"); found && scheme != "s3" {
		return fmt.Errorf("--saves: there are no stores of the kind %q: name a folder, or s3://host/bucket", scheme)
	}
	return nil
}

// openStore opens the store of saves of a data directory, and tries it.
func (f savesFlags) openStore(ctx context.Context, inData string) (storage.Opened, error) {
	store, err := storage.Open(ctx, cmp.Or(f.Store, inData))
	if err != nil {
		return nil, fmt.Errorf("open the store of saves: %w (--saves names it)", err)
	}
	return store, nil
}

// openSaves makes the players' saves ready, and begins to store what an earlier
// run could not.
func (p *platform) openSaves(ctx context.Context, log *slog.Logger) error {
	flags := p.command.Saves
	store, err := flags.openStore(ctx, p.command.path(savesFolder))
	if err != nil {
		return err
	}
	p.onStop("store of saves", func(context.Context) error { return store.Close() })
	log.Info("saves are kept", "in", storage.Shown(cmp.Or(flags.Store, p.command.path(savesFolder))))
	p.saves, err = saves.Open(saves.Config{
		Dir: p.command.path("players"), Store: store, Worker: events.WorkerID(p.command.Worker), Keep: flags.Keep, Log: log,
		Limits: saves.Limits{Bytes: largestHome(p.catalog)},
	})
	if err != nil {
		return err
	}
	p.onStop("saves", p.saves.Close)
	return nil
}

// largestHome is what the home of any game may have; 0: no entry says.
func largestHome(games game.Catalog) (bytes int64) {
	for _, entry := range games {
		bytes = max(bytes, int64(entry.Limits.Storage))
	}
	if bytes > 0 && bytes < int64(game.GiB) {
		return int64(game.GiB) // the others' default
	}
	return bytes
}
