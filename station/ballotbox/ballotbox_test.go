package ballotbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/ballotbox"
)

// A house is a database with one box.
type house struct {
	*database.DB
	disk database.Config
	size int
}

func newHouse(t testing.TB, slots, size int) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{disk: database.Config{Main: filepath.Join(dir, "main"), Mirror: filepath.Join(dir, "mirror")}, size: size}
	db, err := database.Create(h.disk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h.DB = db
	if err := db.Update(func(tx *database.Tx) error { return ballotbox.Cast.Create(tx, slots, size) }); err != nil {
		t.Fatal(err)
	}
	return h
}

// ballot is the i-th ballot of a test, and its code.
func ballot(i, size int) (record.Hash, []byte) {
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)}).Read(content)
	return sha256.Sum256(content), content
}

func (h *house) put(random io.Reader, i int) error {
	return h.Update(func(tx *database.Tx) error {
		code, content := ballot(i, h.size)
		return ballotbox.Cast.Put(tx, random, code, content)
	})
}

func chacha(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed, 1}) }

func fails(t *testing.T, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not say %q", err, says)
	}
}

func TestCreateRefuses(t *testing.T) {
	h := newHouse(t, 1, 1)
	for _, test := range []struct{ slots, size int }{
		{0, 1}, {-1, 1}, {1, 0}, {1, -1}, {ballotbox.MaxSlots + 1, 1}, {1, ballotbox.MaxSize + 1},
	} {
		err := h.Update(func(tx *database.Tx) error { return ballotbox.Challenged.Create(tx, test.slots, test.size) })
		fails(t, err, "creating box challenged_ballots: ")
	}
	err := h.Update(func(tx *database.Tx) error { return ballotbox.Cast.Create(tx, 1, 1) })
	fails(t, err, "creating box cast_ballots: main: table cast_ballots_seal already exists")
}

func TestPutRefuses(t *testing.T) {
	code, content := ballot(1, 10)
	for _, test := range []struct {
		name    string
		random  io.Reader
		content []byte
		before  func(tx *database.Tx) error
		says    string
		is      error
	}{
		{name: "one byte short", content: content[1:], says: "9 bytes for slots of 10"},
		{name: "one byte more", content: append(content[:10:10], 0), says: "11 bytes for slots of 10"},
		{name: "nothing", content: nil, says: "0 bytes for slots of 10"},
		{name: "no randomness", random: strings.NewReader("1234567"), content: content, says: "reading randomness: unexpected EOF"},
		{name: "there already", content: content, says: "this ballot is in the box already", is: ballotbox.ErrDuplicate,
			before: func(tx *database.Tx) error { return ballotbox.Cast.Put(tx, chacha(0), code, content) }},
		{name: "sealed", content: content, says: "sealed", is: ballotbox.ErrClosed, before: ballotbox.Cast.Seal},
		{name: "full", content: content, says: "full", is: ballotbox.ErrFull, before: func(tx *database.Tx) error {
			for i := range 3 {
				code, content := ballot(i+2, 10)
				if err := ballotbox.Cast.Put(tx, chacha(0), code, content); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, 3, 10)
			if test.before != nil {
				if err := h.Update(test.before); err != nil {
					t.Fatal(err)
				}
			}
			before := h.ballots(t)
			if test.random == nil {
				test.random = chacha(1)
			}
			err := h.Update(func(tx *database.Tx) error { return ballotbox.Cast.Put(tx, test.random, code, test.content) })
			fails(t, err, "putting a ballot into box cast_ballots: ")
			fails(t, err, test.says)
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			if got := h.ballots(t); !slices.Equal(got, before) {
				t.Errorf("a refused ballot changed the box from %d to %d ballots", len(before), len(got))
			}
		})
	}
}

// ballots returns the codes in the box, in the order of Sorted, and checks what
// Sorted promises.
func (h *house) ballots(t *testing.T) []record.Hash {
	t.Helper()
	var codes []record.Hash
	err := h.View(func(tx *database.Tx) error {
		err := ballotbox.Cast.Sorted(tx, func(code record.Hash, content []byte) error {
			if sha256.Sum256(content) != code {
				t.Errorf("the ballot beside code %x is another", code)
			}
			codes = append(codes, code)
			return nil
		})
		if err != nil {
			return err
		}
		n, err := ballotbox.Cast.Count(tx)
		if n != len(codes) {
			t.Errorf("Count says %d, Sorted %d", n, len(codes))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(codes, func(a, b record.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		t.Error("Sorted is not sorted")
	}
	return codes
}

// TestFillToTheLast puts as many ballots as there are slots, all different, and
// finds each.
func TestFillToTheLast(t *testing.T) {
	const slots = 40
	h := newHouse(t, slots, 100)
	random := chacha(3)
	var want []record.Hash
	for i := range slots {
		if err := h.put(random, i); err != nil {
			t.Fatal(err)
		}
		code, _ := ballot(i, 100)
		want = append(want, code)
	}
	slices.SortFunc(want, func(a, b record.Hash) int { return bytes.Compare(a[:], b[:]) })
	if got := h.ballots(t); !slices.Equal(got, want) {
		t.Errorf("%d ballots of %d", len(got), slots)
	}
	if err := h.put(random, slots); !errors.Is(err, ballotbox.ErrFull) {
		t.Errorf("one more: %v", err)
	}
}

func TestSortedStops(t *testing.T) {
	h := newHouse(t, 5, 10)
	for i := range 3 {
		if err := h.put(chacha(byte(i)), i); err != nil {
			t.Fatal(err)
		}
	}
	stop, calls := errors.New("stop"), 0
	err := h.View(func(tx *database.Tx) error {
		return ballotbox.Cast.Sorted(tx, func(record.Hash, []byte) error {
			calls++
			return stop
		})
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestSealedForGood(t *testing.T) {
	h := newHouse(t, 2, 10)
	for range 2 { // sealing twice is no harm
		if err := h.Update(ballotbox.Cast.Seal); err != nil {
			t.Fatal(err)
		}
	}
	err := h.View(func(tx *database.Tx) error {
		sealed, err := ballotbox.Cast.Sealed(tx)
		if !sealed {
			t.Error("not sealed")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// aimed is the randomness that makes Put choose the k-th free slot.
func aimed(k int) io.Reader { return bytes.NewReader(binary.LittleEndian.AppendUint64(nil, uint64(k))) }
