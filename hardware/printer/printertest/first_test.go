package printertest

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"
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
	p, _, f := openTest(t, Config{ProcessID: true})
	rows := bytes.Repeat([]byte{0xAA, 0x55, 1, 0x80, 0, 0xFF, 3, 2, 5}, 8*900)
	start := time.Now()
	if got := ask(t, f, []byte{0x10, 4, 1}, 1); got[0] != 0x12 {
		t.Errorf("%x", got)
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
		t.Errorf("%x", got)
	}
	t.Log(time.Since(start))
	if x := p.Pieces(); len(x) != 1 || x[0].Height != 900+120 {
		t.Fatal(len(x), x[0].Height)
	}
}
