package gateway

import (
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// pages serves the web client: its files, and its index for every other path,
// so that a link into the client works.
func pages(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Pages can only be read.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(files, name)
		switch {
		case err == nil && !info.IsDir():
			if strings.HasPrefix(name, "assets/") {
				// Its name has the content's hash.
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			server.ServeHTTP(w, r)
		case path.Ext(name) != "":
			http.NotFound(w, r)
		default:
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, files, "index.html")
		}
	})
}

// canonical sends a page that was opened under another name of this machine to
// the public one: sign-in returns there only.
func (g *Gateway) canonical(next http.Handler) http.Handler {
	public, err := url.Parse(g.config.PublicURL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err == nil && r.Host != public.Host {
			http.Redirect(w, r, g.config.PublicURL+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that keep a page to itself.
func (g *Gateway) secure(next http.Handler) http.Handler {
	issuer := ""
	if u, err := url.Parse(g.config.Issuer); err == nil {
		issuer = " " + u.Scheme + "://" + u.Host
	}
	policy := strings.Join([]string{
		"default-src 'self'",
		"connect-src 'self'" + issuer,
		"img-src 'self' data:",
		"style-src 'self' 'unsafe-inline'", // the component library sets its theme in a style element
		"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "fullscreen=(self), gamepad=(self), keyboard-lock=(self), autoplay=(self), camera=(), microphone=(), geolocation=()")
		next.ServeHTTP(w, r)
	})
}
