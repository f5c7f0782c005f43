package auth_test

import "testing"

// BenchmarkVerify is what each request pays once the keys are known.
func BenchmarkVerify(b *testing.B) {
	i := startedIssuer(b)
	v := i.verifier(nil)
	token := i.sign(i.good(nil))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
