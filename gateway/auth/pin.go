package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrPIN says that a PIN is none.
var ErrPIN = errors.New("a PIN has 4 to 12 digits")

var pin = regexp.MustCompile(`^[0-9]{4,12}$`)

// What a PIN's hash costs: argon2id (RFC 9106) with 19 MiB and two passes. A few
// digits are soon tried all the same: the hash is sealed wherever it is kept, and
// tries are counted.
const (
	pinPasses = 2
	pinMemory = 19 * 1024 // KiB
	pinBytes  = 32
	pinScheme = "argon2id-19m-2-1"
)

// HashPIN returns scheme, salt and hash of a guardian's PIN, in fewer than 256
// bytes. Seal it.
func HashPIN(digits string) ([]byte, error) {
	if !pin.MatchString(digits) {
		return nil, ErrPIN
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Appendf(nil, "%s$%s$%s", pinScheme, text(salt), text(hashOfPIN(digits, salt))), nil
}

// CheckPIN says whether a PIN is the one of a hash, in a time that tells nothing
// of how close it is. What is no hash is nobody's.
func CheckPIN(hash []byte, digits string) bool {
	parts := strings.Split(string(hash), "$")
	if len(parts) != 3 || parts[0] != pinScheme || !pin.MatchString(digits) {
		return false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[1])
	want, wantErr := base64.RawStdEncoding.DecodeString(parts[2])
	return saltErr == nil && wantErr == nil && len(want) == pinBytes &&
		subtle.ConstantTimeCompare(want, hashOfPIN(digits, salt)) == 1
}

func hashOfPIN(digits string, salt []byte) []byte {
	return argon2.IDKey([]byte(digits), salt, pinPasses, pinMemory, 1, pinBytes)
}
