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
