package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPagesOfTheClient(t *testing.T) {
	built := fstest.MapFS{
		"index.html":         {Data: []byte("<title>playcast</title>")},
		"art/doom.svg":       {Data: []byte("<svg/>")},
		"assets/index-Ab.js": {Data: []byte("1")},
	}
	const index, revalidate, forever = "<title>playcast</title>", "no-cache", "public, max-age=31536000, immutable"
	for _, c := range []struct {
		path   string
		status int
		body   string
		kind   string
		cache  string
	}{
		{"/", 200, index, "text/html; charset=utf-8", revalidate},
		{"/history", 200, index, "text/html; charset=utf-8", revalidate},
		{"/play/0190a7d0-0000-7000-8000-000000000000", 200, index, "text/html; charset=utf-8", revalidate},
		{"/art", 200, index, "text/html; charset=utf-8", revalidate},
		{"/signed-in?code=a.b&state=c", 200, index, "text/html; charset=utf-8", revalidate},
		{"/art/doom.svg", 200, "<svg/>", "image/svg+xml", revalidate},
		{"/assets/index-Ab.js", 200, "1", "text/javascript; charset=utf-8", forever},
		{"/assets/index-Cd.js", 404, "", "", ""},
		{"/favicon.ico", 404, "", "", ""},
		{"/../../etc/passwd.txt", 404, "", "", ""},
	} {
		got := httptest.NewRecorder()
		pages(built).ServeHTTP(got, httptest.NewRequest(http.MethodGet, c.path, nil))
		if got.Code != c.status || got.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: got %d, Cache-Control %q", c.path, got.Code, got.Header().Get("Cache-Control"))
		}
		if c.status == 200 && (got.Body.String() != c.body || got.Header().Get("Content-Type") != c.kind) {
			t.Errorf("%s: got %s %q", c.path, got.Header().Get("Content-Type"), got.Body)
		}
	}
}

func TestPagesAreRead(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte("x")}}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		got := httptest.NewRecorder()
		pages(files).ServeHTTP(got, httptest.NewRequest(method, "/", nil))
		if got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d %v", method, got.Code, got.Header())
		}
	}
}

func TestAMissingClientIsSaid(t *testing.T) {
	got := httptest.NewRecorder()
	pages(fstest.MapFS{".gitkeep": {}}).ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/", nil))
	if got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "make build") {
		t.Errorf("got %d %q", got.Code, got.Body)
	}
}

func TestSites(t *testing.T) {
	for text, want := range map[string]string{
		"http://localhost:8080":        "http://localhost:8080",
		"HTTPS://Play.Example.org:443": "https://play.example.org",
		"http://play.example.org:80":   "http://play.example.org",
		"https://play.example.org:80":  "https://play.example.org:80",
		"http://[::1]:8080":            "http://[::1]:8080",
	} {
		got, err := parseSite(text)
		if err != nil || got.origin() != want {
			t.Errorf("%s: got %s, %v", text, got.origin(), err)
		}
	}
	for _, text := range []string{"", "null", "play.example.org", "ftp://x", "http://", "http://:80", "http://x/", "http://x/y",
		"http://u@x", "http://x?q", "http://x#f", "://"} {
		if got, err := parseSite(text); err == nil {
			t.Errorf("%q was taken for %s", text, got.origin())
		}
	}
	public, err := parseSite("https://play.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"play.example.org": true, "PLAY.example.org:443": true, "play.example.org:80": false, "": false} {
		if public.named(host) != want {
			t.Errorf("%q: got %t", host, !want)
		}
	}
}
