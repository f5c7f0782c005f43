package projections

import (
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// notificationView is what players are told of: what concerns them and was not
// their own doing. A notification says which event it is of, and as much of it
// as a line of text needs. That one was read is no event: whoever shows them
// keeps the number up to which the player has seen them.
//
//	notification_social.go   friends, lobbies, guests, guardians, roles
//	notification_play.go     sessions, saves and recordings, whose events don't name the player
//	notification_money.go    invoices, payments, subscriptions, credits
type notificationView struct {
	inboxes       *Table[events.PlayerID, inboxRow]
	notifications *Table[notificationKey, notificationRow]
	subjects      *Table[uuid.UUID, subjectRow]
	requests      *Table[playerPair, toldRequestRow]
}

var _ View = (*notificationView)(nil)

type inboxRow struct {
	Player   events.PlayerID `db:"player_id,key"`
	Last     int             `db:"last_number"`
	FirstAt  time.Time       `db:"first_at,null"`
	LastAt   time.Time       `db:"last_at,null"`
	Erased   bool            `db:"erased"`
	Position int64           `db:"position"`
}

type notificationKey struct {
	Player events.PlayerID
	Number int
	At     time.Time
}

type notificationRow struct {
	Player   events.PlayerID `db:"player_id,key"`
	Number   int             `db:"number,key"`
	At       time.Time       `db:"at,key"`
	Event    string          `db:"event"`
	From     events.PlayerID `db:"from_id,null"`
	About    uuid.UUID       `db:"about,null"`
	Title    string          `db:"title"`
	Reason   string          `db:"reason"`
	Amount   int64           `db:"amount"`
	Currency events.Currency `db:"currency"`
	EndsAt   time.Time       `db:"ends_at,null"`
	Position int64           `db:"position"`
}

type subjectRow struct {
	Subject uuid.UUID       `db:"subject_id,key"`
	Player  events.PlayerID `db:"player_id"`
	Title   string          `db:"title"`
}

type toldRequestRow struct {
	By     events.PlayerID `db:"by_id,key"`
	To     events.PlayerID `db:"to_id,key"`
	Number int             `db:"number"`
	At     time.Time       `db:"at"`
}

func newNotificationView() View {
	return &notificationView{
		inboxes: NewTable("inbox", func(r *inboxRow) events.PlayerID { return r.Player }),
		notifications: NewTable("notification", func(r *notificationRow) notificationKey {
			return notificationKey{r.Player, r.Number, r.At}
		}).Monthly("at"),
		subjects: NewTable("notification_subject", func(r *subjectRow) uuid.UUID { return r.Subject }),
		requests: NewTable("notification_request", func(r *toldRequestRow) playerPair { return playerPair{r.By, r.To} }),
	}
}

func (*notificationView) Name() string { return "notification" }
func (*notificationView) Version() int { return 1 }
func (v *notificationView) Tables() []Rows {
	return []Rows{v.inboxes, v.notifications, v.subjects, v.requests}
}

func (*notificationView) Wants() []events.Event {
	return []events.Event{
		events.FriendRequested{}, events.FriendRequestWithdrawn{}, events.FriendRequestDeclined{}, events.FriendshipFormed{},
		events.LobbyLeft{}, events.LobbyHandedOver{}, events.LobbyStarted{},
		events.GuardianSet{}, events.AgeDeclared{}, events.ParentalLimitsSet{}, events.ParentalLimitsLifted{},
		events.RoleGranted{}, events.RoleRevoked{},

		events.SessionRequested{}, events.SessionEnded{}, events.SessionFailed{}, events.GuestLeft{}, events.SavesTroubled{},
		events.RecordingOpened{}, events.RecordingFinished{}, events.RecordingFailed{}, events.RecordingDeleted{},

		events.InvoiceIssued{}, events.InvoiceVoided{}, events.CreditNoteIssued{}, events.PaymentSucceeded{}, events.PaymentFailed{},
		events.PaymentRefunded{}, events.DunningExhausted{}, events.SubscriptionRenewed{}, events.SubscriptionChanged{},
		events.SubscriptionCancelled{}, events.SubscriptionKept{}, events.SubscriptionPaused{}, events.SubscriptionResumed{},
		events.SubscriptionEnded{}, events.CreditGranted{}, events.CreditExpired{}, events.CreditRevoked{}, events.SpendingLimitReached{},

		events.PlayerErased{},
	}
}

func (v *notificationView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.PlayerErased:
		v.erase(n, e.Player)
	case events.LobbyStarted:
		for _, member := range e.Members {
			if member != e.Host {
				v.tell(n, notice{to: member, from: e.Host, about: uuid.UUID(e.Lobby), title: e.Title})
			}
		}
	default:
		if told, of := v.socialNotice(n); of {
			v.tell(n, told)
		} else if told, of := v.playNotice(n); of {
			v.tell(n, told)
		} else if told, of := moneyNotice(n); of {
			v.tell(n, told)
		}
	}
	return nil
}

// notice is what a player is told of an event.
type notice struct {
	to, from events.PlayerID
	about    uuid.UUID
	title    string
	reason   string
	money    events.Money
	ends     time.Time
	always   bool // also of what they did themselves, since somebody else may have, with their device
}

// tell adds a notification, unless it would be of what the player did (false).
func (v *notificationView) tell(n *Noted, told notice) (key notificationKey, added bool) {
	if !told.always && n.Meta.Actor == events.ByPlayer(told.to) {
		return key, false
	}
	inbox, _ := v.inboxes.Get(told.to)
	if inbox.Erased {
		return key, false
	}
	if told.from != "" {
		if from, _ := v.inboxes.Get(told.from); from.Erased { // what they were in ends after them
			told.from = ""
		}
	}
	inbox.Player, inbox.Last, inbox.Position = told.to, inbox.Last+1, n.Position
	inbox.FirstAt, inbox.LastAt = earliest(inbox.FirstAt, n.At), later(inbox.LastAt, n.At)
	v.inboxes.Put(inbox)
	v.notifications.Add(notificationRow{
		Player: told.to, Number: inbox.Last, At: n.At, Event: n.Event.EventType(), From: told.from, About: told.about,
		Title: told.title, Reason: told.reason, Amount: told.money.Amount, Currency: told.money.Currency, EndsAt: told.ends,
		Position: n.Position,
	})
	n.Tell(events.PlayerStream(told.to))
	return notificationKey{told.to, inbox.Last, n.At}, true
}

// erase leaves nothing of a player, also where others were told of them.
func (v *notificationView) erase(n *Noted, player events.PlayerID) {
	v.notifications.DeleteWhere("player_id", player)
	v.notifications.DeleteWhere("from_id", player)
	v.subjects.DeleteWhere("player_id", player)
	v.requests.DeleteWhere("by_id", player)
	v.requests.DeleteWhere("to_id", player)
	v.inboxes.Put(inboxRow{Player: player, Erased: true, Position: n.Position})
}
