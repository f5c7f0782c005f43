package xconn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// cookieName is the one authorisation protocol that we speak.
const cookieName = "MIT-MAGIC-COOKIE-1"

// maxAuthority is far over any real file; each entry takes under 100 bytes.
const maxAuthority = 1 << 20

// readCookie returns the first cookie in the authority file that fits the
// display number. The addresses in the entries are not compared: a file that
// is named for a display is meant for it, whatever this machine is called.
func readCookie(file string, number int) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAuthority))
	if err != nil {
		return nil, err
	}
	key, err := findCookie(data, strconv.Itoa(number))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// findCookie reads entries as libXau writes them: a family, then address,
// display number, protocol name and key, each with its length, big-endian.
func findCookie(data []byte, number string) ([]byte, error) {
	r := bytes.NewReader(data)
	for r.Len() > 0 {
		var family uint16
		if err := binary.Read(r, binary.BigEndian, &family); err != nil {
			return nil, errTruncated
		}
		var fields [4][]byte
		for i := range fields {
			field, err := readField(r)
			if err != nil {
				return nil, err
			}
			fields[i] = field
		}
		display, name, key := string(fields[1]), string(fields[2]), fields[3]
		if (display == "" || display == number) && name == cookieName {
			return key, nil
		}
	}
	return nil, fmt.Errorf("no %s for display number %s", cookieName, number)
}

func readField(r *bytes.Reader) ([]byte, error) {
	var n uint16
	if err := binary.Read(r, binary.BigEndian, &n); err != nil || int(n) > r.Len() {
		return nil, errTruncated
	}
	field := make([]byte, n)
	_, err := io.ReadFull(r, field)
	return field, err
}

var errTruncated = errors.New("an entry is cut short")
