package web

import (
	"io/fs"
	"strings"
	"testing"
)

// TestFilesNeedNothingFromOutside reads the built page, if there is one: it
// must hold no inline script, which the policy forbids, and name no other host.
func TestFilesNeedNothingFromOutside(t *testing.T) {
	if _, err := fs.ReadDir(Files(), "."); err != nil {
		t.Fatalf("read the embedded files: %v", err)
	}
	if !Built() {
		t.Log("the client is not built: nothing to read")
		return
	}
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>", "http://", "https://", "<style>"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("index.html holds %q", bad)
		}
	}
}
