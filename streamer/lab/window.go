package lab

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/streamer/xconn"
)

// window is a window over the whole display, with a canvas in memory that the
// X server shares. One goroutine uses it.
type window struct {
	canvas
	conn    *xgb.Conn
	id      xproto.Window
	gc      xproto.Gcontext
	depth   byte
	segment shm.Seg
	memory  []byte
}

// openWindow covers the display and takes the keyboard's focus. It needs no
// window manager, and asks none. close frees it.
func openWindow(display, authority string) (w *window, err error) {
	conn, err := xconn.Dial(display, authority, xconn.SharedMemory)
	if err != nil {
		return nil, err
	}
	w = &window{conn: conn}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	setup := xproto.Setup(conn)
	screen := setup.DefaultScreen(conn)
	w.depth = screen.RootDepth
	w.width, w.height = int(screen.WidthInPixels), int(screen.HeightInPixels)
	if err := checkFormat(setup, screen); err != nil {
		return nil, err
	}
	if err := w.shareMemory(); err != nil {
		return nil, fmt.Errorf("share memory with the X server: %w", err)
	}
	if err := w.show(screen); err != nil {
		return nil, fmt.Errorf("open the window: %w", err)
	}
	return w, nil
}

// checkFormat makes sure that a pixel is what canvas has: 0x00RRGGBB in 32
// bits, the lowest byte first.
func checkFormat(setup *xproto.SetupInfo, screen *xproto.ScreenInfo) error {
	for _, format := range setup.PixmapFormats {
		if format.Depth == screen.RootDepth && format.BitsPerPixel == 32 &&
			setup.ImageByteOrder == xproto.ImageOrderLSBFirst && redMask(screen) == 0xff0000 {
			return nil
		}
	}
	return errors.New("the display has not the format of 24 bits that the lab draws in")
}

func redMask(screen *xproto.ScreenInfo) uint32 {
	for _, depth := range screen.AllowedDepths {
		for _, visual := range depth.Visuals {
			if visual.VisualId == screen.RootVisual {
				return visual.RedMask
			}
		}
	}
	return 0
}

func (w *window) shareMemory() error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4*w.width*w.height, 0o600|unix.IPC_CREAT)
	if err != nil {
		return err
	}
	// Marked for removal, it goes with its last user, however that ends.
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	if w.memory, err = unix.SysvShmAttach(id, 0, 0); err != nil {
		return err
	}
	if w.segment, err = shm.NewSegId(w.conn); err != nil {
		return err
	}
	// The memory is a page's start, so it is aligned.
	w.pixels = unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(w.memory))), w.width*w.height)
	return shm.AttachChecked(w.conn, w.segment, uint32(id), true).Check()
}

func (w *window) show(screen *xproto.ScreenInfo) (err error) {
	if w.id, err = xproto.NewWindowId(w.conn); err != nil {
		return err
	}
	if w.gc, err = xproto.NewGcontextId(w.conn); err != nil {
		return err
	}
	cursor, err := w.noCursor(screen.Root)
	if err != nil {
		return err
	}
	const events = xproto.EventMaskKeyPress | xproto.EventMaskButtonPress | xproto.EventMaskPointerMotion
	xproto.CreateWindow(w.conn, w.depth, w.id, screen.Root, 0, 0, uint16(w.width), uint16(w.height), 0,
		xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwOverrideRedirect|xproto.CwEventMask|xproto.CwCursor, []uint32{1, events, uint32(cursor)})
	xproto.CreateGC(w.conn, w.gc, xproto.Drawable(w.id), 0, nil)
	xproto.ChangeKeyboardControl(w.conn, xproto.KbAutoRepeatMode, []uint32{xproto.AutoRepeatModeOff})
	xproto.MapWindow(w.conn, w.id)
	// A window past the window manager is on the screen with the request, so
	// it can take the focus at once.
	return xproto.SetInputFocusChecked(w.conn, xproto.InputFocusPointerRoot, w.id, xproto.TimeCurrentTime).Check()
}

// noCursor makes a cursor without a pixel: the scene draws the pointer itself.
func (w *window) noCursor(root xproto.Window) (xproto.Cursor, error) {
	pixmap, err := xproto.NewPixmapId(w.conn)
	if err != nil {
		return 0, err
	}
	cursor, err := xproto.NewCursorId(w.conn)
	if err != nil {
		return 0, err
	}
	gc, err := xproto.NewGcontextId(w.conn)
	if err != nil {
		return 0, err
	}
	xproto.CreatePixmap(w.conn, 1, pixmap, xproto.Drawable(root), 1, 1)
	xproto.CreateGC(w.conn, gc, xproto.Drawable(pixmap), xproto.GcForeground, []uint32{0})
	xproto.PolyFillRectangle(w.conn, xproto.Drawable(pixmap), gc, []xproto.Rectangle{{Width: 1, Height: 1}})
	xproto.CreateCursor(w.conn, cursor, pixmap, pixmap, 0, 0, 0, 0, 0, 0, 0, 0)
	xproto.FreeGC(w.conn, gc)
	return cursor, xproto.FreePixmapChecked(w.conn, pixmap).Check()
}

// present puts the canvas on the screen, whole, and returns when the server
// has read it: then it may be drawn into again.
func (w *window) present() error {
	width, height := uint16(w.width), uint16(w.height)
	return shm.PutImageChecked(w.conn, xproto.Drawable(w.id), w.gc, width, height, 0, 0, width, height, 0, 0,
		w.depth, xproto.ImageFormatZPixmap, 0, w.segment, 0).Check()
}

// watch sends each event until the connection or ctx ends, then closes the
// channel. It is a goroutine's whole life.
func (w *window) watch(ctx context.Context, events chan<- xgb.Event) {
	defer close(events)
	for {
		event, err := w.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if event == nil {
			continue // an error of a request that nobody waited for
		}
		select {
		case events <- event:
		case <-ctx.Done():
			return
		}
	}
}

func (w *window) close() {
	w.conn.Close()
	if w.memory != nil {
		w.pixels = nil
		unix.SysvShmDetach(w.memory)
	}
}
