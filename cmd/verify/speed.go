package main

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"
)

// A meter is a record's file system that measures how much is read, and how
// long reading takes.
type meter struct {
	fs.FS
	bytes, waited atomic.Int64 // waited in nanoseconds, of all workers together
}

func (m *meter) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if _, folder := f.(fs.ReadDirFile); folder {
		if info, err := f.Stat(); err != nil || info.IsDir() {
			return f, err
		}
	}
	return meteredFile{f, m}, nil
}

type meteredFile struct {
	fs.File
	meter *meter
}

func (f meteredFile) Read(b []byte) (int, error) {
	begun := time.Now()
	n, err := f.File.Read(b)
	f.meter.waited.Add(int64(time.Since(begun)))
	f.meter.bytes.Add(int64(n))
	return n, err
}

// Lstat is that of the record: links must be seen.
func (m *meter) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(m.FS, name) }

// ReadLink is that of the record.
func (m *meter) ReadLink(name string) (string, error) { return fs.ReadLink(m.FS, name) }

// speed says how fast the record was read, and what set the pace: the disk,
// when the workers waited for it most of the time.
func (m *meter) speed(ballots int64, took time.Duration, workers int) string {
	seconds := max(took.Seconds(), 1e-3)
	read, waited := m.bytes.Load(), time.Duration(m.waited.Load())
	share := min(1, waited.Seconds()/(seconds*float64(workers)))
	limit := "the processors set the pace"
	if share > 0.5 {
		limit = "the disk set the pace"
	}
	return fmt.Sprintf("%s ballots, %.1f MB in %.1f s: %.0f ballots and %.1f MB a second; %.0f %% of the time went into reading: %s",
		digits(uint64(ballots)), float64(read)/1e6, seconds, float64(ballots)/seconds, float64(read)/1e6/seconds, 100*share, limit)
}
