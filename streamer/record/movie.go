package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/Eyevinn/mp4ff/mp4"
)

// file lays tracks out as a progressive MP4: the index, then what it points to,
// which is read from the segments as they are.
//
//	ftyp │ moov │ mdat: picture and sound of the first segment, of the second, …
func (l *Library) file(ctx context.Context, folder string, video, sound track) (*File, error) {
	inits, err := l.descriptions(ctx, folder, video)
	if err != nil {
		return nil, err
	}
	ranges := interleave(video.chunks, sound.chunks)
	payload := int64(0)
	for _, r := range ranges {
		payload += r.size()
	}
	b := builder{moov: mp4.NewMoovBox(), inits: inits, offsets: map[place]int64{}}
	length := video.end - video.begin
	b.moov.AddChild(&mp4.MvhdBox{Timescale: videoScale, Duration: uint64(length), NextTrackID: soundTrack + 1, Rate: 0x00010000, Volume: 0x0100})
	// The size of the index does not depend on the offsets in it.
	for range 2 {
		b.moov.Traks, b.moov.Children = nil, b.moov.Children[:1]
		if err := b.add(videoTrack, videoScale, "video", video, length); err != nil {
			return nil, err
		}
		if len(sound.chunks) > 0 {
			if err := b.add(soundTrack, soundScale, "audio", sound, length); err != nil {
				return nil, err
			}
		}
		at := int64(fileType().Size()+b.moov.Size()) + mdatHeader
		for _, r := range ranges {
			b.offsets[r.place()] = at
			at += r.size()
		}
	}
	var head bytes.Buffer
	if err := fileType().Encode(&head); err != nil {
		return nil, err
	}
	if err := b.moov.Encode(&head); err != nil {
		return nil, fmt.Errorf("write the index of a movie: %w", err)
	}
	head.Write(mdat(payload))
	return newFile(ctx, l.store, head.Bytes(), ranges), nil
}

// mdatHeader is of the form with a size of 64 bits.
const mdatHeader = 16

func mdat(payload int64) []byte {
	header := binary.BigEndian.AppendUint32(nil, 1)
	header = append(header, "mdat"...)
	return binary.BigEndian.AppendUint64(header, uint64(mdatHeader+payload))
}

func fileType() *mp4.FtypBox {
	return mp4.NewFtyp("isom", 0x200, []string{"isom", "iso2", "mp41"})
}

// interleave orders chunks as they lie in the recording, the picture before its
// sound.
func interleave(video, sound []chunk) []chunk {
	all := slices.Concat(video, sound)
	order := map[string]int{}
	for i, c := range slices.Concat(video, sound) {
		if _, known := order[c.key]; !known {
			order[c.key] = i
		}
	}
	slices.SortStableFunc(all, func(a, b chunk) int { return order[a.key] - order[b.key] })
	return all
}

// descriptions reads the sample descriptions of the inits that are used.
func (l *Library) descriptions(ctx context.Context, folder string, video track) (map[int]mp4.Box, error) {
	found := map[int]mp4.Box{}
	for _, c := range video.chunks {
		if found[c.init] != nil {
			continue
		}
		data, err := l.read(ctx, folder+"/"+initName(c.init), maxManifest)
		if err != nil {
			return nil, err
		}
		if found[c.init], err = description(data); err != nil {
			return nil, fmt.Errorf("%s: %w", initName(c.init), err)
		}
	}
	return found, nil
}

// description reads how the picture is compressed out of an init segment.
func description(data []byte) (_ mp4.Box, err error) {
	defer func() {
		// The library trusts the counts in a box that is not ours.
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errSegment, r)
		}
	}()
	decoded, err := mp4.DecodeFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSegment, err)
	}
	if decoded.Init == nil || decoded.Init.Moov == nil || len(decoded.Init.Moov.Traks) == 0 {
		return nil, fmt.Errorf("%w: it describes no track", errSegment)
	}
	stsd := decoded.Init.Moov.Traks[0].Mdia.Minf.Stbl.Stsd
	if len(stsd.Children) == 0 {
		return nil, fmt.Errorf("%w: it describes nothing", errSegment)
	}
	return stsd.Children[0], nil
}

// builder makes the index of a movie.
type builder struct {
	moov    *mp4.MoovBox
	inits   map[int]mp4.Box
	offsets map[place]int64 // of chunks in the file
}

// place is where a chunk lies in the store.
type place struct {
	key    string
	offset int64
}

func (c chunk) place() place { return place{c.key, c.offset()} }

// add makes a track's box. Length is that of the movie, on its clock.
func (b *builder) add(id, scale uint32, kind string, t track, length int64) error {
	trak := mp4.CreateEmptyTrak(id, scale, kind, "und")
	media := int64(0)
	for _, c := range t.chunks {
		for _, s := range c.samples {
			media += s.length
		}
	}
	trak.Tkhd.Duration = uint64(length)
	trak.Mdia.Mdhd.Duration = uint64(media)
	trak.Edts = b.edits(t, int64(scale), length)
	trak.Children = slices.Insert(trak.Children, 1, mp4.Box(trak.Edts))
	stbl := mp4.NewStblBox()
	if err := b.fill(stbl, t, kind == "video"); err != nil {
		return err
	}
	minf := trak.Mdia.Minf
	minf.Children[slices.Index(minf.Children, mp4.Box(minf.Stbl))] = stbl
	minf.Stbl = stbl
	if kind == "video" {
		if entry, ok := stbl.Stsd.Children[0].(*mp4.VisualSampleEntryBox); ok {
			trak.Tkhd.Width, trak.Tkhd.Height = mp4.Fixed32(uint32(entry.Width)<<16), mp4.Fixed32(uint32(entry.Height)<<16)
		}
	}
	b.moov.AddChild(trak)
	return nil
}

// edits show a track from its begin on, after a pause where it begins later than
// the movie.
func (b *builder) edits(t track, scale, length int64) *mp4.EdtsBox {
	first := t.chunks[0].samples[0].at
	list := &mp4.ElstBox{Version: 1}
	if late := (first - t.begin) * videoScale / scale; late > 0 {
		late = min(late, length)
		list.Entries = append(list.Entries, mp4.ElstEntry{SegmentDuration: uint64(late), MediaTime: -1, MediaRateInteger: 1})
		length -= late
	}
	list.Entries = append(list.Entries, mp4.ElstEntry{
		SegmentDuration: uint64(length), MediaTime: max(0, t.begin-first), MediaRateInteger: 1,
	})
	edits := &mp4.EdtsBox{}
	edits.AddChild(list)
	edits.Elst = append(edits.Elst[:0], list)
	return edits
}

// fill writes the tables of samples.
func (b *builder) fill(stbl *mp4.StblBox, t track, video bool) error {
	stsd, stts, stss := mp4.NewStsdBox(), &mp4.SttsBox{}, &mp4.StssBox{}
	stsc, stsz, co64 := &mp4.StscBox{}, &mp4.StszBox{}, &mp4.Co64Box{}
	described := map[int]uint32{}
	for i, c := range t.chunks {
		entry := c.init
		if !video {
			entry = 0
		}
		if described[entry] == 0 {
			described[entry] = uint32(len(described) + 1)
			if video {
				stsd.AddChild(b.inits[entry])
			} else {
				stsd.AddChild(opusEntry())
			}
		}
		if err := stsc.AddEntry(uint32(i+1), uint32(len(c.samples)), described[entry]); err != nil {
			return fmt.Errorf("write the index of a movie: %w", err)
		}
		co64.ChunkOffset = append(co64.ChunkOffset, uint64(b.offsets[c.place()]))
		for _, s := range c.samples {
			stsz.SampleSize = append(stsz.SampleSize, uint32(s.size))
			stsz.SampleNumber++
			if s.key {
				stss.SampleNumber = append(stss.SampleNumber, stsz.SampleNumber)
			}
			if n := len(stts.SampleTimeDelta); n > 0 && stts.SampleTimeDelta[n-1] == uint32(s.length) {
				stts.SampleCount[n-1]++
			} else {
				stts.SampleCount, stts.SampleTimeDelta = append(stts.SampleCount, 1), append(stts.SampleTimeDelta, uint32(s.length))
			}
		}
	}
	stbl.AddChild(stsd)
	stbl.AddChild(stts)
	if video {
		stbl.AddChild(stss)
	}
	stbl.AddChild(stsc)
	stbl.AddChild(stsz)
	stbl.AddChild(co64)
	return nil
}
