package eventlog

// Bounds of a page. A page ends at whichever it meets first, so that neither
// many small events nor a few large ones hold much memory for a slow reader.
const (
	PageEvents = 512
	pageBytes  = 1 << 20
)

// A Page holds the records of one read. Use it again for the next one: its
// memory is kept, and the records it held are no longer valid.
type Page struct {
	Records []Record
	// Considered counts the records looked at, those that did not match too.
	Considered int
	// Last is the position (in $all) or revision (in a stream) considered
	// last. It says nothing when Considered is 0.
	Last uint64
	// More is false when the scan has reached its end.
	More bool

	arena []byte
}

func (p *Page) reset() {
	p.Records, p.arena = p.Records[:0], p.arena[:0]
	p.Considered, p.Last, p.More = 0, 0, false
}

func (p *Page) full(limit int) bool {
	return p.Considered >= limit || len(p.arena) >= pageBytes
}

// keep copies a stored record into the page and decodes the copy.
func (p *Page) keep(position uint64, stored []byte) error {
	start := len(p.arena)
	p.arena = append(p.arena, stored...)
	r, err := decodeRecord(position, p.arena[start:])
	if err != nil {
		return err
	}
	p.Records = append(p.Records, r)
	return nil
}

// drop takes the record kept last out again.
func (p *Page) drop() {
	last := len(p.Records) - 1
	r := &p.Records[last]
	p.arena = p.arena[:len(p.arena)-r.size()]
	p.Records = p.Records[:last]
}
