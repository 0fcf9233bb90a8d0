// Package logbook keeps a station's log (station/stationlog) in two files, one
// on each of the station's media, as specified in docs/spec/paper.md, Section
// 6.3. A line is on both media when Write returns.
//
// The files only grow, by whole lines; they belong to their owner alone, and
// carry no time of their own. Open continues a log after any power cut; every
// other difference between the two files is for people, at least two of them.
//
// Package logbook does not sign and does not export: its caller takes Bytes and
// Head. It decides nothing about events: station/stationlog does.
package logbook

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// ErrDiffer is wrapped when the two files are not what a power cut leaves: they
// differ by more, or one was changed. Programs tell people to compare them, and
// start nothing.
var ErrDiffer = errors.New("the copies of the station's log are not as a power cut leaves them")

// ErrInUse is wrapped when another program has a file open. Programs tell
// people to find it.
var ErrInUse = errors.New("another program has the station's log open")

// ErrClosed is returned by Write after Close.
var ErrClosed = errors.New("the station's log is closed")

// A Book is a station's log on two media. It may be used by several goroutines.
type Book struct {
	mu      sync.Mutex
	files   [2]*file
	log     *stationlog.Log
	head    stationlog.Head // of what is on both media
	entries []stationlog.Entry
	content []byte
	mended  int // index of the file that was made good from the other; -1: none
	broken  error
}

// Open makes the two files, or continues what is there; it makes a file good
// that a power cut left behind the other. Nothing is created if one file is
// missing and the other has lines: that error wraps fs.ErrNotExist.
//
// Whoever gets a Book with Len 0 has a new log, and writes
// stationlog.LogStarted first.
func Open(paths [2]string, election record.Hash, station string) (*Book, error) {
	b, err := open(paths, election, station)
	if err != nil {
		return nil, fmt.Errorf("opening the station's log: %w", err)
	}
	return b, nil
}

func open(paths [2]string, election record.Hash, station string) (*Book, error) {
	files, err := openFiles(paths)
	if err != nil {
		return nil, err
	}
	b := &Book{files: files}
	if err := b.load(stationlog.Start(election, station)); err != nil {
		return nil, errors.Join(err, closeFiles(files))
	}
	return b, nil
}

func (b *Book) load(start stationlog.Head) error {
	var contents [2][]byte
	for i, f := range b.files {
		var err error
		if contents[i], err = f.read(); err != nil {
			return err
		}
	}
	p, err := reconcile(start, contents)
	if err != nil {
		return err
	}
	if b.log, b.entries, err = stationlog.Read(start, p.whole); err != nil {
		return err
	}
	b.content, b.head, b.mended = p.whole, b.log.Head(), p.behind
	if p.behind >= 0 {
		if err := b.files[p.behind].mend(p.keep, p.whole[p.keep:]); err != nil {
			return err
		}
	}
	for _, f := range b.files {
		if err := f.confirm(p.whole); err != nil {
			return err
		}
	}
	return nil
}

// Mended says which file Open made good from the other: that of the first path
// (0), of the second (1), or none (false). Whoever gets true writes
// stationlog.LogMended.
func (b *Book) Mended() (int, bool) { return b.mended, b.mended >= 0 }

// Write appends an event, with the hour of the given time. An event that the
// catalogue does not know so is refused, and changes nothing. After any other
// error nothing more can be written: the line may be on none, one or both
// media, and the next Open finds out. The caller halts.
func (b *Book) Write(at time.Time, e stationlog.Event, d ...stationlog.Detail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	line, err := b.log.Append(stationlog.HourOf(at), e, d...)
	if err != nil {
		return err
	}
	// The order matters. The first file has the line for sure before the second
	// is touched, so a power cut can tear one of them, never both: what is left
	// whole says what the torn one was.
	for _, f := range b.files {
		if err := f.append(int64(len(b.content)), line); err != nil {
			b.broken = fmt.Errorf("writing the station's log: %w", err)
			return b.broken
		}
	}
	b.content = append(b.content, line...)
	b.head = b.log.Head()
	b.entries = append(b.entries, stationlog.Entry{Number: uint32(b.log.Len()), Hour: stationlog.HourOf(at), Event: e, Details: slices.Clone(d)})
	return nil
}

// Head returns the head of what is on both media, to be signed.
func (b *Book) Head() stationlog.Head {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head
}

// Len returns the number of lines.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

// Entries returns all lines, for the timeline.
func (b *Book) Entries() []stationlog.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries)
}

// Bytes returns the log as it is in the files, for the export.
func (b *Book) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.content)
}

// Close closes the files. Everything is on the media already.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if errors.Is(b.broken, ErrClosed) {
		return nil
	}
	b.broken = ErrClosed
	return closeFiles(b.files)
}
