package invoice

import (
	"maps"
	"slices"

	"github.com/playcast/playcast/events"
)

// tally adds up parts of an invoice by kind and by rate of tax. What is added
// is bounded (line.go), so that no sum overflows.
//
// Tax is rounded once for each rate, half to even, of the sum of the rate's
// lines: that is the sum a reader can check, it is what EN 16931 (BR-CO-17)
// asks of an invoice, and a hundred lines are wrong by half a cent at most
// instead of fifty.
type tally struct {
	currency events.Currency
	kinds    map[events.LineKind]int64
	rates    map[int]int64
}

func newTally(currency events.Currency) tally {
	return tally{currency: currency, kinds: map[events.LineKind]int64{}, rates: map[int]int64{}}
}

func (t tally) add(line events.InvoiceLine, net int64) {
	t.kinds[line.Kind] += net
	t.rates[line.TaxRate] += net
}

// sums closes the tally, with the tax of each rate as taxed says. Nothing may
// come out negative.
func (t tally) sums(taxed func(rate int, net int64) (int64, error)) (events.DocumentSums, error) {
	money := func(amount int64) events.Money { return events.Money{Amount: amount, Currency: t.currency} }
	var net, tax int64
	sums := events.DocumentSums{Kinds: []events.KindSum{}, Taxes: []events.TaxSum{}}
	for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
		sums.Kinds = append(sums.Kinds, events.KindSum{Kind: kind, Net: money(t.kinds[kind])})
	}
	for _, rate := range slices.Sorted(maps.Keys(t.rates)) {
		of := t.rates[rate]
		if of < 0 {
			return events.DocumentSums{}, ErrNegative
		}
		part, err := taxed(rate, of)
		if err != nil {
			return events.DocumentSums{}, err
		}
		net, tax = net+of, tax+part
		sums.Taxes = append(sums.Taxes, events.TaxSum{Rate: rate, Net: money(of), Tax: money(part)})
	}
	if net+tax > maxAmount {
		return events.DocumentSums{}, events.ErrAmount
	}
	sums.Net, sums.Tax, sums.Total = money(net), money(tax), money(net+tax)
	return sums, nil
}

// taxOf is the tax on a net amount.
func taxOf(rate int, net int64) (int64, error) {
	tax, err := events.Money{Amount: net}.Portion(int64(rate), 10_000)
	return tax.Amount, err
}

// sumsOf is what lines come to.
func sumsOf(currency events.Currency, lines []events.InvoiceLine) (events.DocumentSums, error) {
	t := newTally(currency)
	for _, line := range lines {
		t.add(line, line.Amount.Amount)
	}
	return t.sums(taxOf)
}
