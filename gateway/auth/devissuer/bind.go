package devissuer

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"github.com/playcast/playcast/gateway/auth"
)

// PublicBindError says that the gateway listens, or would listen, where other
// machines can reach it.
type PublicBindError struct {
	Address string // as it was given
}

func (e *PublicBindError) Error() string {
	return fmt.Sprintf("the development sign-in is for this machine only, and %q can be reached from others: "+
		"listen on 127.0.0.1, or name a real OpenID Connect issuer", e.Address)
}

// CheckBind returns a *PublicBindError unless listenAddr, as given to
// net.Listen or as a listener's own address, is on the loopback interface.
// Names other than localhost are refused, and localhost must resolve to
// loopback addresses only, because that is what net.Listen would take.
func CheckBind(listenAddr string) error {
	host, _, err := net.SplitHostPort(listenAddr)
	if err != nil {
		return fmt.Errorf("listen address: %w", err)
	}
	if !auth.IsLoopback(host) {
		return &PublicBindError{Address: listenAddr}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	addrs, err := net.LookupHost(host)
	if err != nil {
		return fmt.Errorf("listen address: %w", err)
	}
	for _, addr := range addrs {
		if !auth.IsLoopback(addr) {
			return &PublicBindError{Address: fmt.Sprintf("%s (%s)", listenAddr, addr)}
		}
	}
	return nil
}

// notLocal says why a request is not of this machine, or returns "". CheckBind
// guards the listener; this also stops a proxy that publishes it, and a page
// whose name was pointed at 127.0.0.1 (DNS rebinding).
func notLocal(r *http.Request) string {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return "this request came through a proxy"
		}
	}
	if !auth.IsLoopback(auth.HostOnly(r.RemoteAddr)) {
		return "this request came from another machine"
	}
	if !auth.IsLoopback(auth.HostOnly(r.Host)) {
		return "open it as localhost or 127.0.0.1"
	}
	return ""
}

// addressOf returns the address a request came from, without its port.
func addressOf(r *http.Request) string { return auth.HostOnly(r.RemoteAddr) }
