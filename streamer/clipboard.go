package streamer

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/streamer/clipboard"
	"github.com/playcast/playcast/streamer/game"
)

const (
	// copyPart is how many characters of a text a page is told at once.
	copyPart = 8 << 10
	// copyWithin is how long a page may take for a text.
	copyWithin = 10 * time.Second
)

// copier tells the pages of those who have the keyboard what the game copies, on
// a goroutine of its own. A text that comes while the one before is told waits,
// and of several the last counts.
type copier struct {
	clipboard *clipboard.Clipboard
	controls  *controls
	latest    chan copiedText // of one place
	ctx       context.Context
	stop      context.CancelFunc
	life      sync.WaitGroup
}

func openCopier(display *game.Display, c *controls) (*copier, error) {
	p := &copier{controls: c, latest: make(chan copiedText, 1)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	var err error
	if p.clipboard, err = clipboard.Open(display.Name(), display.Authority(), p.copied); err != nil {
		p.stop()
		return nil, err
	}
	p.life.Go(p.run)
	return p, nil
}

func (p *copier) close() {
	p.stop()
	p.clipboard.Close()
	p.life.Wait()
}

// copiedText is a text that the game has copied.
type copiedText struct {
	text    string
	tooLong bool // there is no text
}

// copied leaves a text for run. Only the clipboard's goroutine calls it.
func (p *copier) copied(text string, err error) {
	select {
	case <-p.latest:
	default:
	}
	p.latest <- copiedText{text, err != nil}
}

func (p *copier) run() {
	for {
		select {
		case latest := <-p.latest:
			for _, tell := range p.controls.listeners() {
				p.tell(tell, latest)
			}
		case <-p.ctx.Done():
			return
		}
	}
}

// tell tells one page a text. One that has gone, or takes it too slowly, does
// without.
func (p *copier) tell(tell teller, c copiedText) {
	ctx, cancel := context.WithTimeout(p.ctx, copyWithin)
	defer cancel()
	if c.tooLong {
		_ = tell(ctx, `{"type":"clipboard","copied":"too-long"}`) // a page that has gone
		return
	}
	for runes := []rune(c.text); len(runes) > 0; {
		n := min(copyPart, len(runes))
		message, _ := json.Marshal(struct { // of what has no error
			Type string `json:"type"`
			Text string `json:"text"`
			More bool   `json:"more,omitempty"`
		}{"clipboard", string(runes[:n]), n < len(runes)})
		if err := tell(ctx, string(message)); err != nil {
			return
		}
		runes = runes[n:]
	}
}

// teller tells a page something, and returns when it has it.
type teller func(ctx context.Context, text string) error

// listeners are those of who has the keyboard.
func (c *controls) listeners() (tellers []teller) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hands {
		if h.granted.keyboard && h.give != nil {
			tellers = append(tellers, h.give)
		}
	}
	return tellers
}

// listen has the viewer's page be told of what the game copies.
func (h *hand) listen(tell teller) {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	h.give = tell
}

// pasting is a text on its way from a page to the game's clipboard. The peer's
// goroutine owns it.
type pasting struct {
	text    strings.Builder
	tooLong bool
}

// clipboard takes a part of what the player pastes, and with the last one tells
// the page what became of it.
func (v *viewer) clipboard(said *saidClipboard) error {
	p := &v.hand.pasting
	if p.tooLong = p.tooLong || p.text.Len()+len(said.Text) > clipboard.Longest; p.tooLong {
		p.text.Reset()
	} else {
		p.text.WriteString(said.Text)
	}
	if said.More {
		return nil
	}
	text, err := p.text.String(), error(clipboard.ErrTooLong)
	if !p.tooLong {
		err = v.hand.paste(text)
	}
	*p = pasting{}
	switch {
	case err == nil:
		v.tell(`{"type":"clipboard","taken":"taken"}`)
	case errors.Is(err, clipboard.ErrTooLong):
		v.tell(`{"type":"clipboard","taken":"too-long"}`)
	default:
		v.tell(`{"type":"clipboard","taken":"refused"}`)
	}
	return err
}

// paste has the game's clipboard hold a text.
func (h *hand) paste(text string) error {
	h.controls.mu.Lock()
	granted := h.granted.keyboard
	h.controls.mu.Unlock()
	if !granted {
		return errNotGranted
	}
	return h.controls.copier.clipboard.Offer(text)
}
