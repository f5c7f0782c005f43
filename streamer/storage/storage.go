// Package storage keeps objects that outlive sessions, such as saves and
// recordings, where every worker finds them: in a folder, or in a bucket of an
// S3-compatible service.
//
// An object is whole or not there. Put replaces an object at once when all of
// its content has arrived; who has opened the one before goes on reading that,
// or gets an error, but never a mixture. What a process that was killed had
// not finished is no object, and is cleared away by the next that opens the
// store.
//
// Ordering: once Put or Delete has returned, every later Open and List sees
// it. Of two Puts of one key at once either may win.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Store keeps objects by key. It may be used by several goroutines at once.
type Store interface {
	// Put stores the content, read to its end, under the key. If it returns an
	// error the object is what it was, or in a case that can't be told apart,
	// such as a connection that breaks before the answer, the new one.
	Put(ctx context.Context, key string, content io.Reader) error
	// Open returns an object for reading, at its start, and what it is. The
	// caller closes it. The context has to last until then. The error wraps
	// ErrNotFound if there is no such object.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Object, error)
	// List returns the objects whose keys begin with the prefix, which may end
	// anywhere, in the order of their keys.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Delete removes an object; it is no error if there is none.
	Delete(ctx context.Context, key string) error
}

// Object says what is stored.
type Object struct {
	Key      string
	Size     int64     // bytes
	Modified time.Time // when it was stored, by the store's clock
}

var (
	// ErrNotFound: there is no object of that key.
	ErrNotFound = errors.New("there is no such object")
	// ErrKey refuses a key that no store takes.
	ErrKey = errors.New("not a key")
)

// The bounds of a key: of S3 less some room for a prefix, and of file names.
const (
	longestKey  = 800
	longestPart = 200
)

// CheckKey returns an error that wraps ErrKey unless the key is parts joined
// by slashes. A part is not empty, begins with no dot, and has only what is
// printed: so that no key leads out of a folder, or means another object in
// another store. Who stores an object "a" can't count on "a/b" being one, too:
// in a folder that is where others lie.
func CheckKey(key string) error {
	if len(key) > longestKey {
		return fmt.Errorf("%w: more than %d bytes", ErrKey, longestKey)
	}
	for part := range strings.SplitSeq(key, "/") {
		switch {
		case part == "":
			return fmt.Errorf("%w: %q has an empty part", ErrKey, key)
		case part[0] == '.':
			return fmt.Errorf("%w: a part of %q begins with a dot", ErrKey, key)
		case len(part) > longestPart:
			return fmt.Errorf("%w: a part of %q has more than %d bytes", ErrKey, key, longestPart)
		case !utf8.ValidString(part) || strings.ContainsFunc(part, func(r rune) bool { return r == '\\' || !unicode.IsPrint(r) }):
			return fmt.Errorf("%w: %q has characters other than printed ones", ErrKey, key)
		}
	}
	return nil
}

// checkPrefix takes the start of any key.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckKey(strings.TrimSuffix(prefix, "/"))
}
