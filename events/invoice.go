package events

import "time"

// LineKind says what a line of an invoice charges. Revenue is told apart by it.
type LineKind string

// The kinds of lines.
const (
	LineSubscription LineKind = "subscription" // a period of a plan
	LineProration    LineKind = "proration"    // a change within a period; may take back
	LinePlaytime     LineKind = "playtime"     // what was played beyond the plan
	LineCredits      LineKind = "credits"      // bought in advance: owed as play, not earned yet
	LineDiscount     LineKind = "discount"     // takes from the others
)

// Known says whether it is one of the kinds.
func (k LineKind) Known() bool {
	switch k {
	case LineSubscription, LineProration, LinePlaytime, LineCredits, LineDiscount:
		return true
	}
	return false
}

// MayTake says whether a line of the kind may have a negative price.
func (k LineKind) MayTake() bool { return k == LineProration || k == LineDiscount }

// LineSource is an event of the log that a line follows from, with what it is
// about.
type LineSource struct {
	Event        EventID   `json:"event"`
	Session      SessionID `json:"session,omitzero"`
	Segment      int       `json:"segment,omitempty"`
	Subscription string    `json:"subscription,omitempty"`
	Period       int       `json:"period,omitempty"`
}

// InvoiceLine is one charge. Amount is Quantity at Price for each Per, rounded
// half to even: 5,400 s at 2.00 for each 3,600 are 3.00.
type InvoiceLine struct {
	Kind     LineKind     `json:"kind"`
	Text     string       `json:"text"` // a code, which the reader's language has words for
	Quantity int64        `json:"quantity"`
	Per      int64        `json:"per"`
	Price    Money        `json:"price"`
	Amount   Money        `json:"amount"`  // net of tax
	TaxRate  int          `json:"taxRate"` // in basis points
	Sources  []LineSource `json:"sources,omitempty"`
}

// KindSum is what the lines of one kind come to, net.
type KindSum struct {
	Kind LineKind `json:"kind"`
	Net  Money    `json:"net"`
}

// TaxSum is the tax at one rate. It is rounded once, of the sum of the rate's
// lines.
type TaxSum struct {
	Rate int   `json:"rate"` // in basis points
	Net  Money `json:"net"`
	Tax  Money `json:"tax"`
}

// DocumentSums is what an invoice or a credit note comes to: Total is Net and
// Tax, Net is that of all kinds and of all rates, Tax that of all rates.
type DocumentSums struct {
	Kinds []KindSum `json:"kinds"` // by kind
	Taxes []TaxSum  `json:"taxes"` // by rate
	Net   Money     `json:"net"`
	Tax   Money     `json:"tax"`
	Total Money     `json:"total"`
}

// InvoiceDrafted: charges of a player are gathered in one currency.
type InvoiceDrafted struct {
	Invoice  InvoiceID `json:"invoice"`
	Player   PlayerID  `json:"player"`
	Currency Currency  `json:"currency"`
	At       time.Time `json:"at"`
}

// InvoiceLineAdded: the draft has one more line. Number counts from 1.
type InvoiceLineAdded struct {
	Invoice InvoiceID   `json:"invoice"`
	Number  int         `json:"number"`
	Line    InvoiceLine `json:"line"`
	At      time.Time   `json:"at"`
}

// InvoiceDiscarded: the draft comes to nothing. It never had a number.
type InvoiceDiscarded struct {
	Invoice InvoiceID `json:"invoice"`
	At      time.Time `json:"at"`
}

// InvoiceApproved: the lines are fixed, and a number of the series is asked for.
type InvoiceApproved struct {
	Invoice InvoiceID    `json:"invoice"`
	Series  Series       `json:"series"`
	Sums    DocumentSums `json:"sums"`
	At      time.Time    `json:"at"`
}

// NumberAssigned: a document has the series' next number. Numbers count from 1,
// without gaps.
type NumberAssigned struct {
	Series   Series         `json:"series"`
	Number   int            `json:"number"`
	Printed  DocumentNumber `json:"printed"`
	Document Document       `json:"document"`
	At       time.Time      `json:"at"`
}

// InvoiceIssued: the invoice is out, with its number, and owed in full.
type InvoiceIssued struct {
	Invoice InvoiceID      `json:"invoice"`
	Player  PlayerID       `json:"player"`
	Number  DocumentNumber `json:"number"`
	Sums    DocumentSums   `json:"sums"`
	At      time.Time      `json:"at"`
}

// InvoiceVoided: an issued invoice that nothing was paid of is worth nothing,
// and keeps its number.
type InvoiceVoided struct {
	Invoice InvoiceID    `json:"invoice"`
	Player  PlayerID     `json:"player"`
	Sums    DocumentSums `json:"sums"`
	At      time.Time    `json:"at"`
}

// InvoiceWrittenOff: what was open is not expected any more. It may come yet.
type InvoiceWrittenOff struct {
	Invoice InvoiceID `json:"invoice"`
	Player  PlayerID  `json:"player"`
	Amount  Money     `json:"amount"`
	At      time.Time `json:"at"`
}

// DunningExhausted: the last attempt to have the invoice paid has failed, and
// the account is past due with what is open.
type DunningExhausted struct {
	Invoice  InvoiceID `json:"invoice"`
	Player   PlayerID  `json:"player"`
	Attempts int       `json:"attempts"`
	Open     Money     `json:"open"`
	At       time.Time `json:"at"`
}

func (InvoiceDrafted) EventType() string    { return "InvoiceDrafted" }
func (InvoiceLineAdded) EventType() string  { return "InvoiceLineAdded" }
func (InvoiceDiscarded) EventType() string  { return "InvoiceDiscarded" }
func (InvoiceApproved) EventType() string   { return "InvoiceApproved" }
func (NumberAssigned) EventType() string    { return "NumberAssigned" }
func (InvoiceIssued) EventType() string     { return "InvoiceIssued" }
func (InvoiceVoided) EventType() string     { return "InvoiceVoided" }
func (InvoiceWrittenOff) EventType() string { return "InvoiceWrittenOff" }
func (DunningExhausted) EventType() string  { return "DunningExhausted" }

func (InvoiceDrafted) event()    {}
func (InvoiceLineAdded) event()  {}
func (InvoiceDiscarded) event()  {}
func (InvoiceApproved) event()   {}
func (NumberAssigned) event()    {}
func (InvoiceIssued) event()     {}
func (InvoiceVoided) event()     {}
func (InvoiceWrittenOff) event() {}
func (DunningExhausted) event()  {}
