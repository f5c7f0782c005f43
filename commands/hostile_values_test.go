package commands_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// drawing makes up values of any type: such as a person would send, of few
// things, so that commands meet, and now and then such as nobody should.
type drawing struct {
	choices []byte // that come first, of a fuzzer
	random  *rand.Rand
	names   map[string][]string // the constants of the named texts
	wild    bool
}

// oneOf is a number below n.
func (d *drawing) oneOf(n int) int {
	if len(d.choices) < 2 {
		return d.random.IntN(n)
	}
	choice := int(d.choices[0])<<8 | int(d.choices[1])
	d.choices = d.choices[2:]
	return choice % n
}

// odd says whether the next value is one that nobody should send.
func (d *drawing) odd() bool { return d.wild && d.oneOf(4) == 0 }

// command fills a command like a zero one.
func (d *drawing) command(like any, wild bool) any {
	d.wild = wild
	v := reflect.New(reflect.TypeOf(like)).Elem()
	d.fill(v)
	return v.Interface()
}

func (d *drawing) fill(v reflect.Value) {
	if d.special(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.oneOf(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(d.number())
	case reflect.Uint64:
		v.SetUint(uint64(d.number()))
	case reflect.Float64:
		v.SetFloat(pick(d, d.odd(), []float64{0, 0.5, 1, 30, 59.94}, []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64}))
	case reflect.String:
		v.SetString(d.text(v.Type()))
	case reflect.Struct:
		for i := range v.NumField() {
			d.fill(v.Field(i))
		}
	case reflect.Slice:
		d.several(v)
	case reflect.Map:
		d.pairs(v)
	case reflect.Pointer:
		if d.oneOf(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			d.fill(v.Elem())
		}
	default:
		panic("nobody makes up a " + v.Type().String())
	}
}

// special fills what is more than its parts, and says whether it was that.
func (d *drawing) special(v reflect.Value) bool {
	switch value := v.Addr().Interface().(type) {
	case *time.Time:
		*value = d.time()
	case *time.Duration:
		*value = pick(d, d.odd(), []time.Duration{0, time.Second, time.Minute, time.Hour, 10 * time.Hour},
			[]time.Duration{-1, math.MinInt64, math.MaxInt64, 290 * 365 * 24 * time.Hour})
	case *events.Currency:
		*value = pick(d, d.odd(), []events.Currency{"EUR"}, []events.Currency{"", "USD", "eur", "EURO", "\xff\xff\xff"})
	case *events.Sealed:
		*value = events.Sealed{Player: pick(d, d.odd(), players, append(oddTexts[events.PlayerID](), "")),
			Data: pick(d, d.odd(), [][]byte{make([]byte, 60), []byte(strings.Repeat("s", 40))}, [][]byte{nil, {}, make([]byte, 28), []byte(huge)})}
	case *events.Offer:
		if d.wild {
			return false
		}
		price, hour := events.Money{Amount: 500 * int64(1+d.oneOf(2)), Currency: "EUR"}, events.Money{Amount: 100, Currency: "EUR"}
		*value = events.Offer{Plan: "one", Version: 1, Terms: events.Terms{Price: price, Interval: events.Monthly, Included: time.Hour, Rollover: time.Hour,
			Overage: hour, Access: events.Access{Sessions: 1, Longest: time.Hour, Resolution: 1080}}}
	case *events.PlayWindow:
		if d.wild {
			return false
		}
		*value = events.PlayWindow{Day: "monday", From: 8 * 60, To: 20 * 60}
	case *events.PaymentID:
		*value = pick(d, d.odd(), []events.PaymentID{events.PaymentOf(events.InvoiceID(idOf(1)), 1), events.PaymentOf(events.InvoiceID(idOf(1)), 2)},
			[]events.PaymentID{{}, events.PaymentID(idOf(1))})
	default:
		if v.Type().ConvertibleTo(reflect.TypeFor[uuid.UUID]()) {
			v.Set(reflect.ValueOf(pick(d, d.odd(), []uuid.UUID{idOf(1), idOf(1), idOf(1), idOf(2)}, []uuid.UUID{{}, uuid.Max, idOf(3)})).Convert(v.Type()))
			return true
		}
		if v.Kind() != reflect.Array {
			return false
		}
		reflect.Copy(v, reflect.ValueOf([]byte(pick(d, d.odd(), []string{"code"}, []string{"", "another"}))))
	}
	return true
}

func (d *drawing) number() int64 {
	return pick(d, d.odd(), []int64{1, 1, 1, 2, 3, 4, 0, 30, 500, 720, 1280},
		[]int64{-1, math.MinInt64, math.MaxInt64, math.MaxInt32 + 1, -1280, 1 << 40})
}

func (d *drawing) several(v reflect.Value) {
	n := pick(d, d.odd(), []int{0, 1, 1, 2}, []int{0, 5, 3000})
	if n == 0 && d.oneOf(2) == 0 {
		return // nil
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		if i < 8 {
			d.fill(v.Index(i))
			continue
		}
		if i == 8 { // of the others none is long
			d.wild = false
			d.fill(v.Index(i))
		}
		v.Index(i).Set(v.Index(8))
	}
}

func (d *drawing) pairs(v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	for range d.oneOf(3) {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		d.fill(key)
		d.fill(value)
		v.SetMapIndex(key, value)
	}
}

// start is when the clocks of this test begin.
var start = time.Date(2026, 1, 30, 23, 30, 0, 0, time.UTC)

var oddTimes = []time.Time{{}, time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0),
	time.Date(2026, 2, 1, 0, 0, 0, 1, time.FixedZone("far", 14*3600))}

func (d *drawing) time() time.Time {
	if d.odd() {
		return oddTimes[d.oneOf(len(oddTimes))]
	}
	return start.Add(time.Duration(d.oneOf(600)-60) * time.Minute)
}

// clock mostly goes on.
func (d *drawing) clock(last time.Time) time.Time {
	switch d.oneOf(20) {
	case 0:
		return start.Add(-time.Duration(d.oneOf(1000)) * time.Hour)
	case 1:
		return last.AddDate(0, d.oneOf(14), 0)
	case 2:
		return []time.Time{time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)}[d.oneOf(2)]
	}
	if last.Year() < 2000 || last.Year() > 2100 {
		last = start
	}
	return last.Add(time.Duration(d.oneOf(3600)) * time.Second)
}

var huge = strings.Repeat("x", 1<<20)

var players = []events.PlayerID{"anna", "anna", "anna", "ben", "carl"}

// oddTexts are in no form that an id has.
func oddTexts[S ~string]() []S {
	return []S{"", S(huge), "No Slug", "\xff\xfe", "a\x00b", "../..", S(idOf(1).String()), "\u202e", "-", "\\ufffd"}
}

// text is a constant of its type or a name that fits most.
func (d *drawing) text(of reflect.Type) string {
	if d.odd() {
		return oddTexts[string]()[d.oneOf(len(oddTexts[string]()))]
	}
	if constants := d.names[of.Name()]; of.PkgPath() != "" && len(constants) > 0 {
		return constants[d.oneOf(len(constants))]
	}
	switch of {
	case reflect.TypeFor[events.PlayerID]():
		return string(players[d.oneOf(len(players))])
	case reflect.TypeFor[events.Actor]():
		return string(pick(d, false, []events.Actor{"system:operator", "player:anna", "player:ben"}, nil))
	case reflect.TypeFor[events.Series]():
		return "2026-01"
	case reflect.TypeFor[events.DocumentNumber]():
		return "2026-01-000001"
	case reflect.TypeFor[events.Month]():
		return "2030-05"
	case reflect.TypeFor[string]():
		return []string{"", "one", "one", "Europe/Vienna"}[d.oneOf(4)]
	}
	return "one"
}

func pick[T any](d *drawing, odd bool, tame, wild []T) T {
	if odd {
		return wild[d.oneOf(len(wild))]
	}
	return tame[d.oneOf(len(tame))]
}

// idOf is the nth of the ids in use.
func idOf(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("01900000-0000-7000-8000-%012d", n))
}

// constantsOfEvents are the texts that are constants of named types there.
func constantsOfEvents() (map[string][]string, error) {
	found := map[string][]string{}
	packages, err := parseDir("../events")
	for _, f := range packages {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			of, ok := spec.Type.(*ast.Ident)
			for _, v := range spec.Values {
				if literal, isText := v.(*ast.BasicLit); ok && isText && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil {
						found[of.Name] = append(found[of.Name], text)
					}
				}
			}
			return true
		})
	}
	return found, err
}

// parseDir parses the files of a package, without its tests.
func parseDir(dir string) ([]*ast.File, error) {
	names, err := goFiles(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}
