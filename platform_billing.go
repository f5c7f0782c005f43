package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/playcast/playcast/commands/invoice"
)

// billingFlags say what is put on invoices, and how often money is asked for.
type billingFlags struct {
	Tax        percent   `name:"tax-percent" default:"0" help:"The tax that is put on what players are charged, in percent with up to two decimals, as 19 or 8.1." env:"TAX_PERCENT"`
	DunDays    []float64 `name:"dunning-days" default:"1,3,5,7" help:"After a failed payment, days until the next attempt; after the last one the subscription ends." env:"DUNNING_DAYS"`
	AnswerDays float64   `name:"payment-answer-days" default:"3" help:"After so many days a payment that the provider has not answered counts as failed." env:"PAYMENT_ANSWER_DAYS"`
	RefundDays []float64 `name:"refund-retry-days" default:"1,3,7" help:"After a failed refund, days until the next attempt; after the last one it is left to support." env:"REFUND_RETRY_DAYS"`
}

func (f billingFlags) validate() error {
	return errors.Join(
		checkDays("--dunning-days", f.DunDays...),
		checkDays("--payment-answer-days", f.AnswerDays),
		checkDays("--refund-retry-days", f.RefundDays...),
	)
}

// checkDays refuses waits that nobody can mean.
func checkDays(flag string, waits ...float64) error {
	const most = 20
	if len(waits) > most {
		return fmt.Errorf("%s: %d attempts are wanted, and there can be %d", flag, len(waits), most)
	}
	if i := slices.IndexFunc(waits, func(d float64) bool { return !(d > 0.0001 && d <= 365) }); i >= 0 {
		return fmt.Errorf("%s %g: want days, more than 0 and 365 at most", flag, waits[i])
	}
	return nil
}

// ladder is when money is asked for.
func (f billingFlags) ladder() invoice.Ladder {
	days := func(waits []float64) []time.Duration {
		var all []time.Duration
		for _, d := range waits {
			all = append(all, time.Duration(d*float64(24*time.Hour)))
		}
		return all
	}
	return invoice.Ladder{Retries: days(f.DunDays), Answer: days([]float64{f.AnswerDays})[0], Refunds: days(f.RefundDays)}
}

// percent is a rate of 0 to 100 percent, in basis points. It is read digit by
// digit: a rate is not to be the nearest binary fraction.
type percent int

func (p *percent) UnmarshalText(text []byte) error {
	whole, decimals, _ := strings.Cut(string(text), ".")
	if len(decimals) > 2 {
		return fmt.Errorf("%q has more than two decimals", text)
	}
	points, err := strconv.ParseUint(whole+(decimals + "00")[:2], 10, 31)
	if err != nil || whole == "" || points > 10_000 {
		return fmt.Errorf("%q is no rate: want 0 to 100, as 19 or 8.1", text)
	}
	*p = percent(points)
	return nil
}
