package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTextsArriveInOrder(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, _ := connect(t, s, playerOptions{})
	long := strings.Repeat("x", 30<<10)
	for i := range tellQueue {
		must(t, peer.Tell(fmt.Sprint(i, long)))
	}
	for i := range tellQueue {
		if got := await(t, "text", client.told); got != fmt.Sprint(i, long) {
			t.Fatalf("text %d is %.10q", i, got)
		}
	}
	must(t, peer.SendControl(context.Background(), "the last"))
	if got := await(t, "text", client.told); got != "the last" {
		t.Errorf("got %.10q", got)
	}
	must(t, peer.Close())
	if err := peer.Tell("too late"); !errors.Is(err, ErrPeerClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestTooManyTextsAreRefused(t *testing.T) {
	s := newServer(t, Config{})
	peer, _, err := s.Offer(context.Background(), newPlayer(t, playerOptions{}).offer(t), Handlers{})
	must(t, err)
	for range tellQueue {
		must(t, peer.Tell("nobody takes it"))
	}
	if err := peer.Tell("one more"); !errors.Is(err, ErrTellFull) {
		t.Errorf("got %v", err)
	}
	if err := peer.SendControl(context.Background(), "now"); !errors.Is(err, ErrNoControl) {
		t.Errorf("without a channel: %v", err)
	}
}
