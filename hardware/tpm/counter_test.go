package tpm_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/hardware/tpm/tpmtest"
)

func count(t *testing.T, f func(uint32) (uint64, error), index uint32) uint64 {
	t.Helper()
	n, err := f(index)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCounter(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	for _, index := range []uint32{0, 1, tpm.MaxCounter} {
		n := count(t, d.Counter, index)
		if again := count(t, d.Counter, index); again != n {
			t.Errorf("reading changed %d to %d", n, again)
		}
		for range 3 {
			n++
			if got := count(t, d.Increment, index); got != n {
				t.Errorf("incrementing gave %d instead of %d", got, n)
			}
		}
		out, err := p.Tool("tpm2_nvread", fmt.Sprintf("0x%x", 0x01850000+index), "-C", fmt.Sprintf("0x%x", 0x01850000+index))
		if want := fmt.Sprintf("%016x", n); err != nil || hex.EncodeToString([]byte(out)) != want {
			t.Errorf("tpm2_nvread gives %x, %v instead of %s", out, err, want)
		}
	}
	nothingLeft(t, p)
	before := count(t, d.Counter, 1)
	p.Restart()
	if after := count(t, open(t, p).Counter, 1); after != before {
		t.Errorf("a restart changed %d to %d", before, after)
	}
}

// TestCounterMadeByIncrement: the first increment makes it too.
func TestCounterMadeByIncrement(t *testing.T) {
	d := open(t, tpmtest.Start(t))
	n := count(t, d.Increment, 7)
	if got := count(t, d.Counter, 7); got != n {
		t.Errorf("%d, then %d", n, got)
	}
}

// TestCounterMadeAnew: deleting a counter does not bring an old value back.
func TestCounterMadeAnew(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	var highest uint64
	for range 5 {
		highest = count(t, d.Increment, 2)
	}
	if _, err := p.Tool("tpm2_nvundefine", "-C", "o", "0x1850002"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d.Counter, 2); n <= highest {
		t.Errorf("it was %d, and begins anew at %d", highest, n)
	}
}

// TestCounterThatIsNone: what others keep at our place is not taken for a counter.
func TestCounterThatIsNone(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	for index, attributes := range map[uint32]string{1: "authread|authwrite", 2: "nt=counter|ownerread|ownerwrite", 3: "nt=bits|authread|authwrite|no_da"} {
		if _, err := p.Tool("tpm2_nvdefine", fmt.Sprintf("0x%x", 0x01850000+index), "-C", "o", "-s", "8", "-a", attributes); err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]func(uint32) (uint64, error){"reading": d.Counter, "incrementing": d.Increment} {
			if n, err := f(index); err == nil || !strings.Contains(err.Error(), "taken by something else") {
				t.Errorf("%s %s gave %d, %v", name, attributes, n, err)
			}
		}
	}
	if _, err := d.Counter(tpm.MaxCounter + 1); err == nil {
		t.Error("there is a counter beyond the last")
	}
	nothingLeft(t, p)
}
