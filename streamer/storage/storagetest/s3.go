package storagetest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// S3 is a service with an empty bucket of the name "bucket", in memory.
func S3(t testing.TB) http.Handler {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	return gofakes3.New(backend).Server()
}

// Bucket has a service listen until the test ends, without TLS, and returns the
// address of its bucket for storage.Open, with this secret in it.
func Bucket(t testing.TB, service http.Handler, secret string) string {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	return "s3://key:" + secret + "@" + server.Listener.Addr().String() + "/bucket/saves?region=here&tls=off"
}
