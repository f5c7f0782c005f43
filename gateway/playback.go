package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// Recordings are the media of recordings, as they are kept. Errors are faults
// where the recording is not there, or not so.
type Recordings interface {
	// Playlist is the HLS playlist of a span, whose parts lie below prefix.
	Playlist(ctx context.Context, id events.RecordingID, span Span, prefix string) ([]byte, error)
	// Part opens one of the files that a playlist names. The caller closes it.
	Part(ctx context.Context, id events.RecordingID, name string) (io.ReadSeekCloser, time.Time, error)
	// Movie opens a span as one MP4 file. The caller closes it; the context lasts
	// until then.
	Movie(ctx context.Context, id events.RecordingID, span Span) (io.ReadSeekCloser, error)
}

// Span is a part of a recording, in milliseconds. The zero value is all of it.
type Span struct{ From, To int64 }

// RecordingConfig says what is told of recordings, and how links are made.
type RecordingConfig struct {
	KeepAge   time.Duration // after which recordings are deleted; 0: never
	KeepBytes int64         // of one player's; 0: any
	// LinkKey signs links to files. Required where there are recordings: at
	// least 16 bytes, the same for all gateways of a platform.
	LinkKey []byte
}

// Validate says what makes no sense.
func (c RecordingConfig) Validate() error {
	if c.KeepAge < 0 || c.KeepBytes < 0 {
		return errors.New("what is kept of recordings can't be negative")
	}
	if n := len(c.LinkKey); n > 0 && n < 16 {
		return errors.New("the key of links to recordings is too short: want at least 16 bytes")
	}
	return nil
}

// linkLife is for how long a link works: to begin with. A download that has
// begun goes on, a player that seeks later asks for another one.
const linkLife = 10 * time.Minute

// What links refuse.
var (
	errLink = &events.Fault{Kind: events.Forbidden, Code: "link-invalid",
		Message: "This link does not work, or not any more. Open the recording in the page, and take another one there."}
	errUnknownClip = &events.Fault{Kind: events.NotFound, Code: "unknown-clip",
		Message: "This recording has no such clip."}
)

// tapes is what the gateway plays from.
type tapes struct {
	kept Recordings // nil: nothing is recorded here
	keys Keys       // that seal the titles of clips
	key  []byte     // that signs links
	now  func() time.Time
}

func newTapes(c Config, parts Parts) tapes {
	return tapes{kept: parts.Recordings, keys: parts.Keys, key: c.Recordings.LinkKey, now: time.Now}
}

// signature holds what a link opens and until when (HMAC, RFC 2104, of SHA-256).
func (t tapes) signature(id events.RecordingID, clip events.ClipID, expires int64) string {
	mac := hmac.New(sha256.New, t.key)
	fmt.Fprintf(mac, "movie %s %s %d", id, clip, expires)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// checked refuses a link that was not given out for this, or not for now.
func (t tapes) checked(id events.RecordingID, clip events.ClipID, expires int64, signature string) error {
	if len(t.key) == 0 || !hmac.Equal([]byte(signature), []byte(t.signature(id, clip, expires))) || t.now().Unix() >= expires {
		return errLink
	}
	return nil
}

// spanOf is the clip that a request names, or all.
func spanOf(found queries.Recording, named *string) (events.ClipID, Span, error) {
	if named == nil {
		return events.ClipID{}, Span{}, nil
	}
	id, err := events.ParseClipID(*named)
	if err != nil {
		return id, Span{}, errUnknownClip
	}
	for _, c := range found.Clips {
		if c.ID == id {
			return id, Span{From: c.From, To: c.To}, nil
		}
	}
	return id, Span{}, errUnknownClip
}

// LinkRecording gives out a link to the file.
func (g *Gateway) LinkRecording(w http.ResponseWriter, r *http.Request, text string, params api.LinkRecordingParams) {
	found, err := g.watched(r, text, g.bounds.requests, nil)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	clip, _, err := spanOf(found, params.Clip)
	if err == nil && g.tapes.kept == nil {
		err = errNoRecordings
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	expires := g.tapes.now().Add(linkLife).Truncate(time.Second)
	query := url.Values{"expires": {strconv.FormatInt(expires.Unix(), 10)}, "signature": {g.tapes.signature(found.ID, clip, expires.Unix())}}
	if !clip.IsZero() {
		query.Set("clip", clip.String())
	}
	g.answer(w, r, http.StatusOK, api.Link{
		Url: "/v1/recordings/" + found.ID.String() + "/movie.mp4?" + query.Encode(), ExpiresAt: expires.UTC(),
	})
}

// Movie sends the file of a link.
func (g *Gateway) Movie(w http.ResponseWriter, r *http.Request, text string, params api.MovieParams) {
	err := g.movie(w, r, text, params)
	if err != nil {
		g.refuse(w, r, err)
	}
}

// movie returns an error while nothing is sent yet.
func (g *Gateway) movie(w http.ResponseWriter, r *http.Request, text string, params api.MovieParams) error {
	if err := g.bounds.addresses.take(address(r)); err != nil {
		return err
	}
	id, err := recordingID(text)
	if err != nil {
		return err
	}
	clip := events.ClipID{}
	if params.Clip != nil {
		if clip, err = events.ParseClipID(*params.Clip); err != nil {
			return errUnknownClip
		}
	}
	if err := g.tapes.checked(id, clip, params.Expires, params.Signature); err != nil {
		return err
	}
	if g.tapes.kept == nil {
		return errNoRecordings
	}
	// It may have been deleted since the link was given out.
	found, err := g.queries.Recording(r.Context(), id)
	if err != nil {
		return err
	}
	_, span, err := spanOf(found, params.Clip)
	if err != nil {
		return err
	}
	file, err := g.tapes.kept.Movie(r.Context(), id, span)
	if err != nil {
		return err
	}
	defer file.Close()
	w.Header().Set("Content-Type", "video/mp4")
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fileName(found, clip)))
	http.ServeContent(w, r, "", found.StartedAt, file)
	return nil
}

// fileName is that of a download, of nothing but ASCII.
func fileName(found queries.Recording, clip events.ClipID) string {
	name := string(found.Game) + found.StartedAt.Format("-20060102-1504")
	if !clip.IsZero() {
		name += "-clip-" + clip.String()[:8]
	}
	return name + ".mp4"
}

// Playlist answers with the HLS playlist.
func (g *Gateway) Playlist(w http.ResponseWriter, r *http.Request, text string, params api.PlaylistParams) {
	found, err := g.watched(r, text, g.bounds.parts, nil)
	if err == nil && g.tapes.kept == nil {
		err = errNoRecordings
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	_, span, err := spanOf(found, params.Clip)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	list, err := g.tapes.kept.Playlist(r.Context(), found.ID, span, "parts/")
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
	w.Header().Set("Cache-Control", "no-store")
	if _, err := w.Write(list); err != nil {
		g.log.Debug("a playlist was cut short", "error", err)
	}
}

// RecordingPart sends a file that the playlist names.
func (g *Gateway) RecordingPart(w http.ResponseWriter, r *http.Request, text string, part string) {
	found, err := g.watched(r, text, g.bounds.parts, nil)
	if err == nil && g.tapes.kept == nil {
		err = errNoRecordings
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	file, modified, err := g.tapes.kept.Part(r.Context(), found.ID, part)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "video/mp4")
	w.Header().Set("Cache-Control", "private, max-age=3600, immutable")
	http.ServeContent(w, r, "", modified, file)
}
