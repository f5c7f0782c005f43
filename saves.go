package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/saves"
	"github.com/playcast/playcast/streamer/storage"
)

// savesCommand looks after players' saves.
type savesCommand struct {
	Data  string `default:"./data" type:"path" help:"The data directory, which has the saves unless --saves names another place." env:"PLAYCAST_DATA"`
	Store string `name:"saves" placeholder:"FOLDER|s3://…" help:"Where players' saves are kept." env:"PLAYCAST_SAVES"`

	List    savesListCommand    `cmd:"" help:"Print the versions that are kept, the latest of each game first."`
	Export  savesExportCommand  `cmd:"" help:"Write a version into a file, a tar compressed by Zstandard."`
	Restore savesRestoreCommand `cmd:"" help:"Have a version go on at the next start. Nothing is removed."`
}

// savesFolder is where saves are in a data directory, unless another place is
// named.
const savesFolder = "saves"

func (c *savesCommand) open(ctx context.Context) (storage.Opened, error) {
	where := c.Store
	if where == "" {
		where = (&upCommand{Data: c.Data}).path(savesFolder)
		if _, err := os.Stat(where); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there are no saves in %s: name its data directory with --data, or the store with --saves", c.Data)
		}
	}
	return savesFlags{Store: where}.openStore(ctx, "")
}

// ofPlayer names a player's game. The fields are checked by their types' use:
// what is no id is found nowhere.
type ofPlayer struct {
	Player string `arg:"" help:"The player."`
	Game   string `arg:"" help:"The game."`
}

func (o ofPlayer) ids() (events.PlayerID, events.GameID, error) {
	player, err := events.ParsePlayerID(o.Player)
	if err != nil {
		return "", "", err
	}
	game, err := events.ParseGameID(o.Game)
	return player, game, err
}

// ofVersion names a version of a player's game.
type ofVersion struct {
	ofPlayer
	Version string `arg:"" help:"The version, as list prints it."`
}

// with runs a function on the store of saves, for the version that is named.
func (o ofVersion) with(ctx context.Context, all *savesCommand, use func(storage.Store, events.PlayerID, events.GameID, saves.Version) error) (err error) {
	player, game, err := o.ids()
	if err != nil {
		return err
	}
	version, err := saves.ParseVersion(o.Version)
	if err != nil {
		return err
	}
	store, err := all.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return use(store, player, game, version)
}

type savesListCommand struct {
	Player string `arg:"" optional:"" help:"Of this player alone."`
	Game   string `arg:"" optional:"" help:"Of this game alone."`
}

// Run prints a line a version.
func (c *savesListCommand) Run(ctx context.Context, t *terminal, all *savesCommand) (err error) {
	store, err := all.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	notes, err := saves.List(ctx, store, events.PlayerID(c.Player), events.GameID(c.Game))
	for _, n := range notes {
		why := ""
		if n.Why != "" {
			why = "  " + n.Why
		}
		if _, err := fmt.Fprintf(t.out, "%s  %s  %s  %s  %d files  %d bytes  by %s%s\n", n.Player, n.Game, n.Version,
			n.Version.At.Local().Format(time.DateTime), n.Content.Files, n.Content.Bytes, n.Worker, why); err != nil {
			return err
		}
	}
	return err
}

type savesExportCommand struct {
	ofVersion
	To string `arg:"" type:"path" help:"The file to write."`
}

// Run writes the file, which must not be there yet.
func (c *savesExportCommand) Run(ctx context.Context, _ *terminal, all *savesCommand) error {
	return c.with(ctx, all, func(store storage.Store, player events.PlayerID, game events.GameID, version saves.Version) error {
		file, err := os.OpenFile(c.To, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		err = saves.Export(ctx, store, player, game, version, file)
		if err = errors.Join(err, file.Close()); err != nil {
			return errors.Join(err, os.Remove(c.To))
		}
		return nil
	})
}

type savesRestoreCommand struct{ ofVersion }

// Run prints the name of the version that goes on.
func (c *savesRestoreCommand) Run(ctx context.Context, t *terminal, all *savesCommand) error {
	return c.with(ctx, all, func(store storage.Store, player events.PlayerID, game events.GameID, version saves.Version) error {
		restored, err := saves.Restore(ctx, store, player, game, version)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s goes on at the next start of %s; a session that runs now goes on with its own\n", restored, game)
		return err
	})
}
