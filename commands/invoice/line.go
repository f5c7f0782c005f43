package invoice

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/playcast/playcast/events"
)

// The bounds of an invoice: what one append of all its lines can hold.
const (
	maxLines   = 500
	maxSources = 2_000
	maxCount   = 1_000_000_000_000 // of a quantity
)

// What a line is refused for.
var (
	ErrLine = &events.Fault{Kind: events.Invalid, Code: "line-invalid",
		Message: "A line has a kind, a code for its text, a quantity and a price for each of so many."}
	ErrNegative = &events.Fault{Kind: events.Invalid, Code: "amount-negative",
		Message: "Only a proration or a discount takes from an invoice, and never more than there is."}
	ErrLong = &events.Fault{Kind: events.TooLarge, Code: "invoice-too-long",
		Message: "The invoice has more lines, or events behind them, than one can hold. Write two."}
)

// Line is a charge that is to be put on an invoice.
type Line struct {
	Kind     events.LineKind
	Text     string // a code: 1 to 64 of a–z, 0–9, '.' and '-'
	Quantity int64
	Per      int64 // the price is for so many
	Price    events.Money
	TaxRate  int // in basis points
	Sources  []events.LineSource
}

var code = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// priced checks a line and works out its amount.
func (l Line) priced(currency events.Currency) (events.InvoiceLine, error) {
	switch {
	case !l.Kind.Known():
		return events.InvoiceLine{}, ErrLine.With(fmt.Sprintf("%q is no kind of line.", l.Kind))
	case !code.MatchString(l.Text):
		return events.InvoiceLine{}, ErrLine.With("A line's text is a code of 1 to 64 of a-z, 0-9, '.' and '-'.")
	case l.Quantity < 1 || l.Quantity > maxCount || l.Per < 1 || l.Per > maxCount:
		return events.InvoiceLine{}, ErrLine.With(fmt.Sprintf("A quantity is between 1 and %d, and so is what the price is for.", int64(maxCount)))
	case l.TaxRate < 0 || l.TaxRate > 10_000:
		return events.InvoiceLine{}, ErrLine.With("A tax rate is between 0 and 10000 basis points.")
	case slices.ContainsFunc(l.Sources, unknown):
		return events.InvoiceLine{}, ErrLine.With("What a line follows from is an event, of a segment, subscription and period that there can be.")
	case l.Price.Currency != currency:
		return events.InvoiceLine{}, events.ErrCurrency.With(fmt.Sprintf("The invoice is in %s, not in %s.", currency, l.Price.Currency))
	case l.Price.Amount < 0 && !l.Kind.MayTake():
		return events.InvoiceLine{}, ErrNegative
	}
	amount, err := l.Price.Portion(l.Quantity, l.Per)
	if err != nil {
		return events.InvoiceLine{}, err
	}
	if amount.Amount > maxAmount || amount.Amount < -maxAmount {
		return events.InvoiceLine{}, events.ErrAmount
	}
	return events.InvoiceLine{
		Kind: l.Kind, Text: l.Text, Quantity: l.Quantity, Per: l.Per, Price: l.Price, Amount: amount, TaxRate: l.TaxRate, Sources: l.Sources,
	}, nil
}

// unknown says whether a source can't be one.
func unknown(s events.LineSource) bool {
	_, err := events.ParseSubscriptionID(s.Subscription)
	return s.Segment < 0 || s.Period < 0 || s.Subscription != "" && err != nil
}

// same says whether a line of the invoice is the one that was asked for.
func same(a, b events.InvoiceLine) bool {
	return a.Kind == b.Kind && a.Text == b.Text && a.Quantity == b.Quantity && a.Per == b.Per &&
		a.Price == b.Price && a.TaxRate == b.TaxRate && slices.Equal(a.Sources, b.Sources)
}

// long refuses more than an invoice can hold.
func long(lines []events.InvoiceLine) error {
	sources := 0
	for _, line := range lines {
		sources += len(line.Sources)
	}
	if len(lines) > maxLines || sources > maxSources {
		return ErrLong
	}
	return nil
}
