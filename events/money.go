package events

import (
	"fmt"
	"math/big"
)

// Currency is one of ISO 4217, in its three capital letters.
type Currency string

// Money is an amount in the minor units of its currency (cents), never a
// fraction of one.
type Money struct {
	Amount   int64    `json:"amount"`
	Currency Currency `json:"currency"`
}

// What money refuses.
var (
	ErrCurrency = &Fault{Kind: Invalid, Code: "currency-differs",
		Message: "The amounts are in different currencies. Use the account's currency."}
	ErrAmount = &Fault{Kind: Invalid, Code: "amount-too-large",
		Message: "The amount is larger than can be counted."}
)

// Add returns the sum: ErrCurrency for two currencies, ErrAmount for an overflow.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, ErrCurrency.With(fmt.Sprintf("%s can't be added to %s. Use the account's currency.", n.Currency, m.Currency))
	}
	sum := m.Amount + n.Amount
	if (sum > m.Amount) != (n.Amount > 0) {
		return Money{}, ErrAmount
	}
	return Money{Amount: sum, Currency: m.Currency}, nil
}

// Negated is what takes the amount back. The least of all amounts has none:
// ErrAmount.
func (m Money) Negated() (Money, error) { return Money{Currency: m.Currency}.minus(m.Amount) }

func (m Money) minus(n int64) (Money, error) {
	difference := m.Amount - n
	if (difference < m.Amount) != (n > 0) {
		return Money{}, ErrAmount
	}
	return Money{Amount: difference, Currency: m.Currency}, nil
}

// Portion is the part of the amount that num of den are, rounded half to even.
// Den is positive; ErrAmount for an overflow.
func (m Money) Portion(num, den int64) (Money, error) {
	product := new(big.Int).Mul(big.NewInt(m.Amount), big.NewInt(num))
	divisor := big.NewInt(den)
	quotient, rest := new(big.Int).QuoRem(product, divisor, new(big.Int))
	double := new(big.Int).Lsh(new(big.Int).Abs(rest), 1)
	if c := double.Cmp(divisor); c > 0 || c == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(int64(product.Sign())))
	}
	if !quotient.IsInt64() {
		return Money{}, ErrAmount
	}
	return Money{Amount: quotient.Int64(), Currency: m.Currency}, nil
}

// Positive says whether it is more than nothing.
func (m Money) Positive() bool { return m.Amount > 0 }

// Check refuses what is in no currency.
func (c Currency) Check() error {
	if len(c) == 3 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z' && c[2] >= 'A' && c[2] <= 'Z' {
		return nil
	}
	return ErrCurrency.With(fmt.Sprintf("%q is no currency. Give the three capital letters of ISO 4217, as in EUR.", string(c)))
}
