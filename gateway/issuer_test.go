package gateway_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
)

// issuer is the development issuer on a server of its own. Each account signs
// in once: its token outlives the tests.
type issuer struct {
	*devissuer.Issuer
	dir    string
	url    string
	back   string // where a sign-in returns to
	server *httptest.Server

	mu     sync.Mutex
	tokens map[string]string
}

func startIssuer(ctx context.Context) (*issuer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	origin := "http://" + listener.Addr().String()
	i := &issuer{url: origin + "/dev", back: origin + "/signed-in", tokens: map[string]string{}}
	if i.dir, err = os.MkdirTemp("", "issuer"); err != nil {
		return nil, err
	}
	i.Issuer, err = devissuer.New(devissuer.Config{Issuer: i.url, Dir: i.dir, RedirectURIs: []string{i.back}})
	if err != nil {
		return nil, err
	}
	i.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: i}}
	i.server.Start()
	return i, nil
}

func (i *issuer) close() {
	i.server.Close()
	os.RemoveAll(i.dir)
}

func (i *issuer) verifier(t *testing.T, change func(*auth.Config)) *auth.Verifier {
	t.Helper()
	config := devissuer.VerifierConfig(i.url)
	if change != nil {
		change(&config)
	}
	verifier, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(verifier.Close)
	return verifier
}

// token returns an access token of an account.
func (i *issuer) token(t *testing.T, account string) string {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.tokens[account] == "" {
		i.tokens[account] = signIn(t, i.Issuer, i.url, i.back, account)
	}
	return i.tokens[account]
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

// signIn goes the way of a browser: code and PKCE.
func signIn(t *testing.T, accounts *devissuer.Issuer, issuer, back, account string) string {
	t.Helper()
	b := newBrowser(t)
	proof := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(proof))
	begin, _ := b.get(issuer + "/authorize?" + url.Values{
		"client_id": {devissuer.ClientID}, "response_type": {"code"}, "scope": {"openid profile"},
		"redirect_uri": {back}, "state": {"st"}, "nonce": {"no"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode())
	_, page := b.get(begin)
	field := requestField.FindStringSubmatch(page)
	if field == nil {
		t.Fatalf("want a sign-in page, got %s", page)
	}
	next, _ := b.post(issuer+"/login", url.Values{"request": {field[1]}, "username": {account}, "password": {password(t, accounts, account)}})
	returned, _ := b.get(next)
	at, err := url.Parse(returned)
	if err != nil || !strings.HasPrefix(returned, back+"?") {
		t.Fatalf("the sign-in returned to %q", returned)
	}
	_, answer := b.post(issuer+"/oauth/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {devissuer.ClientID},
		"code": {at.Query().Get("code")}, "redirect_uri": {back}, "code_verifier": {proof}})
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(answer), &tokens); err != nil || tokens.Access == "" {
		t.Fatalf("no access token in %s", answer)
	}
	return tokens.Access
}

func password(t *testing.T, accounts *devissuer.Issuer, name string) string {
	t.Helper()
	for _, account := range accounts.Accounts() {
		if account.Name == name {
			return account.Password
		}
	}
	t.Fatalf("there is no account %s", name)
	return ""
}

// browser keeps cookies and stops at redirects.
type browser struct {
	t    *testing.T
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: t, http: &http.Client{Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get returns where it was sent on to, if anywhere, and the page.
func (b *browser) get(address string) (location, page string) {
	b.t.Helper()
	return b.do(http.MethodGet, address, nil)
}

func (b *browser) post(address string, form url.Values) (location, page string) {
	b.t.Helper()
	return b.do(http.MethodPost, address, form)
}

func (b *browser) do(method, address string, form url.Values) (location, page string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if at, err := response.Location(); err == nil {
		location = at.String()
	}
	return location, string(content)
}
