package events_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestNoVersionIsForgotten: what the golden files hold is every version up to
// today's, no later one, and every earlier one has what it is read as.
func TestNoVersionIsForgotten(t *testing.T) {
	versions, golden := versionsToday(t), goldenFiles(t)
	for _, complaint := range forgotten(versions, golden, earlier) {
		t.Error(complaint)
	}
	// And it would be noticed: of each type, file and reading, one is taken away.
	for name := range golden {
		without := maps.Clone(golden)
		delete(without, name)
		if len(forgotten(versions, without, earlier)) == 0 {
			t.Errorf("nobody misses %s.json", name)
		}
	}
	for name := range earlier {
		without := maps.Clone(earlier)
		delete(without, name)
		if len(forgotten(versions, golden, without)) == 0 {
			t.Errorf("nobody misses what %s is read as", name)
		}
	}
	for kind := range versions {
		raised := maps.Clone(versions)
		raised[kind]++
		if len(forgotten(raised, golden, earlier)) != 2 { // the new form, and what the present one is read as
			t.Errorf("nobody misses the next version of %s", kind)
		}
	}
	more := maps.Clone(golden)
	more["SessionTeleported.v1"] = true
	if len(forgotten(versions, more, earlier)) == 0 {
		t.Error("nobody wonders at a version of no type")
	}
}

// forgotten says what is missing, or too much, for the versions that types have.
func forgotten(versions map[string]int, golden map[string]bool, earlier map[string]events.Event) []string {
	var complaints []string
	written := map[string]bool{}
	for kind, today := range versions {
		for version := 1; version <= today; version++ {
			name := fmt.Sprintf("%s.v%d", kind, version)
			written[name] = true
			if !golden[name] {
				complaints = append(complaints, name+" has no golden file: what was ever written has to stay readable")
			}
			if read, there := earlier[name]; version < today && (!there || read.EventType() != kind) {
				complaints = append(complaints, name+" has no event in earlier: say what it is read as today")
			}
		}
	}
	for name := range golden {
		if !written[name] {
			complaints = append(complaints, name+".json is of a version that nobody writes or has written")
		}
	}
	return complaints
}

// versionsToday are those that are written of each type.
func versionsToday(t *testing.T) map[string]int {
	t.Helper()
	versions := map[string]int{}
	for _, sample := range samples {
		proposed, err := events.Encode(events.EventID{}, sample, events.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		versions[sample.EventType()] = versionOf(t, proposed)
	}
	for _, kind := range events.Types() {
		if versions[kind] == 0 {
			t.Errorf("%s has no sample", kind)
		}
	}
	return versions
}

func goldenFiles(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		names[strings.TrimSuffix(filepath.Base(file), ".json")] = true
	}
	return names
}
