package events_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
)

// plain is all text of events that is not of a type of its own, by whose it is.
// What a player writes belongs into a Sealed: it would outlive their erasure.
var plain = map[string][]string{
	"a name that a process gives itself": {"WorkerRegistered.Incarnation", "WorkerDraining.Incarnation", "WorkerResumed.Incarnation", "WorkerLost.Incarnation",
		"WorkerStopped.Incarnation", "GatewayRegistered.Incarnation", "GatewayLost.Incarnation", "GatewayStopped.Incarnation",
		"DeviceConnected.Connection.Incarnation", "DeviceDisconnected.Connection.Incarnation"},
	"of machines, as an operator set them up": {"WorkerRegistered.Address", "WorkerRegistered.Encoders", "WorkerRegistered.Region", "WorkerRegistered.GPU",
		"GatewayRegistered.Address", "SessionReady.Encoder", "PictureAdapted.Encoder", "RecordingFinished.Codec", "SavesKept.Version"},
	"of a game, as an operator described it": {"GamePublished.Game.Title", "GamePublished.Game.Description", "GamePublished.Game.Genre", "GamePublished.Game.Art",
		"GamePublished.Game.Command", "GamePublished.Game.Environment", "GameChanged.Game.Title", "GameChanged.Game.Description", "GameChanged.Game.Genre",
		"GameChanged.Game.Art", "GameChanged.Game.Command", "GameChanged.Game.Environment", "GameBecameUnavailable.Reason", "SessionRequested.Title",
		"LobbyGameChosen.Title", "LobbyStarted.Title", "RecordingOpened.Title"},
	"of a plan, as an operator described it": {"SessionRequested.Terms.Needs.Region", "SessionRequested.Terms.Needs.Encoder",
		"LobbyStarted.Terms.Needs.Region", "LobbyStarted.Terms.Needs.Encoder"},
	"a message of a program": {"SessionFailed.Detail", "SessionInterrupted.Cause", "RecordingFailed.Detail", "SavesTroubled.Detail", "BillGivenUp.Code", "EventPoisoned.Cause"},
	"what events are called": {"EventPoisoned.Event.Type", "PoisonReplayAsked.Event.Type"},
	"a code or an id, of few forms": {"InvoiceLineAdded.Line.Text", "InvoiceLineAdded.Line.Sources.Subscription", "PaymentSucceeded.Reference",
		"PreferencesChanged.Preferences.Locale", "PreferencesChanged.Preferences.Layout", "PreferencesChanged.Preferences.TimeZone",
		"ConsentGiven.Version", "ParentalLimitsSet.Limits.TimeZone"},
}

// TestNoTextOfPersons finds every text in events that anything could be in, so
// that none is added without a thought of what can't be erased.
func TestNoTextOfPersons(t *testing.T) {
	known := slices.Concat(slices.Collect(maps.Values(plain))...)
	found := map[string]bool{}
	for _, sample := range samples {
		for _, path := range texts(reflect.TypeOf(sample), sample.EventType()) {
			found[path] = true
			if !slices.Contains(known, path) {
				t.Errorf("%s is text: seal it if a player writes it, and say here whose it is if not", path)
			}
		}
	}
	for _, path := range known {
		if !found[path] {
			t.Errorf("there is no %s", path)
		}
	}
}

// texts are the paths to plain strings within a type.
func texts(of reflect.Type, path string) (found []string) {
	switch of.Kind() {
	case reflect.String:
		if of.PkgPath() == "" {
			return []string{path}
		}
	case reflect.Struct:
		for i := range of.NumField() {
			if f := of.Field(i); f.IsExported() {
				found = append(found, texts(f.Type, path+"."+f.Name)...)
			}
		}
	case reflect.Slice, reflect.Pointer, reflect.Array:
		return texts(of.Elem(), path)
	case reflect.Map:
		return append(texts(of.Key(), path), texts(of.Elem(), path)...)
	}
	return found
}
