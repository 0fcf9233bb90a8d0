package office

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/openreferendum/referendum/tally"
)

// TestCopyBlames: a medium that ends early or cannot be read refuses its bundle;
// a disk of ours that is full does not.
func TestCopyBlames(t *testing.T) {
	full := errors.New("no space left on device")
	unreadable := errors.New("input/output error")
	for _, c := range []struct {
		name    string
		from    io.Reader
		to      io.Writer
		want    string
		refused bool
	}{
		{"shorter than it was", strings.NewReader("four"), io.Discard, "reading ballots: it ended after 4 of 5 bytes", true},
		{"a bad sector", io.MultiReader(strings.NewReader("one"), iotest.ErrReader(unreadable)), io.Discard, "reading ballots: input/output error", true},
		{"our disk is full", strings.NewReader("fifty"), fullDisk{full}, "no space left on device", false},
	} {
		err := copyOf(c.from, "a-1", "ballots", 5)(c.to)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, refused := errors.AsType[*tally.Refusal](err); refused != c.refused {
			t.Errorf("%s: refused %v", c.name, refused)
		}
	}
	var copied strings.Builder
	if err := copyOf(strings.NewReader("longer than it was"), "a-1", "ballots", 6)(&copied); err != nil || copied.String() != "longer" {
		t.Errorf("copied %q, %v", copied.String(), err)
	}
}

type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

func TestEqualContent(t *testing.T) {
	long := strings.Repeat("x", 1<<17)
	for _, c := range []struct {
		name string
		a, b io.Reader
		want bool
	}{
		{"another byte at the end", strings.NewReader(long + "a"), strings.NewReader(long + "b"), false},
		{"a byte more", strings.NewReader(long), strings.NewReader(long + "x"), false},
		{"unreadable", strings.NewReader(""), iotest.ErrReader(errors.New("bad sector")), false},
		{"empty", strings.NewReader(""), strings.NewReader(""), true},
		{"equal", strings.NewReader(long), iotest.HalfReader(strings.NewReader(long)), true},
	} {
		if got := equalContent(c.a, c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
