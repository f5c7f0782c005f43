// Package devissuer is an OpenID Connect issuer for development: it makes a
// fresh machine playable with no account anywhere else.
//
// It speaks the authorization code flow with PKCE (RFC 7636) to one public
// client, with a few built-in accounts, and gives out JWT access tokens of ten
// minutes and refresh tokens that rotate. It is for one machine only:
// [CheckBind] refuses a gateway that others can reach, and every request must
// come from, and be addressed to, the loopback interface.
//
//	page ─▶ /authorize ─▶ /login ─(password)─▶ /authorize/callback ─▶ page ─▶ /oauth/token
//	           └─ a cookie binds all four to one browser ─┘
//
// The signing key, the passwords and the sign-ins are files in the data
// directory, readable by their owner alone, so that tokens outlive a restart.
// A sign-in that is still on its login page does not. Changes are on disk
// before they are answered. The package starts no goroutines, and there is
// nothing to close.
package devissuer

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

const (
	// ClientID is the one client: the web page. It has no secret.
	ClientID = "playcast-web"
	// Audience is in every access token, beside the client.
	Audience = "playcast"

	maxBody = 64 << 10
)

// Issuer is the issuer, as an http.Handler for everything under Pattern.
type Issuer struct {
	path     string // of the issuer URL, without a slash at the end
	secure   bool
	storage  *storage
	failures *failures
	page     *page
	handler  http.Handler
}

var _ http.Handler = (*Issuer)(nil)

// New opens the issuer's files, making what is missing.
func New(config Config) (*Issuer, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Users == nil {
		config.Users = DefaultUsers()
	}
	storage, err := openStorage(config)
	if err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	provider, err := newProvider(config, storage)
	if err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	issuer := &Issuer{
		path:     config.path(),
		secure:   config.secure(),
		storage:  storage,
		failures: newFailures(config.Now),
		page:     newPage(origins(config.RedirectURIs)),
	}
	issuer.handler = issuer.routes(provider)
	return issuer, nil
}

// Pattern returns the http.ServeMux pattern to mount the issuer at.
func (i *Issuer) Pattern() string { return i.path + "/" }

// Accounts returns the accounts with their passwords, in the order of the
// configuration, for the one who started the platform.
func (i *Issuer) Accounts() []Account { return i.storage.accounts.list() }

func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.handler.ServeHTTP(w, r) }

func (i *Issuer) routes(provider http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", i.showLogin)
	mux.Handle("POST /login", http.NewCrossOriginProtection().Handler(http.HandlerFunc(i.submitLogin)))
	mux.Handle("/", provider)
	inner := http.StripPrefix(i.path, i.bindBrowser(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reason := notLocal(r); reason != "" {
			http.Error(w, "The development sign-in works on its own machine only: "+reason+".", http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		inner.ServeHTTP(w, r)
	})
}

const browserCookie = "playcast_dev_browser"

type browserKey struct{}

// browserOf returns the secret of the browser that the request came from, or "".
func browserOf(ctx context.Context) string {
	browser, _ := ctx.Value(browserKey{}).(string)
	return browser
}

// bindBrowser gives a browser a secret when it starts to sign in, and tells
// the storage which browser asks. Without it, somebody could start a sign-in,
// have another person finish it, and collect that person's code.
func (i *Issuer) bindBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		browser := ""
		if cookie, err := r.Cookie(browserCookie); err == nil {
			browser = cookie.Value
		}
		if browser == "" && r.URL.Path == "/authorize" {
			browser = rand.Text()
			http.SetCookie(w, &http.Cookie{Name: browserCookie, Value: browser, Path: i.Pattern(),
				HttpOnly: true, Secure: i.secure, SameSite: http.SameSiteLaxMode})
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), browserKey{}, browser)))
	})
}
