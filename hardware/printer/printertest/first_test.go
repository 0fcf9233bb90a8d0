package printertest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func openTest(t testing.TB, c Config) (*Printer, *Port, *os.File) {
	t.Helper()
	p := New(c)
	o, err := OpenPort(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	f, err := os.OpenFile(o.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return p, o, f
}

// rasterOf is GS v 0 for a bitmap of full width.
func rasterOf(stride int, rows []byte) []byte {
	h := len(rows) / stride
	return append([]byte{gs, 'v', '0', 0, byte(stride), byte(stride >> 8), byte(h), byte(h >> 8)}, rows...)
}

func ask(t testing.TB, f io.ReadWriter, command []byte, n int) []byte {
	t.Helper()
	if _, err := f.Write(command); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(f, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestThrough(t *testing.T) {
	p, o, f := openTest(t, Config{ProcessID: true})
	rows := bytes.Repeat([]byte{0xAA, 0x55, 1, 0x80, 0, 0xFF, 3, 2, 5}, 8*900)
	if got := ask(t, f, []byte{dle, eot, 1}, 1); got[0] != 0x12 {
		t.Errorf("the state is %x", got)
	}
	for off := 0; off < 900; off += 90 {
		if _, err := f.Write(rasterOf(72, rows[off*72:(off+90)*72])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Write([]byte{gs, 'V', 65, 0}); err != nil {
		t.Fatal(err)
	}
	got := ask(t, f, []byte{gs, '(', 'H', 6, 0, 48, 48, 'A', 'B', 'C', 'D'}, 7)
	if !bytes.Equal(got, []byte{0x37, 0x22, 'A', 'B', 'C', 'D', 0}) {
		t.Errorf("the answer is %x", got)
	}
	if x := p.Pieces(); len(x) != 1 || x[0].Height != 900+120 {
		t.Fatalf("%d pieces", len(x))
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if err := o.Replug(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("plugging a closed port in: %v", err)
	}
}

// TestReplugAtOnce: the last plug counts, however soon it follows the first.
func TestReplugAtOnce(t *testing.T) {
	for range 50 {
		p, o, _ := openTest(t, Config{})
		if err := errors.Join(o.Unplug(), o.Replug()); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(o.Path(), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, f, []byte{dle, eot, 1}, 1); got[0] != 0x12 {
			t.Errorf("the state is %x", got)
		}
		f.Close()
		p.Close()
	}
}

// FuzzPlay: whatever is sent, the printer comes to an end, with no more paper than
// its roll has, and cut or hanging every row of it.
func FuzzPlay(f *testing.F) {
	names, err := filepath.Glob("testdata/*.bin")
	if err != nil || len(names) == 0 {
		f.Fatal("no recorded streams: ", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{gs, 'v', '0', 3, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3})
	f.Add([]byte{gs, '8', 'L', 0xFF, 0xFF, 0xFF, 0xFF, 48, 112, 48, 1, 1, 49})
	f.Add([]byte{gs, '(', 'L', 10, 0, 48, 113, 48, 2, 2, 49, 0xFF, 0xFF, 0xFF, 0xFF, gs, '(', 'L', 2, 0, 48, 50})
	f.Add([]byte{gs, '(', 'k', 4, 0, 49, 80, 48, 'x', gs, '(', 'k', 3, 0, 49, 81, 48, gs, 'V', 0})
	f.Add([]byte{esc, '*', 33, 0xFF, 0xFF, 1, esc, '$', 0xFF, 0x7F, 'x', lf, esc, 'i'})
	f.Add(append([]byte{gs, 'a', 0xFF, dle, eot, 4, dle, enq, 2}, clearBuffer[:]...))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const roll = 3000
		p := New(Config{Roll: roll, CutterGap: -1, ProcessID: true, Buffer: len(stream) + 1024})
		defer p.Close()
		if _, err := p.Play(stream); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, piece := range p.Pieces() {
			rows += piece.Height
		}
		held, hangs := p.Held()
		if hangs {
			rows += held.Height
		}
		if all := p.Rows(); all > roll || rows > all || hangs && rows != all {
			t.Errorf("%d rows printed, %d on paper", all, rows)
		}
	})
}
