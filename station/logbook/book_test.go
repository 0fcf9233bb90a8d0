package logbook_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
)

const station = "09007-010-0001-0001"

var (
	election = record.Hash{1, 2, 3}
	morning  = time.Date(2021, 12, 18, 0, 17, 42, 5, time.UTC)
)

// two returns a path on each of two media.
func two(a, b string) [2]string {
	return [2]string{filepath.Join(a, "station.log"), filepath.Join(b, "station.log")}
}

func open(t testing.TB, paths [2]string) *logbook.Book {
	t.Helper()
	b, err := logbook.Open(paths, election, station)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, b *logbook.Book, e stationlog.Event, d ...stationlog.Detail) {
	t.Helper()
	if err := b.Write(morning, e, d...); err != nil {
		t.Fatal(err)
	}
}

// fill makes a log of three lines and closes it.
func fill(t testing.TB, paths [2]string) {
	t.Helper()
	b := open(t, paths)
	write(t, b, stationlog.LogStarted)
	write(t, b, stationlog.MachineStarted)
	write(t, b, stationlog.KindLoaded, stationlog.For(stationlog.Live))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fails reports whether err says all of says.
func fails(t testing.TB, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}

// TestBook: what was written is in both files, and goes on after a start.
func TestBook(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	b := open(t, paths)
	if b.Len() != 0 || b.Head() != stationlog.Start(election, station) || len(b.Bytes()) != 0 {
		t.Errorf("a new log has %d lines and the head %s", b.Len(), b.Head())
	}
	write(t, b, stationlog.LogStarted)
	if err := b.Write(morning, stationlog.PollsOpened); err == nil || b.Len() != 1 {
		t.Errorf("an event without its detail: %v, %d lines", err, b.Len())
	}
	write(t, b, stationlog.PollsOpened, stationlog.By(2)) // a refused event breaks nothing
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(morning, stationlog.MachineStopped); !errors.Is(err, logbook.ErrClosed) {
		t.Errorf("writing after Close: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	b = open(t, paths)
	defer b.Close()
	write(t, b, stationlog.MachineStopped)
	if _, mended := b.Mended(); mended {
		t.Error("mended what was whole")
	}
	content := read(t, paths[0])
	if !bytes.Equal(content, read(t, paths[1])) || !bytes.Equal(content, b.Bytes()) {
		t.Error("the files are not the same as the book")
	}
	l, entries, err := stationlog.Read(stationlog.Start(election, station), content)
	if err != nil || l.Head() != b.Head() || len(entries) != 3 || b.Len() != 3 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for i, e := range b.Entries() {
		if e.Number != entries[i].Number || e.Event != entries[i].Event || e.Hour != entries[i].Hour || len(e.Details) != len(entries[i].Details) {
			t.Errorf("entry %d is %+v in the book, %+v in the file", i+1, e, entries[i])
		}
	}
}

// TestFilesTellNothing: their owner's alone, and without a time, whenever one
// looks.
func TestFilesTellNothing(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	look := func(when string) {
		t.Helper()
		for _, path := range paths {
			info, err := os.Lstat(path)
			if err != nil || info.Mode() != 0o600 || !info.ModTime().Equal(durable.Epoch) {
				t.Errorf("%s: %v, %v, %v", when, info.Mode(), info.ModTime(), err)
			}
		}
	}
	b := open(t, paths)
	look("new")
	write(t, b, stationlog.LogStarted)
	look("written")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(paths[1], morning, morning); err != nil {
		t.Fatal(err)
	}
	if err := open(t, paths).Close(); err != nil {
		t.Fatal(err)
	}
	look("opened")
	for _, path := range paths {
		if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
			t.Errorf("beside the log: %v, %v", names, err)
		}
	}
}

// TestOpenRefuses everything that is no pair of files as a station leaves
// them, and changes none of it.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(a, b string) error
		want  string
		is    error
	}{
		"first is a link":         {func(a, b string) error { return errors.Join(os.Rename(a, a+"2"), os.Symlink(a+"2", a)) }, "not a regular file", durable.ErrNotRegular},
		"second is a link":        {func(a, b string) error { return errors.Join(os.Remove(b), os.Symlink(a, b)) }, "not a regular file", durable.ErrNotRegular},
		"link to nothing":         {func(a, b string) error { return errors.Join(os.Remove(b), os.Symlink("/none", b)) }, "not a regular file", durable.ErrNotRegular},
		"same file":               {func(a, b string) error { return errors.Join(os.Remove(b), os.Link(a, b)) }, "it has a second name", nil},
		"second name":             {func(a, b string) error { return os.Link(a, a+"2") }, "it has a second name", nil},
		"pipe":                    {func(a, b string) error { return errors.Join(os.Remove(a), syscall.Mkfifo(a, 0o600)) }, "not a regular file", durable.ErrNotRegular},
		"folder":                  {func(a, b string) error { return errors.Join(os.Remove(b), os.Mkdir(b, 0o700)) }, "not a regular file", durable.ErrNotRegular},
		"others may write":        {func(a, b string) error { return os.Chmod(b, 0o620) }, "its mode is 0620, not 0600", nil},
		"first missing":           {func(a, b string) error { return os.Remove(a) }, "is missing, and ", fs.ErrNotExist},
		"second missing":          {func(a, b string) error { return os.Remove(b) }, "is missing, and ", fs.ErrNotExist},
		"medium missing":          {func(a, b string) error { return os.RemoveAll(filepath.Dir(b)) }, "is missing, and ", fs.ErrNotExist},
		"emptied":                 {func(a, b string) error { return os.Truncate(b, 0) }, "file 1 has 3 lines more than file 2", logbook.ErrDiffer},
		"endless":                 {func(a, b string) error { return os.Truncate(b, stationlog.MaxLog+1000) }, "larger than 33554944 bytes", nil},
		"zeros behind the log":    {func(a, b string) error { return os.Truncate(b, 3000) }, "bytes follow the last line", logbook.ErrDiffer},
		"of another station":      {func(a, b string) error { return exchange(b, "09007-010-0001-0002") }, "file 2: the copies of the station's log are not as a power cut leaves them: station's log: line 1: does not follow", logbook.ErrDiffer},
		"both of another station": {func(a, b string) error { return errors.Join(exchange(a, "x"), exchange(b, "x")) }, "file 1: ", logbook.ErrDiffer},
	} {
		t.Run(name, func(t *testing.T) {
			paths := two(t.TempDir(), t.TempDir())
			fill(t, paths)
			if err := c.spoil(paths[0], paths[1]); err != nil {
				t.Fatal(err)
			}
			before := [2]string{state(paths[0]), state(paths[1])}
			_, err := logbook.Open(paths, election, station)
			fails(t, err, "opening the station's log: ", c.want)
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v does not wrap %v", err, c.is)
			}
			if after := [2]string{state(paths[0]), state(paths[1])}; after != before {
				t.Errorf("refused, and yet changed: %q, before %q", after, before)
			}
		})
	}
}

// exchange puts another station's log of the same length in place of one.
func exchange(path, station string) error {
	l := stationlog.New(stationlog.Start(election, station))
	var b []byte
	for _, e := range []stationlog.Event{stationlog.LogStarted, stationlog.MachineStarted} {
		line, err := l.Append(stationlog.HourOf(morning), e)
		if err != nil {
			return err
		}
		b = append(b, line...)
	}
	return os.WriteFile(path, b, 0o600)
}

// state describes what is at a path.
func state(path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return "nothing"
	}
	s := info.Mode().String()
	if info.Mode().IsRegular() && info.Size() < 10_000 {
		b, err := os.ReadFile(path)
		if err != nil {
			return err.Error()
		}
		s += string(b)
	}
	return s
}

func TestOneMediumGivenTwice(t *testing.T) {
	dir := t.TempDir()
	_, err := logbook.Open(two(dir, dir), election, station)
	fails(t, err, "file exists")
	_, err = logbook.Open([2]string{filepath.Join(dir, "none", "a"), filepath.Join(dir, "b")}, election, station)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestOneWriterOnly: a second program on either file is refused.
func TestOneWriterOnly(t *testing.T) {
	paths, other := two(t.TempDir(), t.TempDir()), two(t.TempDir(), t.TempDir())
	b := open(t, paths)
	for _, p := range [][2]string{paths, {paths[0], other[1]}, {other[0], paths[1]}} {
		if _, err := logbook.Open(p, election, station); !errors.Is(err, logbook.ErrInUse) {
			t.Errorf("a second writer: %v", err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, paths).Close(); err != nil {
		t.Errorf("after the first has closed: %v", err)
	}
}

// TestWriteNotices what happens to its files meanwhile, and stays broken.
func TestWriteNotices(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		want  string
	}{
		"written to": {func(path string) error {
			return os.WriteFile(path, []byte("longer than what was there, "+strings.Repeat("x", 999)), 0o600)
		}, "something else has written to it"},
		"cut":       {func(path string) error { return os.Truncate(path, 10) }, "has 10 bytes instead of"},
		"removed":   {os.Remove, "is no longer there, or is another file"},
		"exchanged": {func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) }, "is no longer there, or is another file"},
	} {
		for i := range 2 {
			paths := two(t.TempDir(), t.TempDir())
			fill(t, paths)
			b := open(t, paths)
			head := b.Head()
			if err := c.spoil(paths[i]); err != nil {
				t.Fatal(err)
			}
			err := b.Write(morning, stationlog.MachineStopped)
			fails(t, err, "writing the station's log: ", c.want)
			if again := b.Write(morning, stationlog.MachineStopped); again != err {
				t.Errorf("%s: the next write: %v", name, again)
			}
			if b.Len() != 3 || b.Head() != head {
				t.Errorf("%s: %d lines, though the last was not written", name, b.Len())
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestRecreate: a lost copy is made again, and never over something.
func TestRecreate(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	fill(t, paths)
	content := read(t, paths[0])
	err := logbook.Recreate(paths[0], paths[1], election, station)
	fails(t, err, "making the station's log again: ", "there already")
	if err := os.Remove(paths[1]); err != nil {
		t.Fatal(err)
	}
	fails(t, logbook.Recreate(paths[0], paths[1], election, "another"), "line 1: does not follow the line before it")
	put(t, paths[0], append(bytes.Clone(content), "half a li"...))
	if err := os.Chmod(paths[0], 0o400); err != nil { // evidence
		t.Fatal(err)
	}
	if err := logbook.Recreate(paths[0], paths[1], election, station); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(paths[0], 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, paths)
	defer b.Close()
	if m, ok := b.Mended(); !ok || m != 0 || b.Len() != 3 || !bytes.Equal(read(t, paths[1]), content) {
		t.Errorf("%d lines, mended %v %v", b.Len(), m, ok)
	}
}

// TestRead: reading says what a start would find, and changes nothing.
func TestRead(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	if _, err := logbook.Read(paths, election, station); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a log that was never begun: %v", err)
	}
	fill(t, paths)
	whole := read(t, paths[0])
	for name, c := range map[string]struct {
		first, second []byte
		behind, lines int
	}{
		"equal":              {whole, whole, -1, 3},
		"first is cut short": {whole[:len(whole)-9], whole, 0, 3},
		"second has half":    {whole, append(bytes.Clone(whole), "half a li"...), 1, 3},
	} {
		put(t, paths[0], c.first)
		put(t, paths[1], c.second)
		before := [2]string{state(paths[0]), state(paths[1])}
		r, err := logbook.Read(paths, election, station)
		if err != nil || r.Behind != c.behind || len(r.Entries) != c.lines || bytes.Count(r.Content, []byte("\n")) != c.lines {
			t.Errorf("%s: %d entries, file %d is behind, %v", name, len(r.Entries), r.Behind, err)
		}
		if after := [2]string{state(paths[0]), state(paths[1])}; after != before {
			t.Errorf("%s: reading changed something", name)
		}
	}
	put(t, paths[1], whole[:10])
	_, err := logbook.Read(paths, election, station)
	if fails(t, err, "reading the station's log: "); !errors.Is(err, logbook.ErrDiffer) {
		t.Errorf("three lines less: %v", err)
	}
	put(t, paths[1], whole)
	b := open(t, paths)
	defer b.Close()
	if r, err := logbook.Read(paths, election, station); err != nil || len(r.Entries) != 3 { // while it is open
		t.Errorf("%d entries, %v", len(r.Entries), err)
	}
}

// TestReadWhileWriting: whoever looks while lines are written sees a log,
// each time.
func TestReadWhileWriting(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	fill(t, paths)
	b := open(t, paths)
	defer b.Close()
	done := make(chan error)
	go func() {
		for range 30 {
			if err := b.Write(morning, stationlog.MainsLost); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for last := 0; ; {
		r, err := logbook.Read(paths, election, station)
		if err != nil || len(r.Entries) < last || r.Behind >= 0 {
			t.Errorf("%d entries after %d, file %d behind: %v", len(r.Entries), last, r.Behind, err)
		}
		last = len(r.Entries)
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}

// TestManyWriters: lines of several goroutines come one after the other.
func TestManyWriters(t *testing.T) {
	paths := two(t.TempDir(), t.TempDir())
	b := open(t, paths)
	defer b.Close()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 5 {
				if err := b.Write(morning, stationlog.MainsLost); err != nil {
					t.Error(err)
				}
				b.Head()
				b.Entries()
			}
		})
	}
	wait.Wait()
	for _, path := range paths {
		if _, entries, err := stationlog.Read(stationlog.Start(election, station), read(t, path)); err != nil || len(entries) != 40 {
			t.Errorf("%d entries, %v", len(entries), err)
		}
	}
}

// BenchmarkWrite is one line on two files of this machine's own disk.
func BenchmarkWrite(b *testing.B) {
	book := open(b, two(b.TempDir(), b.TempDir()))
	for b.Loop() {
		if book.Len() == 10_000 { // long before it is full
			b.StopTimer()
			if err := book.Close(); err != nil {
				b.Fatal(err)
			}
			book = open(b, two(b.TempDir(), b.TempDir()))
			b.StartTimer()
		}
		write(b, book, stationlog.PrinterFailed, stationlog.With(stationlog.PaperOut))
	}
	if err := book.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen is the start of a machine that has logged 1,000 lines.
func BenchmarkOpen(b *testing.B) {
	paths := two(b.TempDir(), b.TempDir())
	l := stationlog.New(stationlog.Start(election, station))
	var content []byte
	for range 1000 {
		line, err := l.Append(stationlog.HourOf(morning), stationlog.MainsLost)
		if err != nil {
			b.Fatal(err)
		}
		content = append(content, line...)
	}
	put(b, paths[0], content)
	put(b, paths[1], content)
	for b.Loop() {
		if err := open(b, paths).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
