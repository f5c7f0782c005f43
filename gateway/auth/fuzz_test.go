package auth_test

import (
	"testing"

	"github.com/playcast/playcast/gateway/auth"
)

// Whatever comes as a token, it gives an identity only where it says what the
// signed one says; base64 has several spellings of the same bytes.
func FuzzVerify(f *testing.F) {
	i := startedIssuer(f)
	v := i.verifier(nil)
	good := i.sign(i.good(claims{"exp": 1 << 40}))
	f.Add(good)
	f.Add(i.sign(i.good(claims{"exp": "soon", "aud": claims{}})))
	f.Add(i.sign(claims{"_claim_names": claims{"a": "b"}}))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(`{"payload":"","signatures":[]}`)
	if _, err := v.Verify(f.Context(), good); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		id, err := v.Verify(t.Context(), token)
		if err == nil && (id.Player != auth.PlayerOf(i.url, "user_1") || id.Name != "Ada") {
			t.Errorf("%q was accepted as %+v", token, id)
		}
	})
}
