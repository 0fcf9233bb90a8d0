package office_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
	"github.com/openreferendum/referendum/tally/office"
	"github.com/openreferendum/referendum/tally/tallytest"
)

const (
	benchStations  = 12
	benchBallots   = 700 // of a station
	benchQuestions = 4
)

// benchWorld has 12 stations and 4 questions.
func benchWorld() *tallytest.World {
	c := tallytest.Config{Questions: benchQuestions, Voters: 1000}
	for i := range benchStations {
		c.Stations = append(c.Stations, fmt.Sprintf("s-%02d", i+1))
	}
	return tallytest.New(c)
}

// began begins a count of w in a new folder.
func began(b *testing.B, w *tallytest.World) (dir string, o *office.Office) {
	b.Helper()
	dir = b.TempDir()
	noError(b, w.WriteCeremony(filepath.Join(dir, "exchange")))
	o, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record"))
	noError(b, err)
	return dir, o
}

func noError(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkImport takes one station of 700 ballots of 4 questions into a record,
// every proof checked, on one core.
func BenchmarkImport(b *testing.B) {
	w := benchWorld()
	dir, o := began(b, w)
	noError(b, w.Bundle("s-01", w.Votes(benchBallots), nil).Write(filepath.Join(dir, "media")))
	for b.Loop() {
		_, err := o.Import(filepath.Join(dir, "media"), nil)
		noError(b, err)
		b.StopTimer()
		noError(b, os.RemoveAll(filepath.Join(dir, "record/stations/s-01")))
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchBallots, "µs/ballot")
}

// BenchmarkImportMany takes 12 stations of 100 ballots of 4 questions into a
// record, on all cores: small stations, of which each costs something of its
// own.
func BenchmarkImportMany(b *testing.B) {
	const ballots = 100
	w := benchWorld()
	dir, o := began(b, w)
	stations := w.Election.Manifest.Stations
	for _, s := range stations {
		noError(b, w.Bundle(s.ID, w.Votes(ballots), nil).Write(filepath.Join(dir, "media", s.ID)))
	}
	for b.Loop() {
		queue := make(chan string)
		var wg sync.WaitGroup
		for range runtime.NumCPU() {
			wg.Go(func() {
				for id := range queue {
					if _, err := o.Import(filepath.Join(dir, "media", id), nil); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, s := range stations {
			queue <- s.ID
		}
		close(queue)
		wg.Wait()
		b.StopTimer()
		for _, s := range stations {
			noError(b, os.RemoveAll(filepath.Join(dir, "record", record.StationFile(s.ID, "."))))
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchStations/ballots, "µs/ballot")
}

// unproved makes a ballot whose proof is another ballot's: rechecking does not
// look at proofs, and making 8,400 of them would take minutes.
func unproved(b *testing.B, w *tallytest.World, station string, proved *proof.Ballot, i int) []byte {
	seed, err := elgamal.GenerateSeed(stationtest.Random(fmt.Sprint(station, i)))
	noError(b, err)
	ballot := &proof.Ballot{Questions: slices.Clone(proved.Questions)}
	for q := range ballot.Questions {
		var row []elgamal.Ciphertext
		for o := range ballot.Questions[q].Selections {
			row = append(row, elgamal.Encrypt(w.Election.Key, i&1, seed.Nonce(w.Election.ID, q+1, o+1)))
		}
		ballot.Questions[q].Selections = row
	}
	return ballot.Bytes()
}

// BenchmarkAggregate compares 12 stations of 700 ballots of 4 questions with
// their signed roots and adds them up, on all cores. It signs and writes
// nothing.
func BenchmarkAggregate(b *testing.B) {
	w := benchWorld()
	dir, o := began(b, w)
	bytes, _ := w.Ballot("s-01", []int{1, 2, 3, 0})
	proved, err := proof.ParseBallot(w.Election.Manifest.Shape(), bytes)
	noError(b, err)
	for _, s := range w.Election.Manifest.Stations {
		var ballots [][]byte
		for i := range benchBallots {
			ballots = append(ballots, unproved(b, w, s.ID, proved, i))
		}
		noError(b, w.Assemble(s.ID, ballots, nil).Write(filepath.Join(dir, "record", record.StationFile(s.ID, ""))))
	}
	for b.Loop() {
		_, err := o.Sums(false, runtime.NumCPU(), nil)
		noError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchStations/benchBallots, "µs/ballot")
}

// BenchmarkDecide checks the answers of 2 trustees to 12 sums of 4 questions,
// the largest of 700 ballots, combines them and decides.
func BenchmarkDecide(b *testing.B) {
	w := benchWorld()
	dir, o := began(b, w)
	for i, s := range w.Election.Manifest.Stations {
		voters := 3
		if i == 0 {
			voters = benchBallots
		}
		bundle := filepath.Join(dir, "media", s.ID)
		noError(b, w.Bundle(s.ID, w.Votes(voters), nil).Write(bundle))
		_, err := o.Import(bundle, nil)
		noError(b, err)
	}
	_, err := o.Aggregate(w.Authority.Signer(), false, 1, nil)
	noError(b, err)
	for _, i := range []int{1, 2} {
		answer, err := w.Answer(o.FS(), i, "")
		noError(b, err)
		_, err = o.Accept(answer)
		noError(b, err)
	}
	for b.Loop() {
		_, err := o.Decide()
		noError(b, err)
	}
}
