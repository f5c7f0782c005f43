package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMain makes the test binary the playcast of the system tests: called with
// a command ("up", "events", …) it is the program, and so it is for the games
// of the catalog that playcast itself plays. What is tested is therefore built
// as the tests are, with the same tags and the race detector where they have it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "rampage" { // a game of the tests' catalog
		if err := rampage(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		return
	}
	// Tests that run side by side wait for processes most of the time: more of them
	// than there are cores keep those busy.
	flag.Parse()
	if !slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.parallel") }) {
		if err := flag.Set("test.parallel", strconv.Itoa(1+runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
