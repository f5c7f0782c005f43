package encode

import (
	"os"
	"path/filepath"
	"testing"
)

// machine makes the root of one with files of these contents; a path that ends
// in driver is a link to them.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if filepath.Base(path) == "driver" {
			err = os.Symlink(content, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestGPU(t *testing.T) {
	const node, about = "dev/dri/renderD128", "sys/class/drm/renderD128/device/"
	soft := []Support{{Name: "x264"}}
	for _, c := range []struct {
		name  string
		files map[string]string
		works []Support
		want  string
	}{
		{"no card", nil, soft, ""},
		{"a card", map[string]string{
			node: "", about + "driver": "../../bus/pci/drivers/i915", about + "vendor": "0x8086\n", about + "device": "0x46a6\n",
		}, soft, "i915 8086:46a6"},
		{"a card that is not on a PCI bus", map[string]string{node: "", about + "driver": "drivers/panfrost"}, soft, "panfrost"},
		{"a card that nothing is known of", map[string]string{node: ""}, soft, "unknown"},
		{"none that draws, and one that does", map[string]string{
			node: "", about + "driver": "drivers/vgem",
			"dev/dri/renderD129": "", "sys/class/drm/renderD129/device/driver": "drivers/amdgpu",
		}, soft, "amdgpu"},
		{"none but one that the processor pretends", map[string]string{node: "", about + "driver": "drivers/vkms"}, soft, ""},
		{"one that can only be encoded with", nil, []Support{{Name: "h264_nvenc", Hardware: true}}, "h264_nvenc"},
		{"an id that is none", map[string]string{node: "", about + "vendor": "0x8086 and far too much", about + "device": "0x1"}, soft, "unknown"},
	} {
		if got := GPU(machine(t, c.files), c.works); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	// A directory can't be opened for writing, as what belongs to others can't.
	if got := GPU(machine(t, map[string]string{node + "/x": ""}), soft); got != "" {
		t.Errorf("a node that can't be opened: %q", got)
	}
}
