package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// taped is a recording as the gateway tells of it.
type taped struct {
	ID, State, EndReason, Fault string
	LengthMs, Bytes             int64
}

func (c *player) recordings() []taped {
	c.t.Helper()
	var page struct{ Recordings []taped }
	c.must(http.StatusOK, c.do(http.MethodGet, c.url+"/v1/recordings", nil), &page)
	return page.Recordings
}

// record has a session recorded that is being played.
func (c *player) record(id string) {
	c.t.Helper()
	var done accepted
	c.must(http.StatusOK, c.do(http.MethodPost, c.url+"/v1/sessions/"+id+"/recording", map[string]bool{"consent": true}), &done)
}

// playing is a session that is being played.
func (c *player) playing(game events.GameID) string {
	c.t.Helper()
	id := c.request(game)
	c.await(id, events.SessionIsReady)
	c.connect(id)
	c.await(id, events.SessionIsActive)
	return id
}

// segmentsIn counts what is stored of all recordings of a data directory.
func segmentsIn(t *testing.T, data string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "recordings", "*", "*.m4s"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestAKillLeavesARecordingThatPlays kills playcast while it records: what was
// stored by then is a file that plays, and the recording is closed later.
func TestAKillLeavesARecordingThatPlays(t *testing.T) {
	t.Parallel() // it waits most of the time
	database := openDatabase(t)
	data := dataIn(t)
	arguments := append(withGames(t), "--slots", "1", "--postgres", database.url())
	p := up(t, data, arguments...)
	one := p.signIn("player1")
	one.record(one.playing("saver"))
	eventually(t, "three segments are stored", func() (bool, any) { // a busy machine makes shorter ones
		files := segmentsIn(t, data)
		return len(files) >= 3, files
	})
	p.kill()

	files := segmentsIn(t, data)
	folder := filepath.Dir(files[0])
	var whole bytes.Buffer
	for _, name := range append([]string{"init-0.mp4"}, numbered(len(files))...) {
		part, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		whole.Write(part)
	}
	joined := filepath.Join(t.TempDir(), "killed.mp4")
	if err := os.WriteFile(joined, whole.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	length := lengthOf(t, joined)
	t.Logf("%d segments outlive the kill: %.2f s", len(files), length)
	if length < 6 {
		t.Errorf("%.2f s are left of %d segments", length, len(files))
	}

	p = up(t, data, arguments...)
	one = p.signIn("player1")
	var kept taped
	eventuallyIn(t, 2*time.Minute, "the recording is closed", func() (bool, any) { // a worker has one to close it
		kept = one.recordings()[0]
		return kept.State == string(events.RecordingIsFailed), kept
	})
	if kept.Fault != string(events.RecordingWorkerLost) {
		t.Errorf("it failed with %q", kept.Fault)
	}
	list := one.do(http.MethodGet, one.url+"/v1/recordings/"+kept.ID+"/index.m3u8", nil)
	if list.StatusCode != http.StatusOK || strings.Count(string(list.body), ".m4s") < 2 {
		t.Errorf("the playlist is answered with %s", list)
	}
	database.follows(t, p.log)
	p.stop()
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%d.m4s", i)
	}
	return names
}

// TestRecordingsAreTheirEvents cuts a clip of a recording and deletes both: at
// each step the rows are what the events say.
func TestRecordingsAreTheirEvents(t *testing.T) {
	t.Parallel() // it waits most of the time
	database := openDatabase(t)
	data := dataIn(t)
	p := up(t, data, append(withGames(t), "--slots", "1", "--postgres", database.url())...)
	one := p.signIn("player1")
	id := one.playing("saver")
	one.record(id)
	eventually(t, "a segment is stored", func() (bool, any) {
		files := segmentsIn(t, data)
		return len(files) >= 1, files
	})
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	one.awaitBilled(id)
	var kept taped
	eventually(t, "the recording has ended", func() (bool, any) {
		kept = one.recordings()[0]
		return kept.State == string(events.RecordingIsFinished), kept
	})
	slotsHeld(t, p, 0)
	database.follows(t, p.log)

	at := one.url + "/v1/recordings/" + kept.ID
	one.must(http.StatusCreated, one.do(http.MethodPost, at+"/clips", map[string]any{"title": "The best of it", "fromMs": 0, "toMs": 500}), nil)
	if m := database.rows(); len(m.Recordings) != 1 || len(m.Clips) != 1 {
		t.Errorf("of a recording with a clip there are the rows %+v, %+v", m.Recordings, m.Clips)
	}
	database.follows(t, p.log)
	one.must(http.StatusOK, one.do(http.MethodDelete, at, nil), nil)
	database.follows(t, p.log)
	if m := database.rows(); len(m.Recordings) != 0 || len(m.Clips) != 0 {
		t.Errorf("of a deleted recording there are the rows %+v, %+v", m.Recordings, m.Clips)
	}
	p.stop()
}

// lengthOf decodes all of a file, and returns how long it is, in s.
func lengthOf(t *testing.T, file string) float64 {
	t.Helper()
	if said, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", file, "-f", "null", "-").CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, said)
	}
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	length, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		t.Fatal(err)
	}
	return length
}

// TestRecordingsAreBoundAndGoOfThemselves: one that has become too large ends,
// and its session goes on; one that is kept for long enough is gone, media and all.
func TestRecordingsAreBoundAndGoOfThemselves(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	p := up(t, data, append(withGames(t), "--slots", "1", "--recording-max-gib", "0.0001", "--recording-keep-days", "0.0003")...)
	one := p.signIn("player1")
	id := one.playing("saver")
	one.record(id)
	var ended taped
	eventually(t, "the recording has ended", func() (bool, any) {
		all := one.recordings()
		if len(all) > 0 {
			ended = all[0]
		}
		return ended.State == string(events.RecordingIsFinished), all
	})
	if ended.EndReason != string(events.RecordingFullSize) {
		t.Errorf("it ended with %q", ended.EndReason)
	}
	one.record(id) // the session is not recorded any more: again is no conflict
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	eventually(t, "the first recording is gone", func() (bool, any) {
		for _, left := range one.recordings() {
			if left.ID == ended.ID {
				return false, left
			}
		}
		_, err := os.Stat(filepath.Join(data, "recordings", ended.ID, "manifest.json"))
		return os.IsNotExist(err), err
	})
	p.stop()
}
