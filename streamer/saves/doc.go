// Package saves keeps what players have in their games' homes: a home is
// brought here before its game starts, and stored while the game runs and when
// it has ended, where every worker finds it.
//
//	Keeper ─ of a worker ── its queue stores what an earlier run could not
//	   └─ Home ─ of a player's game, one session's at a time
//	        DIR/<player>/<game>/        HOME, as the game sees it
//	        DIR/<player>/<game>.lock    held by the session that has it
//	        DIR/<player>/<game>.saves/  state.json, and captures on their way
//
//	the store: players/<player>/<game>/<version>.json     what a version is
//	           players/<player>/<game>/<id>.tar.zst       the home in it
//
// # Versions
//
// A version is an archive, and a note of it that is written last and removed
// first: where there is a note, the archive is whole. Neither is ever changed,
// so that no two workers undo what the other does. A version's name begins
// with its number; the highest is what the next session is given. Versions are
// of three kinds: clean ones, stored when no game ran; automatic ones, of a
// running game, which are dropped once a clean one follows; and those put
// aside, which no session is given unless somebody restores one.
//
// # Whole saves
//
// A game may be killed, or captured, between two files that belong together.
// So a capture is made when nothing has changed for a moment, and counts only
// if nothing changes until its end. The keeper notes when a home was last seen
// to rest. A home that has changed after that and whose game was killed may be
// torn: it is put aside, and the last capture taken of it at rest is what goes
// on. Only where that is older than a few minutes, because a game never rests,
// the home is taken as it is.
//
// # Two workers
//
// A home remembers the version that it comes from. If another has been stored
// meanwhile, by a worker that this one could not know of, both are kept: the
// one that was played last goes on, the other is put aside. Nothing is locked
// across workers, so nobody waits for one that is gone.
//
// # The store can't be reached
//
// A game starts from this worker's copy if there is one, and is refused
// otherwise: it would begin from nothing. What can't be stored waits beside
// the home, and is stored by the keeper's queue, or by the next run's.
//
// A home is hostile, and so is an archive: no link is followed out of it, and
// both are bounded in bytes and files.
package saves
