package game

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// writeAuthority writes an Xauthority file as libXau reads it, with one entry
// for every address and display: the server chooses its number itself. Each
// field has its length in front, big-endian.
func writeAuthority(path string) error {
	cookie := make([]byte, 16)
	rand.Read(cookie)
	const wildFamily = 0xffff
	data := binary.BigEndian.AppendUint16(nil, wildFamily)
	for _, field := range []string{"", "", "MIT-MAGIC-COOKIE-1", string(cookie)} {
		data = binary.BigEndian.AppendUint16(data, uint16(len(field)))
		data = append(data, field...)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write the authority file: %w", err)
	}
	return nil
}

// removeDisplayFiles removes the socket that an X server leaves behind when it
// is killed. A server that chooses its number itself keeps no lock file: what
// it holds is the abstract socket of the same name, so we hold that meanwhile,
// and no other server can take the number under our hands.
func removeDisplayFiles(display string) error {
	path := "/tmp/.X11-unix/X" + strings.TrimPrefix(display, ":")
	lock, err := net.Listen("unix", "@"+path)
	if err != nil {
		return nil // another server has the number by now
	}
	defer lock.Close()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket of display %s: %w", display, err)
	}
	return nil
}
