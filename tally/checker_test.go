package tally_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// TestCheckerKeepsNothing: what a Checker says of a bundle does not depend on
// the bundles before it, good or bad, of this station or of others, larger or
// smaller, checked or only added up.
func TestCheckerKeepsNothing(t *testing.T) {
	w := small()
	size := w.Election.BallotSize()
	// A proof that does not hold, signed nevertheless; no ballot at all; and bytes
	// that the root does not cover.
	ballots := bytes.Clone(w.bundles["b-1"][record.BallotsFile].Data)
	ballots[len(ballots)-32] ^= 1
	last := [][]byte{ballots[len(ballots)-size:]}
	unreadable := w.bundles["b-1"].Clone()
	clear(unreadable[record.BallotsFile].Data[:size])
	short := w.bundles["a-2"].Clone()
	short[record.BallotsFile].Data = short[record.BallotsFile].Data[:size+1]
	cases := []struct {
		name, station string
		bundle        tallytest.Bundle
		refused       [2]bool // by Check, by Recheck
	}{
		{"false proof", "b-1", w.Assemble("b-1", last, nil), [2]bool{true, false}},
		{"good, the smallest", "a-1", w.bundles["a-1"], [2]bool{}},
		{"no element", "b-1", unreadable, [2]bool{true, true}},
		{"good, the largest", "b-1", w.bundles["b-1"], [2]bool{}},
		{"cut short", "a-2", short, [2]bool{true, true}},
		{"of another station", "a-2", w.bundles["a-1"], [2]bool{true, true}},
		{"no ballots", "a-1", w.Assemble("a-1", nil, nil), [2]bool{}},
		{"good", "a-2", w.bundles["a-2"], [2]bool{}},
	}
	for name, source := range map[string]io.Reader{"many at a time": rand.Reader, "one by one": nil} {
		checker := tally.NewChecker(w.Election, source)
		for round := range 2 {
			for _, c := range cases {
				got := [2]string{verdict(checker.Check(c.bundle.FS(), c.station, nil)), verdict(checker.Recheck(c.bundle.FS(), c.station))}
				alone := [2]string{verdict(tally.Check(w.Election, source, c.bundle.FS(), c.station, nil)), verdict(tally.Recheck(w.Election, c.bundle.FS(), c.station))}
				for i, what := range []string{"Check", "Recheck"} {
					if got[i] != alone[i] {
						t.Errorf("%s, round %d, %s: %s says\n%s\nalone it says\n%s", name, round, c.name, what, got[i], alone[i])
					}
					if refused := got[i][0] == '!'; refused != c.refused[i] {
						t.Errorf("%s, round %d, %s: %s says %s", name, round, c.name, what, got[i])
					}
				}
			}
		}
	}
}

// verdict spells everything that a check gives; that of a refusal begins with
// an exclamation mark.
func verdict(b *tally.Bundle, err error) string {
	if err != nil {
		return "!" + err.Error()
	}
	return fmt.Sprintf("%s %+v %x %s", b.Station, b.Closing, b.Fingerprints, must(record.Marshal(b.Sum.Ciphertexts())))
}
