package stationlog

import (
	"bytes"
	"crypto/sha256"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
)

const station = "09007-010-0001-0001"

var (
	election = record.Hash{1, 2, 3}
	morning  = HourOf(time.Date(2021, 12, 18, 0, 17, 42, 5, time.UTC))
)

func appended(t testing.TB, l *Log, e Event, d ...Detail) []byte {
	t.Helper()
	line, err := l.Append(morning, e, d...)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// day is a short log, and its Log.
func day(t testing.TB) ([]byte, *Log) {
	t.Helper()
	l := New(Start(election, station))
	var b []byte
	for _, line := range [][]byte{
		appended(t, l, MachineStarted), appended(t, l, SelfTestFailed, Of(Printer)), appended(t, l, SelfTestPassed),
		appended(t, l, PollsOpened, By(2)), appended(t, l, PrinterFailed, With(PaperOut)), appended(t, l, PollsSuspended, Because(PrinterFault)),
		appended(t, l, PollsResumed, By(16)), appended(t, l, PollsClosed, By(1)), appended(t, l, MediumVerified, On(Second)),
	} {
		b = append(b, line...)
	}
	return b, l
}

func TestAppendRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		at      Hour
		event   Event
		details []Detail
		want    string
	}{
		"no event":         {morning, 0, nil, "no event 0"},
		"unknown event":    {morning, 99, nil, "no event 99"},
		"no time":          {Hour{}, MachineStarted, nil, "the hour is not set"},
		"detail missing":   {morning, PollsOpened, nil, "polls-opened: 0 details instead of 1"},
		"detail too many":  {morning, MachineStarted, []Detail{By(1)}, "machine-started: 1 details instead of 0"},
		"detail of others": {morning, PollsOpened, []Detail{On(First)}, "polls-opened: detail 1 is no official"},
		"zero detail":      {morning, PollsOpened, []Detail{{}}, "polls-opened: detail 1 is no official"},
		"official 0":       {morning, PollsOpened, []Detail{By(0)}, "polls-opened: detail 1 is no official"},
		"official 17":      {morning, PollsOpened, []Detail{By(17)}, "polls-opened: detail 1 is no official"},
		"cause -1":         {morning, MachineHalted, []Detail{Because(-1)}, "machine-halted: detail 1 is no cause"},
	} {
		l := New(Start(election, station))
		_, err := l.Append(c.at, c.event, c.details...)
		if want := "appending to the station's log: " + c.want; err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
		if l.Len() != 0 || l.Head() != Start(election, station) {
			t.Errorf("%s: refused, and yet appended", name)
		}
	}
}

// TestRead: what was written comes back, and the log goes on after it.
func TestRead(t *testing.T) {
	b, l := day(t)
	again, entries, err := Read(Start(election, station), b)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 9 || again.Len() != 9 || again.Head() != l.Head() {
		t.Errorf("%d entries, head %s instead of %s", len(entries), again.Head(), l.Head())
	}
	if e := entries[4]; e.Event != PrinterFailed || e.Details[0].String() != "printer: paper-out" || e.Hour.String() != "2021-12-18T00Z" || e.Number != 5 {
		t.Errorf("entry 5 came back as %+v", e)
	}
	if want := appended(t, l, MachineStopped); !bytes.Equal(appended(t, again, MachineStopped), want) {
		t.Error("a log that was read goes on differently")
	}
	if l, entries, err := Read(Start(election, station), nil); err != nil || len(entries) != 0 || l.Head() != Start(election, station) {
		t.Errorf("empty log: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	good, _ := day(t)
	lines := bytes.SplitAfter(good, []byte("\n"))[:9]
	replace := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	join := func(lines ...[]byte) []byte { return bytes.Join(lines, nil) }
	for name, c := range map[string]struct {
		log  []byte
		want string
	}{
		"line removed":          {join(lines[0], lines[2]), "line 2: numbered 3"},
		"first line removed":    {join(lines[1:]...), "line 1: numbered 2"},
		"lines swapped":         {join(lines[1], lines[0]), "line 1: numbered 2"},
		"line twice":            {join(lines[0], lines[0]), "line 2: numbered 1"},
		"line changed":          {replace(`"value":"2"`, `"value":"3"`), "line 5: does not follow the line before it"},
		"event changed":         {replace("machine-started", "machine-stopped"), "line 2: does not follow the line before it"},
		"hour changed":          {replace("T00Z", "T01Z"), "line 2: does not follow the line before it"},
		"cut inside a line":     {good[:len(good)-1], "line 9 has no end"},
		"minutes":               {replace("T00Z", "T00:17Z"), `line 1: "2021-12-18T00:17Z" is not an hour such as 2021-12-18T08Z`},
		"second spelling":       {replace("T00Z", "T0Z"), `line 1: "2021-12-18T0Z" is not an hour such as 2021-12-18T08Z`},
		"unknown event":         {replace("machine-started", "voter-came"), `line 1: no event "voter-came"`},
		"unknown value":         {replace(`"value":"printer"`, `"value":"Chen"`), "line 2: self-test-failed: detail 1 is no part"},
		"unknown key":           {replace(`"key":"part"`, `"key":"note"`), "line 2: self-test-failed: detail 1 is no part"},
		"detail of others":      {replace(`"key":"part","value":"printer"`, `"key":"medium","value":"first"`), "line 2: self-test-failed: detail 1 is no part"},
		"unknown field":         {replace(`"number":1,`, `"number":1,"voter":"A123456789",`), `line 1: json: unknown field "voter"`},
		"white space":           {replace(`"number":1,`, `"number": 1,`), "line 1: json: not the canonical encoding"},
		"upper-case hash":       {replace(`"previous":"`, `"previous":"G`), "line 1: 65 hexadecimal digits instead of 64"},
		"empty line":            {[]byte("\n"), "line 1: EOF"},
		"endless line":          {bytes.Repeat([]byte("x"), 1000), "line 1 has no end"},
		"of another station":    {good, ""},
		"details, but an extra": {replace(`"event":"machine-started"`, `"event":"machine-started","details":[{"key":"part","value":"printer"}]`), "line 1: machine-started: 1 details instead of 0"},
	} {
		start := Start(election, station)
		if c.want == "" {
			start, c.want = Start(election, "09007-010-0001-0002"), "line 1: does not follow the line before it"
		}
		if _, _, err := Read(start, c.log); err == nil || err.Error() != "station's log: "+c.want {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if Start(record.Hash{9}, station) == Start(election, station) {
		t.Error("logs of two elections start alike")
	}
}

// TestCutShort: the end of a log is fixed by its head, which is signed, and by
// nothing else; a power cut leaves a log that goes on.
func TestCutShort(t *testing.T) {
	b, l := day(t)
	whole := b[:Complete(b[:len(b)-20])]
	short, entries, err := Read(Start(election, station), whole)
	if err != nil || len(entries) != 8 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if short.Head() == l.Head() {
		t.Error("a log cut short has the same head")
	}
	if Complete([]byte("no line")) != 0 {
		t.Error("half a line is no line")
	}
}

func TestHourHidesTheMinute(t *testing.T) {
	taipei := time.FixedZone("", 8*3600)
	for _, tm := range []time.Time{
		time.Date(2021, 12, 18, 16, 0, 0, 0, taipei), time.Date(2021, 12, 18, 16, 59, 59, 999, taipei), time.Date(2021, 12, 18, 8, 30, 0, 0, time.UTC),
	} {
		if h := HourOf(tm); h != HourOf(time.Date(2021, 12, 18, 8, 0, 0, 0, time.UTC)) || h.String() != "2021-12-18T08Z" {
			t.Errorf("%s becomes %s", tm, h)
		}
	}
}

func FuzzRead(f *testing.F) {
	b, _ := day(f)
	f.Add(b)
	f.Add(b[:Complete(b[:len(b)/2])])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, entries, err := Read(Start(election, station), b); err == nil {
			l := New(Start(election, station))
			var again []byte
			for _, e := range entries {
				line, err := l.Append(e.Hour, e.Event, e.Details...)
				if err != nil {
					t.Fatal(err)
				}
				again = append(again, line...)
			}
			if !bytes.Equal(again, b) {
				t.Errorf("two encodings of one log:\n%q\n%q", b, again)
			}
		}
		entry, previous, err := decode(b) // a single line, whatever is before it
		if err != nil {
			return
		}
		if line, err := encode(entry, previous); err != nil || !bytes.Equal(line, b) {
			t.Errorf("two encodings of one line:\n%q\n%q", b, line)
		}
	})
}

// TestVector fixes the format: it must not change unseen.
func TestVector(t *testing.T) {
	b, _ := day(t)
	want, err := os.ReadFile("testdata/day.log")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Errorf("the format of the log has changed:\n%s", b)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	if l := New(Start(election, station)); string(appended(t, l, MachineStarted)) != first+"\n" || l.Head() != sha256.Sum256([]byte(first+"\n")) {
		t.Error("the head is not the hash of the last line")
	}
}

// TestFull: the last line that has a place, and the first that has none.
func TestFull(t *testing.T) {
	l := New(Start(election, station))
	l.number = maxEntries - 1 // as if so many had been written
	appended(t, l, MainsLost)
	head := l.Head()
	if _, err := l.Append(morning, MainsRestored); err == nil || err.Error() != "appending to the station's log: it is full" || l.Head() != head {
		t.Errorf("one line too many: %v", err)
	}
}

// TestLongestLine: every event, with its longest details and the highest
// number, keeps to the bound of a line.
func TestLongestLine(t *testing.T) {
	for _, d := range Catalogue() {
		e := Entry{Number: maxEntries, Hour: morning, Event: d.Event}
		for _, key := range d.Details {
			longest := ""
			for _, v := range vocabulary[key] {
				if len(v) > len(longest) {
					longest = v
				}
			}
			e.Details = append(e.Details, Detail{key, longest})
		}
		line, err := encode(e, Head{})
		if err != nil || len(line) > MaxLine {
			t.Errorf("%s: %d bytes, %v", d.Name, len(line), err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	l := New(Start(election, station))
	for b.Loop() {
		if l.Len() == maxEntries {
			l = New(Start(election, station))
		}
		appended(b, l, PrinterFailed, With(PaperOut))
	}
}

// BenchmarkRead is a log of 1,000 lines, its chain checked.
func BenchmarkRead(b *testing.B) {
	l := New(Start(election, station))
	var log []byte
	for range 1000 {
		log = append(log, appended(b, l, PrinterFailed, With(PaperOut))...)
	}
	for b.Loop() {
		if _, _, err := Read(Start(election, station), log); err != nil {
			b.Fatal(err)
		}
	}
}
