package game

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Mount is a file or folder of the host that a game shall have.
type Mount struct {
	Host     string // absolute path
	Inside   string // where the game finds it, absolute; without a sandbox it is at Host
	Writable bool
}

// The paths inside of a sandbox.
const (
	insideHome    = "/home/player"
	insideRuntime = "/run/user/1000"
	insideCookie  = insideRuntime + "/Xauthority"
	insideSound   = insideRuntime + "/pulse/native"
	insideSelf    = "/run/playcast/playcast"
	insideX11     = "/tmp/.X11-unix"
)

// sandbox is what bubblewrap makes around a process: namespaces of its own, no
// capabilities, and a file system of the system's programs and of what is
// named, in which nothing else of the host is to be seen.
type sandbox struct {
	arguments []string
	join      int // a process into whose user and IPC namespaces it is put; 0: none
}

// newSandbox is what all have in common. What it does not take away is the IPC
// namespace, which a game shares with its X server, and the network's.
func newSandbox() *sandbox {
	s := &sandbox{}
	s.add("--unshare-user", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "playcast",
		"--die-with-parent", "--new-session", "--cap-drop", "ALL")
	s.add("--ro-bind", "/usr", "/usr")
	for _, name := range []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"} {
		s.system("/" + name)
	}
	for _, name := range visibleSettings {
		s.add("--ro-bind-try", "/etc/"+name, "/etc/"+name)
	}
	// Nothing there is for games to change, and much of it for who has root's
	// number, which games have where playcast does.
	s.add("--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig", "--proc", "/proc", "--remount-ro", "/proc")
	return s
}

// visibleSettings are what of /etc programs need for fonts, sound, pictures,
// certificates and the time of day. None is a secret.
var visibleSettings = []string{
	"alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "mime.types",
	"fonts", "glvnd", "drirc", "vulkan", "OpenCL", "alsa", "asound.conf", "pulse", "openal", "timidity", "fluidsynth",
	"ssl/certs", "ca-certificates", "protocols", "services",
}

func (s *sandbox) add(arguments ...string) { s.arguments = append(s.arguments, arguments...) }

// system shows a folder of programs, which is a link into /usr on most systems.
func (s *sandbox) system(path string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		s.add("--ro-bind", path, path)
	} else if target, err := os.Readlink(path); err == nil {
		s.add("--symlink", target, path)
	}
}

// show binds what the host has.
func (s *sandbox) show(mounts ...Mount) {
	for _, m := range mounts {
		bind := "--ro-bind"
		if m.Writable {
			bind = "--bind"
		}
		s.add(bind, m.Host, m.Inside)
	}
}

// memory puts a file system there that is in memory, of a bounded size.
func (s *sandbox) memory(path string, size int64) {
	s.add("--size", strconv.FormatInt(size, 10), "--tmpfs", path)
}

// aside is for a server of ours: it sees no device but the harmless, and no
// processes and shared memory but its own.
func aside() *sandbox {
	s := newSandbox()
	s.add("--unshare-ipc")
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		s.add("--dev-bind", "/dev/"+device, "/dev/"+device)
	}
	s.memory("/dev/shm", smallMemory)
	s.memory("/tmp", smallMemory)
	return s
}

const smallMemory = 16 << 20

// inside is for a game with this home. It joins the namespaces of its X server,
// with which it shares memory, and of nobody else; 0: it has its own. What it
// keeps in memory as files counts as its memory, of which they get a part each.
func inside(join int, home string, limits Limits) *sandbox {
	s := newSandbox()
	if s.join = join; join == 0 {
		s.add("--unshare-ipc")
	}
	s.add("--uid", "1000", "--gid", "1000", "--disable-userns", "--unshare-net", "--dev", "/dev")
	part := int64(limits.orDefault().Memory) / 4
	s.memory("/dev/shm", part)
	s.add("--dir", "/dev/input", "--remount-ro", "/dev") // where a launch may mount gamepads
	s.memory("/tmp", part)
	s.add("--symlink", "/tmp", "/var/tmp", "--perms", "0700")
	s.memory(insideRuntime, smallMemory)
	s.add("--bind", home, insideHome, "--chdir", insideHome)
	return s
}

// command is what starts a program in the sandbox. bubblewrap tells the number
// of the first process inside to a descriptor, which is the first of three. In
// the sandbox that is ready then, a shell says so to the second, waits until the
// third is closed, and becomes the program.
func (s *sandbox) command(tools sandboxTools, info int) []string {
	var command []string
	if s.join != 0 {
		command = append(command, tools.nsenter, "--user", "--ipc", "--preserve-credentials", "--target", strconv.Itoa(s.join), "--")
	}
	command = append(command, tools.bwrap)
	command = append(command, s.arguments...)
	const become = `echo >&%[1]d; read nothing <&%[2]d; exec "$@" %[1]d>&- %[2]d<&-`
	return append(command, "--remount-ro", "/", "--info-fd", strconv.Itoa(info), "--",
		"/bin/sh", "-c", fmt.Sprintf(become, info+1, info+2), "playcast")
}

// sandboxTools are the programs that make a sandbox.
type sandboxTools struct{ bwrap, nsenter string }

func findSandboxTools() (tools sandboxTools, err error) {
	if tools.bwrap, err = lookPath("bwrap"); err != nil {
		return tools, fmt.Errorf("the program bwrap is not installed: apt-get install bubblewrap")
	}
	if tools.nsenter, err = lookPath("nsenter"); err != nil {
		return tools, fmt.Errorf("the program nsenter is not installed: apt-get install util-linux")
	}
	return tools, nil
}

// settings writes the files of /etc that are a game's own, and returns them.
func settings(dir string) ([]Mount, error) {
	etc := filepath.Join(dir, "etc")
	if err := os.Mkdir(etc, 0o700); err != nil {
		return nil, err
	}
	var mounts []Mount
	for name, content := range map[string]string{
		"passwd":        "player:x:1000:1000:Player:" + insideHome + ":/bin/sh\n",
		"group":         "player:x:1000:\n",
		"hostname":      "playcast\n",
		"hosts":         "127.0.0.1 localhost playcast\n::1 localhost\n",
		"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
		"machine-id":    "706c6179636173740000000000000000\n",
		"resolv.conf":   "nameserver " + nameserver + "\n",
	} {
		path := filepath.Join(etc, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return nil, err
		}
		mounts = append(mounts, Mount{Host: path, Inside: "/etc/" + name})
	}
	return mounts, nil
}
