package queries

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// A cursor is the place in a list after which a page begins: the key of the last
// row of the page before. It belongs to one question with one set of arguments,
// and is no secret and no permission: whoever made one by hand gets the rows
// after its key, of those that the question would have shown anyway.
//
//	base64url( version │ key … │ first 8 bytes of SHA-256(version, question, arguments, key) )
//
// A list uses it so, where players is among the question's arguments:
//
//	of, key := listOf("sessions", player), newest()
//	if err := of.after(cursor, &key); err != nil {
//		return SessionPage{}, err // ErrCursor
//	}
//	… WHERE player_id = @player AND (requested_at, session_id) < (key.at, key.id) … LIMIT size + 1
//	page.Sessions, page.Next = pageOf(of, rows, size, func(r db.SessionsRow) (Session, key) {
//		return sessionOf(r), &byTime{r.RequestedAt, r.SessionID}
//	})
//
// The version is raised with the form of all cursors. A question whose key is
// another from now on takes another name.
const cursorVersion = 1

// ErrCursor refuses a cursor that no page of the same list gave out.
var ErrCursor = &events.Fault{Kind: events.Invalid, Code: "cursor-invalid",
	Message: "This cursor is not one that a page of this list gave out. Start from the first page."}

const cursorSum = 8

// list is a question with its arguments, whose answer comes in pages.
type list struct{ question []byte }

// listOf returns the list of a question. Arguments are what selects or orders
// its rows, each by its value (no pointers), and not the size of a page.
func listOf(question string, arguments ...any) list {
	l := list{question: sized(nil, question)}
	for _, a := range arguments {
		l.question = sized(l.question, fmt.Sprint(a))
	}
	return l
}

// key is where a row is in the order of a list. One code is both ways of it:
// each part of the key, in order, is given to the coder.
type key interface{ code(c *coder) }

// cursor returns the cursor of what comes after a row.
func (l list) cursor(last key) string {
	c := coder{raw: []byte{cursorVersion}}
	last.code(&c)
	return base64.RawURLEncoding.EncodeToString(append(c.raw, l.sum(c.raw)...))
}

// after sets the key to a cursor's. An empty cursor leaves it as it is: the
// caller has it before the first row. ErrCursor: it is none of this list.
func (l list) after(cursor string, k key) error {
	if cursor == "" {
		return nil
	}
	// The decoder by itself passes over ends of lines.
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") || len(raw) < 1+cursorSum || raw[0] != cursorVersion {
		return ErrCursor
	}
	body, sum := raw[:len(raw)-cursorSum], raw[len(raw)-cursorSum:]
	if !bytes.Equal(sum, l.sum(body)) {
		return ErrCursor
	}
	c := coder{raw: body[1:], reads: true}
	k.code(&c)
	if c.wrong || len(c.raw) > 0 {
		return ErrCursor
	}
	return nil
}

func (l list) sum(body []byte) []byte {
	all := sha256.Sum256(append(bytes.Clone(l.question), body...))
	return all[:cursorSum]
}

func sized(to []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint32(to, uint32(len(text))), text...)
}

// coder writes the parts of a key, or reads them. What it reads is something
// that the database takes, in the one form in which it would be written.
type coder struct {
	raw   []byte
	reads bool
	wrong bool
}

// take is the next bytes that are read; nil where there are not as many.
func (c *coder) take(n int) []byte {
	if c.wrong = c.wrong || len(c.raw) < n; c.wrong {
		return nil
	}
	part := c.raw[:n]
	c.raw = c.raw[n:]
	return part
}

func (c *coder) number(n *int64) {
	if !c.reads {
		c.raw = binary.BigEndian.AppendUint64(c.raw, uint64(*n))
	} else if part := c.take(8); part != nil {
		*n = int64(binary.BigEndian.Uint64(part))
	}
}

// time is of microseconds, as the database's are.
func (c *coder) time(at *time.Time) {
	micro := at.UnixMicro()
	if c.number(&micro); c.reads && !c.wrong {
		*at = time.UnixMicro(micro).UTC()
		c.wrong = at.Year() < 1 || at.Year() > 9999
	}
}

func (c *coder) id(id *uuid.UUID) {
	if !c.reads {
		c.raw = append(c.raw, id[:]...)
	} else if part := c.take(len(id)); part != nil {
		copy(id[:], part)
	}
}

func (c *coder) text(text *string) {
	if !c.reads {
		c.raw = sized(c.raw, *text)
	} else if size := c.take(4); size != nil {
		part := c.take(int(binary.BigEndian.Uint32(size)))
		*text = string(part)
		c.wrong = c.wrong || !utf8.Valid(part) || bytes.IndexByte(part, 0) >= 0
	}
}

func (c *coder) real(r *float64) {
	bits := int64(math.Float64bits(*r))
	if c.number(&bits); c.reads && !c.wrong {
		*r = math.Float64frombits(uint64(bits))
		c.wrong = math.IsNaN(*r) || math.IsInf(*r, 0)
	}
}

// The keys that most lists have. Another one is a struct beside its question.
type (
	byTime struct { // and id
		at time.Time
		id uuid.UUID
	}
	byPosition struct{ position int64 }
	byText     struct{ text, id string }
	byNumber   struct { // and text
		number int64
		text   string
	}
)

func (k *byTime) code(c *coder)     { c.time(&k.at); c.id(&k.id) }
func (k *byPosition) code(c *coder) { c.number(&k.position) }
func (k *byText) code(c *coder)     { c.text(&k.text); c.text(&k.id) }
func (k *byNumber) code(c *coder)   { c.number(&k.number); c.text(&k.text) }

// The times between which everything has happened and will.
var (
	startOfTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	endOfTime   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// newest is before the first row of a list that begins with the newest.
func newest() byTime { return byTime{at: endOfTime, id: uuid.Max} }

// greatest is before the first row of a list that begins with the greatest number.
const greatest = math.MaxInt64

// pageSize is a size of a page that can be had: 1 to 100.
func pageSize(size int) int { return max(1, min(size, 100)) }

// onePage is the first rows, as many as a page has, of those that were asked
// for, which is one more; and whether there was that one.
func onePage[R any](rows []R, size int) ([]R, bool) {
	return rows[:min(len(rows), size)], len(rows) > size
}

// pageOf is one page of a list, of the rows that were asked for, and the cursor
// of the next page; empty: it is the last. answer tells what a row is, and where
// it is in the list.
func pageOf[R, A any](of list, rows []R, size int, answer func(R) (A, key)) (page []A, next string) {
	rows, more := onePage(rows, size)
	var last key
	for _, row := range rows {
		var a A
		a, last = answer(row)
		page = append(page, a)
	}
	if more {
		next = of.cursor(last)
	}
	return page, next
}
