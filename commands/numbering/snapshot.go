package numbering

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

var _ commands.Lasting = Series{}

// Schema is that of its snapshots. A month has thousands of numbers: without one,
// each number is the dearer the more were given before it.
func (Series) Schema() int { return 1 }

// kept is a series as JSON.
type kept struct {
	Last     int               `json:"last"`
	Numbered []events.Document `json:"numbered"`
}

// MarshalJSON writes all of the series, the same for equal ones.
func (s Series) MarshalJSON() ([]byte, error) {
	k := kept{Last: s.Last}
	for d := range s.numbered {
		k.Numbered = append(k.Numbered, d)
	}
	slices.SortFunc(k.Numbered, func(a, b events.Document) int {
		return cmp.Or(bytes.Compare(a.Invoice[:], b.Invoice[:]), bytes.Compare(a.CreditNote[:], b.CreditNote[:]))
	})
	return json.Marshal(k)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Series) UnmarshalJSON(data []byte) error {
	var k kept
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&k); err != nil {
		return err
	}
	*s = Series{Last: k.Last}
	for _, d := range k.Numbered {
		if s.numbered == nil {
			s.numbered = map[events.Document]struct{}{}
		}
		s.numbered[d] = struct{}{}
	}
	return nil
}
