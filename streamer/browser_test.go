package streamer

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	rtcpreport "github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/rtp/codecs"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/transport"
)

// browser is a player's page, as far as the worker can tell.
type browser struct {
	pc             *webrtc.PeerConnection
	input, control *webrtc.DataChannel
	open           chan struct{} // the input channel is
	told           chan string   // on the control channel
	frames         chan frame
	sound          chan []byte // Opus; what nobody takes is dropped
	socket         net.PacketConn
	receivers      sync.WaitGroup

	peer    string // its name at the worker
	message input.Message
}

// frame is one picture that has arrived.
type frame struct {
	ssrc  uint32
	key   bool
	rtp   uint32
	codec string // as a MIME type
}

// newBrowser takes video of the codecs, by default of H.264.
func newBrowser(t *testing.T, codecs ...string) *browser {
	t.Helper()
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: socket, Logger: silent.NewLogger("udpmux")})
	pc, err := browserAPI(t, mux, codecs).NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	b := &browser{
		pc: pc, socket: socket, open: make(chan struct{}), told: make(chan string, 4096), frames: make(chan frame, 4096),
		sound: make(chan []byte, 256),
	}
	t.Cleanup(func() {
		b.leave()
		_ = mux.Close() // the socket may be closed already
	})
	b.prepare(t)
	return b
}

// silent keeps what the library says of cut connections out of the tests'.
var silent = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// videoFormats are what browsers offer of each codec.
var videoFormats = map[string]webrtc.RTPCodecParameters{
	webrtc.MimeTypeH264: {PayloadType: 102, RTPCodecCapability: webrtc.RTPCodecCapability{
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"}},
	webrtc.MimeTypeAV1: {PayloadType: 45, RTPCodecCapability: webrtc.RTPCodecCapability{SDPFmtpLine: "profile=0"}},
}

// browserAPI makes connections with the codecs and the feedback that matter.
func browserAPI(t *testing.T, mux ice.UDPMux, codecs []string) *webrtc.API {
	t.Helper()
	settings := webrtc.SettingEngine{LoggerFactory: silent}
	settings.SetICEUDPMux(mux)
	settings.SetIncludeLoopbackCandidate(true)
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if codecs == nil {
		codecs = []string{webrtc.MimeTypeH264}
	}
	for _, mime := range codecs {
		format := videoFormats[mime]
		format.MimeType, format.ClockRate = mime, 90000
		format.RTCPFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "transport-cc"}}
		must(t, media.RegisterCodec(format, webrtc.RTPCodecTypeVideo))
	}
	must(t, media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "stereo=1"},
		PayloadType:        111,
	}, webrtc.RTPCodecTypeAudio))
	must(t, media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}, webrtc.RTPCodecTypeVideo))
	feedback, err := twcc.NewSenderInterceptor(twcc.WithLoggerFactory(silent))
	must(t, err)
	chain.Add(feedback)
	reports, err := rtcpreport.NewReceiverInterceptor()
	must(t, err)
	chain.Add(reports)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(settings))
}

func (b *browser) prepare(t *testing.T) {
	t.Helper()
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		_, err := b.pc.AddTransceiverFromKind(kind,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		must(t, err)
	}
	var err error
	ordered, resent := false, uint16(0)
	b.input, err = b.pc.CreateDataChannel(transport.ChannelInput,
		&webrtc.DataChannelInit{Ordered: &ordered, MaxRetransmits: &resent})
	must(t, err)
	b.input.OnOpen(func() { close(b.open) })
	b.control, err = b.pc.CreateDataChannel(transport.ChannelControl, nil)
	must(t, err)
	b.control.OnMessage(func(m webrtc.DataChannelMessage) { b.told <- string(m.Data) })
	b.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		receive := b.receive
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			receive = b.listen
		}
		b.receivers.Go(func() { receive(track) })
	})
}

func (b *browser) listen(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		select {
		case b.sound <- packet.Payload:
		default:
		}
	}
}

// receive puts frames together. Nothing is lost or reordered on the way.
func (b *browser) receive(track *webrtc.TrackRemote) {
	var unit []byte
	key := false
	depacketizer := &codecs.H264Packet{}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		codec := track.Codec().MimeType
		if codec == webrtc.MimeTypeAV1 { // its N: a sequence begins (AV1 RTP payload, 4.4)
			key = key || packet.Payload[0]&0b1000 != 0
		} else {
			data, err := depacketizer.Unmarshal(packet.Payload)
			if err != nil {
				return
			}
			unit = append(unit, data...)
			key = hasIDR(unit)
		}
		if packet.Marker {
			b.frames <- frame{key: key, rtp: packet.Timestamp, ssrc: packet.SSRC, codec: codec}
			unit, key = nil, false
		}
	}
}

// hasIDR looks for a slice of an IDR picture (NAL unit type 5) in Annex B.
func hasIDR(unit []byte) bool {
	for i := 0; i+3 < len(unit); i++ {
		if unit[i] == 0 && unit[i+1] == 0 && unit[i+2] == 1 && unit[i+3]&0x1f == 5 {
			return true
		}
	}
	return false
}

func (b *browser) offer(t *testing.T) string {
	t.Helper()
	offer, err := b.pc.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(b.pc)
	must(t, b.pc.SetLocalDescription(offer))
	soon(t, "gathered candidates", gathered)
	return b.pc.LocalDescription().SDP
}

func (b *browser) accept(t *testing.T, answer string) {
	t.Helper()
	must(t, b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
}

// hosts is a peer of the host's.
func hosts(session events.SessionID, peer string) events.Peer {
	return events.Peer{Session: session, Seat: asHost, Name: peer}
}

// asHost is the seat of the player whose session it is.
var asHost = events.HostSeat("ada")

// join connects a new browser to a session, and waits until both sides know.
func (h *house) join(t *testing.T, session events.SessionID, codecs ...string) *browser {
	t.Helper()
	b := h.knock(t, session, codecs...)
	report[Connected](t, h.reports, session)
	soon(t, "input channel", b.open)
	return b
}

// knock offers and accepts the answer.
func (h *house) knock(t *testing.T, session events.SessionID, codecs ...string) *browser {
	t.Helper()
	b := newBrowser(t, codecs...)
	peer, answer, err := h.worker.Connect(t.Context(), session, asHost, b.offer(t))
	must(t, err)
	b.peer = peer
	b.accept(t, answer)
	return b
}

// leave closes the connection in good order.
func (b *browser) leave() {
	_ = b.pc.GracefulClose()
	b.receivers.Wait()
}

// vanish cuts the connection: nothing comes or goes any more.
func (b *browser) vanish(t *testing.T) {
	t.Helper()
	must(t, b.socket.Close())
}

// frame takes the next frame.
func (b *browser) frame(t *testing.T) frame {
	t.Helper()
	return soon(t, "frame", b.frames)
}

// still waits until no frame has come for a second, which is twice as long as
// an unchanged picture waits for its repetition.
func (b *browser) still(t *testing.T) {
	t.Helper()
	deadline := time.After(bound)
	for {
		select {
		case <-b.frames:
		case <-time.After(time.Second):
			return
		case <-deadline:
			t.Fatal("frames do not stop")
		}
	}
}

// hold says which keys are held now.
func (b *browser) hold(t *testing.T, keys ...string) {
	t.Helper()
	b.message.Sequence++
	b.message.Held = nil
	for _, key := range keys {
		code, ok := input.KeyCode(key)
		if !ok {
			t.Fatalf("no key %s", key)
		}
		b.message.Held = append(b.message.Held, code)
	}
	data, err := b.message.Append(nil)
	must(t, err)
	must(t, b.input.Send(data))
}
