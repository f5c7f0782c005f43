package devissuer

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

//go:embed login.html
var loginHTML string

//go:embed login.css
var loginCSS string

// form is what the page shows. Expired pages have no Action.
type form struct {
	Action, Request string
	Name, Error     string
	Back            string // a link, on an expired page
	Style           template.CSS
}

// page renders the login page: no script, nothing from anywhere else.
type page struct {
	template *template.Template
	policy   string
}

// newPage lets the form's redirects end at the given origins.
func newPage(origins []string) *page {
	sum := sha256.Sum256([]byte(loginCSS))
	return &page{
		template: template.Must(template.New("login").Parse(loginHTML)),
		policy: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
			"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
			"form-action 'self' " + strings.Join(origins, " "),
	}
}

func (p *page) expired(w http.ResponseWriter, back string) {
	p.form(w, http.StatusBadRequest, form{Back: origins([]string{back})[0] + "/"})
}

func (p *page) form(w http.ResponseWriter, status int, f form) {
	f.Style = template.CSS(loginCSS)
	var body bytes.Buffer
	if err := p.template.Execute(&body, f); err != nil {
		http.Error(w, "The page can't be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: that would send "Origin: null" with the form, which
	// the check against forged forms has to refuse.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	body.WriteTo(w) // the browser may have gone: there is nobody to tell
}
