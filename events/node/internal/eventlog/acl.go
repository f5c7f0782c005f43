package eventlog

// An ACL names users and roles that may do something to a stream. A nil list
// says nothing, an empty one names nobody.
type ACL struct {
	Read, Write, Delete, ReadMeta, WriteMeta []string
}

// ACL is what the stream's metadata says of who may use it.
func (l *Log) ACL(stream string) (ACL, error) {
	if err := l.enter(); err != nil {
		return ACL{}, err
	}
	defer l.leave()
	s, err := l.state(stream)
	if err != nil || s.meta.acl == nil {
		return ACL{}, err
	}
	return *s.meta.acl, nil
}

// parseACL reads $acl; nil when there is none. A list that can't be understood
// names nobody: somebody meant to close the stream.
func parseACL(raw any) *ACL {
	if raw == nil {
		return nil
	}
	fields, ok := raw.(map[string]any)
	if !ok {
		none := []string{}
		return &ACL{Read: none, Write: none, Delete: none, ReadMeta: none, WriteMeta: none}
	}
	list := func(key string) []string {
		switch v := fields[key].(type) {
		case nil:
			return nil
		case string:
			return []string{v}
		case []any:
			names := []string{}
			for _, one := range v {
				if name, ok := one.(string); ok {
					names = append(names, name)
				}
			}
			return names
		}
		return []string{}
	}
	return &ACL{Read: list("$r"), Write: list("$w"), Delete: list("$d"), ReadMeta: list("$mr"), WriteMeta: list("$mw")}
}
