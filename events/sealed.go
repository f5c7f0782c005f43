package events

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// Sealed is personal data of a player, which their key alone opens (AES-256-GCM,
// a random nonce before the text). Whoever issues a command seals; decisions and
// views pass it on. When the key is erased, nothing opens it again.
type Sealed struct {
	Player PlayerID `json:"player"`
	Data   []byte   `json:"data"` // nonce, ciphertext, tag
}

// SealingKey is a player's own.
type SealingKey [32]byte

// ErrSealed says that data was not sealed with this key for this player, or is
// not whole.
var ErrSealed = errors.New("the sealed data can't be opened with this key")

// Seal seals text of a player.
func Seal(key SealingKey, player PlayerID, text []byte) (Sealed, error) {
	box, err := key.box()
	if err != nil {
		return Sealed{}, err
	}
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(text)+box.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return Sealed{Player: player, Data: box.Seal(nonce, nonce, text, []byte(player))}, nil
}

// Open returns the text, or ErrSealed.
func (s Sealed) Open(key SealingKey) ([]byte, error) {
	box, err := key.box()
	if err != nil {
		return nil, err
	}
	if len(s.Data) < box.NonceSize() {
		return nil, ErrSealed
	}
	text, err := box.Open(nil, s.Data[:box.NonceSize()], s.Data[box.NonceSize():], []byte(s.Player))
	if err != nil {
		return nil, ErrSealed
	}
	return text, nil
}

// IsZero says that nothing was sealed.
func (s Sealed) IsZero() bool { return len(s.Data) == 0 }

// Length is how long the text is that was sealed, in bytes. Whether it can be
// opened, it does not say.
func (s Sealed) Length() int { return max(0, len(s.Data)-sealing) }

// sealing is what sealing adds to a text: the nonce and the tag.
const sealing = 12 + 16

func (k SealingKey) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return box, nil
}
