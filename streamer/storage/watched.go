package storage

import (
	"errors"
	"io"
	"time"
)

// watched is content that is being sent. When nothing has been read of it for
// too long, the receiver has stalled.
type watched struct {
	content io.Reader
	timer   *time.Timer
	err     error // what the content itself has failed with
}

func newWatched(content io.Reader, stalled func()) *watched {
	return &watched{content: content, timer: time.AfterFunc(stalledAfter, stalled)}
}

func (w *watched) stop() { w.timer.Stop() }

// reader can seek if the content can, so that a request can be sent again.
func (w *watched) reader() io.Reader {
	if seeker, ok := w.content.(io.Seeker); ok {
		return &watchedSeeker{watched: w, seeker: seeker}
	}
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(stalledAfter)
	n, err := w.content.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

type watchedSeeker struct {
	*watched
	seeker io.Seeker
}

func (w *watchedSeeker) Seek(offset int64, whence int) (int64, error) {
	return w.seeker.Seek(offset, whence)
}
