package player

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config says who plays where.
type Config struct {
	URL            string // the gateway's origin, without a slash at the end
	Name, Password string // at the development issuer
	// Dial opens the connections to the gateway, as from another network
	// namespace; nil: as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Account is somebody signed in. It may be used by several goroutines. Its
// access lasts as long as the issuer says, minutes to an hour: sign in again
// for a later call.
type Account struct {
	url   string
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	http  *http.Client
	token string
}

// requestWithin bounds one call of the gateway.
const requestWithin = 30 * time.Second

// SignIn goes through the development issuer's pages, by code and PKCE
// (RFC 7636). Close ends what it keeps open.
func SignIn(ctx context.Context, cfg Config) (*Account, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{}).DialContext
	}
	a := &Account{url: cfg.URL, dial: cfg.Dial, http: &http.Client{
		Jar: jar, Timeout: requestWithin, Transport: &http.Transport{DialContext: cfg.Dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if err := a.signIn(ctx, cfg.Name, cfg.Password); err != nil {
		a.Close()
		return nil, fmt.Errorf("sign in as %s: %w", cfg.Name, err)
	}
	return a, nil
}

// Close closes idle connections to the gateway.
func (a *Account) Close() { a.http.CloseIdleConnections() }

// Token is the access token, for calls of the gateway that Account has not.
func (a *Account) Token() string { return a.token }

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

func (a *Account) signIn(ctx context.Context, name, password string) error {
	var config struct{ Issuer, ClientID, Scopes string }
	if err := a.get(ctx, a.url+"/v1/config", &config); err != nil {
		return err
	}
	var issuer struct {
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
	}
	if err := a.get(ctx, config.Issuer+"/.well-known/openid-configuration", &issuer); err != nil {
		return err
	}
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	back := a.url + "/signed-in"
	page, err := a.redirected(ctx, http.MethodGet, issuer.Authorize+"?"+url.Values{
		"client_id": {config.ClientID}, "response_type": {"code"}, "scope": {config.Scopes}, "redirect_uri": {back},
		"state": {"state"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode(), nil)
	if err != nil {
		return err
	}
	form, err := a.do(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return err
	}
	field := requestField.FindSubmatch(form.body)
	if field == nil {
		return fmt.Errorf("%s shows no login page", page)
	}
	login, err := a.redirected(ctx, http.MethodPost, config.Issuer+"/login", url.Values{
		"request": {string(field[1])}, "username": {name}, "password": {password}})
	if err != nil {
		return err
	}
	granted, err := a.redirected(ctx, http.MethodGet, login.String(), nil)
	if err != nil {
		return err
	}
	return a.exchange(ctx, issuer.Token, url.Values{"client_id": {config.ClientID}, "code": {granted.Query().Get("code")},
		"grant_type": {"authorization_code"}, "redirect_uri": {back}, "code_verifier": {verifier}})
}

// exchange turns the code into an access token.
func (a *Account) exchange(ctx context.Context, endpoint string, form url.Values) error {
	answer, err := a.do(ctx, http.MethodPost, endpoint, form)
	if err != nil {
		return err
	}
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := answer.read(http.StatusOK, &tokens); err != nil {
		return err
	}
	a.token = tokens.Access
	return nil
}

// reply is an HTTP answer, read to its end.
type reply struct {
	*http.Response
	body []byte
}

// read wants a status, and reads the body into a value where there is one.
func (r reply) read(status int, into any) error {
	if r.StatusCode != status {
		text := strings.TrimSpace(string(r.body[:min(len(r.body), 300)]))
		return fmt.Errorf("%s %s: %s: %s", r.Request.Method, r.Request.URL.Path, r.Status, text)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(r.body, into); err != nil {
		return fmt.Errorf("%s %s: %w", r.Request.Method, r.Request.URL.Path, err)
	}
	return nil
}

// offerSDP is a body that is a WHEP offer.
type offerSDP string

// do calls the gateway. A body is a form, an offer, or anything else as JSON.
func (a *Account) do(ctx context.Context, method, address string, body any) (reply, error) {
	content, media := []byte(nil), ""
	switch body := body.(type) {
	case nil:
	case url.Values:
		content, media = []byte(body.Encode()), "application/x-www-form-urlencoded"
	case offerSDP:
		content, media = []byte(body), "application/sdp"
	default:
		var err error
		if content, err = json.Marshal(body); err != nil {
			return reply{}, err
		}
		media = "application/json"
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return reply{}, err
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	response, err := a.http.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return reply{response, read}, err
}

func (a *Account) get(ctx context.Context, address string, into any) error {
	r, err := a.do(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return r.read(http.StatusOK, into)
}

func (a *Account) redirected(ctx context.Context, method, address string, body any) (*url.URL, error) {
	r, err := a.do(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	location, err := r.Location()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %s, not a redirect", r.Request.Method, r.Request.URL.Path, r.Status)
	}
	return location, nil
}
