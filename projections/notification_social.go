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
		return notice{to: e.To, from: e.By}, !e.Hidden
	case events.FriendshipFormed:
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
