package transport

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

const (
	// maxFragment bounds a fragment's bytes.
	maxFragment = 16 << 10
	// maxCandidates bounds how many candidates one ICE session takes: each
	// makes this host send checks to an address that the client chose.
	maxCandidates = 64
)

var (
	// ErrBadFragment refuses a body that is no trickle-ice-sdpfrag.
	ErrBadFragment = errors.New("the candidates are not a trickle-ice-sdpfrag")
	// ErrRestart says that the fragment begins a new ICE session: it is for
	// Restart, not for AddCandidates.
	ErrRestart = errors.New("the fragment asks for an ICE restart")
	// ErrOtherICE refuses candidates for another ICE session than the present.
	ErrOtherICE = errors.New("the candidates are of another ICE session")
	// ErrTooManyCandidates refuses the candidates past the bound.
	ErrTooManyCandidates = fmt.Errorf("more than %d candidates", maxCandidates)
)

// fragment is an SDP fragment of RFC 8840 section 9, as WHEP sends it.
type fragment struct {
	ufrag, pwd string
	candidates []fragmentCandidate
	end        bool // no more will come
}

type fragmentCandidate struct {
	mid   string // of the media section it stands under, "" where none is named
	value string // what follows "a=candidate:"
}

// parseFragment reads a fragment. Lines it has no use for are passed over, as
// RFC 8840 asks; a line that is no SDP line is an error.
func parseFragment(text string) (fragment, error) {
	if len(text) > maxFragment {
		return fragment{}, fmt.Errorf("%w: %d bytes, at most %d are taken", ErrBadFragment, len(text), maxFragment)
	}
	var f fragment
	var mid string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return fragment{}, fmt.Errorf("%w: %.40q is no SDP line", ErrBadFragment, line)
		}
		switch {
		case strings.HasPrefix(line, "m="):
			mid = ""
		case strings.HasPrefix(line, "a="):
			f.attribute(line[2:], &mid)
		}
	}
	if (f.ufrag == "") != (f.pwd == "") {
		return fragment{}, fmt.Errorf("%w: ice-ufrag and ice-pwd come together", ErrBadFragment)
	}
	if len(f.candidates) > maxCandidates {
		return fragment{}, fmt.Errorf("%w: %w", ErrBadFragment, ErrTooManyCandidates)
	}
	for _, c := range f.candidates {
		if err := c.check(); err != nil {
			return fragment{}, err
		}
	}
	return f, nil
}

func (f *fragment) attribute(text string, mid *string) {
	key, value, _ := strings.Cut(text, ":")
	switch key {
	case "ice-ufrag":
		f.ufrag = value
	case "ice-pwd":
		f.pwd = value
	case "mid":
		*mid = value
	case "candidate":
		f.candidates = append(f.candidates, fragmentCandidate{mid: *mid, value: value})
	case "end-of-candidates":
		f.end = true
	}
}

// hidden says whether a browser has put a multicast DNS name in the place of
// its address. Such a name means nothing here, and the browser's own checks
// reveal the address.
func (c fragmentCandidate) hidden() bool {
	fields := strings.Fields(c.value)
	return len(fields) > 4 && strings.HasSuffix(strings.ToLower(fields[4]), ".local")
}

// check looks for what can't be read at all. What is only unknown is passed
// over later.
func (c fragmentCandidate) check() error {
	if c.hidden() || c.value == "" {
		return nil
	}
	_, err := ice.UnmarshalCandidate(c.value)
	if err == nil || errors.Is(err, ice.ErrUnknownCandidateTyp) || errors.Is(err, ice.ErrDetermineNetworkType) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrBadFragment, err)
}

// AddCandidates takes the candidates of a trickle-ice-sdpfrag (RFC 8840) for
// the ICE session that is named by the ice-ufrag of the server's last answer.
// Errors: ErrBadFragment, ErrTooManyCandidates, ErrOtherICE, ErrRestart,
// ErrPeerClosed.
func (p *Peer) AddCandidates(ice, frag string) error {
	f, err := parseFragment(frag)
	if err != nil {
		return err
	}
	if p.ending() {
		return ErrPeerClosed
	}
	p.life.candidates.Lock()
	defer p.life.candidates.Unlock()
	if ice != p.life.ice {
		return ErrOtherICE
	}
	if f.ufrag != "" && f.ufrag != p.life.ufrag {
		return ErrRestart
	}
	return p.addCandidates(f)
}

// addCandidates is called with the lock on candidates held.
func (p *Peer) addCandidates(f fragment) error {
	if p.life.count+len(f.candidates) > maxCandidates {
		return ErrTooManyCandidates
	}
	for _, c := range f.candidates {
		p.life.count++
		if c.hidden() {
			continue
		}
		mid := c.mid
		init := webrtc.ICECandidateInit{Candidate: "candidate:" + c.value, SDPMid: &mid}
		if err := p.pc.AddICECandidate(init); err != nil {
			return fmt.Errorf("%w: %w", ErrBadFragment, err)
		}
	}
	return nil
}

// firstUfrag finds the first ice-ufrag of a description.
func firstUfrag(sdp string) string {
	for line := range strings.Lines(sdp) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "a=ice-ufrag:"); ok {
			return value
		}
	}
	return ""
}
