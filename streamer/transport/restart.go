package transport

import (
	"context"
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"
)

// Restart begins a new ICE session, as a client asks for when its network has
// changed: a fragment with a new ice-ufrag and ice-pwd in (RFC 9725 section
// 4.3.3), one with the server's new ones and its candidates out. Media and
// data channels wait until the new path is found. A fragment that is refused
// leaves the old one as it is. Errors:
// ErrBadFragment, ErrTooManyCandidates, ErrOfferRefused, ErrPeerClosed, or the
// context's.
func (p *Peer) Restart(ctx context.Context, frag string) (string, error) {
	f, err := parseFragment(frag)
	if err != nil {
		return "", err
	}
	if f.ufrag == "" {
		return "", fmt.Errorf("%w: no ice-ufrag", ErrBadFragment)
	}
	if !isICE(f.ufrag, 4) || !isICE(f.pwd, 22) {
		return "", fmt.Errorf("%w: its ice-ufrag or ice-pwd is none", ErrBadFragment)
	}
	if p.ending() {
		return "", ErrPeerClosed
	}
	p.life.candidates.Lock()
	defer p.life.candidates.Unlock()
	if f.ufrag == p.life.ufrag {
		return "", fmt.Errorf("%w: the ice-ufrag is the present one", ErrBadFragment)
	}
	offer := webrtc.SessionDescription{
		Type: webrtc.SDPTypeOffer,
		SDP:  restarted(p.pc.RemoteDescription().SDP, f),
	}
	if err := p.pc.SetRemoteDescription(offer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOfferRefused, err)
	}
	answer, err := p.negotiate(ctx)
	if err != nil {
		return "", err
	}
	p.life.ice, p.life.ufrag, p.life.count = firstUfrag(answer), f.ufrag, 0
	if err := p.addCandidates(f); err != nil {
		return "", err
	}
	return transportFragment(answer), nil
}

// isICE says whether a text is of ice-chars, so many or more (RFC 8839 section
// 5.4).
func isICE(text string, least int) bool {
	return len(text) >= least && len(text) <= 256 && strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
	}) < 0
}

// restarted is a description with the credentials of another ICE session and
// with no candidates: those it had belong to the old one.
func restarted(sdp string, f fragment) string {
	var out strings.Builder
	for line := range strings.Lines(sdp) {
		switch {
		case strings.HasPrefix(line, "a=candidate:"), strings.HasPrefix(line, "a=end-of-candidates"):
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			out.WriteString("a=ice-ufrag:" + f.ufrag + "\r\n")
		case strings.HasPrefix(line, "a=ice-pwd:"):
			out.WriteString("a=ice-pwd:" + f.pwd + "\r\n")
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

// transportFragment keeps of a description what describes the way to it: with
// BUNDLE, that is all in the first section.
func transportFragment(sdp string) string {
	var out strings.Builder
	sections := 0
	for line := range strings.Lines(sdp) {
		if strings.HasPrefix(line, "m=") {
			if sections++; sections > 1 {
				break
			}
			out.WriteString(line)
		}
		for _, prefix := range []string{"a=mid:", "a=ice-", "a=candidate:", "a=end-of-candidates"} {
			if strings.HasPrefix(line, prefix) {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}
