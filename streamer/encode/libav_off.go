//go:build nolibav

package encode

// Without libavcodec there is no encoder in hardware.
func hardwareCandidates() []candidate { return nil }
func libavCandidates() []candidate    { return nil }
