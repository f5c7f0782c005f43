package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/playcast/playcast/commands/invoice"
)

// billingOf reads the flags as the command line does.
func billingOf(t *testing.T, args ...string) (billingFlags, error) {
	t.Helper()
	var grammar struct {
		Billing billingFlags `embed:"" envprefix:"PLAYCAST_"`
	}
	parser, err := kong.New(&grammar)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = parser.Parse(args); err == nil {
		err = grammar.Billing.validate()
	}
	return grammar.Billing, err
}

func TestBillingIsConfigured(t *testing.T) {
	const day = 24 * time.Hour
	flags, err := billingOf(t)
	if err != nil || flags.Tax != 0 || !reflect.DeepEqual(flags.ladder(), invoice.DefaultLadder()) {
		t.Errorf("without flags it is %+v, %v", flags, err)
	}
	t.Setenv("PLAYCAST_TAX_PERCENT", "8.1")
	t.Setenv("PLAYCAST_REFUND_RETRY_DAYS", "2")
	flags, err = billingOf(t, "--dunning-days=0.5,2", "--payment-answer-days=1")
	want := invoice.Ladder{Retries: []time.Duration{day / 2, 2 * day}, Answer: day, Refunds: []time.Duration{2 * day}}
	if err != nil || flags.Tax != 810 || !reflect.DeepEqual(flags.ladder(), want) || flags.ladder().Check() != nil {
		t.Errorf("by environment and flags it is %+v, %v", flags, err)
	}
	for text, points := range map[string]percent{"19": 1900, "19.00": 1900, "0.05": 5, "100": 10_000, "7.": 700} {
		if flags, err := billingOf(t, "--tax-percent="+text); err != nil || flags.Tax != points {
			t.Errorf("%s percent is %d basis points, %v", text, flags.Tax, err)
		}
	}
}

func TestBillingThatMakesNoSenseIsRefused(t *testing.T) {
	for _, arg := range []string{
		"--tax-percent=-1", "--tax-percent=100.01", "--tax-percent=1e2", "--tax-percent=19.125", "--tax-percent=.5", "--tax-percent=99999999999",
		"--tax-percent=+5", "--tax-percent=1_0",
		"--dunning-days=0", "--dunning-days=1,-3", "--dunning-days=400", "--dunning-days=NaN", "--dunning-days=+Inf", "--payment-answer-days=0",
		"--dunning-days=" + strings.TrimSuffix(strings.Repeat("1,", 21), ","), "--refund-retry-days=-1", "--refund-retry-days=soon",
	} {
		if flags, err := billingOf(t, arg); err == nil {
			t.Errorf("%s was taken as %+v", arg, flags)
		}
	}
}
