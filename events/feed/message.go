package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// The metadata of a message. The payload is the event's data.
const (
	keyStream   = "stream"
	keyRevision = "revision"
	keyPosition = "position"
	keyTime     = "time"
	keyType     = "type"
	keyMetadata = "metadata"
	keyCaughtUp = "caught_up" // the message carries no event: Delivery.CaughtUp
	keyAsked    = "asked"     // the message is Replayed, as this event asks
)

// own are the keys that say what the event's other fields do.
var own = []string{keyStream, keyRevision, keyPosition, keyTime, keyType, keyMetadata, keyCaughtUp, keyAsked}

func pack(d events.Delivery) *message.Message {
	if d.CaughtUp() {
		msg := message.NewMessage(uuid.NewString(), nil)
		msg.Metadata.Set(keyCaughtUp, "true")
		msg.Metadata.Set(keyPosition, strconv.FormatUint(uint64(d.Position), 10))
		return msg
	}
	r := d.Event
	msg := message.NewMessage(r.ID.String(), r.Data)
	maps.Copy(msg.Metadata, foreign(r.Metadata))
	msg.Metadata[keyStream] = string(r.Stream)
	msg.Metadata[keyRevision] = strconv.FormatUint(uint64(r.Revision), 10)
	msg.Metadata[keyPosition] = strconv.FormatUint(uint64(r.Position), 10)
	msg.Metadata[keyTime] = r.Time.Format(time.RFC3339Nano)
	msg.Metadata[keyType] = r.Type
	msg.Metadata[keyMetadata] = string(r.Metadata)
	return msg
}

// StreamOf returns the stream of a message's event; none where it carries none.
func StreamOf(msg *message.Message) events.Stream { return events.Stream(msg.Metadata.Get(keyStream)) }

// Unpack returns the delivery that a message of a Subscriber carries.
func Unpack(msg *message.Message) (events.Delivery, error) {
	position, err := strconv.ParseUint(msg.Metadata.Get(keyPosition), 10, 64)
	if err != nil {
		return events.Delivery{}, fmt.Errorf("position of message %s: %w", msg.UUID, err)
	}
	d := events.Delivery{Position: events.Position(position)}
	if msg.Metadata.Get(keyCaughtUp) != "" {
		return d, nil
	}
	revision, revisionErr := strconv.ParseUint(msg.Metadata.Get(keyRevision), 10, 64)
	at, timeErr := time.Parse(time.RFC3339Nano, msg.Metadata.Get(keyTime))
	id, idErr := uuid.Parse(msg.UUID)
	if err := errors.Join(revisionErr, timeErr, idErr); err != nil {
		return events.Delivery{}, fmt.Errorf("message %s: %w", msg.UUID, err)
	}
	d.Event = &events.Recorded{
		ID: events.EventID(id), Stream: events.Stream(msg.Metadata.Get(keyStream)),
		Revision: events.Revision(revision), Position: d.Position, Time: at,
		Type: msg.Metadata.Get(keyType), Data: msg.Payload, Metadata: []byte(msg.Metadata.Get(keyMetadata)),
	}
	return d, nil
}

// foreignField is where in an event's metadata the keys of a message are kept
// that are none of its own.
const foreignField = "message"

// foreign returns those keys; events that were no messages have none.
func foreign(metadata []byte) map[string]string {
	if !bytes.Contains(metadata, []byte(`"`+foreignField+`"`)) {
		return nil
	}
	var m struct {
		Message map[string]string `json:"message"`
	}
	if err := json.Unmarshal(metadata, &m); err != nil {
		return nil // the word stands there for something else
	}
	for _, k := range own {
		delete(m.Message, k) // anybody may have written them
	}
	return m.Message
}

// withForeign puts the keys of a message that are none of its own into the
// event's metadata.
func withForeign(metadata string, keys message.Metadata) ([]byte, error) {
	if metadata == "" {
		metadata = "{}"
	}
	keys = maps.Clone(keys)
	for _, k := range own {
		delete(keys, k)
	}
	if len(keys) == 0 {
		return []byte(metadata), nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(metadata), &m); err != nil || m == nil {
		return nil, fmt.Errorf("metadata %.64q is no JSON object", metadata)
	}
	m[foreignField] = keys
	return json.Marshal(m)
}
