package saves

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
)

// Kind says how a version came to be.
type Kind string

// The kinds.
const (
	Clean Kind = "clean" // no game ran, and the last one had left its files whole
	Auto  Kind = "auto"  // of a running game, or of one that was killed while its home was at rest
	Aside Kind = "aside" // nobody is given it who does not ask for it
)

// Version names one version of a player's saves of a game. Of two, the one
// with the higher number is the later; at the same number, the one that was
// played later.
type Version struct {
	Number int
	At     time.Time // when it was what the home held
	Kind   Kind
	ID     string // of its archive: 16 hexadecimal digits
}

const timeForm = "20060102T150405.000Z"

// String is the name, such as 00000042-20261129T011536.123Z-clean-0123456789abcdef.
func (v Version) String() string {
	return fmt.Sprintf("%08d-%s-%s-%s", v.Number, v.At.UTC().Format(timeForm), v.Kind, v.ID)
}

// IsZero tells whether it names none.
func (v Version) IsZero() bool { return v == Version{} }

var versionForm = regexp.MustCompile(`^([0-9]{8})-([0-9]{8}T[0-9]{6}\.[0-9]{3}Z)-(clean|auto|aside)-([0-9a-f]{16})$`)

// ParseVersion reads a version's name.
func ParseVersion(name string) (Version, error) {
	parts := versionForm.FindStringSubmatch(name)
	if parts == nil {
		return Version{}, fmt.Errorf("%q names no version of saves", name)
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		return Version{}, err
	}
	at, err := time.Parse(timeForm, parts[2])
	if err != nil {
		return Version{}, fmt.Errorf("%q names no version of saves: %w", name, err)
	}
	return Version{Number: number, At: at, Kind: Kind(parts[3]), ID: parts[4]}, nil
}

// MarshalText and UnmarshalText are of the name; empty for none.
func (v Version) MarshalText() ([]byte, error) {
	if v.IsZero() {
		return nil, nil
	}
	return []byte(v.String()), nil
}

// UnmarshalText reads what MarshalText has written.
func (v *Version) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*v = Version{}
		return nil
	}
	*v, err = ParseVersion(string(text))
	return err
}

// later orders versions, the latest first.
func later(a, b Version) int {
	return cmp.Or(cmp.Compare(b.Number, a.Number), b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
}

// head is the version that goes on: the latest that is not put aside. The
// versions are in order.
func head(versions []Version) (Version, bool) {
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Kind != Aside })
	if i < 0 {
		return Version{}, false
	}
	return versions[i], true
}

func newID() string {
	id := make([]byte, 8)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// Note is what is stored of a version beside its archive.
type Note struct {
	Format  int             `json:"format"`
	Version Version         `json:"version"`
	Player  events.PlayerID `json:"player"`
	Game    events.GameID   `json:"game"`
	Worker  events.WorkerID `json:"worker"`
	Base    Version         `json:"base"`          // what it comes from; empty: from nothing
	Why     string          `json:"why,omitempty"` // it was put aside, or taken from a home that did not rest
	SHA256  string          `json:"sha256"`        // of the archive
	Size    int64           `json:"size"`          // of the archive, bytes
	Content Content         `json:"content"`
}

// Content says what is in an archive.
type Content struct {
	Bytes   int64 `json:"bytes"`
	Files   int   `json:"files"`
	Skipped int   `json:"skipped,omitempty"` // that are no files, lead out of the home, or can't be read
}

const (
	noteFormat  = 1
	longestNote = 16 << 10
)

// decodeNote reads a note, which may come from anywhere.
func decodeNote(data []byte) (Note, error) {
	var n Note
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if len(data) > longestNote {
		return n, errors.New("the note of a version is too long")
	}
	if err := decoder.Decode(&n); err != nil {
		return n, fmt.Errorf("the note of a version: %w", err)
	}
	if n.Format != noteFormat {
		return n, fmt.Errorf("the note of a version has format %d, and this playcast reads %d", n.Format, noteFormat)
	}
	if sum, err := hex.DecodeString(n.SHA256); err != nil || len(sum) != 32 || n.Size < 0 || n.Version.IsZero() {
		return n, errors.New("the note of a version has no checksum, size or name")
	}
	return n, nil
}

func (n Note) encode() ([]byte, error) { return json.Marshal(n) }

// The keys of a player's game.
func folderOf(player events.PlayerID, game events.GameID) string {
	return "players/" + string(player) + "/" + string(game) + "/"
}

func noteKey(folder string, v Version) string    { return folder + v.String() + ".json" }
func archiveKey(folder string, v Version) string { return folder + v.ID + archiveEnd }

const archiveEnd = ".tar.zst"

// versionOfKey reads the version from the key of its note.
func versionOfKey(folder, key string) (Version, bool) {
	name, ok := strings.CutSuffix(strings.TrimPrefix(key, folder), ".json")
	if !ok {
		return Version{}, false
	}
	v, err := ParseVersion(name)
	return v, err == nil
}
