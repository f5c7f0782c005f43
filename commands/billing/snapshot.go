package billing

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

var _ commands.Lasting = Account{}

// Schema is that of its snapshots.
func (Account) Schema() int { return 3 }

// kept is an account as JSON.
type kept struct {
	Open         bool              `json:"open"`
	Played       time.Duration     `json:"played"`
	Currency     events.Currency   `json:"currency"`
	Subscription Subscription      `json:"subscription"`
	Former       Former            `json:"former"`
	Credits      []Credit          `json:"credits"`
	Limit        *events.Money     `json:"limit"`
	Granted      []events.CreditID `json:"granted"`
	Metered      []keptSegment     `json:"metered"`
}

type keptSegment struct {
	Day     int64            `json:"day"`
	Session events.SessionID `json:"session"`
	Number  int              `json:"number"`
}

// MarshalJSON writes all of the account, the same for equal ones.
func (a Account) MarshalJSON() ([]byte, error) {
	k := kept{Open: a.Open, Played: a.Played, Currency: a.Currency, Subscription: a.Subscription, Former: a.Former,
		Credits: a.Credits, Limit: a.Limit, Granted: a.granted}
	for on, segments := range a.metered {
		for segment := range segments {
			k.Metered = append(k.Metered, keptSegment{on, segment.session, segment.number})
		}
	}
	slices.SortFunc(k.Metered, func(a, b keptSegment) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), bytes.Compare(a.Session[:], b.Session[:]), cmp.Compare(a.Number, b.Number))
	})
	return json.Marshal(k)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Account) UnmarshalJSON(data []byte) error {
	var k kept
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&k); err != nil {
		return err
	}
	*a = Account{Open: k.Open, Played: k.Played, Currency: k.Currency, Subscription: k.Subscription, Former: k.Former,
		Credits: k.Credits, Limit: k.Limit, granted: k.Granted}
	for _, segment := range k.Metered {
		if a.metered == nil {
			a.metered = metered{}
		}
		if a.metered[segment.Day] == nil {
			a.metered[segment.Day] = map[segmentKey]struct{}{}
		}
		a.metered[segment.Day][segmentKey{segment.Session, segment.Number}] = struct{}{}
	}
	return nil
}
