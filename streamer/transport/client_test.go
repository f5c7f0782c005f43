package transport

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"
)

// bound is the longest a test waits for anything: far over what it takes, so
// that a busy machine does not fail it.
const bound = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newServer(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.UDPAddr == "" {
		cfg.UDPAddr = "127.0.0.1:0"
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
	})
	return s
}

// recorder is a streamer that notes what its handlers are told.
type recorder struct {
	connected      chan struct{}
	keyFrames      chan time.Time // when each was asked for
	input, control chan []byte
	ended          chan string
	estimates      chan int
	sent           chan SentFrame
}

func newRecorder() *recorder {
	return &recorder{
		connected: make(chan struct{}, 1),
		keyFrames: make(chan time.Time, 64),
		input:     make(chan []byte, 1024),
		control:   make(chan []byte, 1024),
		ended:     make(chan string, 1),
		estimates: make(chan int, 1024),
		sent:      make(chan SentFrame, 4096),
	}
}

func (r *recorder) handlers() Handlers {
	return Handlers{
		Connected:    func() { r.connected <- struct{}{} },
		Disconnected: func(reason string, _ time.Duration) { r.ended <- reason },
		Input:        func(msg []byte) { r.input <- msg },
		Control:      func(msg []byte) { r.control <- msg },
		KeyFrame:     func() { r.keyFrames <- time.Now() },
		Estimate:     func(bps int) { r.estimates <- bps },
		Sent:         func(f SentFrame) { r.sent <- f },
	}
}

// await takes one value or fails the test.
func await[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(bound):
		t.Fatalf("no %s within %v", what, bound)
		panic("unreachable")
	}
}

// accessUnit is what a client has put together from one RTP timestamp.
type accessUnit struct {
	timestamp  uint32
	annexB     []byte
	extensions map[uint8][]byte
}

// player is a WHEP player made with the same library as the server.
type player struct {
	pc             *webrtc.PeerConnection
	input, control *webrtc.DataChannel
	inputOpen      chan struct{}
	controlOpen    chan struct{}
	units          chan accessUnit
	sound          chan *rtp.Packet
	told           chan string // on the control channel
	ssrc           chan webrtc.SSRC
	wg             sync.WaitGroup
}

type playerOptions struct {
	codecs   []webrtc.RTPCodecParameters // default: Constrained Baseline with RTX
	sections []string                    // default: one of video
	settings func(*webrtc.SettingEngine)
	config   webrtc.Configuration
}

func h264(pt webrtc.PayloadType, fmtp string) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: fmtp,
			RTCPFeedback: []webrtc.RTCPFeedback{
				{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"},
			},
		},
		PayloadType: pt,
	}
}

func rtx(pt webrtc.PayloadType, apt string) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=" + apt,
		},
		PayloadType: pt,
	}
}

const baseline = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"

func newPlayer(t testing.TB, o playerOptions) *player {
	t.Helper()
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if o.codecs == nil {
		o.codecs = []webrtc.RTPCodecParameters{h264(102, baseline), rtx(103, "102")}
	}
	for _, c := range o.codecs {
		must(t, media.RegisterCodec(c, webrtc.RTPCodecTypeVideo))
	}
	must(t, media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		},
		PayloadType: 111,
	}, webrtc.RTPCodecTypeAudio))
	for _, uri := range []string{sdp.TransportCCURI, uriPlayoutDelay, uriAbsCaptureTime} {
		must(t, media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo))
	}
	generator, err := twcc.NewSenderInterceptor(twcc.SendInterval(20 * time.Millisecond))
	must(t, err)
	chain.Add(generator)
	receiver, err := report.NewReceiverInterceptor(report.ReceiverInterval(100 * time.Millisecond))
	must(t, err)
	chain.Add(receiver)
	nacks, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(10 * time.Millisecond))
	must(t, err)
	chain.Add(nacks)
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	if o.settings != nil {
		o.settings(&settings)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain),
		webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(o.config)
	must(t, err)
	p := &player{
		pc: pc, units: make(chan accessUnit, 4096), ssrc: make(chan webrtc.SSRC, 1),
		sound: make(chan *rtp.Packet, 1024), told: make(chan string, 1024),
		inputOpen: make(chan struct{}), controlOpen: make(chan struct{}),
	}
	t.Cleanup(p.close)
	if o.sections == nil {
		o.sections = []string{"video"}
	}
	p.prepare(t, o.sections)
	return p
}

func (p *player) prepare(t testing.TB, sections []string) {
	t.Helper()
	for _, kind := range sections {
		_, err := p.pc.AddTransceiverFromKind(webrtc.NewRTPCodecType(kind),
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		must(t, err)
	}
	unordered, never := false, uint16(0)
	var err error
	p.input, err = p.pc.CreateDataChannel(ChannelInput,
		&webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &never})
	must(t, err)
	p.input.OnOpen(func() { close(p.inputOpen) })
	p.control, err = p.pc.CreateDataChannel(ChannelControl, nil)
	must(t, err)
	p.control.OnOpen(func() { close(p.controlOpen) })
	p.control.OnMessage(func(m webrtc.DataChannelMessage) { p.told <- string(m.Data) })
	p.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			p.wg.Go(func() { p.listen(track) })
			return
		}
		p.ssrc <- track.SSRC()
		p.wg.Go(func() { p.receive(track) })
		p.wg.Go(func() { // the library takes in sender reports as they are read
			for _, _, err := receiver.ReadRTCP(); err == nil; _, _, err = receiver.ReadRTCP() {
			}
		})
	})
}

func (p *player) close() {
	_ = p.pc.GracefulClose()
	p.wg.Wait()
}

// listen takes the packets of a track of sound.
func (p *player) listen(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		p.sound <- packet
	}
}

// receive puts access units together, in order, as soon as all their packets
// are there; retransmissions fill the holes.
func (p *player) receive(track *webrtc.TrackRemote) {
	waiting := map[uint16]*rtp.Packet{}
	var next uint16
	var unit accessUnit
	depacketizer := &codecs.H264Packet{}
	for first := true; ; first = false {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if first {
			next = packet.SequenceNumber
		}
		waiting[packet.SequenceNumber] = packet
		for packet, ok := waiting[next]; ok; packet, ok = waiting[next] {
			delete(waiting, next)
			next++
			if unit.extensions == nil {
				unit.extensions = map[uint8][]byte{}
				for _, id := range packet.GetExtensionIDs() {
					unit.extensions[id] = packet.GetExtension(id)
				}
			}
			data, err := depacketizer.Unmarshal(packet.Payload)
			if err != nil {
				return
			}
			unit.annexB = append(unit.annexB, data...)
			if packet.Marker {
				unit.timestamp = packet.Timestamp
				p.units <- unit
				unit = accessUnit{}
			}
		}
	}
}

func (p *player) offer(t testing.TB) string {
	t.Helper()
	offer, err := p.pc.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(p.pc)
	must(t, p.pc.SetLocalDescription(offer))
	await(t, "gathered candidates", gathered)
	return p.pc.LocalDescription().SDP
}

func (p *player) accept(t testing.TB, answer string) {
	t.Helper()
	must(t, p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
}

// connect joins a player to a server and waits until media can flow.
func connect(t *testing.T, s *Server, o playerOptions) (*Peer, *player, *recorder) {
	t.Helper()
	rec, client := newRecorder(), newPlayer(t, o)
	peer, answer, err := s.Offer(context.Background(), client.offer(t), rec.handlers())
	must(t, err)
	client.accept(t, answer)
	await(t, "connection", rec.connected)
	await(t, "request for the first key frame", rec.keyFrames)
	// Its side is ready a little later: what comes before is lost.
	await(t, "open control channel", client.controlOpen)
	return peer, client, rec
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keyUnit and deltaUnit make access units of about size bytes with random
// bodies that hold no start code.
func keyUnit(size int) []byte {
	unit := append([]byte{0, 0, 0, 1, 0x67}, 0x42, 0xe0, 0x1f, 0xda)
	unit = append(unit, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80)
	return append(unit, slice(0x65, size)...)
}

func deltaUnit(size int) []byte { return slice(0x41, size) }

func slice(header byte, size int) []byte {
	unit := []byte{0, 0, 0, 1, header}
	for len(unit) < size {
		unit = binary.BigEndian.AppendUint64(unit, rand.Uint64()|0x0101010101010101)
	}
	return unit
}

func pli(t *testing.T, p *player, ssrc webrtc.SSRC) {
	t.Helper()
	must(t, p.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(ssrc)}}))
}
