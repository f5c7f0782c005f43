package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MasterKey wraps all other keys (AES-256-GCM). It is never in the database.
type MasterKey [32]byte

// NewMasterKey returns one that nobody knows.
func NewMasterKey() (MasterKey, error) {
	var key MasterKey
	_, err := rand.Read(key[:])
	return key, err
}

// ParseMasterKey reads 32 bytes in base64. What is wrong is said without the
// text.
func ParseMasterKey(text string) (MasterKey, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != len(MasterKey{}) {
		return MasterKey{}, errors.New("a master key is 32 random bytes in base64, as `openssl rand -base64 32` prints")
	}
	return MasterKey(raw), nil
}

// Text is the key as ParseMasterKey reads it.
func (m MasterKey) Text() string { return base64.StdEncoding.EncodeToString(m[:]) }

// String keeps the key out of whatever prints it.
func (MasterKey) String() string { return "a master key" }

// Format keeps it out by every verb.
func (m MasterKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// ReadMasterKey reads the key of a file that its owner alone may read.
func ReadMasterKey(path string) (MasterKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return MasterKey{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return MasterKey{}, fmt.Errorf("others may read the master key in %s: chmod 600 it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return MasterKey{}, err
	}
	key, err := ParseMasterKey(string(text))
	if err != nil {
		return MasterKey{}, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// KeepMasterKey reads the key of a file, or makes both: the file is there whole
// or not at all, and of several who make it at once one does.
func KeepMasterKey(path string) (MasterKey, error) {
	key, err := ReadMasterKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = NewMasterKey(); err != nil {
		return MasterKey{}, err
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return MasterKey{}, err
	}
	defer os.Remove(part.Name())
	_, err = part.WriteString(key.Text() + "\n")
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return MasterKey{}, fmt.Errorf("keep the master key: %w", err)
	}
	if err := os.Link(part.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return MasterKey{}, fmt.Errorf("keep the master key: %w", err)
	}
	return ReadMasterKey(path)
}

// wrap encrypts for a purpose, without which it is not unwrapped: a player's
// wrapped key is no use in another's row.
func (m MasterKey) wrap(secret []byte, purpose string) ([]byte, error) {
	box, err := m.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return box.Seal(nonce, nonce, secret, []byte(purpose)), nil
}

func (m MasterKey) unwrap(wrapped []byte, purpose string) ([]byte, error) {
	box, err := m.box()
	if err != nil {
		return nil, err
	}
	if len(wrapped) < box.NonceSize() {
		return nil, ErrMasterKey
	}
	secret, err := box.Open(nil, wrapped[:box.NonceSize()], wrapped[box.NonceSize():], []byte(purpose))
	if err != nil {
		return nil, ErrMasterKey
	}
	return secret, nil
}

func (m MasterKey) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(m[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
