// Package xconn opens connections to local X servers.
//
// It exists for three things that xgb alone does not give to a process that
// talks to many displays at once:
//
//   - the authority file is an argument, not the environment of the process;
//   - extensions are enabled without the Init functions of xgb's packages,
//     which write maps that the reader of every other connection reads;
//   - a server that does not answer is given up after a while.
//
// Never call an extension's Init on a connection from here, nor open one by
// xgb itself: pass the extensions to Dial. Their requests and replies work as
// usual; their events arrive as Event and their errors as Error, undecoded,
// since the numbers differ from server to server (see FirstEvent).
//
// Whoever dials closes the connection, and reads its events (WaitForEvent or
// PollForEvent) if it has asked for any: xgb holds 5000 and then stops reading.
package xconn

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jezek/xgb"
)

// handshakeTimeout bounds connecting, authentication and the queries for
// extensions. A server that is up answers within milliseconds.
const handshakeTimeout = 10 * time.Second

// Dial connects to the local X server of display (":101", ":101.0" or
// "unix:101") with the cookie from the file authority, or without one where
// authority is empty, and enables the extensions. Errors name the display; an
// extension that the server lacks is an error.
func Dial(display, authority string, exts ...Extension) (*xgb.Conn, error) {
	number, screen, key, err := resolve(display, authority)
	if err != nil {
		return nil, err
	}
	conn, err := dial(number, key, exts)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %w", display, err)
	}
	conn.DisplayNumber, conn.DefaultScreen = number, screen
	return conn, nil
}

func dial(number int, key []byte, exts []Extension) (*xgb.Conn, error) {
	socket, err := dialSocket(number)
	if err != nil {
		return nil, err
	}
	prepareTables()
	conn, err := xgb.NewConnNet(&authConn{Conn: socket, setup: setupRequest(key)})
	if err != nil {
		socket.Close()
		return nil, err
	}
	for _, ext := range exts {
		if err := enable(conn, ext); err != nil {
			conn.Close()
			return nil, err
		}
	}
	if err := socket.SetDeadline(time.Time{}); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// resolve reads the display's name and the cookie for it, nil for none.
func resolve(display, authority string) (number, screen int, key []byte, err error) {
	number, screen, err = parseDisplay(display)
	if err != nil || authority == "" {
		return number, screen, nil, err
	}
	key, err = readCookie(authority, number)
	if err != nil {
		return 0, 0, nil, fmt.Errorf("authority of display %s: %w", display, err)
	}
	return number, screen, key, nil
}

// parseDisplay splits a local display name into its number and screen.
func parseDisplay(display string) (number, screen int, err error) {
	host, rest, found := strings.Cut(display, ":")
	if !found {
		return 0, 0, fmt.Errorf("display %q: no colon, want a name such as \":101\"", display)
	}
	if host != "" && host != "unix" {
		return 0, 0, fmt.Errorf("display %q: host %q: only displays of this machine can be used", display, host)
	}
	num, scr, hasScreen := strings.Cut(rest, ".")
	n, err := strconv.ParseUint(num, 10, 16)
	if err != nil {
		return 0, 0, fmt.Errorf("display %q: number %q: want 0 to 65535", display, num)
	}
	if !hasScreen {
		return int(n), 0, nil
	}
	s, err := strconv.ParseUint(scr, 10, 8)
	if err != nil {
		return 0, 0, fmt.Errorf("display %q: screen %q: want 0 to 255", display, scr)
	}
	return int(n), int(s), nil
}

// authConn replaces the first thing written, xgb's connection setup, by ours:
// xgb takes its cookie only from the environment, and knows no display number
// for a connection that was made for it.
type authConn struct {
	net.Conn
	setup []byte // nil once sent
}

// Write is called by one goroutine at a time: during setup by the one that
// connects, then by the one that sends requests.
func (c *authConn) Write(p []byte) (int, error) {
	if c.setup == nil {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(c.setup); err != nil {
		return 0, err
	}
	c.setup = nil
	return len(p), nil
}
