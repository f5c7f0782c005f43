package game

import (
	"path/filepath"
	"testing"
	"time"
)

// TestOutputWithoutEnd prints as fast as it is read, which is no faster than we
// have time for; its last words are kept.
func TestOutputWithoutEnd(t *testing.T) {
	o, w, err := newOutput(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	const pipe = 1 << 20 // more than a pipe holds
	block, written := make([]byte, 64<<10), 0
	for i := range block {
		block[i] = "yes\n"[i%4]
	}
	began := time.Now()
	for time.Since(began) < 10*readEvery {
		n, err := w.Write(block)
		if written += n; err != nil {
			t.Fatal(err)
		}
	}
	if most := pipe + readAtOnce*int(1+time.Since(began)/readEvery); written > most {
		t.Errorf("%d bytes were taken in %v, more than %d", written, time.Since(began), most)
	}
	if _, err := w.WriteString("no\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o.close()
	if got := o.lastLine(); got != "no" {
		t.Errorf("it said last: %q", got)
	}
}
