//go:build nox264

package encode

// x264Candidates is empty in a build without libx264, which is under the GPL.
func x264Candidates() []candidate { return nil }
