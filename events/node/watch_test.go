package node_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/node"
)

func watched(t *testing.T, access node.Access) *node.Node {
	t.Helper()
	n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Watch: "127.0.0.1:0", Access: access})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

// get asks for a page and returns its code, its text and its trailers.
func get(t *testing.T, url string, change func(*http.Request)) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(within(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(request)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Trailer
}

// TestWatch looks at a node that has done something.
func TestWatch(t *testing.T) {
	t.Parallel()
	n := watched(t, node.Access{})
	client := connect(t, n.ConnectionString())
	appendEvents(t, client, "s", esdb.Any{}, numbered(5)...)
	appendEvents(t, client, "s", esdb.Any{}, numbered(7)...)
	readStream(t, client, "s", esdb.ReadStreamOptions{}, 100)
	sub, err := client.SubscribeToStream(within(t), "s", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		if e := sub.Recv(); e.SubscriptionDropped != nil {
			t.Fatal(e.SubscriptionDropped.Error)
		}
	}
	url := "http://" + n.WatchAddr()
	if code, text, _ := get(t, url+"/health/live", nil); code != http.StatusOK || text != "live\n" {
		t.Errorf("health: %d %q", code, text)
	}
	var stats node.Stats
	code, text, _ := get(t, url+"/stats", nil)
	if err := json.Unmarshal([]byte(text), &stats); err != nil || code != http.StatusOK {
		t.Fatalf("stats: %d %v: %s", code, err, text)
	}
	if stats.Appends != 2 || stats.Events != 12 || stats.Head != 12 || stats.Commits.Count != 2 || stats.Groups.P99 != 1 ||
		stats.Reading.Subscriptions != 1 || stats.Reading.Lag != 0 || stats.Reading.Events < 24 || stats.Disk == 0 || stats.Bytes == 0 {
		t.Errorf("stats: %s", text)
	}
	_, text, _ = get(t, url+"/metrics", nil)
	for _, line := range []string{
		"playcast_node_appends_total 2", "playcast_node_events_total 12", "playcast_node_head_position 12", "playcast_node_subscriptions 1",
		"playcast_node_subscription_lag_events 0", "playcast_node_commit_seconds_count 2", `playcast_node_group_size_bucket{le="1"} 2`,
		"playcast_node_records_broken_total 0", "playcast_node_commits_failed_total 0", "go_goroutines",
	} {
		if !strings.Contains(text, line+"\n") && !strings.Contains(text, line+" ") {
			t.Errorf("metrics have no %q", line)
		}
	}
	if code, text, _ := get(t, url+"/stats", func(r *http.Request) { r.Host = "rebound.example.org" }); code != http.StatusForbidden {
		t.Errorf("a page asked for by another name: %d %q", code, text)
	}
	code, text, trailer := get(t, url+"/backup", nil)
	if code != http.StatusOK || trailer.Get(node.WholeTrailer) != "true" {
		t.Fatalf("backup: %d, trailers %v", code, trailer)
	}
	restored := filepath.Join(t.TempDir(), "restored")
	if report, err := node.Restore(t.Context(), bytes.NewReader([]byte(text)), restored); err != nil || report.Events != 12 {
		t.Errorf("restore: %+v %v", report, err)
	}
	if err := sub.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(patience); ; {
		if s, err := n.Stats(); err != nil || s.Reading.Subscriptions == 0 {
			break
		}
		select {
		case <-deadline:
			t.Fatal("a subscription that was closed is counted")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestWatchRights is who sees which page.
func TestWatchRights(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	n := watched(t, node.Access{CertFile: cert, KeyFile: key, Users: []node.User{
		user(t, "root", node.RoleAdmins), user(t, "ops", node.RoleOps), user(t, "reader", node.RoleReader)}})
	for page, want := range map[string]map[string]int{
		"/health/live": {"": 200, "root": 200, "reader": 200},
		"/metrics":     {"": 401, "root": 200, "ops": 200, "reader": 403, "stranger": 401},
		"/stats":       {"": 401, "root": 200, "ops": 200, "reader": 403, "stranger": 401},
		"/backup":      {"": 401, "root": 200, "ops": 403, "reader": 403, "stranger": 401},
		"/other":       {"": 404, "root": 404},
	} {
		for name, wanted := range want {
			code, text, _ := get(t, "https://"+n.WatchAddr()+page, func(r *http.Request) {
				if name != "" {
					r.SetBasicAuth(name, "pw-"+name)
				}
			})
			if code != wanted {
				t.Errorf("%q asks for %s: %d, want %d: %.200s", name, page, code, wanted, text)
			}
		}
	}
	post := func(name, origin string) int {
		code, _, _ := get(t, "https://"+n.WatchAddr()+"/scavenge", func(r *http.Request) {
			r.Method = http.MethodPost
			r.SetBasicAuth(name, "pw-"+name)
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
		})
		return code
	}
	if code := post("ops", ""); code != http.StatusOK {
		t.Errorf("ops scavenges: %d", code)
	}
	if code := post("ops", "https://elsewhere.example.org"); code != http.StatusForbidden {
		t.Errorf("another site's page has a browser scavenge: %d", code)
	}
	if s, err := n.Stats(); err != nil || s.CallsRefused != 10 {
		t.Errorf("%d calls were refused, %v", s.CallsRefused, err)
	}
	if exposed, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Watch: "0.0.0.0:0"}); err == nil {
		exposed.Close()
		t.Error("the page listens everywhere without TLS and users")
	}
}
