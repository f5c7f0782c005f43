// Package clipboard shares the text of an X display's clipboard with whoever is
// not a client of it (the ICCCM's section 2, selections).
//
//	Offer ──▶ owns CLIPBOARD and PRIMARY ──▶ whoever pastes
//	copied ◀── asks the owner for its text ◀── XFIXES: another client owns CLIPBOARD
//
// Texts are whole or not at all, of at most [Longest] bytes of UTF-8. What is
// larger than a property should be goes in parts (INCR), both ways.
//
// Other clients are the game's: they may ask for anything at any rate, answer
// late, wrongly or never, and go in the middle. So each transfer has a deadline,
// there are at most [transfers] at once, and the owner is asked no more often than
// each [askEvery]: of many texts that are copied at once the last one counts.
// PRIMARY is offered too, as some clients paste nothing else, and not listened
// to: it changes with every selection.
package clipboard
