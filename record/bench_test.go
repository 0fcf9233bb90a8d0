package record_test

import (
	"bytes"
	crand "crypto/rand"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// stationsOfTaiwan is how many stations the referendum of 2021 had.
const stationsOfTaiwan = 17_479

// nation is a manifest of four questions with n stations in 368 districts of 22
// counties.
func nation(n int) *record.Manifest {
	m := newManifest()
	m.PrivacyThreshold = 30
	m.Questions = nil
	for i := range 4 {
		q := question(fmt.Sprint("case-", i+17), rules.Article29("agree", "disagree"), "agree", "disagree", "blank")
		q.Options[2].Kind = record.BlankOption
		m.Questions = append(m.Questions, q)
	}
	m.Districts = m.Districts[:1]
	for i := range 22 {
		m.Districts = append(m.Districts, record.District{ID: fmt.Sprintf("c%02d", i), Name: text("County"), Parent: "nation"})
	}
	for i := range 368 {
		m.Districts = append(m.Districts, record.District{ID: fmt.Sprintf("d%03d", i), Name: text("District"), Parent: fmt.Sprintf("c%02d", i%22)})
	}
	m.Stations = nil
	for i := range n {
		m.Stations = append(m.Stations, record.Station{
			ID: fmt.Sprintf("s%05d", i), Name: text(fmt.Sprint("Station ", i)), District: fmt.Sprintf("d%03d", i%368), Registered: 1134,
			Key: hash("key", i), Officials: []record.Key{hash("first", i), hash("second", i), hash("third", i)},
		})
	}
	return m
}

func hash(what string, i int) record.Hash { return record.FileHash(fmt.Append(nil, what, i)) }

func BenchmarkParseManifest(b *testing.B) {
	doc := must(record.Marshal(nation(stationsOfTaiwan)))
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		must(record.ParseManifest(doc))
	}
}

func BenchmarkPlan(b *testing.B) {
	m := nation(stationsOfTaiwan)
	cast := map[string]uint32{}
	for i, s := range m.Stations {
		cast[s.ID] = uint32(hash("cast", i)[0]) // a ninth below the threshold
	}
	for b.Loop() {
		m.Plan(cast)
	}
}

func BenchmarkScanBallots(b *testing.B) {
	m := nation(1)
	w := electionOf(m)
	ctx := w.election.Context("s00000")
	var ballots [][]byte
	for i := range 720 {
		rand := stream(fmt.Sprint("ballot ", i))
		seed := must(elgamal.GenerateSeed(rand))
		chosen := must(proof.NewSelections(ctx.Shape, []int{i % 4, i / 4 % 4, i / 16 % 4, i / 64 % 4}))
		ballots = append(ballots, must(proof.Make(rand, ctx, chosen, seed)).Bytes())
	}
	code := func(b []byte) record.Hash { return record.ConfirmationCode(w.election.ID, "s00000", b) }
	slices.SortFunc(ballots, func(a, b []byte) int {
		x, y := code(a), code(b)
		return bytes.Compare(x[:], y[:])
	})
	file := bytes.Join(ballots, nil)
	dir := fstest.MapFS{record.BallotsFile: {Data: file}}
	for name, scanner := range map[string]*record.Scanner{"one": record.NewScanner(w.election, nil), "many": record.NewScanner(w.election, crand.Reader)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if s := scanner.Scan(dir, "s00000", nil); s.Count != 720 || len(s.Flaws) > 0 {
					b.Fatal(s.Count, len(s.Flaws))
				}
			}
		})
	}
}

// BenchmarkComputeResult opens aggregates whose sums were put together without
// ballots: to open them takes the same.
func BenchmarkComputeResult(b *testing.B) {
	for _, n := range []int{12, 1000} {
		b.Run(fmt.Sprintf("aggregates=%d", n), func(b *testing.B) {
			w := electionOf(nation(n))
			a := record.Aggregates{Election: w.election.ID}
			answers := []*record.Decryption{{Trustee: 1}, {Trustee: 3}}
			for i, s := range w.election.Manifest.Stations {
				g := record.Aggregate{ID: s.ID, Stations: []string{s.ID}, Cast: 720, Sums: sumsOf(w, i)}
				a.Aggregates = append(a.Aggregates, g)
				for _, d := range answers {
					p := record.PartialAnswer{Aggregate: s.ID}
					for _, row := range g.Sums {
						var ms []group.Element
						for _, c := range row {
							ms = append(ms, c.Alpha.Mul(w.shares[d.Trustee-1].Reveal()))
						}
						p.Partials = append(p.Partials, ms)
					}
					d.Answers = append(d.Answers, p)
				}
			}
			for b.Loop() {
				must(record.ComputeResult(w.election, &a, answers))
			}
		})
	}
}

// sumsOf encrypts counts that add up to 720 papers.
func sumsOf(w *world, i int) [][]elgamal.Ciphertext {
	var sums [][]elgamal.Ciphertext
	for q := range 4 {
		agree := uint64(hash("agree", 4*i+q)[0])
		var row []elgamal.Ciphertext
		for _, n := range []uint64{agree, 700 - agree, 20} {
			r := group.HashToScalar("bench", fmt.Append(nil, i, q, n))
			row = append(row, elgamal.Ciphertext{
				Alpha: group.MulBase(r), Beta: group.MulBase(group.NewScalar(n)).Add(w.election.Key.Element().Mul(r)),
			})
		}
		sums = append(sums, row)
	}
	return sums
}
