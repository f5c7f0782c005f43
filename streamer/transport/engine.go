package transport

import (
	"fmt"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Header extensions of video beside transport-wide congestion control.
const (
	uriPlayoutDelay   = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
	uriAbsCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
)

// fecFormat: a repair comes at most so many µs after what it repairs.
const fecFormat = "repair-window=10000000"

// newConnection builds a peer connection that knows exactly the codecs of one
// offer, so that the answer takes whatever formats of them the client has.
func (s *Server) newConnection(want offered, bwe *estimator, in *inlet) (*webrtc.PeerConnection, error) {
	media, err := mediaEngine(want)
	if err != nil {
		return nil, fmt.Errorf("register codecs: %w", err)
	}
	chain := &interceptor.Registry{}
	chain.Add(bwe)
	settings, err := s.settings()
	if err != nil {
		return nil, fmt.Errorf("set up ICE: %w", err)
	}
	settings.BufferFactory = in.buffer
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(chain),
		webrtc.WithSettingEngine(settings),
	)
	pc, err := api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{s.cert}})
	if err != nil {
		return nil, fmt.Errorf("make a peer connection: %w", err)
	}
	return pc, nil
}

func mediaEngine(want offered) (*webrtc.MediaEngine, error) {
	feedback := []webrtc.RTCPFeedback{
		{Type: "transport-cc"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"},
	}
	engine := &webrtc.MediaEngine{}
	register := func(mime, fmtp string, pt webrtc.PayloadType, fb []webrtc.RTCPFeedback) error {
		return engine.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mime, ClockRate: videoClock, SDPFmtpLine: fmtp, RTCPFeedback: fb,
			},
			PayloadType: pt,
		}, webrtc.RTPCodecTypeVideo)
	}
	for _, c := range want.video {
		if err := register(c.codec.mime(), c.fmtp, c.payload, feedback); err != nil {
			return nil, err
		}
		if c.rtx == 0 {
			continue
		}
		if err := register(webrtc.MimeTypeRTX, fmt.Sprintf("apt=%d", c.payload), c.rtx, nil); err != nil {
			return nil, err
		}
	}
	if want.fec != 0 {
		if err := register(webrtc.MimeTypeFlexFEC03, fecFormat, want.fec, nil); err != nil {
			return nil, err
		}
	}
	for _, uri := range []string{sdp.TransportCCURI, uriPlayoutDelay, uriAbsCaptureTime} {
		ext := webrtc.RTPHeaderExtensionCapability{URI: uri}
		if err := engine.RegisterHeaderExtension(ext, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	if want.audio == 0 {
		return engine, nil
	}
	return engine, engine.RegisterCodec(opusCodec(want.audio), webrtc.RTPCodecTypeAudio)
}

func (s *Server) settings() (webrtc.SettingEngine, error) {
	var e webrtc.SettingEngine
	e.LoggerFactory = s.logs
	e.SetICEUDPMux(s.mux)
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	if s.tcp != nil {
		e.SetICETCPMux(s.tcp)
		networks = append(networks, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	e.SetNetworkTypes(networks)
	e.DisableActiveTCP(true)
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetSRTPProtectionProfiles(
		dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	e.EnableSCTPZeroChecksum(true)
	// As the DTLS server (RFC 9725 section 4.4.2 asks for it) we choose among
	// the client's SRTP profiles: browsers as servers choose no GCM.
	if err := e.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return e, err
	}
	t := s.cfg.Timeouts
	e.SetICETimeouts(t.Disconnected, t.Failed, t.KeepAlive)
	if len(s.cfg.PublicIPs) == 0 {
		return e, nil
	}
	return e, e.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
		External:        s.cfg.PublicIPs,
		AsCandidateType: webrtc.ICECandidateTypeHost,
		Mode:            webrtc.ICEAddressRewriteAppend,
	})
}
