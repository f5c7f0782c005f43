package transport

import (
	"fmt"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/logging"
)

// stock is the library's own congestion control. Pacing stays ours.
type stock struct {
	*gcc.SendSideBWE
	end func() error // once
}

func newStock(b Bitrate, logs logging.LoggerFactory) (*stock, error) {
	inner, err := gcc.NewSendSideBWE(
		gcc.SendSideBWEInitialBitrate(b.Start),
		gcc.SendSideBWEMinBitrate(b.Min),
		gcc.SendSideBWEMaxBitrate(b.Max),
		gcc.SendSideBWEPacer(&straight{}),
		gcc.WithLoggerFactory(logs),
	)
	if err != nil {
		return nil, fmt.Errorf("make the stock congestion control: %w", err)
	}
	return &stock{SendSideBWE: inner, end: sync.OnceValue(inner.Close)}, nil
}

// straight sends at once.
type straight struct{ interceptor.RTPWriter }

var _ gcc.Pacer = (*straight)(nil)

func (s *straight) AddStream(_ uint32, w interceptor.RTPWriter) { s.RTPWriter = w }
func (s *straight) SetTargetBitrate(int)                        {}
func (s *straight) Close() error                                { return nil }
