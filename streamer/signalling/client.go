package signalling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/playcast/playcast/events"
)

// Client asks workers in other processes. It keeps its connections: close it.
type Client struct {
	http      *http.Client
	transport *http.Transport
}

// NewClient returns a client that knows the secret.
func NewClient(secret Secret) (*Client, error) {
	config, err := secret.tls(gatewaySide, workerSide)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig: config, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		TLSHandshakeTimeout: 3 * time.Second, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
		DisableCompression: true,
	}
	return &Client{http: &http.Client{Transport: transport, Timeout: askWithin}, transport: transport}, nil
}

// Close drops the connections that are not in use.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Ask asks who is at an address: the incarnation of a worker, or of a gateway.
// Any error says that none of this platform answers there.
func (c *Client) Ask(ctx context.Context, address string) (incarnation string, err error) {
	a, err := c.post(ctx, address, pathHere, question{})
	return a.Incarnation, err
}

// At is the worker at an address.
func (c *Client) At(address string) Remote { return Remote{c, address} }

// Remote is a worker in another process.
type Remote struct {
	client  *Client
	address string
}

var _ Worker = Remote{}

func (r Remote) Connect(ctx context.Context, session events.SessionID, seat events.Seat, offer string) (peer, description string, err error) {
	a, err := r.client.post(ctx, r.address, pathConnect, question{Session: session, Seat: seat, Offer: offer})
	return a.Peer, a.Answer, err
}

func (r Remote) Trickle(ctx context.Context, peer events.Peer, ice, fragment string) error {
	q := about(peer)
	q.ICE, q.Fragment = ice, fragment
	_, err := r.client.post(ctx, r.address, pathTrickle, q)
	return err
}

func (r Remote) Restart(ctx context.Context, peer events.Peer, fragment string) (string, error) {
	q := about(peer)
	q.Fragment = fragment
	a, err := r.client.post(ctx, r.address, pathRestart, q)
	return a.Answer, err
}

func (r Remote) Disconnect(ctx context.Context, peer events.Peer) error {
	_, err := r.client.post(ctx, r.address, pathDisconnect, about(peer))
	return err
}

func (r Remote) Relays(ctx context.Context, session events.SessionID) ([]Relay, error) {
	a, err := r.client.post(ctx, r.address, pathRelays, question{Session: session})
	return a.Relays, err
}

// post asks, and reads the answer. What is refused is the worker's fault as it
// was; no answer is ErrUnreachable with its cause.
func (c *Client) post(ctx context.Context, address, path string, q question) (answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return answer{}, fmt.Errorf("ask a worker: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, c.unreachable(ctx, err)
	}
	var a answer
	err = json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&a)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return answer{}, c.unreachable(ctx, err)
	}
	if a.Refusal != nil {
		return answer{}, a.Refusal.err()
	}
	return a, nil
}

// unreachable tells a worker that is away from a caller who has gone.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
