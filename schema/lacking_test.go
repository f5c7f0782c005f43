package schema

import (
	"slices"
	"testing"
)

func TestWhatARoleLacks(t *testing.T) {
	for _, c := range []struct {
		may  grants
		want []string
	}{
		{grants{}, []string{"CREATE ROLE playcast_reader NOLOGIN", `GRANT playcast_reader TO "app"`, `GRANT CREATE ON DATABASE "games" TO "app"`}},
		{grants{reader: true, reads: true, makesSchemas: true}, nil},
		{grants{makesRoles: true, makesSchemas: true}, nil},
		{grants{reader: true, makesSchemas: true}, []string{`GRANT playcast_reader TO "app"`}},
		{grants{makesRoles: true, makesSchemas: true, foreign: []string{"read"}}, []string{`ALTER SCHEMA read OWNER TO "app"`}},
	} {
		c.may.role, c.may.database = "app", "games"
		if got := c.may.lacking(); !slices.Equal(got, c.want) {
			t.Errorf("%+v lacks %q, want %q", c.may, got, c.want)
		}
	}
}
