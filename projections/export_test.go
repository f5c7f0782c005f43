package projections

import "github.com/playcast/playcast/schema/schematest"

// Postgres is the server of the package's tests.
var Postgres *schematest.Server
