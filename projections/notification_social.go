package projections

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// socialNotice tells of what other people do. What a block hides is not told
// of; what was told of somebody before they were blocked is hidden by who asks.
func (v *notificationView) socialNotice(n *Noted) (told notice, of bool) {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		if !e.Hidden {
			v.ask(n, playerPair{e.By, e.To})
		}
	case events.FriendRequestWithdrawn:
		v.unask(playerPair{e.By, e.To})
	case events.FriendRequestDeclined:
		v.unask(playerPair{e.To, e.By})
	case events.FriendshipFormed:
		v.unask(playerPair{e.By, e.To})
		v.unask(playerPair{e.To, e.By})
		return notice{to: e.To, from: e.By}, true
	case events.LobbyLeft:
		sent := e.Reason == events.LeftByKick || e.Reason == events.LeftByBan || e.Reason == events.LeftAbsent
		return notice{to: e.Player, about: uuid.UUID(e.Lobby), reason: string(e.Reason)}, sent
	case events.LobbyHandedOver:
		return notice{to: e.To, from: e.From, about: uuid.UUID(e.Lobby)}, true
	case events.GuestLeft:
		host, _ := v.subjects.Get(uuid.UUID(e.Session))
		return notice{to: e.Player, from: host.Player, about: uuid.UUID(e.Session), title: host.Title}, e.Removed
	case events.GuardianSet:
		return notice{to: e.Player, always: true}, true
	case events.AgeDeclared:
		return notice{to: e.Player, reason: strconv.Itoa(int(e.Age.Class)), always: true}, true
	case events.ParentalLimitsSet:
		return notice{to: e.Player, always: true}, true
	case events.ParentalLimitsLifted:
		return notice{to: e.Player, always: true}, true
	case events.RoleGranted:
		return notice{to: e.Player, reason: string(e.Role)}, true
	case events.RoleRevoked:
		return notice{to: e.Player, reason: string(e.Role)}, true
	}
	return notice{}, false
}

// ask tells of a request, as long as it is open: who asks again and again fills
// nobody's notifications.
func (v *notificationView) ask(n *Noted, pair playerPair) {
	v.unask(pair)
	if key, told := v.tell(n, notice{to: pair.To, from: pair.By}); told {
		v.requests.Put(toldRequestRow{By: pair.By, To: pair.To, Number: key.Number, At: key.At})
	}
}

func (v *notificationView) unask(pair playerPair) {
	if r, told := v.requests.Get(pair); told {
		v.requests.Delete(pair)
		v.notifications.Delete(notificationKey{pair.To, r.Number, r.At})
	}
}
