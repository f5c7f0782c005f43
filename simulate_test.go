package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func TestSimulateWritesItsHistoryIntoAStore(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	simulate := []string{"simulate", "--seed", "5", "--players", "60", "--workers", "3", "--days", "1",
		"--events", "2000", "--data", data, "--json"}
	for range 2 { // the second time, all is there
		var out bytes.Buffer
		if err := run(simulate, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		var report simulated
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatalf("%v: %s", err, out.Bytes())
		}
		if report.Seed != 5 || report.Events < 2000 || report.Sessions == 0 || report.PlayedHours != report.MeteredHours {
			t.Errorf("the report: %+v", report)
		}
	}
	var exported bytes.Buffer
	if err := run([]string{"store", "--data", data, "export"}, &exported, io.Discard); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(exported.String(), "\n"); lines != 2000 {
		t.Errorf("%d events are in the store", lines)
	}
	err := run([]string{"events", "--data", data, "show", "worker-w1"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "playcast store export --data "+data) {
		t.Errorf("who looks at the stopped store is told %v", err)
	}
	if !strings.Contains(exported.String(), `"created":"2026-01-05T`) {
		t.Error("the events have not kept their times")
	}
}

func TestSimulateRefusesWhatMakesNoSense(t *testing.T) {
	for _, arguments := range [][]string{{"--players", "0"}, {"--workers", "-1"}, {"--days", "1000"}, {"--events", "-5"}} {
		if err := run(append([]string{"simulate"}, arguments...), io.Discard, io.Discard); err == nil {
			t.Errorf("%v was taken", arguments)
		}
	}
}

// TestSimulateLooksWhereToWriteFirst names stores that there are not.
func TestSimulateLooksWhereToWriteFirst(t *testing.T) {
	for connection, want := range map[string]string{
		"http://localhost:1": "--eventstore",
		"esdb://127.0.0.1:1?tls=false&maxDiscoverAttempts=1": "does not answer",
	} {
		var log bytes.Buffer
		err := run([]string{"simulate", "--players", "60", "--workers", "3", "--events", "10", "--eventstore", connection}, io.Discard, &log)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want what says %q", connection, err, want)
		}
		if strings.Contains(log.String(), "simulated") {
			t.Errorf("%s: it was simulated first: %s", connection, log.String())
		}
	}
}
