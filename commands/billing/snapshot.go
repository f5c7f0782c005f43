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
func (Account) Schema() int { return 1 }

// kept is an account as JSON.
type kept struct {
	Open    bool          `json:"open"`
	Played  time.Duration `json:"played"`
	Metered []keptSegment `json:"metered"`
}

type keptSegment struct {
	Session events.SessionID `json:"session"`
	Number  int              `json:"number"`
}

// MarshalJSON writes all of the account, the same for equal ones.
func (a Account) MarshalJSON() ([]byte, error) {
	k := kept{Open: a.Open, Played: a.Played}
	for segment := range a.metered {
		k.Metered = append(k.Metered, keptSegment{segment.session, segment.number})
	}
	slices.SortFunc(k.Metered, func(a, b keptSegment) int {
		return cmp.Or(bytes.Compare(a.Session[:], b.Session[:]), cmp.Compare(a.Number, b.Number))
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
	*a = Account{Open: k.Open, Played: k.Played}
	for _, segment := range k.Metered {
		if a.metered == nil {
			a.metered = map[segmentKey]struct{}{}
		}
		a.metered[segmentKey{segment.Session, segment.Number}] = struct{}{}
	}
	return nil
}
