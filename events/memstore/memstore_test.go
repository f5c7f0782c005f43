package memstore_test

import (
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/events/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) events.Store { return memstore.New(time.Now) })
}
