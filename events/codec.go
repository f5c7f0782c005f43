package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/playcast/playcast/events/internal/plainjson"
)

// schema is how one event type is read. version is the one written today; an
// older one passes through the upcasters between, upcast[0] taking 1 to 2.
type schema struct {
	version int
	decode  func([]byte) (Event, error)
	upcast  []upcaster
}

func v1[E Event]() schema { return later[E]() }

// upcaster takes the wire form of one version to the next.
type upcaster func(json.RawMessage) (json.RawMessage, error)

// later is a type whose wire form has changed, once for each upcaster.
func later[E Event](upcast ...upcaster) schema {
	plain := plainjson.For(reflect.TypeFor[E]())
	decode := func(data []byte) (Event, error) {
		var e E
		if plain.Read(data, reflect.ValueOf(&e).Elem()) {
			return e, nil
		}
		var again E
		err := unmarshalExactly(data, &again)
		return again, err
	}
	return schema{version: 1 + len(upcast), decode: decode, upcast: upcast}
}

// unmarshalExactly refuses fields that the value does not have, and what follows.
func unmarshalExactly(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the data")
	}
	return nil
}

// registry lists every event type. A name is never used again for another one.
var registry = map[string]schema{
	"SessionRequested":   later[SessionRequested](upcastRequested1),
	"SessionQueued":      v1[SessionQueued](),
	"SessionAllocated":   v1[SessionAllocated](),
	"SessionLaunched":    v1[SessionLaunched](),
	"SessionReady":       v1[SessionReady](),
	"SessionActivated":   v1[SessionActivated](),
	"SessionPaused":      v1[SessionPaused](),
	"SessionResumed":     v1[SessionResumed](),
	"SessionInterrupted": v1[SessionInterrupted](),
	"SessionEnding":      v1[SessionEnding](),
	"SessionEnded":       v1[SessionEnded](),
	"SessionFailed":      v1[SessionFailed](),
	"SessionIdled":       v1[SessionIdled](),
	"SessionRoused":      v1[SessionRoused](),
	"SessionWarned":      v1[SessionWarned](),
	"PictureAdapted":     v1[PictureAdapted](),
	"QualityReported":    later[QualityReported](upcastQuality1),
	"SavesKept":          v1[SavesKept](),
	"SavesTroubled":      v1[SavesTroubled](),

	"SessionRecordingStarted": v1[SessionRecordingStarted](),
	"SessionRecordingStopped": v1[SessionRecordingStopped](),
	"RecordingOpened":         v1[RecordingOpened](),
	"RecordingProgressed":     v1[RecordingProgressed](),
	"RecordingFinished":       v1[RecordingFinished](),
	"RecordingFailed":         v1[RecordingFailed](),
	"ClipCut":                 later[ClipCut](upcastClip1),
	"RecordingDeleted":        v1[RecordingDeleted](),
	"RecordingErased":         v1[RecordingErased](),
	"InvitationGiven":         v1[InvitationGiven](),
	"InvitationWithdrawn":     v1[InvitationWithdrawn](),
	"GuestJoined":             v1[GuestJoined](),
	"GuestLeft":               v1[GuestLeft](),
	"ControlGiven":            v1[ControlGiven](),
	"ControlTaken":            v1[ControlTaken](),

	"LobbyOpened":      v1[LobbyOpened](),
	"LobbyCodeChanged": v1[LobbyCodeChanged](),
	"LobbyJoined":      v1[LobbyJoined](),
	"LobbyLeft":        v1[LobbyLeft](),
	"LobbyBanned":      v1[LobbyBanned](),
	"LobbyUnbanned":    v1[LobbyUnbanned](),
	"LobbyHandedOver":  v1[LobbyHandedOver](),
	"LobbyReadied":     v1[LobbyReadied](),
	"LobbyGameChosen":  v1[LobbyGameChosen](),
	"LobbyStarted":     v1[LobbyStarted](),
	"LobbyReopened":    v1[LobbyReopened](),
	"LobbyMessageSent": v1[LobbyMessageSent](),
	"LobbyClosed":      v1[LobbyClosed](),

	"AccountOpened":   v1[AccountOpened](),
	"PlaytimeMetered": v1[PlaytimeMetered](),

	"PlanPublished": v1[PlanPublished](),
	"PlanWithdrawn": v1[PlanWithdrawn](),

	"SubscriptionStarted":         v1[SubscriptionStarted](),
	"SubscriptionRenewed":         v1[SubscriptionRenewed](),
	"SubscriptionChanged":         v1[SubscriptionChanged](),
	"SubscriptionChangeScheduled": v1[SubscriptionChangeScheduled](),
	"SubscriptionChangeDropped":   v1[SubscriptionChangeDropped](),
	"SubscriptionCancelled":       v1[SubscriptionCancelled](),
	"SubscriptionKept":            v1[SubscriptionKept](),
	"SubscriptionPaused":          v1[SubscriptionPaused](),
	"SubscriptionResumed":         v1[SubscriptionResumed](),
	"SubscriptionEnded":           v1[SubscriptionEnded](),

	"CreditGranted":        v1[CreditGranted](),
	"CreditExpired":        v1[CreditExpired](),
	"CreditRevoked":        v1[CreditRevoked](),
	"PlaytimeCharged":      v1[PlaytimeCharged](),
	"SpendingLimitSet":     v1[SpendingLimitSet](),
	"SpendingLimitLifted":  v1[SpendingLimitLifted](),
	"SpendingLimitReached": v1[SpendingLimitReached](),

	"BillGivenUp":        v1[BillGivenUp](),
	"BillRetried":        v1[BillRetried](),
	"InvoiceDrafted":     v1[InvoiceDrafted](),
	"InvoiceLineAdded":   v1[InvoiceLineAdded](),
	"InvoiceDiscarded":   v1[InvoiceDiscarded](),
	"InvoiceApproved":    v1[InvoiceApproved](),
	"NumberAssigned":     v1[NumberAssigned](),
	"InvoiceIssued":      v1[InvoiceIssued](),
	"InvoiceVoided":      v1[InvoiceVoided](),
	"InvoiceWrittenOff":  v1[InvoiceWrittenOff](),
	"DunningExhausted":   v1[DunningExhausted](),
	"CreditNoteApproved": v1[CreditNoteApproved](),
	"CreditNoteIssued":   v1[CreditNoteIssued](),
	"PaymentAsked":       v1[PaymentAsked](),
	"PaymentSucceeded":   v1[PaymentSucceeded](),
	"PaymentFailed":      v1[PaymentFailed](),
	"RefundAsked":        v1[RefundAsked](),
	"PaymentRefunded":    v1[PaymentRefunded](),
	"RefundFailed":       v1[RefundFailed](),
	"RefundGivenUp":      v1[RefundGivenUp](),

	"ProfileChanged":       v1[ProfileChanged](),
	"PreferencesChanged":   v1[PreferencesChanged](),
	"RoleGranted":          v1[RoleGranted](),
	"RoleRevoked":          v1[RoleRevoked](),
	"ConsentGiven":         v1[ConsentGiven](),
	"ConsentWithdrawn":     v1[ConsentWithdrawn](),
	"GuardianSet":          v1[GuardianSet](),
	"GuardianPINTried":     v1[GuardianPINTried](),
	"GuardianPINProved":    v1[GuardianPINProved](),
	"AgeDeclared":          v1[AgeDeclared](),
	"ParentalLimitsSet":    v1[ParentalLimitsSet](),
	"ParentalLimitsLifted": v1[ParentalLimitsLifted](),
	"PlayerErased":         v1[PlayerErased](),

	"PresenceChanged":    v1[PresenceChanged](),
	"DeviceConnected":    v1[DeviceConnected](),
	"DeviceDisconnected": v1[DeviceDisconnected](),
	"DeviceGone":         v1[DeviceGone](),
	"DeviceIdled":        v1[DeviceIdled](),
	"DeviceUsed":         v1[DeviceUsed](),
	"VisibilityChanged":  v1[VisibilityChanged](),
	"GameEntered":        v1[GameEntered](),
	"GameLeft":           v1[GameLeft](),
	"JoinableChanged":    v1[JoinableChanged](),
	"PresenceCleared":    v1[PresenceCleared](),

	"GatewayRegistered": v1[GatewayRegistered](),
	"GatewayLost":       v1[GatewayLost](),
	"GatewayStopped":    v1[GatewayStopped](),

	"FriendRequested":        v1[FriendRequested](),
	"FriendRequestWithdrawn": v1[FriendRequestWithdrawn](),
	"FriendRequestDeclined":  v1[FriendRequestDeclined](),
	"FriendshipFormed":       v1[FriendshipFormed](),
	"FriendshipEnded":        v1[FriendshipEnded](),
	"PlayerBlocked":          v1[PlayerBlocked](),
	"PlayerUnblocked":        v1[PlayerUnblocked](),

	"WorkerRegistered": later[WorkerRegistered](upcastRegistered1, upcastRegistered2),
	"WorkerDraining":   v1[WorkerDraining](),
	"WorkerResumed":    v1[WorkerResumed](),
	"WorkerLost":       v1[WorkerLost](),
	"WorkerStopped":    v1[WorkerStopped](),
	"SlotReserved":     v1[SlotReserved](),
	"SlotReleased":     v1[SlotReleased](),

	"GamePublished":         v1[GamePublished](),
	"GameChanged":           v1[GameChanged](),
	"GameWithdrawn":         v1[GameWithdrawn](),
	"GameBecameUnavailable": v1[GameBecameUnavailable](),
	"GameBecameAvailable":   v1[GameBecameAvailable](),
	"GameRated":             v1[GameRated](),
	"GameRatingWithdrawn":   v1[GameRatingWithdrawn](),
	"AgeLimitChanged":       v1[AgeLimitChanged](),

	"EventPoisoned":     v1[EventPoisoned](),
	"PoisonReplayAsked": v1[PoisonReplayAsked](),
	"PoisonReplayed":    v1[PoisonReplayed](),
	"PoisonDropped":     v1[PoisonDropped](),
}

// Types returns the name of every event type, sorted.
func Types() []string {
	names := make([]string, 0, len(registry))
	for name := range registry {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// MaxEvent is the most that one event holds, in bytes of its stored form. It is
// far above what decisions come to of sensible wishes.
const MaxEvent = 256 << 10

// What is not kept, whatever was decided.
var (
	ErrTooLarge = &Fault{Kind: TooLarge, Code: "event-too-large",
		Message: "This is more than is kept at once: 256 KiB. Send less."}
	ErrNotKept = &Fault{Kind: Invalid, Code: "event-not-kept",
		Message: "What is kept has text in UTF-8, finite numbers, and times between the years 0 and 9999. Change what is otherwise."}
)

// Encode turns an event into its stored form, which Decode reads as the same. It
// sets the metadata's schema version. ErrTooLarge, ErrNotKept: there is none.
func Encode(id EventID, e Event, meta Metadata) (Proposed, error) {
	schema, ok := registry[e.EventType()]
	if !ok {
		return Proposed{}, fmt.Errorf("encode %q: %w", e.EventType(), ErrUnknownType)
	}
	data, err := json.Marshal(e)
	switch {
	case err != nil || lossy(data):
		return Proposed{}, ErrNotKept
	case len(data) > MaxEvent:
		return Proposed{}, ErrTooLarge
	}
	meta.SchemaVersion = schema.version
	metadata, err := json.Marshal(meta)
	if err != nil {
		return Proposed{}, fmt.Errorf("encode metadata of %s: %w", e.EventType(), err)
	}
	return Proposed{ID: id, Type: e.EventType(), Data: data, Metadata: metadata}, nil
}

// lossy says whether JSON has text that was no UTF-8: what wrote it put the
// escape of U+FFFD there, and writes that character itself as it is.
func lossy(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(`\ufffd`))
		if i < 0 {
			return false
		}
		before := len(data[:i]) - len(bytes.TrimRight(data[:i], `\`))
		if before%2 == 0 { // else it is an escaped backslash, and text
			return true
		}
		data = data[i+1:]
	}
}

// Decode reads a stored event. Its errors are *UnreadableError.
func Decode(r Recorded) (Event, Metadata, error) {
	schema, ok := registry[r.Type]
	if !ok {
		return nil, Metadata{}, unreadable(r, schema, 0, ErrUnknownType)
	}
	meta, err := readMetadata(r.Metadata)
	if err != nil {
		return nil, Metadata{}, unreadable(r, schema, 0, fmt.Errorf("%w: metadata: %w", ErrMalformed, err))
	}
	if meta.SchemaVersion < 0 {
		return nil, meta, unreadable(r, schema, meta.SchemaVersion, fmt.Errorf("%w: there are no versions below 0", ErrMalformed))
	}
	if meta.SchemaVersion > schema.version {
		return nil, meta, unreadable(r, schema, meta.SchemaVersion, ErrNewerVersion)
	}
	data := json.RawMessage(r.Data)
	for v := max(meta.SchemaVersion, 1); v < schema.version; v++ {
		if data, err = schema.upcast[v-1](data); err != nil {
			err = fmt.Errorf("%w: upcast from version %d: %w", ErrMalformed, v, err)
			return nil, meta, unreadable(r, schema, meta.SchemaVersion, err)
		}
	}
	e, err := schema.decode(data)
	if err != nil {
		return nil, meta, unreadable(r, schema, meta.SchemaVersion, fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	return e, meta, nil
}

func unreadable(r Recorded, known schema, version int, why error) error {
	return &UnreadableError{Type: r.Type, Stream: r.Stream, Revision: r.Revision, Position: r.Position,
		Version: version, Known: known.version, Err: why}
}
