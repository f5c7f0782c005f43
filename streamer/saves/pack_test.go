package saves

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// tree lists a directory: what is where, with which content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == "." {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		what := ""
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			what, err = os.Readlink(path)
			found[name] = "-> " + what
			return err
		case e.Type().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			what = " " + string(content)
		}
		found[name] = info.Mode().String() + what
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func packed(t *testing.T, home string) []byte {
	t.Helper()
	s, err := look(home, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if _, err := pack(&archive, home, s, false); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func try(t *testing.T, steps ...error) {
	t.Helper()
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
}

// TestAHomeComesBack with odd names, rights, links and times.
func TestAHomeComesBack(t *testing.T) {
	home, back := t.TempDir(), t.TempDir()
	in := func(name string) string { return filepath.Join(home, name) }
	try(t,
		os.MkdirAll(in("deep/er/empty"), 0o755),
		os.WriteFile(in("deep/save"), []byte("content"), 0o644),
		os.WriteFile(in("tool"), []byte("#!"), 0o755),
		os.WriteFile(in("new\nline"), nil, 0o600),
		os.WriteFile(in("not utf-8 \xff\xfe"), []byte("x"), 0o600),
		os.WriteFile(in(strings.Repeat("long", 60)), []byte("x"), 0o600),
		os.WriteFile(in("-rf *"), []byte("x"), 0o600),
		os.Symlink("deep/save", in("link")),
		os.Symlink("../tool", in("deep/up")),
		os.Symlink("nowhere", in("dangling")),
		os.MkdirAll(in(cacheDir), 0o700),
		os.WriteFile(in(cacheDir+"/shader"), []byte("big"), 0o600),
	)
	archive := packed(t, home)
	if !bytes.Equal(archive, packed(t, home)) {
		t.Error("the same home made two archives")
	}
	try(t, unpack(bytes.NewReader(archive), back, Limits{}))
	want := map[string]string{
		"deep": "drwx------", "deep/er": "drwx------", "deep/er/empty": "drwx------",
		"deep/save": "-rw------- content", "tool": "-rwx------ #!", "new\nline": "-rw------- ", "not utf-8 \xff\xfe": "-rw------- x",
		strings.Repeat("long", 60): "-rw------- x", "-rf *": "-rw------- x",
		"link": "-> deep/save", "deep/up": "-> ../tool", "dangling": "-> nowhere",
	}
	if diff := cmp.Diff(want, tree(t, back)); diff != "" {
		t.Errorf("what came back (-want +got):\n%s", diff)
	}
	for _, name := range []string{"deep/save", "deep"} {
		was, err := os.Stat(in(name))
		if err != nil {
			t.Fatal(err)
		}
		is, err := os.Stat(filepath.Join(back, name))
		if err != nil || is.ModTime().Unix() != was.ModTime().Unix() {
			t.Errorf("%s was changed at %s, and came back as of %s, %v", name, was.ModTime(), is.ModTime(), err)
		}
	}
}

// TestAHostileHome leads out, waits, and hides: nothing of it is followed, and
// the rest is kept.
func TestAHostileHome(t *testing.T) {
	home, back := t.TempDir(), t.TempDir()
	in := func(name string) string { return filepath.Join(home, name) }
	secret := filepath.Join(t.TempDir(), "secret")
	try(t,
		os.WriteFile(secret, []byte("secret"), 0o600),
		os.WriteFile(in("save"), []byte("content"), 0o600),
		os.Symlink("/etc/shadow", in("shadow")),
		os.Symlink(secret, in("absolute")),
		os.Symlink("../../../../../../etc/passwd", in("up")),
		os.Symlink(filepath.Dir(secret), in("dir")),
		os.Symlink("loop", in("loop")),
		unix.Mkfifo(in("fifo"), 0o600),
		os.Mkdir(in("closed"), 0o700),
		os.WriteFile(in("closed/file"), []byte("x"), 0o600),
		os.Link(in("save"), in("hard")),
	)
	listener, err := net.Listen("unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	deep := in("d")
	for range deepest + 10 {
		deep = filepath.Join(deep, "d")
	}
	try(t, os.MkdirAll(deep, 0o700))
	s, err := look(home, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if s.skipped != 7 { // four links out, FIFO, socket, depth
		t.Errorf("%d entries were skipped", s.skipped)
	}
	archive := packed(t, home)
	if bytes.Contains(archive, []byte("secret")) {
		t.Error("the archive has what lies outside of the home")
	}
	try(t, unpack(bytes.NewReader(archive), back, Limits{}))
	got := tree(t, back)
	for _, name := range []string{"shadow", "absolute", "up", "dir", "fifo", "socket"} {
		if _, there := got[name]; there {
			t.Errorf("%s was kept", name)
		}
	}
	if got["save"] != "-rw------- content" || got["hard"] != "-rw------- content" || got["closed/file"] != "-rw------- x" {
		t.Errorf("what came back: %v", got)
	}
}

// TestAHomeThatChangesWhileItIsRead: a file that becomes something else between
// the look and the reading is not followed, and not waited for.
func TestAHomeThatChangesWhileItIsRead(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"link":    func(path string) error { return os.Symlink("/etc/passwd", path) },
		"fifo":    func(path string) error { return unix.Mkfifo(path, 0o600) },
		"dir":     func(path string) error { return os.Mkdir(path, 0o700) },
		"gone":    func(string) error { return nil },
		"longer":  func(path string) error { return os.WriteFile(path, []byte("longer than it was"), 0o600) },
		"shorter": func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		home := t.TempDir()
		path := filepath.Join(home, "save")
		try(t, os.WriteFile(path, []byte("content"), 0o600))
		s, err := look(home, Limits{})
		try(t, err, os.Remove(path), change(path))
		if _, err := pack(&bytes.Buffer{}, home, s, false); !errors.Is(err, errChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAHomeThatIsTooLarge is refused at a look, however it is large.
func TestAHomeThatIsTooLarge(t *testing.T) {
	sparse := t.TempDir()
	try(t, os.WriteFile(filepath.Join(sparse, "save"), []byte("x"), 0o600), os.WriteFile(filepath.Join(sparse, "huge"), nil, 0o600),
		os.Truncate(filepath.Join(sparse, "huge"), 1<<40))
	if _, err := look(sparse, Limits{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a sparse file of 1 TB: %v", err)
	}
	many := t.TempDir()
	for i := range 300 {
		try(t, os.WriteFile(filepath.Join(many, fmt.Sprint(i)), nil, 0o600))
	}
	if _, err := look(many, Limits{Files: 299}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("300 files of 299: %v", err)
	}
	if _, err := look(many, Limits{Files: 300}); err != nil {
		t.Errorf("300 files of 300: %v", err)
	}
}

// TestASessionWithATooLargeHome says so; the next one goes on with what is
// stored, and the home lies here for whoever looks for it.
func TestASessionWithATooLargeHome(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store, func(c *Config) { c.Limits = Limits{Files: 3} })
	a.play("small")
	h := a.take()
	for i := range 10 {
		write(t, h, fmt.Sprint(i), "x")
	}
	write(t, h, "save.dat", "large")
	a.close(h, true)
	a.finds("small")
	if said := a.heard(); said != string(NotKept)+" "+string(NotKept) {
		t.Errorf("it told %q", said)
	}
	if content, err := os.ReadFile(filepath.Join(h.desk.dir, "too-large", "save.dat")); err != nil || string(content) != "large" {
		t.Errorf("what lies here is %q, %v", content, err)
	}
	newBench(t, "b", store).finds("small")
}

// forged is an archive of these headers; a name with content is a file of it.
func forged(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var archive bytes.Buffer
	compressed, err := zstd.NewWriter(&archive, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(compressed)
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			for left := h.Size; left > 0; left -= min(left, 1<<20) {
				if _, err := w.Write(make([]byte, min(left, 1<<20))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// hostile are archives that pack never writes.
func hostile(t testing.TB) map[string][]byte {
	t.Helper()
	file := func(name string) *tar.Header { return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 1} }
	link := func(name, to string) *tar.Header {
		return &tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to}
	}
	many := make([]*tar.Header, 101)
	for i := range many {
		many[i] = file(fmt.Sprint(i))
	}
	return map[string][]byte{
		"up":                 forged(t, file("../out")),
		"up from within":     forged(t, file("a/../../out")),
		"absolute":           forged(t, file("/tmp/out")),
		"dot":                forged(t, file(".")),
		"empty":              forged(t, file("")),
		"through a link":     forged(t, link("a", "b/.."), link("a/x", "y"), file("a/out")),
		"a link out":         forged(t, link("a", "../..")),
		"an absolute link":   forged(t, link("a", "/etc")),
		"a link over a file": forged(t, file("a"), link("a", "b")),
		"twice":              forged(t, file("a"), file("a")),
		"a file as a folder": forged(t, file("a"), file("a/b")),
		"a hard link":        forged(t, &tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "/etc/passwd"}),
		"a device":           forged(t, &tar.Header{Typeflag: tar.TypeBlock, Name: "a", Devmajor: 8}),
		"a FIFO":             forged(t, &tar.Header{Typeflag: tar.TypeFifo, Name: "a"}),
		"a bomb":             forged(t, &tar.Header{Typeflag: tar.TypeReg, Name: "a", Size: 64 << 20}),
		"many files":         forged(t, many...),
		"no tar":             forgedBytes(t, make([]byte, 100<<20)),
		"cut off":            forged(t, file("a"))[:10],
		"no archive":         []byte("hello"),
	}
}

func forgedBytes(t testing.TB, content []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(content, nil)
}

var tight = Limits{Bytes: 32 << 20, Files: 100}

// TestAHostileArchive is refused, and nothing is written elsewhere.
func TestAHostileArchive(t *testing.T) {
	for name, archive := range hostile(t) {
		around := t.TempDir()
		dir := filepath.Join(around, "in", "here")
		try(t, os.MkdirAll(dir, 0o700))
		if err := unpack(bytes.NewReader(archive), dir, tight); !errors.Is(err, errArchive) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		try(t, removeAll(dir))
		if left := tree(t, around); len(left) != 1 {
			t.Errorf("%s wrote elsewhere: %v", name, left)
		}
	}
}

// FuzzUnpack: whatever an archive is, nothing is written elsewhere, and no more
// than the limits let through.
func FuzzUnpack(f *testing.F) {
	for _, archive := range hostile(f) {
		if len(archive) < 64<<10 {
			f.Add(archive, false)
		}
	}
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, h := range []*tar.Header{
		{Typeflag: tar.TypeDir, Name: "a/"}, {Typeflag: tar.TypeReg, Name: "a/b"}, {Typeflag: tar.TypeSymlink, Name: "c", Linkname: "a/b"},
	} {
		if err := w.WriteHeader(h); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(plain.Bytes(), true)
	small := Limits{Bytes: 1 << 20, Files: 50}
	f.Fuzz(func(t *testing.T, archive []byte, isTar bool) {
		if isTar { // so that the checksum of the compression is not what refuses it
			archive = forgedBytes(t, archive)
		}
		around := t.TempDir()
		dir := filepath.Join(around, "in")
		try(t, os.Mkdir(dir, 0o700))
		if unpack(bytes.NewReader(archive), dir, small) == nil {
			if s, err := look(dir, small); err != nil || s.skipped > 0 {
				t.Errorf("what was unpacked can't be packed: %v", err)
			}
		}
		try(t, removeAll(dir))
		if left := tree(t, around); len(left) != 0 {
			t.Errorf("it wrote elsewhere: %v", left)
		}
	})
}

// FuzzNote: a note that is taken is written as it was read.
func FuzzNote(f *testing.F) {
	f.Add([]byte(`{"format":1,"version":"00000042-20261129T011536.123Z-clean-0123456789abcdef","player":"ann","game":"doom","worker":"a","base":"","sha256":"` + strings.Repeat("00", 32) + `","size":10,"content":{"bytes":1,"files":1}}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := decodeNote(data)
		if err != nil {
			return
		}
		again, err := n.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeNote(again); err != nil || back != n {
			t.Errorf("%+v came back as %+v, %v", n, back, err)
		}
	})
}

// FuzzVersion: a name that is taken is the version's own.
func FuzzVersion(f *testing.F) {
	f.Add("00000042-20261129T011536.123Z-clean-0123456789abcdef")
	f.Add("99999999-20261329T011536.123Z-auto-0123456789abcdef")
	f.Fuzz(func(t *testing.T, name string) {
		if v, err := ParseVersion(name); err == nil && v.String() != name {
			t.Errorf("%q is read as %s", name, v)
		}
	})
}
