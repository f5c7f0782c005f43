// Package audio takes the sound of a session's PulseAudio and compresses it to
// Opus for live listening.
//
//	game ──▶ sink ──monitor──▶ Recorder ──▶ queue (5 frames) ──▶ Next: Opus ──▶ Packet
//
// A frame is 10 ms of two channels at 48 kHz. Recording never waits for who
// listens: when the queue is full its oldest frame is dropped and counted, so
// that sound is lost and not late.
//
// Captured times follow the count of samples, not the moments at which they
// arrive, so that the jitter of the daemon is not heard. Where the two have
// come apart by more than 40 ms (frames were lost, the daemon stood still) the
// count begins anew from the clock.
//
// Opus runs in its restricted low-delay mode: 2.5 ms of look-ahead instead of
// 6.5 ms. In that mode it has no in-band error correction (RFC 6716 section
// 2.1.7 is of the SILK layer, which is off); a lost packet is concealed.
package audio
