package main_test

import (
	"bufio"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// metricsAt reads the figures that have no labels.
func metricsAt(t *testing.T, address string) map[string]float64 {
	t.Helper()
	r, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	figures := map[string]float64{}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil { // comments are no numbers
			figures[name] = value
		}
	}
	return figures
}

// long is how long the tests of endurance take: TestSoak this time, and the
// others what it allows. `make soak` sets it to an hour.
func long(t *testing.T, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv("PLAYCAST_SOAK")
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PLAYCAST_SOAK: %v", err)
	}
	return d
}
