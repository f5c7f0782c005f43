package gateway_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/schema/schematest"
)

// The whole package's tests share what is slow to start and holds nothing of
// any of them: a PostgreSQL, in which each has a database, and the issuer.
var (
	databases *schematest.Server
	signIns   *issuer
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// A playlist is text to the specification, media are bytes.
	openapi3filter.RegisterBodyDecoder("application/vnd.apple.mpegurl", openapi3filter.PlainBodyDecoder)
	var err error
	if signIns, err = startIssuer(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := schematest.Run(m, func(s *schematest.Server) { databases, s.Prepare = s, projections.Prepare })
	signIns.close()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
