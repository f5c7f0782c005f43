package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/playcast/playcast/schema"
)

// forbid has the database refuse new extensions, as a provider does.
const forbid = `CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
		RAISE EXCEPTION 'permission denied to create extension' USING ERRCODE = '42501';
	END $$;
	CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION public.no();`

func TestExtensionsThatMayNotBeMade(t *testing.T) {
	for name, c := range map[string]struct{ before, says string }{
		"there":          {"CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm;" + forbid, ""},
		"not there":      {forbid, `run "CREATE EXTENSION unaccent"`},
		"one is there":   {"CREATE EXTENSION unaccent;" + forbid, `run "CREATE EXTENSION pg_trgm"`},
		"hidden":         {"CREATE SCHEMA deep; CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm SCHEMA deep", `run "ALTER EXTENSION pg_trgm SET SCHEMA public"`},
		"for the owner":  {"CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm; REVOKE USAGE ON SCHEMA public FROM PUBLIC", `run "GRANT USAGE ON SCHEMA public TO playcast_reader"`},
		"not there, yet": {"", ""},
	} {
		url := postgres.Empty(t)
		if err := exec(t, url, c.before); err != nil {
			t.Fatal(err)
		}
		err := schema.Apply(t.Context(), url)
		if c.says == "" && err != nil || c.says != "" && (!errors.Is(err, schema.ErrExtension) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if err := exec(t, url, `DO $$ BEGIN
			ASSERT read.plain(' Ça—va, 2 Łódź? 🎮 ') = 'ca va 2 lodz';
			ASSERT to_tsvector('read.words', 'Ça va') @@ websearch_to_tsquery('read.words', 'CA');
		END $$`); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
