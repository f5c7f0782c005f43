package game

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Sound is a session's private PulseAudio with a sink into which the game plays
// and which nobody hears but whoever records its monitor, and with a microphone
// in which the game hears what is played into another sink. A game whose
// Sound has ended goes on in silence: games don't look for another one.
type Sound struct {
	socket string
	child  *child

	close    sync.Once
	closeErr error
}

const (
	// soundTimeout bounds the start of the daemon, which takes about 0.1 s.
	soundTimeout = 10 * time.Second
	soundEvery   = 5 * time.Millisecond
	// What a game plays into and records from, as PulseAudio names them.
	soundSink, soundSource = "game", "microphone"
	// maxSocketPath is what sun_path of unix(7) holds, less its end.
	maxSocketPath = 107
)

// ErrNoPulseAudio is why a session is silent on a machine without it.
var ErrNoPulseAudio = errors.New("the program pulseaudio is not installed: apt-get install pulseaudio")

// StartSound starts the sound of a session, and returns when it takes
// connections. Once it is started, ctx has no more say: Close ends it.
func (l *Launcher) StartSound(ctx context.Context, session events.SessionID) (*Sound, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start the sound: %w", err)
	}
	program, err := lookPath("pulseaudio")
	if err != nil {
		return nil, ErrNoPulseAudio
	}
	dir, record, err := l.makeDir(session, "sound")
	if err != nil {
		return nil, fmt.Errorf("start the sound: %w", err)
	}
	s, err := l.startSound(dir, program)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start the sound: %w", err)
	}
	if err := errors.Join(s.child.record(record), s.awaitReady(ctx), s.child.goAlong()); err != nil {
		return nil, errors.Join(fmt.Errorf("start the sound: %w", err), s.Close())
	}
	return s, nil
}

// startSound starts PulseAudio with nothing but what is named here. Who may
// connect is settled by the directory, which nobody else may enter. A sink that
// rewinds would play in blocks of 2 s while nobody records, and whoever begins
// to would wait for the end of one; without, they take 50 ms.
func (l *Launcher) startSound(dir, program string) (*Sound, error) {
	socket := filepath.Join(dir, "native")
	if len(socket) > maxSocketPath {
		return nil, fmt.Errorf("the path of its socket is too long for the system, choose a shorter data directory: %s", socket)
	}
	child, err := newChild(dir, []string{program, "-n",
		"--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--realtime=no", "--high-priority=no", "--disable-shm=yes", "--log-level=error",
		"-L", "module-null-sink sink_name=" + soundSink + " norewinds=1 rate=48000 channels=2 format=s16le",
		"-L", "module-null-sink sink_name=voice norewinds=1 rate=48000 channels=1 format=s16le",
		"-L", "module-remap-source source_name=" + soundSource + " master=voice.monitor",
		"-L", "module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket=" + socket,
		"--disallow-module-loading", "--disallow-exit",
	}, []string{"PATH=" + searchPath, "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PULSE_RUNTIME_PATH=" + dir}, "")
	if err != nil {
		return nil, err
	}
	if l.Sandboxed() {
		s := aside()
		s.add("--unshare-net")
		s.show(Mount{Host: dir, Inside: dir, Writable: true})
		if err := child.confine(s, l.tools, soundLimits); err != nil {
			return nil, err
		}
	}
	if err := l.start(child); err != nil {
		return nil, err
	}
	return &Sound{socket: socket, child: child}, nil
}

// awaitReady tries the socket until somebody answers: PulseAudio says only to
// systemd when it is ready.
func (s *Sound) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, soundTimeout)
	defer cancel()
	again := time.NewTicker(soundEvery)
	defer again.Stop()
	for {
		conn, err := net.Dial("unix", s.socket)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-again.C:
		case <-s.child.done:
			return s.child.output.explain(errors.New("PulseAudio ended before it was ready"))
		case <-ctx.Done():
			return fmt.Errorf("wait for PulseAudio: %w", ctx.Err())
		}
	}
}

// Server is the address for PULSE_SERVER.
func (s *Sound) Server() string { return "unix:" + s.socket }

// Done is closed when the daemon has ended.
func (s *Sound) Done() <-chan struct{} { return s.child.done }

// Close ends the daemon and removes its files. It may be called again.
func (s *Sound) Close() error {
	s.close.Do(func() { s.closeErr = s.child.close() })
	if s.closeErr != nil {
		return fmt.Errorf("close the sound: %w", s.closeErr)
	}
	return nil
}
