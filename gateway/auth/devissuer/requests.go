package devissuer

import (
	"crypto/rand"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	requestLifetime = 10 * time.Minute // to type a password
	codeLifetime    = time.Minute      // to bring the code back
	maxRequests     = 1_000
)

// signIn is one authorization request, from /authorize to its tokens. The
// embedded grant is complete once Done.
type signIn struct {
	grant
	id      string
	browser string
	asked   time.Time
	params  *oidc.AuthRequest
	done    bool
	code    string
	codedAt time.Time
}

var _ op.AuthRequest = (*signIn)(nil)

func (s *signIn) GetID() string                      { return s.id }
func (s *signIn) GetACR() string                     { return "" }
func (s *signIn) GetNonce() string                   { return s.params.Nonce }
func (s *signIn) GetRedirectURI() string             { return s.params.RedirectURI }
func (s *signIn) GetResponseType() oidc.ResponseType { return s.params.ResponseType }
func (s *signIn) GetResponseMode() oidc.ResponseMode { return s.params.ResponseMode }
func (s *signIn) GetState() string                   { return s.params.State }
func (s *signIn) Done() bool                         { return s.done }
func (s *signIn) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: s.params.CodeChallenge, Method: s.params.CodeChallengeMethod}
}

// requests holds the sign-ins on their way, in memory. When it is full, the
// oldest makes room: its person starts again.
type requests struct {
	now func() time.Time

	mu   sync.Mutex
	byID map[string]signIn
}

func newRequests(now func() time.Time) *requests {
	return &requests{now: now, byID: map[string]signIn{}}
}

func (r *requests) add(params *oidc.AuthRequest, browser string) *signIn {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	oldest := ""
	for id, request := range r.byID {
		if now.Sub(request.asked) >= requestLifetime {
			delete(r.byID, id)
		} else if oldest == "" || request.asked.Before(r.byID[oldest].asked) {
			oldest = id
		}
	}
	if len(r.byID) >= maxRequests {
		delete(r.byID, oldest)
	}
	request := signIn{id: rand.Text(), browser: browser, asked: now, params: params}
	request.Scopes = params.Scopes
	r.byID[request.id] = request
	return &request
}

// of returns a copy of a live request of that browser.
func (r *requests) of(id, browser string) (*signIn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	request, found := r.byID[id]
	if !found || browser == "" || r.now().Sub(request.asked) >= requestLifetime ||
		subtle.ConstantTimeCompare([]byte(request.browser), []byte(browser)) != 1 {
		return nil, false
	}
	return &request, true
}

// finish records who has signed in.
func (r *requests) finish(id string, who grant) {
	r.change(id, func(request *signIn) {
		who.Scopes = request.Scopes
		request.grant, request.done = who, true
	})
}

func (r *requests) setCode(id, code string) {
	r.change(id, func(request *signIn) { request.code, request.codedAt = code, r.now() })
}

func (r *requests) change(id string, apply func(*signIn)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request, found := r.byID[id]; found {
		apply(&request)
		r.byID[id] = request
	}
}

// redeem returns the request of a code, once: the second time, or after a
// wrong verifier, the code is gone.
func (r *requests) redeem(code string) (*signIn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, request := range r.byID {
		if request.code != "" && subtle.ConstantTimeCompare([]byte(request.code), []byte(code)) == 1 {
			delete(r.byID, id)
			return &request, r.now().Sub(request.codedAt) < codeLifetime
		}
	}
	return nil, false
}

func (r *requests) remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, id)
}
