package latency

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/playcast/playcast/bench/player"
)

// chromium plays on the product's own page in a headless Chromium. A script in
// the page presses the keys and reads the pictures; what it measures ends when
// the browser expects to show the picture.
type chromium struct {
	order
	browser context.Context // of its tab
	cancel  []context.CancelFunc
}

var _ client = (*chromium)(nil)

// flags let Chromium run without a person and without a GPU, and ask nobody but
// the product for anything.
var flags = append(chromedp.DefaultExecAllocatorOptions[:],
	chromedp.NoSandbox,
	chromedp.DisableGPU,
	chromedp.Flag("disable-dev-shm-usage", false),
	chromedp.Flag("disable-quic", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
	chromedp.Flag("mute-audio", true), // it is played all the same, to nobody
)

// watchPeers keeps the page's connections, whose statistics tell what arrived.
const watchPeers = `window.playcastPeers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...all) { super(...all); window.playcastPeers.push(this); }
};`

//go:embed page.js
var script string

func (c *chromium) Open(ctx context.Context) (err error) {
	options := flags
	if c.program != "" {
		options = append(options[:len(options):len(options)], chromedp.ExecPath(c.program))
	}
	allocator, end := chromedp.NewExecAllocator(ctx, options...)
	c.cancel = append(c.cancel, end)
	c.browser, end = chromedp.NewContext(allocator)
	c.cancel = append(c.cancel, end)
	// The context of the first call is the browser's: it may have no bound.
	if _, err := chromedp.Call(c.browser, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: watchPeers}); err != nil {
		return fmt.Errorf("start Chromium: %w", err)
	}
	bounded, cancel := context.WithTimeout(c.browser, 2*pictureWithin)
	defer cancel()
	if err := chromedp.Do(bounded, c.signIn(), c.startGame()); err != nil {
		return fmt.Errorf("play on the page: %w", err)
	}
	if err := c.fit(bounded); err != nil {
		return fmt.Errorf("show the picture as it is: %w", err)
	}
	return chromedp.Do(bounded, chromedp.Evaluate[chromedp.Void](script))
}

func (c *chromium) signIn() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.Navigate(c.at.URL),
		chromedp.Click(`//button[contains(., "Sign in to play")]`),
		chromedp.SendKeys(chromedp.CSS(`[name="username"]`), c.at.Name),
		chromedp.SendKeys(chromedp.CSS(`[name="password"]`), c.at.Password),
		chromedp.Click(chromedp.CSS(`[type="submit"]`)),
	)
}

func (c *chromium) startGame() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.Click(chromedp.CSS(`button[aria-label^="Play"]`)),
		chromedp.WaitVisible(chromedp.CSS(`main[data-state="active"][data-link="connected"]`)),
		chromedp.Poll[chromedp.Void](`document.querySelector('[data-testid="video"]').videoWidth > 0`),
	)
}

// fit makes the window so large that the picture is shown as it is.
func (c *chromium) fit(ctx context.Context) error {
	beside, err := chromedp.Run(ctx, chromedp.Evaluate[struct{ Width, Height float64 }](`(() => {
		const box = document.querySelector('[data-testid="video"]').getBoundingClientRect();
		return { Width: innerWidth - box.width, Height: innerHeight - box.height };
	})()`))
	if err != nil {
		return err
	}
	return chromedp.Do(ctx,
		chromedp.EmulateViewport(int64(c.width)+int64(beside.Width), int64(c.height)+int64(beside.Height)),
		chromedp.Poll[chromedp.Void](fmt.Sprintf(`(() => {
			const { width, height } = document.querySelector('[data-testid="video"]').getBoundingClientRect();
			return Math.abs(width - %d) < 1 && Math.abs(height - %d) < 1;
		})()`, c.width, c.height)))
}

func (c *chromium) Play(_ context.Context, presses int) (played, error) {
	call := fmt.Sprintf("playcastBench.play({ presses: %d, least: %d, most: %d, hold: %d, last: %d })", presses,
		leastGap.Milliseconds(), mostGap.Milliseconds(), holdFor.Milliseconds(), lastWait.Milliseconds())
	bounded, cancel := context.WithTimeout(c.browser, pictureWithin+time.Duration(presses)*mostGap)
	defer cancel()
	return chromedp.Run(bounded, chromedp.Evaluate[played](call, chromedp.EvalAwaitPromise))
}

// shown is a picture of the page.
type shown struct {
	Frame  uint32 `json:"frame"`
	Inputs uint32 `json:"inputs"`
	Fault  fault  `json:"fault"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Luma   []byte `json:"luma"`
}

func (c *chromium) Compare(_ context.Context, pictures int) (all []float64, err error) {
	drawn, err := newDrawn(c.order)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(c.browser, pictureWithin)
	defer cancel()
	for len(all) < pictures {
		if err := wait(bounded, every); err != nil {
			return nil, err
		}
		p, err := chromedp.Run(bounded, chromedp.Evaluate[shown]("playcastBench.picture()", chromedp.EvalAwaitPromise))
		if err != nil {
			return nil, err
		}
		if p.Width <= 0 || p.Height <= 0 || len(p.Luma) != p.Width*p.Height {
			return nil, fmt.Errorf("%d bytes are no picture of %d by %d", len(p.Luma), p.Width, p.Height)
		}
		if p.Fault == clean {
			picture := player.Picture{Width: p.Width, Height: p.Height, Y: p.Luma, Stride: p.Width}
			all = append(all, drawn.psnr(&picture, Reading{Frame: p.Frame, Inputs: p.Inputs}))
		}
	}
	return all, nil
}

// Close ends the browser and all of its processes.
func (c *chromium) Close() error {
	var err error
	if c.browser != nil {
		err = chromedp.Cancel(c.browser)
	}
	for _, cancel := range c.cancel {
		cancel()
	}
	return err
}
