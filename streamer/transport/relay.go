package transport

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pion/turn/v5"
	"golang.org/x/net/netutil"
)

// Relay configures a TURN server (RFC 8656) for clients that reach the media
// in no other way: whose network lets nothing out but to well-known ports, or
// for media that stands behind a firewall and the relay before it. It relays
// to this server's media and to nothing else.
type Relay struct {
	// Addr is the address that it listens on, UDP and TCP, as ":3478". Empty:
	// there is no relay.
	Addr string
	// Host is the name or address by which clients reach it. Required.
	Host string
	// Realm of the credentials: "playcast".
	Realm string
	// MinPort and MaxPort bound the UDP ports it relays from: 49160 to 49959.
	// Nobody but this server sends to them.
	MinPort, MaxPort int
	// Secret is what credentials are made with. Nil makes one, for the
	// credentials of this process alone.
	Secret []byte
}

const (
	// relayFor is how long credentials are valid. A client shows them each
	// few minutes, so it has to outlast a session.
	relayFor = 12 * time.Hour
	// relayPerUser bounds what one user relays at once: a browser opens one
	// for each of its networks and protocols, and again when ICE restarts.
	relayPerUser = 8
	// relayPatience is how long a client may send nothing at all: whoever uses
	// the relay sends checks of the path each few seconds.
	relayPatience = time.Minute
	// relayClients bounds the TCP connections to the relay; what comes beyond
	// waits in the system's queue.
	relayClients = 1024
)

func (r Relay) withDefaults() Relay {
	r.Realm = cmp.Or(r.Realm, "playcast")
	r.MinPort, r.MaxPort = cmp.Or(r.MinPort, 49160), cmp.Or(r.MaxPort, 49959)
	return r
}

func (r Relay) validate() error {
	if r.Addr == "" {
		return nil
	}
	if r.Host == "" {
		return errors.New("the relay needs the name by which clients reach it")
	}
	if r.MinPort < 1024 || r.MinPort > r.MaxPort || r.MaxPort > 65535 {
		return fmt.Errorf("the relay's ports must be in order: 1024 <= %d <= %d <= 65535", r.MinPort, r.MaxPort)
	}
	return nil
}

// ICEServer is a relay with the credentials to use it.
type ICEServer struct {
	URL                  string
	Username, Credential string
}

// relay is the TURN server.
type relay struct {
	cfg    Relay
	server *turn.Server
	port   int
}

// listenRelay serves a relay to the media socket.
func listenRelay(cfg Relay, media *net.UDPAddr, public []string, logs pionLogs) (*relay, error) {
	if cfg.Secret == nil {
		cfg.Secret = []byte(rand.Text())
	}
	conn, listener, err := bindBoth(cfg.Addr)
	if err != nil {
		return nil, err
	}
	r := &relay{cfg: cfg, port: conn.LocalAddr().(*net.UDPAddr).Port}
	from := newRelayPorts(cfg, media)
	permit := mediaOnly(media, public)
	// It closes what it listens on.
	r.server, err = turn.NewServer(turn.ServerConfig{
		Realm:               cfg.Realm,
		AuthHandler:         r.authenticate,
		LoggerFactory:       pionLogs{to: logs.to, clients: true}, // who went away, with each packet
		StrictAddressFamily: true,                                 // IPv4, where none is asked for
		PacketConnConfigs: []turn.PacketConnConfig{
			{PacketConn: conn, RelayAddressGenerator: from, PermissionHandler: permit},
		},
		ListenerConfigs: []turn.ListenerConfig{
			{Listener: netutil.LimitListener(newDoor(shallow{listener}, relayPatience), relayClients), RelayAddressGenerator: from, PermissionHandler: permit},
		},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the relay: %w", err), conn.Close(), listener.Close())
	}
	return r, nil
}

// bindBoth listens on one port by UDP and TCP. Where the system is to choose
// it, that may be one which is free for UDP alone; then it chooses again.
func bindBoth(addr string) (*net.UDPConn, *net.TCPListener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, fmt.Errorf("the relay's address: %w", err)
	}
	for try := 1; ; try++ {
		conn, err := listenUDP(addr)
		if err != nil {
			return nil, nil, err
		}
		listener, err := bindTCP(net.JoinHostPort(host, strconv.Itoa(conn.LocalAddr().(*net.UDPAddr).Port)))
		if err == nil {
			return conn, listener, nil
		}
		err = errors.Join(err, conn.Close())
		if taken := (*AddressInUseError)(nil); port != "0" || try == relayTries || !errors.As(err, &taken) {
			return nil, nil, err
		}
	}
}

// servers are the addresses of the relay with credentials for a user, valid
// for relayFor (draft-uberti-behave-turn-rest).
func (r *relay) servers(user string, now time.Time) []ICEServer {
	name := strconv.FormatInt(now.Add(relayFor).Unix(), 10) + ":" + user
	at := net.JoinHostPort(r.cfg.Host, strconv.Itoa(r.port))
	servers := make([]ICEServer, 0, 2)
	for _, protocol := range []string{"udp", "tcp"} {
		servers = append(servers, ICEServer{
			URL:      "turn:" + at + "?transport=" + protocol,
			Username: name, Credential: r.password(name),
		})
	}
	return servers
}

func (r *relay) password(name string) string {
	mac := hmac.New(sha1.New, r.cfg.Secret)
	mac.Write([]byte(name))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// authenticate says whose a name is, and the key that shows it. Who has no
// valid one is told so by the library; it is no news.
func (r *relay) authenticate(a *turn.RequestAttributes) (user string, key []byte, ok bool) {
	expiry, user, found := strings.Cut(a.Username, ":")
	until, err := strconv.ParseInt(expiry, 10, 64)
	if !found || user == "" || err != nil || time.Now().Unix() > until {
		return "", nil, false
	}
	return user, turn.GenerateAuthKey(a.Username, r.cfg.Realm, r.password(a.Username)), true
}

// ICEServers are the ways for a user that lead to the media by a relay; none
// where there is no relay. What a user relays at once is bounded.
func (s *Server) ICEServers(user string) []ICEServer {
	if s.relay == nil {
		return nil
	}
	return s.relay.servers(user, time.Now())
}
