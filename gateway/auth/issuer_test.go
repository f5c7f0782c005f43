package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/gateway/auth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// issuer is just enough of one: discovery, keys and a signature.
type issuer struct {
	t        testing.TB
	url      string
	listener net.Listener
	key      *ecdsa.PrivateKey
	kid      string
	asked    atomic.Int64 // for the keys
	down     atomic.Bool
	jwksURL  string // instead of its own, where set
}

// newIssuer has an address, but does not answer before start.
func newIssuer(t testing.TB) *issuer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, url: "http://" + listener.Addr().String(), listener: listener}
	i.newKey("first")
	return i
}

func startedIssuer(t testing.TB) *issuer {
	t.Helper()
	i := newIssuer(t)
	i.start()
	return i
}

func (i *issuer) start() {
	server := &httptest.Server{Listener: i.listener, Config: &http.Server{Handler: i}}
	server.Start()
	i.t.Cleanup(server.Close)
}

func (i *issuer) newKey(kid string) {
	i.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.key, i.kid = key, kid
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if i.down.Load() {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		jwks := i.jwksURL
		if jwks == "" {
			jwks = i.url + "/keys"
		}
		json.NewEncoder(w).Encode(map[string]any{"issuer": i.url, "jwks_uri": jwks})
	case "/keys":
		i.asked.Add(1)
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: i.key.Public(), KeyID: i.kid, Algorithm: "ES256", Use: "sig"}}})
	default:
		http.NotFound(w, r)
	}
}

type claims map[string]any

// good returns claims that verify, with some changed; nil takes one out.
func (i *issuer) good(change claims) claims {
	all := claims{"iss": i.url, "sub": "user_1", "aud": "playcast", "azp": "https://play.example.com",
		"exp": time.Now().Add(time.Minute).Unix(), "nbf": time.Now().Add(-time.Minute).Unix(),
		"name": "Ada", "sid": "sess_1", "roles": []string{"support"}}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func (i *issuer) sign(all claims) string {
	i.t.Helper()
	return sign(i.t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.kid}}, all)
}

func sign(t testing.TB, key jose.SigningKey, all claims) string {
	t.Helper()
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (i *issuer) verifier(change func(*auth.Config)) *auth.Verifier {
	i.t.Helper()
	config := auth.Config{Issuer: i.url, Audience: "playcast"}
	if change != nil {
		change(&config)
	}
	v, err := auth.New(config)
	if err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(v.Close)
	return v
}
