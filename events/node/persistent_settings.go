package node

import (
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"

	"github.com/playcast/playcast/events/node/internal/competing"
)

// Fields that the protocol calls deprecated and clients still write: those from
// before $all could be a source name the stream and its revision only there.
type (
	olderStream interface {
		GetStreamIdentifier() *shared.StreamIdentifier
	}
	olderRevision interface{ GetRevision() uint64 }
	olderStrategy interface {
		GetNamedConsumerStrategy() persistent.CreateReq_ConsumerStrategy
	}
)

// createOptions reads what a group is to be.
func createOptions(o *persistent.CreateReq_Options) (competing.Key, competing.Settings, error) {
	stream := olderStream(o).GetStreamIdentifier()
	if o.GetStream() != nil {
		stream = o.GetStream().StreamIdentifier
	}
	key, err := groupKey(o.GetAll() != nil, stream, o.GetGroupName())
	if err != nil {
		return key, competing.Settings{}, err
	}
	if o.GetAll() == nil && key.Source == competing.All {
		return key, competing.Settings{}, invalid("$all is every stream: use the options for it")
	}
	strategy := competing.Strategy(o.GetSettings().GetConsumerStrategy())
	if strategy == "" {
		strategy = competing.Strategy(olderStrategy(o.GetSettings()).GetNamedConsumerStrategy().String())
	}
	settings, err := groupSettings(o.GetSettings(), strategy)
	if err != nil {
		return key, settings, err
	}
	switch {
	case o.GetAll() != nil:
		if settings.Start, err = startOfAll(o.GetAll()); err == nil {
			settings.Filter, err = groupFilter(o.GetAll().GetFilter())
		}
	case o.GetStream() != nil:
		settings.Start, err = startOfStream(o.GetStream())
	default:
		settings.Start, err = startRevision(olderRevision(o.GetSettings()).GetRevision())
	}
	return key, settings, err
}

// updateOptions reads what a group is to be from now on. The protocol has no
// filter here: it can't be changed.
func updateOptions(o *persistent.UpdateReq_Options) (competing.Key, competing.Settings, error) {
	stream := olderStream(o).GetStreamIdentifier()
	if o.GetStream() != nil {
		stream = o.GetStream().StreamIdentifier
	}
	key, err := groupKey(o.GetAll() != nil, stream, o.GetGroupName())
	if err != nil {
		return key, competing.Settings{}, err
	}
	settings, err := groupSettings(o.GetSettings(), competing.Strategy(o.GetSettings().GetNamedConsumerStrategy().String()))
	if err != nil {
		return key, settings, err
	}
	switch {
	case o.GetAll() != nil:
		settings.Start, err = startOfAll(o.GetAll())
	case o.GetStream() != nil:
		settings.Start, err = startOfStream(o.GetStream())
	default:
		settings.Start, err = startRevision(olderRevision(o.GetSettings()).GetRevision())
	}
	return key, settings, err
}

// wireSettings is what the settings of both requests have in common.
type wireSettings interface {
	GetResolveLinks() bool
	GetExtraStatistics() bool
	GetMaxRetryCount() int32
	GetMaxSubscriberCount() int32
	wireTimes
}

type wireTimes interface {
	GetMessageTimeoutMs() int32
	GetMessageTimeoutTicks() int64
	GetCheckpointAfterMs() int32
	GetCheckpointAfterTicks() int64
	wireCounts
}

type wireCounts interface {
	GetMinCheckpointCount() int32
	GetMaxCheckpointCount() int32
	GetLiveBufferSize() int32
	GetReadBatchSize() int32
	GetHistoryBufferSize() int32
}

func groupSettings(s wireSettings, strategy competing.Strategy) (competing.Settings, error) {
	timeout, err := duration(s.GetMessageTimeoutMs(), s.GetMessageTimeoutTicks())
	if err != nil {
		return competing.Settings{}, invalid("the message timeout: %s", err)
	}
	after, err := duration(s.GetCheckpointAfterMs(), s.GetCheckpointAfterTicks())
	if err != nil {
		return competing.Settings{}, invalid("the time between checkpoints: %s", err)
	}
	return competing.Settings{
		ResolveLinks: s.GetResolveLinks(),
		Latencies:    s.GetExtraStatistics(),
		Strategy:     strategy,
		Subscribers:  int(s.GetMaxSubscriberCount()),
		Retry:        competing.Retry{Max: int(s.GetMaxRetryCount()), Timeout: timeout},
		Checkpoint:   competing.Checkpoint{After: after, Min: int(s.GetMinCheckpointCount()), Max: int(s.GetMaxCheckpointCount())},
		Buffer: competing.Buffer{Live: int(s.GetLiveBufferSize()), History: int(s.GetHistoryBufferSize()),
			Batch: int(s.GetReadBatchSize())},
	}, nil
}

// duration is a time that a client gives in one of two units. Ticks are 100 ns.
func duration(milliseconds int32, ticks int64) (time.Duration, error) {
	const ticksPerHour = int64(time.Hour / 100)
	switch {
	case milliseconds < 0 || ticks < 0:
		return 0, invalid("it is below 0")
	case ticks > 24*365*ticksPerHour:
		return 0, invalid("it is longer than a year")
	case ticks > 0:
		return time.Duration(ticks) * 100, nil
	}
	return time.Duration(milliseconds) * time.Millisecond, nil
}

func startRevision(v uint64) (int64, error) {
	if isEnd(v) {
		return competing.End, nil
	}
	return revision(v)
}

// wireStart is where a group on a stream begins, in either request.
type wireStart interface {
	GetStart() *shared.Empty
	GetEnd() *shared.Empty
	GetRevision() uint64
}

func startOfStream(o wireStart) (int64, error) {
	switch {
	case o.GetEnd() != nil:
		return competing.End, nil
	case o.GetStart() != nil:
		return 0, nil
	}
	return startRevision(o.GetRevision())
}

// startOfAll is where a group on the whole log begins. A position that this
// log has not reached is taken: the group waits for it.
func startOfAll(o interface {
	GetStart() *shared.Empty
	GetEnd() *shared.Empty
}) (int64, error) {
	switch {
	case o.GetEnd() != nil:
		return competing.End, nil
	case o.GetStart() != nil:
		return 0, nil
	}
	var at interface {
		GetCommitPosition() uint64
		GetPreparePosition() uint64
	}
	switch o := o.(type) {
	case *persistent.CreateReq_AllOptions:
		at = o.GetPosition()
	case *persistent.UpdateReq_AllOptions:
		at = o.GetPosition()
	}
	if at.GetCommitPosition() != at.GetPreparePosition() {
		return 0, invalid("position C:%d/P:%d: in this store both are the same", at.GetCommitPosition(), at.GetPreparePosition())
	}
	return startRevision(at.GetCommitPosition())
}

// groupFilter is the filter of a group on the whole log, nil without one.
// Window and checkpoint interval are not needed: groups have checkpoints of
// their own.
func groupFilter(o *persistent.CreateReq_AllOptions_FilterOptions) (*competing.Filter, error) {
	if o == nil {
		return nil, nil
	}
	f := &competing.Filter{ByType: o.GetEventType() != nil}
	expression := o.GetEventType()
	if !f.ByType {
		if expression = o.GetStreamIdentifier(); expression == nil {
			return nil, invalid("the filter names neither streams nor event types")
		}
	}
	f.Pattern, f.Prefixes = expression.GetRegex(), expression.GetPrefix()
	return f, nil
}
