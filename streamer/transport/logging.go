package transport

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs hands the WebRTC library's log to slog. The library warns of
// matters that are a client's (a lost packet, a closed socket), so its
// warnings are our debug lines and only its errors are warnings.
type pionLogs struct {
	to *slog.Logger
	// clients: its errors are a client's matters, too.
	clients bool
}

var _ logging.LoggerFactory = pionLogs{}

func (f pionLogs) NewLogger(scope string) logging.LeveledLogger {
	worst := slog.LevelWarn
	if f.clients {
		worst = slog.LevelDebug
	}
	return pionLog{f.to.With("scope", scope), worst}
}

type pionLog struct {
	to    *slog.Logger
	worst slog.Level
}

var _ logging.LeveledLogger = pionLog{}

func (l pionLog) log(level slog.Level, msg string) {
	l.to.Log(context.Background(), level, "webrtc", "message", msg)
}

// logf formats only what somebody will read: some lines come once a packet.
func (l pionLog) logf(level slog.Level, format string, args []any) {
	if l.to.Enabled(context.Background(), level) {
		l.log(level, fmt.Sprintf(format, args...))
	}
}

// levelTrace is below Debug, because trace lines come once a packet.
const levelTrace = slog.LevelDebug - 4

func (l pionLog) Trace(msg string)          { l.log(levelTrace, msg) }
func (l pionLog) Tracef(f string, a ...any) { l.logf(levelTrace, f, a) }
func (l pionLog) Debug(msg string)          { l.log(slog.LevelDebug, msg) }
func (l pionLog) Debugf(f string, a ...any) { l.logf(slog.LevelDebug, f, a) }
func (l pionLog) Info(msg string)           { l.log(slog.LevelDebug, msg) }
func (l pionLog) Infof(f string, a ...any)  { l.logf(slog.LevelDebug, f, a) }
func (l pionLog) Warn(msg string)           { l.log(slog.LevelDebug, msg) }
func (l pionLog) Warnf(f string, a ...any)  { l.logf(slog.LevelDebug, f, a) }
func (l pionLog) Error(msg string)          { l.log(l.worst, msg) }
func (l pionLog) Errorf(f string, a ...any) { l.logf(l.worst, f, a) }
