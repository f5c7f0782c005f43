package keyboard

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Layout names what is printed on a keyboard's keys, as XKB does: "de" and
// "nodeadkeys". The variant may be empty.
type Layout struct{ Name, Variant string }

// String is the layout as XKB's symbols name it.
func (l Layout) String() string {
	if l.Variant == "" {
		return l.Name
	}
	return l.Name + "(" + l.Variant + ")"
}

// Layouts are those that there are.
type Layouts map[Layout]struct{}

// rules lists the layouts of xkb-data, which every X server needs.
const rules = "/usr/share/X11/xkb/rules/evdev.lst"

// Installed reads the layouts of this machine.
func Installed() (Layouts, error) {
	f, err := os.Open(rules)
	if err != nil {
		return nil, fmt.Errorf("list the keyboard layouts (Debian package xkb-data): %w", err)
	}
	defer f.Close()
	return readLayouts(f)
}

// readLayouts reads a list of rules: sections that begin with "! layout" or
// "! variant", and in them a line each of "de German" or "neo de: German (Neo
// 2)". What is no name is left out.
func readLayouts(from io.Reader) (Layouts, error) {
	layouts, section := Layouts{}, ""
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) < 2:
		case fields[0] == "!":
			section = fields[1]
		case section == "layout":
			layouts.add(Layout{Name: fields[0]})
		case section == "variant":
			layouts.add(Layout{Name: strings.TrimSuffix(fields[1], ":"), Variant: fields[0]})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("list the keyboard layouts: %w", err)
	}
	return layouts, nil
}

// custom is the layout that an administrator may write: nothing, as it comes.
const custom = "custom"

func (l Layouts) add(layout Layout) {
	if isName(layout.Name) && (layout.Variant == "" || isName(layout.Variant)) && layout.Name != custom {
		l[layout] = struct{}{}
	}
}

// maxName is longer than any name is.
const maxName = 64

// isName says whether a text can stand in a list of components of a keyboard
// map, and mean itself there.
func isName(text string) bool {
	for _, c := range []byte(text) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return text != "" && len(text) <= maxName
}

// ErrUnknown: there is no such layout.
var ErrUnknown = errors.New("the machine knows no such keyboard layout")
