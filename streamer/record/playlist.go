package record

import (
	"bytes"
	"fmt"
)

// Playlist is the HLS playlist (RFC 8216) of a span, whose parts lie below
// prefix. One that begins within a segment tells the player where (EXT-X-START);
// that it ends within one is to be known by who plays it.
func (m *Manifest) Playlist(s Span, prefix string) []byte {
	from, to := m.within(s)
	parts := m.Segments[from:to]
	longest := int64(videoScale)
	for _, p := range parts {
		longest = max(longest, p.Length)
	}
	var out bytes.Buffer
	out.WriteString("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	fmt.Fprintf(&out, "#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", (longest+videoScale-1)/videoScale, from)
	if len(parts) > 0 && s.From*perMilli > parts[0].Start {
		fmt.Fprintf(&out, "#EXT-X-START:TIME-OFFSET=%.5f,PRECISE=YES\n", seconds(s.From*perMilli-parts[0].Start))
	}
	init := -1
	for i, p := range parts {
		if i > 0 && (p.Break || p.Init != init) {
			out.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		if p.Init != init {
			fmt.Fprintf(&out, "#EXT-X-MAP:URI=%q\n", prefix+initName(p.Init))
			init = p.Init
		}
		fmt.Fprintf(&out, "#EXTINF:%.5f,\n%s\n", seconds(p.Length), prefix+segmentName(from+i))
	}
	out.WriteString("#EXT-X-ENDLIST\n")
	return out.Bytes()
}

func seconds(ticks int64) float64 { return float64(ticks) / videoScale }
