// Package transport carries a session to its viewers over WebRTC: one UDP
// socket for every peer of the process, the server side of WHEP (an offer in,
// an answer out), the picture and the sound in RTP, and the data channels by
// which input arrives.
//
//	encoder ──WriteFrame──▶ queue ──▶ sender: packetise, pace, repair ──▶ estimator: number, keep ──▶ SRTP ─┐
//	sound ────WriteAudio────────────────────────────────────────────────────────────────────────────▶ SRTP ─┤
//	                                                              one UDP socket (or TCP, or the relay)  ◀──┤
//	streamer ──Tell──▶ queue ──▶ teller ──▶ control channel ────────────────────────────────────────────────┘
//	streamer ◀──Handlers── event loop ◀── signals, messages ◀── RTCP reader, data channels ◀── the same
//
// A loss is made good by a retransmission where the path is short, and on a
// long and lossy one by repairs that go out with each frame.
//
// A Peer is born by Server.Offer and ends by Peer.Close, by Server.Close, or
// by the loss of the client, which Handlers.Disconnected reports. It owns
// four goroutines (event loop, sender, teller, RTCP reader) and a fifth that
// reads a client's voice, and whoever closes it waits for them.
//
// Order: the handlers of a peer are called one at a time. Connected comes
// before every message and request, Disconnected last and at most once.
// Messages of one channel keep their order; the two channels have none
// between them. Frames leave in the order of WriteFrame.
package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"

	"github.com/google/uuid"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// socketBuffer holds about 0.4 s of 80 Mb/s, so that a burst of several
// sessions' key frames is not lost inside our own host.
const socketBuffer = 4 << 20

// Server owns the UDP socket and all peers on it.
type Server struct {
	cfg   Config
	conn  *burstConn
	tcp   *ice.TCPMuxDefault // nil: clients without UDP have no way in
	relay *relay             // nil: there is none
	mux   *ice.UDPMuxDefault
	logs  logging.LoggerFactory
	cert  webrtc.Certificate

	mu     sync.Mutex
	peers  map[uuid.UUID]*Peer
	closed bool
}

// Listen binds the UDP socket, and where they are configured the TCP one and
// the relay's. An address that is taken gives an *AddressInUseError.
func Listen(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cert, err := newCertificate()
	if err != nil {
		return nil, err
	}
	udp, err := listenUDP(cfg.UDPAddr)
	if err != nil {
		return nil, err
	}
	conn := &burstConn{UDPConn: udp}
	logs := pionLogs{to: cfg.Logger}
	s := &Server{
		cfg:   cfg,
		conn:  conn,
		mux:   ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: logs.NewLogger("udpmux")}),
		logs:  logs,
		cert:  cert,
		peers: make(map[uuid.UUID]*Peer),
	}
	if err := s.listenBeside(logs); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// listenBeside opens the other ways to the media.
func (s *Server) listenBeside(logs pionLogs) (err error) {
	if s.cfg.TCPAddr != "" {
		if s.tcp, err = listenTCP(s.cfg.TCPAddr, logs.NewLogger("tcpmux")); err != nil {
			return err
		}
	}
	if s.cfg.Relay.Addr != "" {
		s.relay, err = listenRelay(s.cfg.Relay, s.conn.LocalAddr().(*net.UDPAddr), s.cfg.PublicIPs, logs)
	}
	return err
}

// Addr is the address of the UDP socket, with the port that was chosen.
func (s *Server) Addr() net.Addr { return s.conn.LocalAddr() }

// TCPAddr is the address of the TCP socket, nil where there is none.
func (s *Server) TCPAddr() net.Addr {
	if s.tcp == nil {
		return nil
	}
	return s.tcp.LocalAddr()
}

// Peers counts the peers that have not ended.
func (s *Server) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

// Close ends every peer, waits for their goroutines and frees the socket.
// Their Disconnected is not called. A second Close does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	peers := make([]*Peer, 0, len(s.peers))
	for _, p := range s.peers {
		peers = append(peers, p)
	}
	s.mu.Unlock()

	for _, p := range peers {
		p.cancel()
	}
	var errs []error
	for _, p := range peers {
		errs = append(errs, p.Close())
	}
	if s.relay != nil {
		errs = append(errs, s.relay.server.Close())
	}
	if s.tcp != nil {
		errs = append(errs, s.tcp.Close())
	}
	return errors.Join(append(errs, s.mux.Close())...)
}

// Offer answers a player's offer with a peer that sends one track of video, in
// any of the codecs that the offer has too (in H264, if none is named), and one
// of sound where the offer takes Opus.
// The answer holds every candidate of the server, so none is trickled from
// this side. Errors: ErrNotSDP, ErrNoVideo, ErrNoCodec, ErrOfferRefused for
// what the client sent, ErrServerClosed, or the context's.
func (s *Server) Offer(ctx context.Context, offerSDP string, h Handlers, codecs ...Codec) (*Peer, string, error) {
	if len(codecs) == 0 {
		codecs = []Codec{H264}
	}
	want, err := readOffer(offerSDP, codecs)
	if err != nil {
		return nil, "", err
	}
	p, err := newPeer(s, want, h)
	if err != nil {
		return nil, "", err
	}
	if !s.adopt(p) {
		return nil, "", errors.Join(ErrServerClosed, p.abandon())
	}
	answer, err := p.answer(ctx, offerSDP)
	if err != nil {
		s.forget(p)
		return nil, "", errors.Join(err, p.abandon())
	}
	p.start()
	return p, answer, nil
}

// adopt makes the server the owner of p, unless it has closed.
func (s *Server) adopt(p *Peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.peers[p.id] = p
	return true
}

func (s *Server) forget(p *Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p.id)
}

// ErrServerClosed answers an offer that comes after Close.
var ErrServerClosed = errors.New("the media server has closed")

// AddressInUseError says that another program has the address.
type AddressInUseError struct {
	Network string // "UDP" or "TCP"
	Addr    string
	Err     error
}

func (e *AddressInUseError) Error() string {
	return fmt.Sprintf("%s address %s is used by another program: stop that program, "+
		"or choose another port for media", e.Network, e.Addr)
}

func (e *AddressInUseError) Unwrap() error { return e.Err }

func listenUDP(addr string) (*net.UDPConn, error) {
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("resolve UDP address %q: %w", addr, err)
	}
	conn, err := net.ListenUDP("udp", udp)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &AddressInUseError{Network: "UDP", Addr: addr, Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on UDP %s: %w", addr, err)
	}
	// The system may grant less: it works with less, only with more loss.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return conn, nil
}

// newCertificate makes the DTLS identity all peers of this server share: a
// key a peer would cost each connection the time to make one.
func newCertificate() (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("make DTLS key: %w", err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("make DTLS certificate: %w", err)
	}
	return *cert, nil
}

var discard = slog.New(slog.DiscardHandler)
