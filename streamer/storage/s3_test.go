package storage_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/streamer/storage"
	"github.com/playcast/playcast/streamer/storage/storagetest"
)

// trustTestServers has this process trust the certificate of httptest, and
// returns what undoes that.
func trustTestServers() (func(), error) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file, err := os.CreateTemp("", "ca-*.pem")
	if err != nil {
		return nil, err
	}
	block := pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	err = errors.Join(pem.Encode(file, &block), file.Close(), os.Setenv("SSL_CERT_FILE", file.Name()))
	return func() { os.Remove(file.Name()) }, err
}

// openS3 opens a store in a bucket of a service in this process. The middle may
// stand between.
func openS3(t *testing.T, middle func(http.Handler) http.Handler) storage.Opened {
	t.Helper()
	service := storagetest.S3(t)
	if middle != nil {
		service = middle(service)
	}
	server := httptest.NewTLSServer(service)
	t.Cleanup(server.Close)
	s, err := storage.Open(t.Context(), "s3://key:se%2Fcret@"+server.Listener.Addr().String()+"/bucket/some/prefix?region=here")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestS3 runs on the service in this process, and on the one that
// PLAYCAST_SPEC_S3 names: s3://key:secret@host:port/bucket/prefix.
func TestS3(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return openS3(t, nil) })
	real, options, _ := strings.Cut(os.Getenv("PLAYCAST_SPEC_S3"), "?")
	if real == "" {
		return
	}
	t.Run("real", func(t *testing.T) {
		storagetest.Run(t, func(t *testing.T) storage.Store {
			s, err := storage.Open(t.Context(), real+"/"+uuid.NewString()+"?"+options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		})
	})
}

// TestS3SaysWhatIsWrong at its start, and never the secret.
func TestS3SaysWhatIsWrong(t *testing.T) {
	answers := func(status int, code string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
		}))
		t.Cleanup(server.Close)
		return "s3://key:s3cret@" + server.Listener.Addr().String() + "/bucket?tls=off"
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := silent.Close(); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		answers(404, "NoSuchBucket"):                                    "make it",
		answers(403, "InvalidAccessKeyId"):                              "look at key and secret",
		answers(403, "SignatureDoesNotMatch"):                           "look at key and secret",
		answers(403, "AccessDenied"):                                    "look at key and secret",
		answers(400, "AuthorizationHeaderMalformed"):                    "another region",
		"s3://key:s3cret@" + silent.Addr().String() + "/bucket?tls=off": "can't be reached",
		"s3://key:s3cret@host":                                          "bucket",
		"s3://key:s3cret@/bucket":                                       "host",
		"s3://key@host/bucket":                                          "both",
		"s3://key:s3cret@host/bucket/../up":                             "dot",
		"s3://key:s3cret@host/bucket?tls=perhaps":                       "on or off",
		"s3://key:s3cret@host/bucket?colour=red":                        "colour",
		"s3://key:s3cret@host:port/bucket":                              "no URL",
		"s3://key:s3cret/more@host/bucket":                              "%2F",
		"ftp://key:s3cret@host/bucket":                                  "ftp",
		"":                                                              "folder",
	} {
		_, err := storage.Open(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %q and no secret", address, err, want)
		}
		if shown := storage.Shown(address); strings.Contains(shown, "s3cret") {
			t.Errorf("shown is %s", shown)
		}
	}
}

// TestS3TriesAgain when the service fails now and then, and leaves the object as
// it was when it dies in the middle.
func TestS3TriesAgain(t *testing.T) {
	var count, dead atomic.Int64
	s := openS3(t, func(service http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case dead.Load() > 0 && r.Method == http.MethodPut && r.URL.Query().Get("partNumber") != "1":
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					conn.Close()
				}
			case count.Add(1)%3 == 0:
				w.WriteHeader(http.StatusServiceUnavailable)
			default:
				service.ServeHTTP(w, r)
			}
		})
	})
	for range 5 {
		if err := s.Put(t.Context(), "it", strings.NewReader("whole")); err != nil {
			t.Fatal(err)
		}
	}
	dead.Store(1)
	for _, size := range []int{10, 20 << 20} {
		if err := s.Put(t.Context(), "it", strings.NewReader(strings.Repeat("x", size))); err == nil {
			t.Error("it was stored by a service that is dead")
		}
	}
	dead.Store(0)
	r, object, err := s.Open(t.Context(), "it")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if object.Size != int64(len("whole")) {
		t.Errorf("after an attempt that failed it is %+v", object)
	}
}

// TestCredentialsOfTheEnvironment are used where the address has none.
func TestCredentialsOfTheEnvironment(t *testing.T) {
	var signed atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed.Store(r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "from-environment")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	if _, err := storage.Open(t.Context(), "s3://"+server.Listener.Addr().String()+"/bucket?tls=off&region=here"); err == nil {
		t.Error("it was opened")
	}
	if got, _ := signed.Load().(string); !strings.Contains(got, "Credential=from-environment/") {
		t.Errorf("signed was with %q", got)
	}
}
