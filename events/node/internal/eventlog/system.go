package eventlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// System streams list events that are in other streams, as links. The log
// keeps them itself, as an index written in the batch of the events, so that
// they are never behind; clients can't append to them. Which list an event:
//
//	$ce-{category}      a category is the stream's name before its first "-"; none for "$…" streams
//	$et-{type}          every event but links
//	$bc-{correlation}   "$correlationId" in JSON metadata; every event but links
//	$streams            the first event of each stream
//
// The event that ends a stream for ever is in none of them. One whose link
// would need a stream name that is too long is not listed either.
const (
	prefixCategory    = "$ce-"
	prefixType        = "$et-"
	prefixCorrelation = "$bc-"
	streamsStream     = "$streams"
)

// ErrReserved is the answer to an append to a stream that the log keeps.
var ErrReserved = errors.New("the store keeps this stream itself: append to the streams that it lists")

// System says whether the log keeps the stream itself.
func System(name string) bool {
	return name == streamsStream || strings.HasPrefix(name, prefixCategory) ||
		strings.HasPrefix(name, prefixType) || strings.HasPrefix(name, prefixCorrelation)
}

// membership names the system streams that list an event, each without its
// prefix; an empty name is none.
type membership struct {
	category, kind, correlation string
	opens                       bool // the event is the first of its stream
}

func memberOf(stream, kind string, revision int64, correlation string) membership {
	if revision == tombstoneRevision {
		return membership{}
	}
	m := membership{opens: revision == 0}
	if category, _, ok := strings.Cut(stream, "-"); ok && !strings.HasPrefix(stream, "$") {
		m.category = fitting(prefixCategory, category)
	}
	if kind != TypeLink {
		m.kind = fitting(prefixType, kind)
		m.correlation = fitting(prefixCorrelation, correlation)
	}
	return m
}

func fitting(prefix, name string) string {
	if len(prefix)+len(name) > MaxName {
		return ""
	}
	return name
}

// names are the system streams by their whole names.
func (m membership) names() []string {
	var names []string
	for _, n := range [...]struct{ prefix, name string }{
		{prefixCategory, m.category}, {prefixType, m.kind}, {prefixCorrelation, m.correlation}} {
		if n.name != "" {
			names = append(names, n.prefix+n.name)
		}
	}
	if m.opens {
		names = append(names, streamsStream)
	}
	return names
}

const correlationKey = "$correlationId"

// correlationOf is the correlation id in an event's metadata; "" without one.
func correlationOf(metadata []byte) string {
	if !bytes.Contains(metadata, []byte(correlationKey)) {
		return ""
	}
	var fields map[string]json.RawMessage
	var id string
	if json.Unmarshal(metadata, &fields) != nil || json.Unmarshal(fields[correlationKey], &id) != nil {
		return ""
	}
	return id
}

// linker gathers what a group adds to the system streams. Category, type and
// correlation have a map each, so that looking one up makes no string.
type linker struct {
	byCategory, byType, byCorrelation map[string]*newLinks
	opened                            *newLinks
	all                               []*newLinks
}

// newLinks are what one system stream is to list besides.
type newLinks struct {
	name  string
	state *state
	links []link
}

// link puts an event of the group into the system streams that list it.
func (g *group) link(m membership, position uint64) error {
	l := &g.linker
	for _, to := range [...]struct {
		set          *map[string]*newLinks
		prefix, name string
	}{
		{&l.byCategory, prefixCategory, m.category},
		{&l.byType, prefixType, m.kind},
		{&l.byCorrelation, prefixCorrelation, m.correlation},
	} {
		if to.name == "" {
			continue
		}
		n := (*to.set)[to.name]
		if n == nil {
			var err error
			if n, err = g.startLinks(to.prefix + to.name); err != nil {
				return err
			}
			if *to.set == nil {
				*to.set = map[string]*newLinks{}
			}
			(*to.set)[to.name] = n
		}
		n.add(position)
	}
	if !m.opens {
		return nil
	}
	if l.opened == nil {
		var err error
		if l.opened, err = g.startLinks(streamsStream); err != nil {
			return err
		}
	}
	l.opened.add(position)
	return nil
}

func (g *group) startLinks(name string) (*newLinks, error) {
	s, err := g.state(name)
	if err != nil {
		return nil, err
	}
	n := &newLinks{name: name, state: s}
	g.linker.all = append(g.linker.all, n)
	return n, nil
}

func (n *newLinks) add(position uint64) {
	n.state.last++
	n.links = append(n.links, link{revision: n.state.last, position: position})
}

// writeLinks puts what the linker gathered into the batch.
func (g *group) writeLinks() error {
	for _, n := range g.linker.all {
		if err := g.numberStream(n.name, n.state); err != nil {
			return err
		}
		for rest := n.links; len(rest) > 0; {
			block := rest[:min(len(rest), blockLinks)]
			rest = rest[len(block):]
			key := linkKey(n.state.number, block[0].revision)
			if err := g.batch.Set(key, encodeBlock(key, block), nil); err != nil {
				return err
			}
		}
	}
	g.linker = linker{}
	return nil
}
