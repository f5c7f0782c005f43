package node_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/history"
	"github.com/playcast/playcast/events/node"
)

// exported is the history of a closed store.
func exported(t *testing.T, dir string) string {
	t.Helper()
	d, err := node.OpenDirectory(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err = d.Export(t.Context(), history.NewWriter(&out), false)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// imported takes a history into a store.
func imported(t *testing.T, dir, text string) (history.Counts, error) {
	t.Helper()
	d, err := node.OpenDirectory(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := d.Import(t.Context(), history.NewReader(strings.NewReader(text)))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return counts, err
}

func eventsIn(t *testing.T, text string) []history.Event {
	t.Helper()
	var all []history.Event
	for r := history.NewReader(strings.NewReader(text)); ; {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

// withoutPlace is the history as every store keeps it.
func withoutPlace(t *testing.T, text string, times bool) string {
	t.Helper()
	var out bytes.Buffer
	w := history.NewWriter(&out)
	for _, e := range eventsIn(t, text) {
		if e.Position = 0; !times {
			e.Created = time.Unix(1, 0)
		}
		if e.Type == history.TypeTombstone || strings.HasPrefix(e.Stream, "$$") && !times {
			e.ID = [16]byte{1} // servers give these themselves
		}
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestHistoryIntoDirectory moves a store that has lived, and was scavenged,
// into another directory: all but the positions is kept.
func TestHistoryIntoDirectory(t *testing.T) {
	t.Parallel()
	from := lived(t, 300)
	d, err := node.OpenDirectory(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	done, err := d.Scavenge(t.Context())
	if err := errors.Join(err, d.Close()); err != nil || done.Events == 0 {
		t.Fatalf("scavenge: %+v %v", done, err)
	}
	text := exported(t, from)
	to := t.TempDir()
	all := eventsIn(t, text)
	// An import that was interrupted in the middle of a line, and then repeated.
	if _, err := imported(t, to, text[:len(text)/2]); err == nil {
		t.Error("half a line is imported")
	}
	counts, err := imported(t, to, text)
	if err != nil || counts.Written+counts.Present != uint64(len(all)) || counts.Present == 0 {
		t.Fatalf("import: %+v %v, of %d events", counts, err, len(all))
	}
	if got, want := withoutPlace(t, exported(t, to), true), withoutPlace(t, text, true); got != want {
		t.Errorf("the history came back otherwise:\n%.2000s\nwant\n%.2000s", got, want)
	}
	whole(t, to)
	if counts, err := imported(t, to, text); err != nil || counts.Written != 0 {
		t.Errorf("import again: %+v %v", counts, err)
	}
	// What a reader sees is the same, and the store goes on.
	a, b := open(t, from), open(t, to)
	one, two := connect(t, a.ConnectionString()), connect(t, b.ConnectionString())
	for _, stream := range []string{"s-a", "s-b", "s-c", "s-e", "s-f"} {
		want, got := readStream(t, one, stream, esdb.ReadStreamOptions{}, 1e6), readStream(t, two, stream, esdb.ReadStreamOptions{}, 1e6)
		if len(want) == 0 || len(got) != len(want) {
			t.Fatalf("%s has %d events, want %d", stream, len(got), len(want))
		}
		for i := range want {
			w, g := want[i].Event, got[i].Event
			if g.EventID != w.EventID || g.EventNumber != w.EventNumber || !g.CreatedDate.Equal(w.CreatedDate) || !bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.UserMetadata, w.UserMetadata) {
				t.Errorf("%s@%d is %+v, want %+v", stream, i, g, w)
			}
		}
		appendEvents(t, two, stream, esdb.Revision(got[len(got)-1].Event.EventNumber), event("After"))
	}
	if _, err := two.AppendToStream(t.Context(), "s-d", esdb.AppendToStreamOptions{}, event("After")); codeOf(err) != esdb.ErrorCodeStreamDeleted {
		t.Errorf("append to what was deleted for ever: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, to)
}

// TestHistoryOverTheProtocol moves a store through the public client, twice.
func TestHistoryOverTheProtocol(t *testing.T) {
	t.Parallel()
	text := exported(t, lived(t, 120))
	n := open(t, t.TempDir())
	client := connect(t, n.ConnectionString())
	for range 2 {
		if counts, err := history.Import(t.Context(), history.NewReader(strings.NewReader(text)), client, false); err != nil {
			t.Fatalf("import: %+v %v", counts, err)
		}
		var out bytes.Buffer
		if _, err := history.Export(t.Context(), client, history.NewWriter(&out), false); err != nil {
			t.Fatal(err)
		}
		got, want := eventsIn(t, withoutPlace(t, out.String(), false)), eventsIn(t, withoutPlace(t, text, false))
		if len(got) != len(want) {
			t.Fatalf("%d events came back, want %d", len(got), len(want))
		}
		// A server that undeletes a stream writes metadata earlier than the history has it.
		streams := func(e history.Event) bool { return strings.HasPrefix(e.Stream, "$$") }
		if got, want := slices.DeleteFunc(got, streams), slices.DeleteFunc(want, streams); !reflect.DeepEqual(got, want) {
			t.Errorf("the history came back otherwise: %d events, want %d", len(got), len(want))
		}
	}
	// Back into a directory, with the times that the server gave.
	var out bytes.Buffer
	if _, err := history.Export(t.Context(), client, history.NewWriter(&out), false); err != nil {
		t.Fatal(err)
	}
	back := t.TempDir()
	if _, err := imported(t, back, out.String()); err != nil {
		t.Fatal(err)
	}
	if withoutPlace(t, exported(t, back), true) != withoutPlace(t, out.String(), true) {
		t.Error("the history came back otherwise")
	}
}

// TestHistoryRefused: what an import can't keep, it says.
func TestHistoryRefused(t *testing.T) {
	t.Parallel()
	text := exported(t, lived(t, 60))
	n := open(t, t.TempDir())
	client := connect(t, n.ConnectionString())
	late := text[strings.Index(text, "\n")+1:] // without the first event of s-a
	if _, err := history.Import(t.Context(), history.NewReader(strings.NewReader(late)), client, false); err == nil || !strings.Contains(err.Error(), "renumber") {
		t.Errorf("a stream without its beginning: %v", err)
	}
	if _, err := history.Import(t.Context(), history.NewReader(strings.NewReader(late)), client, true); err != nil {
		t.Errorf("renumbered: %v", err)
	}
	if got := revisions(readStream(t, client, "s-a", esdb.ReadStreamOptions{}, 100)); len(got) != 3 || got[2] != 8 {
		t.Errorf("s-a has revisions %v, want 6 to 8", got)
	}
	other := open(t, t.TempDir())
	second := connect(t, other.ConnectionString())
	appendEvents(t, second, "s-a", esdb.Any{}, event("Foreign"))
	if _, err := history.Import(t.Context(), history.NewReader(strings.NewReader(text)), second, false); err == nil || !strings.Contains(err.Error(), "other events") {
		t.Errorf("a stream that holds another event: %v", err)
	}
	foreign := t.TempDir()
	d := open(t, foreign)
	appendEvents(t, connect(t, d.ConnectionString()), "s-a", esdb.Any{}, event("Foreign"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := imported(t, foreign, text); err == nil || !strings.Contains(err.Error(), "another event") {
		t.Errorf("a directory that holds another event: %v", err)
	}
	whole(t, foreign)
}
