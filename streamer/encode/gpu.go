package encode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// GPU names the graphics card that this machine has for us, from its render
// nodes and from the encoders that were found to work: the kernel's driver and
// the PCI ids of vendor and device, as "i915 8086:46a6", or just a driver or
// encoder where no more is known. It is empty where there is none, or none that
// this process may use. root is "/" but for tests.
func GPU(root string, works []Support) string {
	nodes, err := filepath.Glob(filepath.Join(root, "dev/dri/renderD*"))
	if err != nil {
		return "" // the pattern is ours and well-formed
	}
	slices.Sort(nodes)
	for _, node := range nodes {
		if name := cardAt(root, node); name != "" {
			return name
		}
	}
	// NVIDIA's own driver works without a render node, as in containers.
	for _, one := range works {
		if one.Hardware && one.Err == nil {
			return one.Name
		}
	}
	return ""
}

// pretended are drivers that have the processor draw.
var pretended = []string{"vgem", "vkms"}

// cardAt names the card behind a render node, if it is one and can be opened.
func cardAt(root, node string) string {
	file, err := os.OpenFile(node, os.O_RDWR, 0)
	if err != nil {
		return ""
	}
	file.Close()
	device := filepath.Join(root, "sys/class/drm", filepath.Base(node), "device")
	driver := "unknown"
	if link, err := os.Readlink(filepath.Join(device, "driver")); err == nil {
		driver = filepath.Base(link)
	}
	if slices.Contains(pretended, driver) {
		return ""
	}
	vendor, model := idIn(device, "vendor"), idIn(device, "device")
	if vendor == "" || model == "" {
		return driver
	}
	return driver + " " + vendor + ":" + model
}

// idIn reads a PCI id, as "0x8086\n"; empty: it has none.
func idIn(device, name string) string {
	text, err := os.ReadFile(filepath.Join(device, name))
	if err != nil || len(text) > 16 {
		return ""
	}
	return strings.TrimPrefix(strings.TrimSpace(string(text)), "0x")
}
