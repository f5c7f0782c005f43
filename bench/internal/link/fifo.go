package link

import "time"

// queuedPacket is a packet on its way.
type queuedPacket struct {
	index  int           // of its record
	leaves time.Duration // the link, once it is behind the line
	data   []byte
}

// fifo is a queue that keeps its memory.
type fifo struct {
	items []queuedPacket
	head  int
}

func (f *fifo) empty() bool          { return f.head == len(f.items) }
func (f *fifo) first() *queuedPacket { return &f.items[f.head] }

func (f *fifo) push(p queuedPacket) {
	if len(f.items) == cap(f.items) && f.head > len(f.items)/2 {
		rest := copy(f.items, f.items[f.head:])
		f.items, f.head = f.items[:rest], 0
	}
	f.items = append(f.items, p)
}

func (f *fifo) pop() queuedPacket {
	p := f.items[f.head]
	f.items[f.head].data = nil
	f.head++
	return p
}
