package node

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"

	"github.com/playcast/playcast/events/node/internal/competing"
)

// GetInfo describes a group.
func (s *persistentService) GetInfo(ctx context.Context, request *persistent.GetInfoReq) (*persistent.GetInfoResp, error) {
	o := request.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	info, err := s.groups.Info(ctx, key)
	if err != nil {
		return nil, groupStatus(ctx, key, err)
	}
	return &persistent.GetInfoResp{SubscriptionInfo: wireInfo(info)}, nil
}

// List describes all groups, or those on one stream, of which there must be one.
func (s *persistentService) List(ctx context.Context, request *persistent.ListReq) (*persistent.ListResp, error) {
	var source string
	switch o := request.GetOptions(); {
	case o.GetListAllSubscriptions() != nil:
	case o.GetListForStream().GetAll() != nil:
		source = competing.All
	case o.GetListForStream().GetStream() != nil:
		name, err := streamName(o.GetListForStream().GetStream())
		if err != nil {
			return nil, err
		}
		source = name
	default:
		return nil, invalid("the list names neither a stream nor all groups")
	}
	infos, err := s.groups.List(ctx, source)
	if err == nil && source != "" && len(infos) == 0 {
		err = competing.ErrUnknown
	}
	if err != nil {
		return nil, groupStatus(ctx, competing.Key{Source: source}, err)
	}
	answer := &persistent.ListResp{}
	for _, info := range infos {
		answer.Subscriptions = append(answer.Subscriptions, wireInfo(info))
	}
	return answer, nil
}

func wireInfo(info competing.Info) *persistent.SubscriptionInfo {
	s := info.Settings
	wire := &persistent.SubscriptionInfo{
		EventSource: info.Key.Source,
		GroupName:   info.Key.Group,
		Status:      info.Status,

		AveragePerSecond:              int32(info.PerSecond),
		TotalItems:                    info.Total,
		CountSinceLastMeasurement:     info.Recent,
		LastCheckpointedEventPosition: info.Checkpoint,
		LastKnownEventPosition:        info.LastKnown,

		ResolveLinkTos:              s.ResolveLinks,
		StartFrom:                   info.StartFrom,
		MessageTimeoutMilliseconds:  int32(s.Retry.Timeout.Milliseconds()),
		ExtraStatistics:             s.Latencies,
		MaxRetryCount:               int32(s.Retry.Max),
		LiveBufferSize:              int32(s.Buffer.Live),
		BufferSize:                  int32(s.Buffer.History),
		ReadBatchSize:               int32(s.Buffer.Batch),
		CheckPointAfterMilliseconds: int32(s.Checkpoint.After.Milliseconds()),
		MinCheckPointCount:          int32(s.Checkpoint.Min),
		MaxCheckPointCount:          int32(s.Checkpoint.Max),
		NamedConsumerStrategy:       string(s.Strategy),
		MaxSubscriberCount:          int32(s.Subscribers),

		TotalInFlightMessages:    int32(info.Counts.InFlight),
		OutstandingMessagesCount: int32(info.Counts.InFlight),
		RetryBufferCount:         int32(info.Counts.Again),
		ParkedMessageCount:       info.Counts.Parked,
	}
	// One buffer serves both: it is the live one when nothing is left to read.
	if info.Behind {
		wire.ReadBufferCount = int32(info.Counts.Ahead)
	} else {
		wire.LiveBufferCount = info.Counts.Ahead
	}
	for _, m := range info.Members {
		c := &persistent.SubscriptionInfo_ConnectionInfo{
			From: m.From, Username: m.User, ConnectionName: m.ConnectionName,
			AverageItemsPerSecond:     int32(m.PerSecond),
			TotalItems:                m.Total,
			CountSinceLastMeasurement: m.Recent,
			AvailableSlots:            int32(m.Slots),
			InFlightMessages:          int32(m.InFlight),
		}
		for _, l := range m.Latencies {
			c.ObservedMeasurements = append(c.ObservedMeasurements, &persistent.SubscriptionInfo_Measurement{Key: l.Name, Value: l.Value})
		}
		wire.Connections = append(wire.Connections, c)
	}
	return wire
}
