package projections

import (
	"reflect"
	"strings"
	"time"
)

// layout is how the fields of a row are the columns of a table.
type layout struct {
	table   string
	columns []column
	keys    []int // of columns
	times   []moment
	keyed   []moment // of the key's type
	monthly int      // the column of the partitions; -1: none
}

// moment is a field that is a time, or the whole where field is -1.
type moment struct {
	field int
	day   bool
}

type column struct {
	name  string
	field int
	key   bool
	null  bool
	date  bool
	kind  reflect.Type
}

// layoutOf reads the tags of R. A mistake in them is one of the program, and
// shows with the first use of the view.
func layoutOf[K comparable, R any](table string) *layout {
	l := &layout{table: table, monthly: -1}
	row := reflect.TypeFor[R]()
	for i := range row.NumField() {
		f := row.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("db"), ",")
		c := column{name: name, field: i, kind: f.Type}
		for option := range strings.SplitSeq(options, ",") {
			c.key = c.key || option == "key"
			c.null = c.null || option == "null"
			c.date = c.date || option == "date"
		}
		if c.key {
			l.keys = append(l.keys, len(l.columns))
		}
		if f.Type == timeType {
			l.times = append(l.times, moment{i, c.date})
		}
		l.columns = append(l.columns, c)
	}
	l.keyed = l.momentsOf(reflect.TypeFor[K]())
	return l
}

// momentsOf are the times of a key.
func (l *layout) momentsOf(key reflect.Type) (all []moment) {
	for i, k := range l.keys {
		switch c := l.columns[k]; {
		case c.kind == timeType && key == timeType:
			all = append(all, moment{-1, c.date})
		case c.kind == timeType:
			all = append(all, moment{i, c.date})
		}
	}
	return all
}

// index is the place of a column; -1 where there is none of the name.
func (l *layout) index(name string) int {
	for i, c := range l.columns {
		if c.name == name {
			return i
		}
	}
	return -1
}

// settle makes a row's times what the database would give back.
func (l *layout) settle(row any) {
	settle(reflect.ValueOf(row).Elem(), l.times)
}

// settleKey does so to a key.
func (l *layout) settleKey(key any) { settle(reflect.ValueOf(key).Elem(), l.keyed) }

func settle(v reflect.Value, moments []moment) {
	for _, m := range moments {
		f := v
		if m.field >= 0 {
			f = v.Field(m.field)
		}
		at := f.Addr().Interface().(*time.Time)
		switch {
		case m.day:
			*at = dayOf(*at)
		case !at.IsZero():
			*at = micro(*at)
		}
	}
}

// meets says whether a row has a value in a column.
func (l *layout) meets(row any, where condition) bool {
	return l.argument(reflect.ValueOf(row).Elem(), l.columns[where.column]) == where.value
}

// arguments appends what a row's columns are written as.
func (l *layout) arguments(to []any, row any) []any {
	v := reflect.ValueOf(row).Elem()
	for _, c := range l.columns {
		to = append(to, l.argument(v, c))
	}
	return to
}

func (l *layout) argument(row reflect.Value, c column) any {
	f := row.Field(c.field)
	if c.null && f.IsZero() {
		return nil
	}
	return written(f)
}

// plain is what a value of Go is written as, in a type that the driver takes
// as it is.
func plain(value any) any { return written(reflect.ValueOf(value)) }

func written(f reflect.Value) any {
	switch f.Kind() {
	case reflect.String:
		return withoutNUL(f.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return f.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return int64(f.Uint())
	case reflect.Bool:
		return f.Bool()
	case reflect.Float64:
		return f.Float()
	case reflect.Array:
		return f.Convert(uuidType).Interface()
	case reflect.Slice:
		if f.Type().Elem().Kind() == reflect.Uint8 {
			return writtenBytes(f)
		}
		list := make([]string, f.Len())
		for i := range list {
			list[i] = withoutNUL(f.Index(i).String())
		}
		return list
	}
	return f.Interface()
}

var (
	uuidType = reflect.TypeFor[[16]byte]()
	timeType = reflect.TypeFor[time.Time]()
)

func withoutNUL(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "\ufffd")
}

// jsonBytes are bytes of JSON, which jsonb is written as.
var jsonBytes = reflect.TypeFor[JSON]()

// JSON is a column of jsonb.
type JSON []byte

func writtenBytes(f reflect.Value) any {
	if f.Type() != jsonBytes {
		return f.Bytes()
	}
	return string(f.Bytes())
}

// scanned returns where the columns of a row are read into, and what takes
// them from there.
func (l *layout) scanned(row any) (into []any, take func()) {
	v := reflect.ValueOf(row).Elem()
	into = make([]any, len(l.columns))
	for i, c := range l.columns {
		into[i] = reflect.New(reflect.PointerTo(driven(c.kind))).Interface()
	}
	return into, func() {
		for i, c := range l.columns {
			if read := reflect.ValueOf(into[i]).Elem(); !read.IsNil() {
				assign(v.Field(c.field), read.Elem())
			}
		}
	}
}

// driven is the type that the driver reads for one of Go.
func driven(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.String:
		return reflect.TypeFor[string]()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return reflect.TypeFor[int64]()
	case reflect.Array:
		return uuidType
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return reflect.TypeFor[[]byte]()
		}
		return reflect.TypeFor[[]string]()
	}
	return t
}

func assign(field, read reflect.Value) {
	if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.String {
		list := reflect.MakeSlice(field.Type(), read.Len(), read.Len())
		for i := range read.Len() {
			list.Index(i).SetString(read.Index(i).String())
		}
		field.Set(list)
		return
	}
	field.Set(read.Convert(field.Type()))
	if field.Type() == timeType {
		field.Set(reflect.ValueOf(field.Interface().(time.Time).UTC()))
	}
}

// sqlType is the type of a key's column.
func (c column) sqlType() string {
	switch kind := driven(c.kind); {
	case c.date:
		return "date"
	case kind == timeType:
		return "timestamptz"
	case kind == uuidType:
		return "uuid"
	case kind.Kind() == reflect.Int64:
		return "bigint"
	}
	return "text"
}
