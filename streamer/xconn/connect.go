package xconn

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Connect opens a connection to the server of display, authority as in Dial,
// and hands it over right after the setup, for a client that speaks the
// protocol by itself. The next request has the sequence number 1.
func Connect(display, authority string) (*net.UnixConn, *xproto.SetupInfo, error) {
	number, _, key, err := resolve(display, authority)
	if err != nil {
		return nil, nil, err
	}
	socket, err := dialSocket(number)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to display %s: %w", display, err)
	}
	setup, err := handshake(socket, key)
	if err == nil {
		err = socket.SetDeadline(time.Time{})
	}
	if err != nil {
		socket.Close()
		return nil, nil, fmt.Errorf("connect to display %s: %w", display, err)
	}
	return socket, setup, nil
}

// dialSocket connects with a deadline, which stays set. As Xlib does it tries
// the abstract socket first: the file may be missing, because a server that
// ends removes it late, when the next one with its number has made it anew.
func dialSocket(number int) (*net.UnixConn, error) {
	deadline := time.Now().Add(handshakeTimeout)
	path := "/tmp/.X11-unix/X" + strconv.Itoa(number)
	socket, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: "@" + path, Net: "unix"})
	if err != nil {
		socket, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	}
	if err != nil {
		return nil, err
	}
	if err := socket.SetDeadline(deadline); err != nil {
		socket.Close()
		return nil, err
	}
	return socket, nil
}

func handshake(socket net.Conn, key []byte) (*xproto.SetupInfo, error) {
	if _, err := socket.Write(setupRequest(key)); err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(socket, head); err != nil {
		return nil, err
	}
	buf := make([]byte, 8+4*int(xgb.Get16(head[6:])))
	copy(buf, head)
	if _, err := io.ReadFull(socket, buf[8:]); err != nil {
		return nil, err
	}
	if head[0] != 1 { // 0 refused, 2 wants more authentication
		reason := buf[8:]
		if n := int(head[1]); head[0] == 0 && n < len(reason) {
			reason = reason[:n]
		}
		return nil, fmt.Errorf("refused: %s", reason)
	}
	setup := new(xproto.SetupInfo)
	xproto.SetupInfoRead(buf, setup)
	if len(setup.Roots) == 0 {
		return nil, fmt.Errorf("the server has no screen")
	}
	return setup, nil
}

// setupRequest is the first message of a client (X Window System Protocol,
// chapter 8, "Connection Setup"), little-endian.
func setupRequest(key []byte) []byte {
	name := cookieName
	if key == nil {
		name = ""
	}
	buf := make([]byte, 12+xgb.Pad(len(name))+xgb.Pad(len(key)))
	buf[0] = 'l'
	xgb.Put16(buf[2:], 11)
	xgb.Put16(buf[6:], uint16(len(name)))
	xgb.Put16(buf[8:], uint16(len(key)))
	copy(buf[12:], name)
	copy(buf[12+xgb.Pad(len(name)):], key)
	return buf
}
