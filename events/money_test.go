package events

import (
	"errors"
	"math"
	"testing"
)

func TestMoney(t *testing.T) {
	eur := func(n int64) Money { return Money{Amount: n, Currency: "EUR"} }
	if sum, err := eur(995).Add(eur(-1000)); err != nil || sum != eur(-5) {
		t.Errorf("995 and -1000 are %v, %v", sum, err)
	}
	if _, err := eur(1).Add(Money{Amount: 1, Currency: "USD"}); !errors.Is(err, ErrCurrency) {
		t.Errorf("two currencies: %v", err)
	}
	for _, two := range [][2]int64{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		if sum, err := eur(two[0]).Add(eur(two[1])); !errors.Is(err, ErrAmount) {
			t.Errorf("%v are %v, %v", two, sum, err)
		}
	}
	if _, err := eur(math.MinInt64).Negated(); !errors.Is(err, ErrAmount) {
		t.Errorf("the least amount: %v", err)
	}
	if back, err := eur(math.MaxInt64).Negated(); err != nil || back != eur(-math.MaxInt64) {
		t.Errorf("the largest amount: %v, %v", back, err)
	}
	for _, c := range []struct{ amount, num, den, want int64 }{
		{1000, 1, 3, 333}, {1000, 2, 3, 667}, {5, 1, 2, 2}, {15, 1, 2, 8}, {-5, 1, 2, -2}, {-15, 1, 2, -8}, {-1000, 2, 3, -667},
		{math.MaxInt64, 30, 30, math.MaxInt64}, {7, 0, 30, 0},
	} {
		if got, err := eur(c.amount).Portion(c.num, c.den); err != nil || got != eur(c.want) {
			t.Errorf("%d of %d of %d are %v, %v; want %d", c.num, c.den, c.amount, got, err, c.want)
		}
	}
	if _, err := eur(math.MaxInt64).Portion(2, 1); !errors.Is(err, ErrAmount) {
		t.Errorf("twice the largest: %v", err)
	}
	for _, c := range []Currency{"", "eur", "EURO", "E R"} {
		if !errors.Is(c.Check(), ErrCurrency) {
			t.Errorf("%q is taken", c)
		}
	}
	if err := Currency("EUR").Check(); err != nil {
		t.Error(err)
	}
}
