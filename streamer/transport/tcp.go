package transport

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"golang.org/x/net/netutil"
)

const (
	// tcpClients is how many connections there may be at once; what comes
	// beyond waits in the system's queue.
	tcpClients = 1024
	// tcpPatience is how long a connection may take to name the peer it is
	// for, and how long one for a peer that is unknown is kept.
	tcpPatience = 5 * time.Second
	// tcpBacklog bounds the bytes that wait for a client's TCP to take them,
	// here and in the system: 0.2 s of 10 Mb/s. What comes when it is full is
	// lost, as it would be in the queue of a router; what waited longer would
	// be shown too late.
	tcpBacklog = 128 << 10
	// tcpUnread is how many packets of a client may wait to be read.
	tcpUnread = 64
)

// listenTCP serves ICE over TCP (RFC 6544): the way in for a client whose
// network lets no UDP out. Clients connect; the server never does.
func listenTCP(addr string, log logging.LeveledLogger) (*ice.TCPMuxDefault, error) {
	listener, err := bindTCP(addr)
	if err != nil {
		return nil, err
	}
	return ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener:                     netutil.LimitListener(newDoor(shallow{listener}, 0), tcpClients),
		Logger:                       log,
		ReadBufferSize:               tcpUnread,
		WriteBufferSize:              tcpBacklog,
		FirstStunBindTimeout:         tcpPatience,
		AliveDurationForConnFromStun: tcpPatience,
	}), nil
}

// bindTCP listens on an address; one that is taken gives an *AddressInUseError.
func bindTCP(addr string) (*net.TCPListener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("resolve TCP address %q: %w", addr, err)
	}
	listener, err := net.ListenTCP("tcp", tcp)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &AddressInUseError{Network: "TCP", Addr: addr, Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on TCP %s: %w", addr, err)
	}
	return listener, nil
}

// shallow accepts connections on which little waits in the system.
type shallow struct{ *net.TCPListener }

// Accept waits for a connection.
func (l shallow) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	// The system may keep its own size: then more waits on a slow path.
	_ = conn.SetWriteBuffer(tcpBacklog)
	return conn, nil
}
