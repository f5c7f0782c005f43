package game

import (
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	const head = "games:\n  - {id: a, title: A, command: [x], width: 320, height: 240, frameRate: 30, "
	catalog, err := Parse([]byte(head + "network: true, limits: {memory: 1.5GiB, processes: 64, cpus: 0.5, storage: 20MiB}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Limits{Memory: 3 * GiB / 2, Processes: 64, CPUs: 0.5, Storage: 20 * MiB}); catalog[0].Limits != want || !catalog[0].Network {
		t.Errorf("got %+v, network %v, want %+v", catalog[0].Limits, catalog[0].Network, want)
	}
	if catalog, err = Parse([]byte(head + "limits: {cpus: 3}}\n")); err != nil {
		t.Fatal(err)
	}
	if want := (Limits{Memory: 2 * GiB, Processes: 256, CPUs: 3, Storage: GiB}); catalog[0].Limits != want || catalog[0].Network {
		t.Errorf("got %+v, network %v, want %+v", catalog[0].Limits, catalog[0].Network, want)
	}
	for limits, want := range map[string]string{
		"{memory: lots}":    `memory: size "lots": want a number with KiB`,
		"{memory: 1MiB}":    "memory 1MiB: want 16MiB to 1024GiB",
		"{memory: 1e9GiB}":  `size "1e9GiB"`,
		"{memory: -1GiB}":   `size "-1GiB"`,
		"{memory: NaNGiB}":  `size "NaNGiB"`,
		"{processes: 1}":    "processes 1: want 8 to",
		"{processes: many}": "int",
		"{cpus: 0.01}":      "cpus 0.01: want 0.1 to",
		"{cpus: .nan}":      "cpus NaN",
		"{cpus: -1}":        "cpus -1",
		"{storage: 1KiB}":   "storage 1KiB: want 1MiB",
		"{disk: 1GiB}":      "disk",
	} {
		if _, err := Parse([]byte(head + "limits: " + limits + "}\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", limits, err, want)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, text := range []string{"2GiB", "1.5MiB", "-1KiB", "0x1p4GiB", "InfGiB", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if size, err := ParseSize(text); err == nil && (size < 0 || size > maxSize) {
			t.Errorf("%q is %d", text, size)
		}
	})
}
