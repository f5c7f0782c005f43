package devissuer

import (
	"crypto/rand"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/playcast/playcast/gateway/auth"
)

const maxTyped = 128 // characters of a name or password that are looked at

// showLogin is where /authorize sends the browser.
func (i *Issuer) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("request")
	if _, found := i.storage.requests.of(id, browserOf(r.Context())); !found {
		i.page.expired(w, i.storage.client.redirects[0])
		return
	}
	i.page.form(w, http.StatusOK, form{Action: i.path + "/login", Request: id})
}

// submitLogin checks a password and sends the browser on to get its code.
func (i *Issuer) submitLogin(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form is too long or not a form.", http.StatusBadRequest)
		return
	}
	id := r.PostForm.Get("request")
	if _, found := i.storage.requests.of(id, browserOf(r.Context())); !found {
		i.page.expired(w, i.storage.client.redirects[0])
		return
	}
	name, password := clip(r.PostForm.Get("username")), clip(r.PostForm.Get("password"))
	again := form{Action: i.path + "/login", Request: id, Name: name}
	who := attempt{account: name, address: addressOf(r)}
	left, wait := i.failures.take(who)
	if wait > 0 {
		again.Error = "Too many wrong passwords for this account. Try again in " + minutes(wait) + "."
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		i.page.form(w, http.StatusTooManyRequests, again)
		return
	}
	account, ok := i.storage.accounts.check(name, password)
	if !ok {
		again.Error = "The name or the password is not right. " + attempts(left)
		i.page.form(w, http.StatusUnauthorized, again)
		return
	}
	i.failures.forget(who)
	i.storage.requests.finish(id, grant{
		Login: auth.LoginID(rand.Text()), Subject: account.Name, SignedIn: time.Now(),
	})
	http.Redirect(w, r, i.path+"/authorize/callback?id="+url.QueryEscape(id), http.StatusSeeOther)
}

func clip(text string) string {
	if len(text) > maxTyped {
		return text[:maxTyped]
	}
	return text
}

func attempts(left int) string {
	switch left {
	case 0:
		return "That was the last attempt for now."
	case 1:
		return "One attempt is left."
	}
	return fmt.Sprintf("%d attempts are left.", left)
}

func minutes(d time.Duration) string {
	if n := int(math.Ceil(d.Minutes())); n != 1 {
		return fmt.Sprintf("%d minutes", n)
	}
	return "1 minute"
}
