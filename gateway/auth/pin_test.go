package auth_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/playcast/playcast/gateway/auth"
)

func TestPIN(t *testing.T) {
	hash, err := auth.HashPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(hash, []byte("4711")) || len(hash) >= 256 {
		t.Errorf("the hash is %q", hash)
	}
	if other, err := auth.HashPIN("4711"); err != nil || bytes.Equal(other, hash) {
		t.Errorf("the same PIN has the same hash, or %v", err)
	}
	if !auth.CheckPIN(hash, "4711") {
		t.Error("the right PIN is wrong")
	}
	for _, wrong := range []string{"4712", "47110", "", "4711 ", "abcd"} {
		if auth.CheckPIN(hash, wrong) {
			t.Errorf("%q is right", wrong)
		}
	}
	for _, odd := range []string{"", "$$", "argon2id-19m-2-1$!$!", "argon2id-19m-2-1$$", "bcrypt" + string(hash[8:])} {
		if auth.CheckPIN([]byte(odd), "4711") {
			t.Errorf("the PIN is right for %q", odd)
		}
	}
	for _, none := range []string{"", "123", "1234567890123", "12a4", "-1234", "١٢٣٤"} {
		if _, err := auth.HashPIN(none); !errors.Is(err, auth.ErrPIN) {
			t.Errorf("%q: %v", none, err)
		}
	}
}
