package player

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/events"
)

// Handlers are told what comes. A nil one is not called; without Frame nothing
// is decoded, and without Sound no sound is asked for.
type Handlers struct {
	Unit  func(*Unit)
	Frame func(*Frame)
	Sound func(arrived time.Time, opus []byte)
	Told  func(text string) // on the control channel
}

// Options of a connection. The zero value will do.
type Options struct {
	Handlers
	// Packets is the socket of the media, bound to one address: the only one
	// that is offered. The connection closes it. Nil: a new one, on the address
	// that leads to the gateway.
	Packets net.PacketConn
}

// Connection is a connection to a session's picture.
type Connection struct {
	account  *Account
	address  string // of the peer at the gateway
	pc       *webrtc.PeerConnection
	mux      *ice.UDPMuxDefault
	input    *webrtc.DataChannel
	control  *webrtc.DataChannel
	handlers Handlers
	signs
	sound   atomic.Int64
	picture atomic.Uint32 // SSRC of the video; 0: not yet

	video   video
	readers sync.WaitGroup
}

// signs tell what has become of a connection.
type signs struct {
	opened chan struct{} // closed when input can be sent
	ended  chan struct{} // closed when it has failed, or is closed
	once   sync.Once     // over ended
}

// Connect connects to a session by WHEP, and returns when input can be sent.
// Close has to be called.
func (a *Account) Connect(ctx context.Context, session events.SessionID, o Options) (*Connection, error) {
	c, err := a.connect(ctx, "/v1/sessions/"+session.String()+"/whep", o)
	if err != nil {
		return nil, fmt.Errorf("connect to session %s: %w", session, err)
	}
	return c, nil
}

func (a *Account) connect(ctx context.Context, endpoint string, o Options) (*Connection, error) {
	c, err := a.newConnection(o)
	if err == nil {
		if err = c.join(ctx, a.url+endpoint); err != nil {
			err = errors.Join(err, c.Close())
		}
	}
	return c, err
}

func (a *Account) newConnection(o Options) (c *Connection, err error) {
	if o.Packets == nil {
		if o.Packets, err = a.socket(); err != nil {
			return nil, err
		}
	}
	c = &Connection{account: a, handlers: o.Handlers, signs: signs{opened: make(chan struct{}), ended: make(chan struct{})},
		mux: ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: o.Packets, Logger: silent.NewLogger("")})}
	if err := c.video.init(o.Handlers); err != nil {
		return nil, errors.Join(err, c.mux.Close(), o.Packets.Close())
	}
	api, err := newAPI(c.mux)
	if err == nil {
		c.pc, err = api.NewPeerConnection(webrtc.Configuration{})
	}
	if err == nil {
		err = c.prepare()
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// socket opens a socket on the address that leads to the gateway. Nothing is
// sent for that.
func (a *Account) socket() (net.PacketConn, error) {
	gateway, err := url.Parse(a.url)
	if err != nil {
		return nil, err
	}
	route, err := net.Dial("udp4", net.JoinHostPort(gateway.Hostname(), "9"))
	if err != nil {
		return nil, err
	}
	defer route.Close()
	return net.ListenUDP("udp4", &net.UDPAddr{IP: route.LocalAddr().(*net.UDPAddr).IP})
}

// silent keeps what the library says of lost packets to itself.
var silent = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}

const baseline = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e02a"

func newAPI(mux ice.UDPMux) (*webrtc.API, error) {
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	for _, codec := range []webrtc.RTPCodecParameters{
		{PayloadType: 102, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: baseline,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"},
				{Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"}}}},
		{PayloadType: 103, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=102"}},
	} {
		if err := media.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	opus := webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;stereo=1;useinbandfec=1"}}
	if err := media.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	extension := webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}
	if err := media.RegisterHeaderExtension(extension, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.SendInterval(50*time.Millisecond), twcc.WithLoggerFactory(silent))
	if err != nil {
		return nil, err
	}
	reports, err := report.NewReceiverInterceptor(report.WithReceiverLoggerFactory(silent))
	if err != nil {
		return nil, err
	}
	chain.Add(feedback)
	chain.Add(reports)
	settings := webrtc.SettingEngine{LoggerFactory: silent}
	settings.SetICEUDPMux(mux)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain),
		webrtc.WithSettingEngine(settings)), nil
}

// prepare adds what the offer is to hold.
func (c *Connection) prepare() (err error) {
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo}
	if c.handlers.Sound != nil {
		kinds = append(kinds, webrtc.RTPCodecTypeAudio)
	}
	for _, kind := range kinds {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := c.pc.AddTransceiverFromKind(kind, init); err != nil {
			return err
		}
	}
	ordered, repeats := false, uint16(0)
	if c.input, err = c.pc.CreateDataChannel("input", &webrtc.DataChannelInit{Ordered: &ordered, MaxRetransmits: &repeats}); err != nil {
		return err
	}
	c.input.OnOpen(func() { close(c.opened) })
	if c.control, err = c.pc.CreateDataChannel("control", nil); err != nil {
		return err
	}
	c.control.OnMessage(func(m webrtc.DataChannelMessage) {
		if c.handlers.Told != nil {
			c.handlers.Told(string(m.Data))
		}
	})
	c.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			c.end()
		}
	})
	c.pc.OnTrack(c.receive)
	return nil
}

func (c *Connection) end() { c.once.Do(func() { close(c.ended) }) }

// join exchanges the offer, with all its candidates, for the answer.
func (c *Connection) join(ctx context.Context, endpoint string) error {
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return ctx.Err()
	}
	answer, err := c.account.do(ctx, http.MethodPost, endpoint, offerSDP(c.pc.LocalDescription().SDP))
	if err != nil {
		return err
	}
	if err := answer.read(http.StatusCreated, nil); err != nil {
		return err
	}
	location, err := answer.Location()
	if err != nil {
		return err
	}
	c.address = location.String()
	description := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer.body)}
	if err := c.pc.SetRemoteDescription(description); err != nil {
		return err
	}
	select {
	case <-c.opened:
		return nil
	case <-c.ended:
		return errors.New("the connection failed")
	case <-ctx.Done():
		return fmt.Errorf("the input channel is not open: %w", ctx.Err())
	}
}

// receive is told of a track, and reads it until the connection's end.
func (c *Connection) receive(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	c.readers.Go(func() { // the library takes in sender reports as they are read
		for _, _, err := receiver.ReadRTCP(); err == nil; _, _, err = receiver.ReadRTCP() {
		}
	})
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		c.picture.Store(uint32(track.SSRC()))
		c.readers.Go(func() { c.video.read(track, c.pc.WriteRTCP) })
		return
	}
	c.readers.Go(func() {
		for packet, _, err := track.ReadRTP(); err == nil; packet, _, err = track.ReadRTP() {
			c.sound.Add(1)
			c.handlers.Sound(time.Now(), packet.Payload)
		}
	})
}

// Send sends a message on the input channel, as it is.
func (c *Connection) Send(input []byte) error { return c.input.Send(input) }

// Tell sends a text on the control channel.
func (c *Connection) Tell(text string) error { return c.control.SendText(text) }

// Report sends RTCP packets about the picture, which has an SSRC, as they are:
// for who tries what a client should not say.
func (c *Connection) Report(about func(picture uint32) []rtcp.Packet) error {
	return c.pc.WriteRTCP(about(c.picture.Load()))
}

// Ended is closed when the connection has failed, or was closed.
func (c *Connection) Ended() <-chan struct{} { return c.ended }

// Counts returns the totals so far.
func (c *Connection) Counts() Counts {
	counts := c.video.totals()
	counts.Sound = c.sound.Load()
	return counts
}

// leaveWithin bounds the farewell.
const leaveWithin = 5 * time.Second

// Close says farewell, as a page does that is closed, ends the connection, and
// returns when no handler runs any more. That the gateway did not hear the
// farewell is no error: a silent peer is given up as well.
func (c *Connection) Close() error {
	if c.address != "" {
		ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
		defer cancel()
		_, _ = c.account.do(ctx, http.MethodDelete, c.address, nil)
	}
	return c.Drop()
}

// Drop ends the connection without a farewell.
func (c *Connection) Drop() (err error) {
	c.end()
	if c.pc != nil {
		err = c.pc.GracefulClose()
	}
	c.readers.Wait()
	c.video.close()
	return errors.Join(err, c.mux.Close())
}
