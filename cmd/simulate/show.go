package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation"
)

// source says whose the counts are that ours stand beside.
func source(p *simulation.Plan) string {
	if p.Official() {
		return "official"
	}
	return "given"
}

// paper says what the decrypted counts are compared with first: slips, or, where
// there was no paper, what the voters chose.
func paper(r *simulation.Referendum) string {
	if r.Quick {
		return "choices"
	}
	return "slips"
}

// count writes 19825468 as 19,825,468.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A column of the tables: a heading, and what stands below it.
var columns = []struct {
	heading string
	value   func(simulation.Papers) uint64
}{
	{"papers", func(p simulation.Papers) uint64 { return p.Issued }},
	{"agree", func(p simulation.Papers) uint64 { return p.Agree }},
	{"disagree", func(p simulation.Papers) uint64 { return p.Disagree }},
	{"blank", func(p simulation.Papers) uint64 { return p.Blank }},
}

func (s *stage) heading() {
	line := fmt.Sprintf("%-12s", "")
	for _, c := range columns {
		line += fmt.Sprintf(" %11s", c.heading)
	}
	s.tell("%s", line)
}

func (s *stage) line(name string, p simulation.Papers) {
	line := fmt.Sprintf("%-12s", name)
	for _, c := range columns {
		line += fmt.Sprintf(" %11s", count(c.value(p)))
	}
	s.tell("%s", line)
}

// difference prints, column by column, how far ours is from another count.
func (s *stage) difference(ours, other simulation.Papers) {
	line := fmt.Sprintf("%-12s", "difference")
	for _, c := range columns {
		line += fmt.Sprintf(" %11d", int64(c.value(ours))-int64(c.value(other)))
	}
	s.tell("%s", line)
}

// station prints one aggregate: a line for each question, official numbers
// where they differ.
func (s *stage) station(r *simulation.Referendum, c simulation.Comparison) {
	place, _ := r.Election.Station(c.Stations[0])
	name := place.Name["zh-Hant"]
	if n := len(c.Stations); n > 1 {
		name = fmt.Sprintf("%d stations together: %s", n, strings.Join(c.Stations, " "))
	}
	s.say("")
	s.tell("%s  %s", c.Stations[0], name)
	s.tell("%s registered, %s ballots", count(c.Registered), count(c.Cast))
	s.heading()
	for q, x := range c.Questions {
		s.line(r.Plan.Questions[q].ID, x.Decrypted)
		if x.Decrypted != x.Paper {
			s.line("  "+paper(r), x.Paper)
		}
		if x.Decrypted != x.Official {
			s.line("  "+source(r.Plan), x.Official)
		}
	}
	if c.Agrees() {
		s.tell("%s and %s counts: the same", paper(r), source(r.Plan))
	}
}

// total prints every question with its rule.
func (s *stage) total(result *record.Result, r *simulation.Referendum, c simulation.Comparison) {
	s.say("")
	s.tell("all stations: %s registered, %s ballots", count(c.Registered), count(c.Cast))
	if r.Plan.Root.ID() != "tw" {
		s.tell("the rule is applied to %s as if it were the nation", r.Plan.RootName)
	}
	for q, x := range c.Questions {
		s.say("")
		s.tell("%s", r.Plan.Questions[q].Title["zh-Hant"])
		s.tell("%s", r.Plan.Questions[q].Title["en"])
		s.heading()
		s.line("decrypted", x.Decrypted)
		s.line(paper(r), x.Paper)
		s.line(source(r.Plan), x.Official)
		s.difference(x.Decrypted, x.Official)
		decision := result.Questions[q].Decision
		for _, condition := range decision.Conditions {
			for _, compared := range condition.AnyOf {
				s.tell("%v", compared)
			}
		}
		outcome := "DOES NOT PASS"
		if decision.Passes {
			outcome = "PASSES"
		}
		s.tell("%s", outcome)
	}
}
