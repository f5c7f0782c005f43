package eventlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/cockroachdb/pebble/v2"
)

// link is an entry of a system stream: its revision there, and the position of
// the event that it stands for. Both rise along the stream.
type link struct {
	revision int64
	position uint64
}

// blockLinks is the largest number of links that one key holds.
const blockLinks = 256

// A block is what a group added to a system stream, under the revision of its
// first link when it was written:
//
//	0  crc32c of the key and of everything after this field
//	4  for each link, as unsigned varints: how much its revision is above what
//	   would follow the one before (the first: above the key's), and its position
//	   above that of the one before
//
// A scavenge takes links out. A block without links says that the revisions up
// to its own have been given, which the numbering goes on from.
func encodeBlock(key []byte, links []link) []byte {
	out := make([]byte, 4, 4+3*len(links)+binary.MaxVarintLen64)
	next, position := blockRevision(key), uint64(0)
	for _, l := range links {
		out = binary.AppendUvarint(out, uint64(l.revision-next))
		out = binary.AppendUvarint(out, l.position-position)
		next, position = l.revision+1, l.position
	}
	binary.BigEndian.PutUint32(out, blockSum(key, out))
	return out
}

func blockSum(key, stored []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, stored[4:])
}

func blockRevision(key []byte) int64 { return int64(binary.BigEndian.Uint64(key[9:])) }

// decodeBlock appends the block's links to dst. Anything but an intact block
// is an ErrCorrupt.
func decodeBlock(dst []link, key, stored []byte) ([]link, error) {
	if len(key) != indexKeySize || len(stored) < 4 || blockRevision(key) < 0 {
		return dst, fmt.Errorf("links at %x: %w", key, ErrCorrupt)
	}
	if binary.BigEndian.Uint32(stored) != blockSum(key, stored) {
		return dst, fmt.Errorf("links at %x: checksum differs: %w", key, ErrCorrupt)
	}
	next, position := blockRevision(key), uint64(0)
	for rest := stored[4:]; len(rest) > 0; {
		skipped, n := binary.Uvarint(rest)
		if n <= 0 {
			return dst, fmt.Errorf("links at %x: torn: %w", key, ErrCorrupt)
		}
		risen, m := binary.Uvarint(rest[n:])
		if m <= 0 || risen == 0 || risen > math.MaxUint64-position || skipped >= uint64(math.MaxInt64-next) {
			return dst, fmt.Errorf("links at %x: out of range: %w", key, ErrCorrupt)
		}
		rest = rest[n+m:]
		next += int64(skipped)
		position += risen
		dst = append(dst, link{revision: next, position: position})
		next++
	}
	return dst, nil
}

// blockAt decodes the block that the iterator stands on.
func blockAt(dst []link, it *pebble.Iterator) ([]link, error) {
	stored, err := it.ValueAndErr()
	if err != nil {
		return dst, markCorrupt(err)
	}
	return decodeBlock(dst, it.Key(), stored)
}

// newLinkIter is over the blocks of one system stream.
func newLinkIter(from pebble.Reader, number uint64) (*pebble.Iterator, error) {
	it, err := from.NewIter(&pebble.IterOptions{LowerBound: linkKey(number, 0), UpperBound: linkEnd(number)})
	return it, markCorrupt(err)
}

// lastLink is the revision given last in a system stream, as of the head
// given; -1: none.
func lastLink(it *pebble.Iterator, head uint64) (int64, error) {
	var links []link
	for ok := it.Last(); ok; ok = it.Prev() {
		var err error
		if links, err = blockAt(links[:0], it); err != nil {
			return 0, err
		}
		if len(links) == 0 {
			return blockRevision(it.Key()), nil
		}
		for i := len(links) - 1; i >= 0; i-- {
			if links[i].position <= head {
				return links[i].revision, nil
			}
		}
	}
	return -1, markCorrupt(it.Error())
}
