package events_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

func TestSeatsTravel(t *testing.T) {
	for _, seat := range []events.Seat{
		events.HostSeat("ada"), events.GuestSeat("bob"), events.SpectatorSeat(events.InvitationID(uuid.New())),
	} {
		if err := seat.Validate(); err != nil {
			t.Errorf("%+v: %v", seat, err)
		}
		text, err := json.Marshal(seat)
		if err != nil {
			t.Fatal(err)
		}
		var again events.Seat
		if err := json.Unmarshal(text, &again); err != nil || again != seat {
			t.Errorf("%+v came back from %s as %+v, %v", seat, text, again, err)
		}
	}
}

func TestSeatsThatMakeNoSense(t *testing.T) {
	for _, seat := range []events.Seat{
		{}, {Role: events.SeatOfHost}, {Role: events.SeatOfGuest}, {Role: events.SeatOfSpectator}, {Role: "admin", Player: "ada"},
	} {
		if err := seat.Validate(); err == nil {
			t.Errorf("%+v was taken for a seat", seat)
		}
	}
}
