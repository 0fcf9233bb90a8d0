package verifier_test

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/openreferendum/referendum/simulation/adversary"
	"github.com/openreferendum/referendum/verifier"
)

// onDisk plays a live vote with equal stations and puts its record on the disk.
func onDisk(b *testing.B, stations, ballots, questions int) (fsys fs.FS, bytes int64) {
	b.Helper()
	p := adversary.Cantons()
	p.Name, p.TieBreaks, p.Districts, p.Stations = "benchmark", nil, p.Districts[:1], nil
	paper := adversary.County().Questions[0]
	p.Questions = nil
	for q := range questions {
		paper.ID = fmt.Sprintf("q%d", q+1)
		p.Questions = append(p.Questions, paper)
	}
	for s := range stations {
		station := adversary.StationPlan{ID: fmt.Sprintf("s-%04d", s+1), District: p.Districts[0].ID, Registered: uint32(ballots)}
		for i := range ballots {
			var votes []int
			for q := range questions {
				votes = append(votes, (i+q)%4)
			}
			station.Votes = append(station.Votes, votes)
		}
		p.Stations = append(p.Stations, station)
	}
	dir := b.TempDir()
	for name, content := range adversary.Build(p).Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			b.Fatal(err)
		}
		bytes += int64(len(content))
	}
	return os.DirFS(dir), bytes
}

func verify(b *testing.B, fsys fs.FS, o verifier.Options) {
	if r := verifier.Verify(fsys, o); !r.OK() {
		b.Fatalf("%+v", r.Failures)
	}
}

// BenchmarkStation verifies a record of one station of 256 ballots of four
// questions, with one worker.
func BenchmarkStation(b *testing.B) {
	fsys, _ := onDisk(b, 1, 256, 4)
	for b.Loop() {
		verify(b, fsys, verifier.Options{Workers: 1, Random: rand.Reader})
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/256, "µs/ballot")
}

// BenchmarkRecord verifies a record of 16 stations of 64 ballots of four
// questions, with a worker for each processor.
func BenchmarkRecord(b *testing.B) {
	fsys, _ := onDisk(b, 16, 64, 4)
	for b.Loop() {
		verify(b, fsys, verifier.Options{Workers: runtime.NumCPU(), Random: rand.Reader})
	}
	b.ReportMetric(float64(b.N)*16*64/b.Elapsed().Seconds(), "ballots/s")
}

// BenchmarkMemory verifies records of 1, 4 and 16 times 256 ballots, and reports
// the most memory that was alive at any of 32 moments, beside what was alive
// before.
func BenchmarkMemory(b *testing.B) {
	for _, times := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("ballots=%d", 256*times), func(b *testing.B) {
			fsys, bytes := onDisk(b, times, 256, 1)
			before, most := alive(), uint64(0)
			for b.Loop() {
				verify(b, fsys, verifier.Options{Workers: 1, Random: rand.Reader, Progress: func(done, total int64) {
					if done%max(1, total/32) == 0 {
						now := alive()
						most = max(most, now-min(before, now))
					}
				}})
			}
			b.ReportMetric(float64(most)/1e6, "MB-alive")
			b.ReportMetric(float64(bytes)/1e6, "MB-record")
		})
	}
}

// alive returns the bytes of the heap that are in use after a collection.
func alive() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
