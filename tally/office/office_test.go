package office_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/office"
	"github.com/openreferendum/referendum/tally/tallytest"
	"github.com/openreferendum/referendum/verifier"
)

// countEnv names the folder in which this test binary counts, instead of
// testing, to be killed.
const countEnv = "OFFICE_TEST_COUNT"

func TestMain(m *testing.M) {
	dir := os.Getenv(countEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	r, err := theRoom()
	if err == nil {
		fmt.Println("counting")
		err = r.count(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestRecordVerifies: what the office publishes passes every check of the
// verifier, which shares no code with it.
func TestRecordVerifies(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	if err := r.count(dir); err != nil {
		t.Fatal(err)
	}
	report := verifier.Verify(os.DirFS(filepath.Join(dir, "record")), verifier.Options{})
	if !report.OK() {
		t.Errorf("%+v", report.Failures)
	}
}

// TestInterrupted: a count that stops after any file, with half-written files
// lying about, ends in the same record, byte for byte.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	order := r.inOrder()
	if len(order) < 20 {
		t.Fatalf("only %d steps", len(order))
	}
	for k := range len(order) + 1 {
		dir := r.furnish(t)
		r.writeUpTo(t, filepath.Join(dir, "record"), order[:k])
		if err := r.count(dir); err != nil {
			t.Errorf("stopped after %d files: %v", k, err)
			continue
		}
		if d := difference(contents(os.DirFS(filepath.Join(dir, "record"))), r.record); d != "" {
			t.Errorf("stopped after %d files: %s", k, d)
		}
	}
}

// TestSoakKilled kills the count at any moment, until it has come to its end,
// again and again.
func TestSoakKilled(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	r := aRoom(t)
	chance := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for rounds := 0; killed < 100; rounds++ {
		if rounds == 1000 {
			t.Fatalf("killed only %d times", killed)
		}
		dir := r.furnish(t)
		for ended := false; !ended; {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), countEnv+"="+dir)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			out.Read(make([]byte, 1)) // it counts from here
			kill := time.AfterFunc(time.Duration(chance.IntN(60))*time.Millisecond, func() { cmd.Process.Kill() })
			ended = cmd.Wait() == nil
			if kill.Stop(); !ended {
				killed++
			}
		}
		if d := difference(contents(os.DirFS(filepath.Join(dir, "record"))), r.record); d != "" {
			t.Fatal(d)
		}
	}
}

func TestBeginRefuses(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	other := tallytest.New(tallytest.Config{Seed: "other"})
	if err := other.WriteCeremony(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	begun := filepath.Join(dir, "begun")
	if _, err := office.Begin(filepath.Join(dir, "exchange"), begun); err != nil {
		t.Fatal(err)
	}
	before := contents(os.DirFS(begun))
	if _, err := office.Begin(filepath.Join(dir, "other"), begun); !errors.Is(err, office.ErrOtherContent) {
		t.Errorf("another election in the same folder: %v", err)
	}
	if d := difference(contents(os.DirFS(begun)), before); d != "" {
		t.Errorf("the refused beginning changed %s", d)
	}
	writeFile(t, filepath.Join(dir, "file"), "")
	if _, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "file")); err == nil {
		t.Error("began in a file")
	}
	writeFile(t, filepath.Join(dir, "mine/stations/z-9/letter"), "")
	_, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "mine"))
	if want := "beginning the count: stations/z-9: does not belong in a record"; err == nil || err.Error() != want {
		t.Errorf("a stranger's folder: error %v, want %q", err, want)
	}
}

// TestImportTakesWhatItChecked: a medium that changes while it is being checked
// changes nothing about what is counted.
func TestImportTakesWhatItChecked(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	o, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	ballots := filepath.Join(dir, "media/a-1/ballots")
	if _, err := o.Import(filepath.Join(dir, "media/a-1"), func() { writeFile(t, ballots, "something else") }); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "record/stations/a-1/ballots"))
	if want := string(r.bundles["a-1"][record.BallotsFile].Data); err != nil || string(got) != want {
		t.Errorf("the medium's later ballots were imported: %v", err)
	}
}

// TestImportTogether: many imports of all stations at once, by several programs
// as it were, take each station once and leave nothing else.
func TestImportTogether(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	if _, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record")); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	taken := map[string]int{}
	for range 4 {
		for _, id := range []string{"a-1", "a-2", "b-1"} {
			wg.Go(func() {
				o, err := office.Open(filepath.Join(dir, "record"))
				if err == nil {
					_, err = o.Import(filepath.Join(dir, "media", id), nil)
				}
				if err != nil && !errors.Is(err, office.ErrTwice) {
					t.Errorf("station %s: %v", id, err)
				}
				if err == nil {
					mu.Lock()
					taken[id]++
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	if want := map[string]int{"a-1": 1, "a-2": 1, "b-1": 1}; !maps.Equal(taken, want) {
		t.Errorf("taken %v, want %v", taken, want)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "record/stations"))
	if err != nil || len(entries) != 3 {
		t.Errorf("%d names in stations, %v", len(entries), err)
	}
}

// TestImportWhileAggregating: whichever comes first, a station is either in the
// sums or not in the record; never in the record and named as missing.
func TestImportWhileAggregating(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	for range 8 {
		dir := r.furnish(t)
		o, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Import(filepath.Join(dir, "media/a-1"), nil); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var late error
		wg.Go(func() { _, late = o.Import(filepath.Join(dir, "media/b-1"), nil) })
		a, err := o.Aggregate(r.Authority.Signer(), true, 1, nil)
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		imported, _, err := o.Stations()
		if err != nil {
			t.Fatal(err)
		}
		if len(imported)+len(a.Missing) != 3 || (late == nil) != (len(imported) == 2) || (late != nil && !errors.Is(late, office.ErrRequested)) {
			t.Errorf("imported %q, missing %q, late import: %v", imported, a.Missing, late)
		}
	}
}

// TestSignedOnce: no second request is signed, whatever is changed by hand.
func TestSignedOnce(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	o, err := r.countBundles(dir)
	if err != nil {
		t.Fatal(err)
	}
	request := filepath.Join(dir, "record", record.AggregatesFile)
	before, err := os.ReadFile(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Aggregate(nil, false, 1, nil); err != nil {
		t.Errorf("again, without a key: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "record/stations/a-2")); err != nil {
		t.Fatal(err)
	}
	for _, withoutMissing := range []bool{false, true} {
		if _, err := o.Aggregate(r.Authority.Signer(), withoutMissing, 1, nil); !errors.Is(err, office.ErrOtherRequest) {
			t.Errorf("a station less: %v", err)
		}
	}
	if _, err := o.Import(filepath.Join(dir, "media/a-2"), nil); !errors.Is(err, office.ErrRequested) {
		t.Errorf("imported after the request: %v", err)
	}
	if after, err := os.ReadFile(request); err != nil || string(after) != string(before) {
		t.Errorf("the request was changed: %v", err)
	}
	stranger := tallytest.New(tallytest.Config{Seed: "stranger"}).Authority.Signer()
	if err := os.Remove(request); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Aggregate(stranger, true, 1, nil); !errors.Is(err, tally.ErrKey) {
		t.Errorf("a stranger signs: %v", err)
	}
	if _, err := os.Lstat(request); err == nil {
		t.Error("a stranger's request was written")
	}
}

// TestStray: files that no verifier would accept are named before anything is
// signed over them.
func TestStray(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	for _, name := range []string{"notes.txt", "stations/a-1/notes.txt", "stations/a-1/.writing-7", "stations/z-9/ballots", "stations/README", "decryption/trustee-4.json", "ceremony/complaint-1-2.json", "evidence/x"} {
		dir := r.furnish(t)
		r.writeUpTo(t, filepath.Join(dir, "record"), r.inOrder()[:len(r.inOrder())-2])
		writeFile(t, filepath.Join(dir, "record", name), "x")
		o, err := office.Open(filepath.Join(dir, "record"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Publish(r.Authority.Signer())
		if !errors.Is(err, office.ErrStray) || !strings.Contains(err.Error(), strings.SplitN(name, "/", 2)[0]) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "record", record.ResultFile)); err == nil {
			t.Errorf("%s: a result was written", name)
		}
	}
}
