package machine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A deed is what a voter does with one ballot: its name fixes its choices and
// its randomness, the slot where it comes to lie.
type deed struct {
	ballot string
	do     string // "cast", "challenge" or "leave"
	slot   int
}

// A visit is one session.
type visit struct {
	voter int
	deeds []deed
}

// A watched station has every source of chance in the test's hand, and
// everything that it writes is looked at after every movement of paper.
type watched struct {
	*house
	t       *testing.T
	used    map[string][]int // slots, by box
	looked  int
	secrets map[string][]byte // what must never be in a file
}

func watch(t *testing.T) *watched {
	h := opened(t, 6)
	w := &watched{house: h, t: t, used: map[string][]int{}, secrets: map[string][]byte{}}
	for i, c := range h.world.Cards {
		w.secrets[fmt.Sprint("identifier of voter ", i)] = []byte(stationtest.HolderOf(i))
		w.secrets[fmt.Sprint("certificate of voter ", i)] = c.Certificate.Raw[:64]
		w.secrets[fmt.Sprint("key of voter ", i)] = c.Certificate.RawSubjectPublicKeyInfo
	}
	w.secrets["name on the cards"] = []byte("Test Holder")
	w.secrets["day of the vote"] = []byte("2021-12-18")
	h.paper.Hook = func(string) error { w.look(); return nil }
	return w
}

// look reads every file of the station in the middle of a session.
func (w *watched) look() {
	w.looked++
	for _, path := range []string{w.disk.Main, w.disk.Mirror} {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range entries {
			name := filepath.Join(filepath.Dir(path), e.Name())
			content, err := os.ReadFile(name)
			if err != nil {
				w.t.Fatal(err)
			}
			w.silent(name, content)
			if known := []string{"main.db", "main.db-journal", "mirror.db", "mirror.db-journal"}; !slices.Contains(known, e.Name()) {
				w.t.Errorf("a file %s", e.Name())
			}
			if strings.HasSuffix(name, "-journal") && len(content) > 0 {
				w.t.Errorf("%s keeps %d bytes of an old page", e.Name(), len(content))
			}
		}
	}
}

func (w *watched) silent(name string, content []byte) {
	for what, secret := range w.secrets {
		if bytes.Contains(content, secret) {
			w.t.Errorf("%s holds the %s", name, what)
		}
	}
}

// aim makes the ballot box take a certain slot, by the random number that means
// it among the free ones.
func (w *watched) aim(box string, slot int) io.Reader {
	before := 0
	for _, u := range w.used[box] {
		if u < slot {
			before++
		}
	}
	w.used[box] = append(w.used[box], slot)
	return bytes.NewReader(binary.LittleEndian.AppendUint64(nil, uint64(slot-1-before)))
}

func (w *watched) play(visits []visit) {
	w.t.Helper()
	for _, v := range visits {
		w.c.Random = stationtest.Random(fmt.Sprint("card ", v.voter))
		w.Insert(w.world.Cards[v.voter])
		for _, d := range v.deeds {
			w.c.Random = stationtest.Random("ballot " + d.ballot)
			w.again(w.t, choices[d.ballot]...)
			seed := w.booth.ballot.seed.Export()
			w.secrets["seed of "+d.ballot] = seed[:]
			switch d.do {
			case "cast":
				w.c.Random = w.aim("cast", d.slot)
				w.Handle(station.CastChosen{})
				w.at(w.t, station.Leaving)
			case "challenge":
				delete(w.secrets, "seed of "+d.ballot) // it is printed and published
				w.c.Random = w.aim("challenged", d.slot)
				w.Handle(station.ChallengeChosen{})
				w.at(w.t, station.Choosing)
			}
		}
		w.Remove()
		w.at(w.t, station.Idle)
	}
}

var choices = map[string][]int{"a": {1, 2}, "b": {2, 1}, "c": {3, 0}, "tested": {1, 1}, "left": {2, 2}}

// TestEveryByte lets the same voters vote in two orders, each with another's
// ballot; another of them tests the machine, and another voter leaves without
// a ballot. With the same slots drawn, everything that the station ever wrote is
// the same, byte for byte: both databases, the bundle, the tapes, the slips in the
// box, the receipts and the log.
//
// So what is left of a day is a function of who voted, which ballots were cast,
// challenged and left, and of the slots that chance drew. It says nothing about
// order, about which voter cast which ballot, about who tested the machine with
// which, or about who left. Beyond that function, a file may hold bytes that are
// the same by accident of this test: so every file is searched, after every
// movement of paper, for what identifies a voter or opens a ballot.
//
// It does not show what somebody learns who copies the disks between two votes:
// such a person sees which slot was new (docs/spec/station.md, Section 7).
func TestEveryByte(t *testing.T) {
	one, other := watch(t), watch(t)
	one.play([]visit{
		{0, []deed{{"a", "cast", 3}}},
		{1, []deed{{"tested", "challenge", 7}, {"b", "cast", 1}}},
		{2, []deed{{"left", "leave", 0}}},
		{3, []deed{{"c", "cast", 5}}},
	})
	other.play([]visit{
		{3, []deed{{"b", "cast", 1}}},
		{4, []deed{{"left", "leave", 0}}},
		{1, []deed{{"c", "cast", 5}}},
		{0, []deed{{"tested", "challenge", 7}, {"a", "cast", 3}}},
	})
	left, right := one.remains(), other.remains()
	if len(left) != len(right) || one.looked < 30 || one.looked != other.looked {
		t.Fatalf("%d and %d things remain; looked %d and %d times", len(left), len(right), one.looked, other.looked)
	}
	for name, content := range left {
		if !bytes.Equal(content, right[name]) {
			t.Errorf("%s tells the two days apart, from byte %d on", name, differsAt(content, right[name]))
		}
	}
	one.once()
}

func differsAt(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// remains closes the polls and collects everything that the station wrote.
func (w *watched) remains() map[string][]byte {
	w.t.Helper()
	bundle, _ := w.closed(w.t)
	w.look()
	all := map[string][]byte{}
	for name, path := range map[string]string{"main": w.disk.Main, "mirror": w.disk.Mirror,
		"closing": filepath.Join(bundle, record.ClosingFile), "checkpoint": filepath.Join(bundle, record.CheckpointFile),
		"ballots": filepath.Join(bundle, record.BallotsFile), "challenged": filepath.Join(bundle, record.ChallengedFile)} {
		b, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		w.silent(name, b)
		all[name] = b
	}
	all["log"] = w.lines
	all["box"] = fmt.Append(nil, w.paper.Box) // maps print sorted
	var pages []string
	for _, p := range w.paper.Pages { // in people's hands: no order
		b, err := p.Encode()
		if err != nil {
			w.t.Fatal(err)
		}
		if p.Kind != slip.KindChallenge {
			w.silent("a "+p.Kind, b)
		}
		pages = append(pages, string(b))
	}
	slices.Sort(pages)
	all["pages"] = []byte(strings.Join(pages, ""))
	return all
}

// once: a voter stands in the roll and nowhere else, and a ballot in its slot
// and nowhere else, and no page of the database is free to hold old content.
func (w *watched) once() {
	w.t.Helper()
	for _, medium := range []string{"main", "mirror"} {
		content, err := os.ReadFile(map[string]string{"main": w.disk.Main, "mirror": w.disk.Mirror}[medium])
		if err != nil {
			w.t.Fatal(err)
		}
		for _, voter := range w.world.Roll.Body.Voters {
			if n := bytes.Count(content, voter[:]); n != 2 { // the row, and the index that finds it
				w.t.Errorf("%s: a voter stands at %d places", medium, n)
			}
		}
		err = w.db.View(func(tx *database.Tx) error {
			var free int
			if err := tx.QueryRow("PRAGMA " + medium + ".freelist_count").Scan(&free); err != nil {
				return err
			}
			if free != 0 {
				w.t.Errorf("%s: %d free pages", medium, free)
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range w.paper.Pages {
			if p.Kind == slip.KindReceipt && bytes.Contains(content, []byte(p.Blocks[len(p.Blocks)-3].Text)) {
				w.t.Errorf("%s holds a receipt", medium)
			}
		}
	}
}

// TestSessionWithoutBallotLeavesOnlyCounts: of a session that was abandoned,
// with a slip printed and a ballot made, only the daybook's row is changed: one
// page. The counter in the file's header counts starts, not transactions.
func TestSessionWithoutBallotLeavesOnlyCounts(t *testing.T) {
	w := watch(t)
	before := w.pages()
	w.play([]visit{{0, []deed{{"left", "leave", 0}}}})
	changed := func(a, b []string) (n int) {
		for i := range a {
			if a[i] != b[i] {
				n++
			}
		}
		return n
	}
	after := w.pages()
	if len(before) != len(after) || changed(before, after) != 1 {
		t.Errorf("%d pages became %d, and %d changed", len(before), len(after), changed(before, after))
	}
	if w.hasVoted(t, 0) {
		t.Error("marked without a ballot")
	}
}

// pages returns the main database, page by page.
func (w *watched) pages() []string {
	w.t.Helper()
	content, err := os.ReadFile(w.disk.Main)
	if err != nil {
		w.t.Fatal(err)
	}
	var pages []string
	for p := range slices.Chunk(content, 4096) {
		pages = append(pages, string(p))
	}
	return pages
}
