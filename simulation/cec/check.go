package cec

import "fmt"

// A Problem is a row that contradicts itself, or others.
type Problem struct {
	File string
	Line int
	Why  string
}

func (p Problem) String() string { return fmt.Sprintf("%s, line %d: %s", p.File, p.Line, p.Why) }

func (d *Data) problem(file string, line int, format string, args ...any) {
	d.Problems = append(d.Problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// checkSums compares every row that sums with the sum of its parts. A file of a
// part of the nation has no rows above it, and needs none.
func (d *Data) checkSums(file string, rows []Row) {
	parts := map[Code]Counts{}
	for _, r := range rows {
		if p, ok := r.Parent(); ok {
			parts[p] = parts[p].plus(r.Counts)
		}
	}
	for _, r := range rows {
		sum, ok := parts[r.Code]
		if !ok {
			continue
		}
		sum.Population = r.Population // is not given below the district
		if sum != r.Counts {
			d.problem(file, r.Line, "%s: is not the sum of its parts (%d papers, parts %d; %d voters, parts %d)", r.ID(), r.Votes, sum.Votes, r.Votable, sum.Votable)
		}
	}
}

// compareCases looks for stations that are not in every case, or not with the
// same number of voters.
func (d *Data) compareCases() {
	first := map[Code]Row{}
	count := map[Code]int{}
	for i, c := range d.Cases {
		file := fmt.Sprintf("rfprof-%d.csv", c.Number)
		for _, r := range c.Rows {
			if r.Station == "0000" {
				continue
			}
			count[r.Code]++
			if i == 0 {
				first[r.Code] = r
			} else if f, ok := first[r.Code]; ok && f.Votable != r.Votable {
				d.problem(file, r.Line, "%s: %d voters, in case %d %d", r.ID(), r.Votable, d.Cases[0].Number, f.Votable)
				d.bad[r.Code] = true
			}
		}
	}
	for _, c := range d.Cases {
		for _, r := range c.Rows {
			if r.Station != "0000" && count[r.Code] != len(d.Cases) {
				d.problem(fmt.Sprintf("rfprof-%d.csv", c.Number), r.Line, "%s: is in %d of %d cases", r.ID(), count[r.Code], len(d.Cases))
				d.bad[r.Code] = true
			}
		}
	}
}
