package gateway

import (
	"errors"
	"net/url"
	"strings"
)

// site is an origin as browsers write one (RFC 6454, section 6.2): in lower
// case, without the port that its scheme means anyway.
type site struct{ scheme, host string }

func parseSite(text string) (site, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.Path != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return site{}, errors.New("want an origin, like https://play.example.org")
	}
	return site{scheme: u.Scheme, host: plainHost(u.Scheme, u.Host)}, nil
}

func (s site) origin() string { return s.scheme + "://" + s.host }

// named says whether a request's Host means this site.
func (s site) named(host string) bool { return plainHost(s.scheme, host) == s.host }

func plainHost(scheme, host string) string {
	port := ":80"
	if scheme == "https" {
		port = ":443"
	}
	return strings.TrimSuffix(strings.ToLower(host), port)
}
