// Package storagetest is the contract of storage.Store as a test suite. Every
// implementation runs it.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/streamer/storage"
)

// patience bounds what a test waits for; it is never waited out.
const patience = 60 * time.Second

// Run holds a store to the contract. open returns an empty store, which the
// test's cleanup closes.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	cases := []struct {
		name string
		run  func(*testing.T, context.Context, storage.Store)
	}{
		{"what is stored comes back", roundTrip},
		{"an object can be read from any place", seeks},
		{"what is not there is not found", absent},
		{"an object is replaced at once", replaces},
		{"an object that breaks off is not stored", breaksOff},
		{"an object that is given up is not stored", givenUp},
		{"a list has the keys of a prefix in order", lists},
		{"what is deleted is gone, and nothing else", deletes},
		{"a key that leads elsewhere is refused", keys},
		{"racing writers: one of them wins", racing},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.run(t, ctx, open(t))
		})
	}
}

func put(t *testing.T, ctx context.Context, s storage.Store, key, content string) {
	t.Helper()
	if err := s.Put(ctx, key, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

// holds wants the object to be this.
func holds(t *testing.T, ctx context.Context, s storage.Store, key, want string) {
	t.Helper()
	r, object, err := s.Open(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %d bytes, want %d others: %.40q", key, len(got), len(want), got)
	}
	if object.Key != key || object.Size != int64(len(want)) || time.Since(object.Modified).Abs() > time.Hour {
		t.Errorf("%s is said to be %+v", key, object)
	}
}

func missing(t *testing.T, ctx context.Context, s storage.Store, key string) {
	t.Helper()
	if r, _, err := s.Open(ctx, key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("open %s: %v, want it not to be found", key, err)
		if err == nil {
			r.Close()
		}
	}
}

func has(t *testing.T, ctx context.Context, s storage.Store, prefix string, want ...string) {
	t.Helper()
	list, err := s.List(ctx, prefix)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(list))
	for _, object := range list {
		got = append(got, object.Key)
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("list %q (-want +got):\n%s", prefix, diff)
	}
}

func roundTrip(t *testing.T, ctx context.Context, s storage.Store) {
	big := strings.Repeat("0123456789abcdef", 20<<20/16) // of several parts, where there are parts
	for key, content := range map[string]string{
		"empty": "", "players/ann/doom/1": "a save", "big": big, "with space/ümläut (1)+%2F&?#": "name",
	} {
		put(t, ctx, s, key, content)
		holds(t, ctx, s, key, content)
	}
}

func seeks(t *testing.T, ctx context.Context, s storage.Store) {
	put(t, ctx, s, "digits", "0123456789")
	r, _, err := s.Open(ctx, "digits")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if at, err := r.Seek(-4, io.SeekEnd); err != nil || at != 6 {
		t.Fatalf("seek: %d, %v", at, err)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "6789" {
		t.Fatalf("read %q, %v", rest, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(r); err != nil || string(all) != "0123456789" {
		t.Fatalf("read %q, %v", all, err)
	}
}

func absent(t *testing.T, ctx context.Context, s storage.Store) {
	missing(t, ctx, s, "nothing")
	put(t, ctx, s, "a/b", "")
	missing(t, ctx, s, "a")
	missing(t, ctx, s, "a/b/c")
	has(t, ctx, s, "nothing")
	if err := s.Delete(ctx, "nothing/here"); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, "a"); err != nil {
		t.Error(err)
	}
	holds(t, ctx, s, "a/b", "")
}

func replaces(t *testing.T, ctx context.Context, s storage.Store) {
	put(t, ctx, s, "it", "the first")
	put(t, ctx, s, "it", "second")
	holds(t, ctx, s, "it", "second")
	has(t, ctx, s, "", "it")
}

func breaksOff(t *testing.T, ctx context.Context, s storage.Store) {
	put(t, ctx, s, "it", "whole")
	broken := errors.New("the reader broke")
	for _, length := range []int{0, 1000, 40 << 20} {
		content := io.MultiReader(bytes.NewReader(make([]byte, length)), iotest.ErrReader(broken))
		if err := s.Put(ctx, "it", content); !errors.Is(err, broken) {
			t.Errorf("broken off after %d bytes: %v", length, err)
		}
		holds(t, ctx, s, "it", "whole")
	}
	has(t, ctx, s, "", "it")
}

func givenUp(t *testing.T, ctx context.Context, s storage.Store) {
	putting, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- s.Put(putting, "it", r)
		r.Close() // so that the write ends
	}()
	if _, err := w.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	w.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-ended; err == nil {
		t.Error("it was stored")
	}
	has(t, ctx, s, "")
}

func lists(t *testing.T, ctx context.Context, s storage.Store) {
	for _, key := range []string{"b", "a/b", "a-b", "a/c/d"} {
		put(t, ctx, s, key, key)
	}
	has(t, ctx, s, "", "a-b", "a/b", "a/c/d", "b")
	has(t, ctx, s, "a/", "a/b", "a/c/d")
	has(t, ctx, s, "a", "a-b", "a/b", "a/c/d")
	has(t, ctx, s, "a/c", "a/c/d")
	has(t, ctx, s, "a/c/d", "a/c/d")
	has(t, ctx, s, "c/")
	list, err := s.List(ctx, "a/c/")
	if err != nil || len(list) != 1 || list[0].Size != 5 || time.Since(list[0].Modified).Abs() > time.Hour {
		t.Errorf("the list says %+v, %v", list, err)
	}
}

func deletes(t *testing.T, ctx context.Context, s storage.Store) {
	put(t, ctx, s, "a/b/c", "")
	put(t, ctx, s, "a/d", "")
	if err := s.Delete(ctx, "a/b/c"); err != nil {
		t.Fatal(err)
	}
	missing(t, ctx, s, "a/b/c")
	has(t, ctx, s, "", "a/d")
	put(t, ctx, s, "a/b", "where a directory was")
	holds(t, ctx, s, "a/b", "where a directory was")
}

func keys(t *testing.T, ctx context.Context, s storage.Store) {
	for _, key := range []string{
		"", "/", "/etc/passwd", "..", "../up", "a/../../up", "a//b", "a/", "./a", ".hidden", "a/.new/b",
		"a\\b", "a\x00b", "a\nb", "\xff", strings.Repeat("x", 201), strings.Repeat("x/", 500) + "x",
	} {
		if err := s.Put(ctx, key, strings.NewReader("x")); !errors.Is(err, storage.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
		if r, _, err := s.Open(ctx, key); !errors.Is(err, storage.ErrKey) {
			t.Errorf("open %q: %v", key, err)
			if err == nil {
				r.Close()
			}
		}
		if err := s.Delete(ctx, key); !errors.Is(err, storage.ErrKey) {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	for _, prefix := range []string{"..", "../", "/", "a//", ".", "a\x00"} {
		if list, err := s.List(ctx, prefix); !errors.Is(err, storage.ErrKey) {
			t.Errorf("list %q: %v, %v", prefix, list, err)
		}
	}
}

func racing(t *testing.T, ctx context.Context, s storage.Store) {
	const writers, rounds = 4, 10
	content := func(writer int) string { return strings.Repeat(fmt.Sprint(writer), 10_000) }
	put(t, ctx, s, "raced/for", content(0))
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for range rounds {
				if err := s.Put(ctx, "raced/for", strings.NewReader(content(writer))); err != nil {
					t.Error(err)
				}
				// Makes and empties directories on the others' way.
				other := fmt.Sprintf("raced/beside/%d", writer)
				if err := errors.Join(s.Put(ctx, other, strings.NewReader("")), s.Delete(ctx, other)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range writers * rounds {
		r, _, err := s.Open(ctx, "raced/for")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			continue // a reader may be told that the object has changed
		}
		if len(got) != 10_000 || string(got) != strings.Repeat(string(got[:1]), 10_000) {
			t.Fatalf("a reader saw a mixture of %d bytes", len(got))
		}
	}
	group.Wait()
	has(t, ctx, s, "", "raced/for")
}
