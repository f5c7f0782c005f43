package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/gamepad"
	"github.com/playcast/playcast/streamer/saves"
)

// playing is the worker and what it works with.
type playing struct {
	catalog      game.Catalog
	encoders     []encode.Support // one a codec, the most wanted first
	saves        *saves.Keeper
	worker       *streamer.Worker
	registration *registration
}

// runWorker makes the streamer ready, after clearing what an earlier playcast
// left behind.
func (p *platform) runWorker(ctx context.Context) error {
	games, err := game.LoadWith(p.command.Games, ownGames(p.command.Data))
	if err != nil {
		return err
	}
	p.catalog = games
	log := p.terminal.log.With("part", "streamer")
	swept, err := game.Sweep(p.command.path("run"))
	if err != nil {
		return fmt.Errorf("clear what an earlier run left behind: %w", err)
	}
	if swept.Directories > 0 {
		log.Warn("an earlier run had left sessions behind", "sessions", swept.Directories, "processes", swept.Processes)
	}
	launcher, err := game.NewLauncher(game.Config{RunDir: p.command.path("run"), DataDir: p.command.path("players")})
	if err != nil {
		return err
	}
	p.onStop("games", func(context.Context) error { return launcher.Close() })
	if err := p.requireIsolation(launcher.Isolation()); err != nil {
		return err
	}
	if err := game.GoFirst(); err != nil {
		log.Info("a game that takes all that it gets may cost others frames", "reason", err)
	}
	if err := p.openSaves(ctx, log); err != nil {
		return err
	}
	pads, err := gamepad.NewMaker(gamepad.Way(p.command.Gamepads), p.command.path("run"))
	if errors.Is(err, gamepad.ErrNotBuilt) && pads != nil {
		log.Warn("games get no gamepads", "reason", err)
	} else if err != nil {
		return err
	}
	media, err := p.openMedia()
	if err != nil {
		return err
	}
	if err := p.chooseEncoders(); err != nil {
		return err
	}
	trace, err := p.openTrace()
	if err != nil {
		return err
	}
	p.worker = streamer.NewWorker(events.WorkerID(p.command.Worker), streamer.Parts{
		Launcher: launcher, Catalog: games, Media: media,
		Reporter: &reporter{handler: p.handler, worker: events.WorkerID(p.command.Worker)}, Log: log,
		Trace: trace, Saves: p.saves, Gamepads: pads, Encoders: p.encoders, Recordings: p.recordingsForWorker(),
	})
	p.onStop("worker", p.worker.Close)
	p.registration = newRegistration(p)
	return nil
}

// chooseEncoders tries which encoders work, and says what it found.
func (p *platform) chooseEncoders() error {
	encoders, passed, err := encode.Preferred(p.command.Encoder)
	if err != nil {
		return fmt.Errorf("%w (see playcast doctor; one can be named with --encoder)", err)
	}
	for _, other := range passed {
		p.terminal.log.Info("an encoder does not work here", "encoder", other.Name, "reason", other.Err)
	}
	for _, one := range encoders {
		p.terminal.log.Info("pictures are encoded", "encoder", one.Name, "codec", one.Codec.String(), "hardware", one.Hardware)
	}
	p.encoders = encoders
	return nil
}

// openTrace returns nil where none is asked for.
func (p *platform) openTrace() (*streamer.Trace, error) {
	if p.command.Trace == "" {
		return nil, nil
	}
	file, err := os.Create(p.command.Trace)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	trace := streamer.NewTrace(file)
	p.onStop("trace", func(context.Context) error { return errors.Join(trace.Close(), file.Close()) })
	return trace, nil
}

// registerWorker offers the slots, now that the worker hears of allocations.
func (p *platform) registerWorker(ctx context.Context) error {
	r := p.registration
	r.offer.Address, r.offer.Slots, r.offer.Games = p.address, p.command.Slots, p.installed()
	r.offer.Region, r.offer.GPU = p.command.Region, encode.GPU("/", p.encoders)
	for _, one := range p.encoders {
		r.offer.Encoders = append(r.offer.Encoders, one.Name)
	}
	if err := r.register(ctx); err != nil {
		return err
	}
	watch, cancel := context.WithCancel(context.Background())
	r.group.Go(func() {
		if err := r.watch(watch); err != nil {
			p.fail(err)
		}
	})
	p.onStop("worker's registration", func(ctx context.Context) error {
		cancel()
		r.group.Wait()
		// Its sessions end first: then the slots are nobody's.
		if err := p.worker.Close(ctx); err != nil {
			return err
		}
		return r.stop(ctx)
	})
	return nil
}

// installed are the games that this worker can play.
func (p *platform) installed() []events.GameID {
	games := []events.GameID{}
	for _, entry := range p.catalog {
		if entry.Installed() == nil {
			games = append(games, entry.ID)
		}
	}
	return games
}
