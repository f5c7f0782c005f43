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
	_, err := fs.Stat(files, "index.html")
	built := err == nil
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reads(r) {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Pages can only be read.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(files, name)
		switch {
		case err == nil && !info.IsDir():
			w.Header().Set("Cache-Control", "no-cache")
			if strings.HasPrefix(name, "assets/") {
				// Its name has the content's hash.
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			server.ServeHTTP(w, r)
		case path.Ext(name) != "":
			http.NotFound(w, r)
		case !built:
			http.Error(w, "This playcast was built without its web client: `make build` builds both.", http.StatusNotFound)
		default:
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, files, "index.html")
		}
	})
}

// canonical sends a page that was opened under another name of this machine to
// the public one: sign-in returns there only.
func (g *Gateway) canonical(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reads(r) || g.public.named(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		target := url.URL{Scheme: g.public.scheme, Host: g.public.host, Path: "/", RawQuery: r.URL.RawQuery}
		if strings.HasPrefix(r.URL.Path, "/") {
			target.Path, target.RawPath = r.URL.Path, r.URL.RawPath
		}
		http.Redirect(w, r, target.String(), http.StatusTemporaryRedirect)
	})
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

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
		"media-src 'self' blob:",           // recordings are played from memory
		"style-src 'self' 'unsafe-inline'", // the component library sets its theme in a style element
		"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "fullscreen=(self), gamepad=(self), autoplay=(self), camera=(), microphone=(self), geolocation=()")
		next.ServeHTTP(w, r)
	})
}
