package devissuer_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a development issuer on a server of its own.
type world struct {
	*devissuer.Issuer
	t      *testing.T
	dir    string
	url    string // of the issuer
	origin string
	clock  *clock
}

const callback = "/signed-in"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: &clock{now: time.Now()}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.origin = "http://" + listener.Addr().String()
	w.url = w.origin + "/dev"
	w.Issuer = w.open()
	mux := http.NewServeMux()
	mux.HandleFunc(w.Pattern(), func(rw http.ResponseWriter, r *http.Request) { w.ServeHTTP(rw, r) })
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: mux}}
	server.Start()
	t.Cleanup(server.Close)
	return w
}

func (w *world) config() devissuer.Config {
	return devissuer.Config{Issuer: w.url, Dir: w.dir, Now: w.clock.Now,
		RedirectURIs: []string{w.origin + callback}, PostLogoutURIs: []string{w.origin + "/"}}
}

func (w *world) open() *devissuer.Issuer {
	w.t.Helper()
	issuer, err := devissuer.New(w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	return issuer
}

// restart opens the same directory again, as a new process would.
func (w *world) restart() { w.Issuer = w.open() }

func (w *world) verifier() *auth.Verifier {
	w.t.Helper()
	verifier, err := auth.New(devissuer.VerifierConfig(w.url))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(verifier.Close)
	return verifier
}

func (w *world) password(name string) string {
	w.t.Helper()
	for _, account := range w.Accounts() {
		if account.Name == name {
			return account.Password
		}
	}
	w.t.Fatalf("no account %s", name)
	return ""
}

// browser keeps cookies, and stops at each redirect to be looked at.
type browser struct {
	*world
	http     *http.Client
	verifier string // PKCE
}

func (w *world) browser() *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	transport := &http.Transport{}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &browser{world: w, verifier: rand.Text() + rand.Text(), http: &http.Client{Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is a response, read to its end.
type answer struct {
	*http.Response
	body string
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	response, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{response, string(body)}
}

func (b *browser) get(location string) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, location, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

func (b *browser) post(location string, form url.Values) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, location, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (a answer) location(t *testing.T) *url.URL {
	t.Helper()
	location, err := a.Location()
	if err != nil {
		t.Fatalf("want a redirect, got %s: %s", a.Status, a.body)
	}
	return location
}

func (b *browser) authorizeURL(change url.Values) string {
	query := url.Values{
		"client_id": {devissuer.ClientID}, "response_type": {"code"}, "scope": {"openid profile offline_access"},
		"redirect_uri": {b.origin + callback}, "state": {"st"}, "nonce": {"no"},
		"code_challenge": {oidc.NewSHACodeChallenge(b.verifier)}, "code_challenge_method": {"S256"},
	}
	for name, values := range change {
		query[name] = values
	}
	return b.url + "/authorize?" + query.Encode()
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

// openLogin follows /authorize to the login page and returns its request id.
func (b *browser) openLogin() string {
	b.t.Helper()
	page := b.get(b.get(b.authorizeURL(nil)).location(b.t).String())
	field := requestField.FindStringSubmatch(page.body)
	if page.StatusCode != http.StatusOK || field == nil {
		b.t.Fatalf("want a login page, got %s: %s", page.Status, page.body)
	}
	return field[1]
}

func (b *browser) submit(request, name, password string) answer {
	b.t.Helper()
	return b.post(b.url+"/login", url.Values{"request": {request}, "username": {name}, "password": {password}})
}

// code signs in up to the authorization code.
func (b *browser) code(name string) string {
	b.t.Helper()
	next := b.submit(b.openLogin(), name, b.password(name)).location(b.t)
	back := b.get(next.String()).location(b.t)
	if !strings.HasPrefix(back.String(), b.origin+callback+"?") || back.Query().Get("state") != "st" {
		b.t.Fatalf("sent back to %s", back)
	}
	return back.Query().Get("code")
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
}

func (b *browser) token(form url.Values) tokens {
	b.t.Helper()
	form.Set("client_id", devissuer.ClientID)
	got := b.post(b.url+"/oauth/token", form)
	var all tokens
	if err := json.Unmarshal([]byte(got.body), &all); err != nil {
		b.t.Fatalf("%s: %s", got.Status, got.body)
	}
	return all
}

func (b *browser) exchange(code string) tokens {
	b.t.Helper()
	return b.token(url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {b.origin + callback}, "code_verifier": {b.verifier}})
}

func (b *browser) refresh(token string) tokens {
	b.t.Helper()
	return b.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// signIn goes all the way.
func (b *browser) signIn(name string) tokens {
	b.t.Helper()
	got := b.exchange(b.code(name))
	if got.Access == "" || got.Error != "" {
		b.t.Fatalf("no token: %+v", got)
	}
	return got
}
