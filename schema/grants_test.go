package schema_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/schema"
)

// asRole is the URL of a database for a new role that may do nothing, and its name.
func asRole(t *testing.T, database, options string) (as, role string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	role = "Weak of " + strings.TrimPrefix(u.Path, "/")
	if err := exec(t, database, fmt.Sprintf("CREATE ROLE %s LOGIN %s", pgx.Identifier{role}.Sanitize(), options)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), fmt.Sprintf("DROP OWNED BY %[1]s CASCADE; DROP ROLE %[1]s", pgx.Identifier{role}.Sanitize())); err != nil {
			t.Error(err)
		}
	})
	u.User = url.User(role)
	return u.String(), role
}

// TestARoleThatMayTooLittleIsToldWhatToGrant, in words that can be run.
func TestARoleThatMayTooLittleIsToldWhatToGrant(t *testing.T) {
	owner := postgres.Empty(t)
	if err := exec(t, owner, "CREATE SCHEMA vault; DO $$ BEGIN CREATE ROLE playcast_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$"); err != nil {
		t.Fatal(err)
	}
	as, role := asRole(t, owner, "")
	refuses(t, as, schema.ErrGrants, `GRANT playcast_reader TO "`+role+`"`, "GRANT CREATE ON DATABASE", `ALTER SCHEMA vault OWNER TO "`+role+`"`)
	said := schema.Apply(t.Context(), as).Error()
	_, statements, _ := strings.Cut(said, `": `)
	if err := exec(t, owner, statements); err != nil {
		t.Fatalf("run %q: %v", statements, err)
	}
	for range 2 {
		if err := schema.Apply(t.Context(), as); err != nil {
			t.Fatalf("after what it says: %v", err)
		}
	}
	if err := exec(t, as, "SET ROLE playcast_reader; SELECT * FROM read.checkpoint"); err != nil {
		t.Error(err)
	}
}

func TestARoleThatMakesRolesNeedsSchemasAlone(t *testing.T) {
	owner := postgres.Empty(t)
	as, _ := asRole(t, owner, "CREATEROLE")
	err := schema.Apply(t.Context(), as)
	if err == nil || strings.Contains(err.Error(), "playcast_reader") || !strings.Contains(err.Error(), "GRANT CREATE ON DATABASE") {
		t.Errorf("got %v", err)
	}
}
