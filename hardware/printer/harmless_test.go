package printer

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// stream is everything that a plan sends, with requests of one kind.
func (p *plan) stream() []byte {
	var all []byte
	for _, s := range p.steps {
		all = append(append(all, s.data...), askSensor...)
	}
	return all
}

// printed is what a plan puts on paper: its stream, interpreted by the emulator.
func printed(t interface{ Fatal(...any) }, p *plan, width int) []byte {
	e := printertest.New(printertest.Config{Width: width, CutterGap: -1})
	defer e.Close()
	if _, err := e.Play(append(p.stream(), 0x1D, 'V', 0)); err != nil {
		t.Fatal(err)
	}
	if u := e.Unknown(); len(u) > 0 {
		t.Fatal("the printer does not know ", u)
	}
	var all []byte
	for _, piece := range e.Pieces() {
		for y := range piece.Height {
			row := make([]byte, (width+7)/8)
			for x := range width {
				row[x/8] |= piece.Image.ColorIndexAt(x, y) << (7 - x%8)
			}
			all = append(all, row...)
		}
	}
	return all
}

// filled is a page of the given bytes again and again.
func filled(width, rows int, with ...byte) Bitmap {
	b := Bitmap{Width: width, Height: rows}
	for len(b.Pix) < (width+7)/8*rows {
		b.Pix = append(b.Pix, with...)
	}
	b.Pix = b.Pix[:(width+7)/8*rows]
	return b
}

// clearedLeft is the page with its leftmost seven columns white.
func clearedLeft(b Bitmap) Bitmap {
	b.Pix = bytes.Clone(b.Pix)
	for y := range b.Height {
		b.Pix[y*((b.Width+7)/8)] &= 1
	}
	return b
}

// TestHarmless: pages full of real-time commands reach the paper dot for dot, and
// none is in the stream.
func TestHarmless(t *testing.T) {
	tests := []struct {
		name string
		b    Bitmap
	}{
		{"DLE EOT 1, in every row alike", filled(576, 300, 0x10, 0x04, 0x01)},
		{"DLE EOT 1, moving from row to row", clearedLeft(filled(568, 300, 0x10, 0x04, 0x01))},
		{"DLE ENQ 2", clearedLeft(filled(560, 90, 0x10, 0x05, 0x02))},
		{"DLE DC4 8, clears the buffer", clearedLeft(filled(576, 90, clearBuffer...))},
		{"DLE DC4 2, switches off", clearedLeft(filled(384, 90, 0x10, 0x14, 0x02, 0x01, 0x08))},
		{"nothing but DLE", filled(576, 200, 0x10)},
		{"a pair at the end of rows", func() Bitmap {
			b := Bitmap{Width: 576, Height: 200, Pix: make([]byte, 72*200)}
			for y := range 200 {
				b.Pix[y*72], b.Pix[y*72+71] = 0x04, 0x10
			}
			return b
		}()},
		{"a pair at the end of rows of different length", func() Bitmap {
			b := Bitmap{Width: 80, Height: 50, Pix: make([]byte, 500)}
			for y := range 50 {
				b.Pix[y*10], b.Pix[y*10+3+y%7] = 0x05, 0x10
			}
			return b
		}()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := encode(test.b, 1354)
			if err != nil {
				t.Fatal(err)
			}
			s := p.stream()
			for i := 1; i < len(s); i++ {
				if realTimePair(s[i-1], s[i]) {
					t.Fatalf("% X in the stream", s[i-1:i+1])
				}
			}
			if !bytes.Equal(printed(t, p, test.b.Width), test.b.Pix) {
				t.Error("other dots on paper")
			}
		})
	}
}

// A row that cannot be moved is refused before anything is sent.
func TestNotHarmless(t *testing.T) {
	b := filled(576, 20, 0)
	copy(b.Pix[72*12:], []byte{0x80, 0x10, 0x04})
	c := quick(ProcessID)
	r := newRig(t, overPair, c, printertest.Config{})
	if fault, began := outcome(r.print(b, Cut)); fault != Refused || began {
		t.Errorf("%v, begun: %v", fault, began)
	}
	if n := r.e.Rows(); n != 0 {
		t.Errorf("%d rows were printed", n)
	}
}

// TestEncode holds the limits, and every dot, for pages that are mostly made of
// bytes that matter.
func TestEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 200).Draw(t, "width")
		b := Bitmap{Width: width, Height: rapid.IntRange(1, 60).Draw(t, "rows")}
		stride := (width + 7) / 8
		some := rapid.SampledFrom([]byte{0, 0, 0, 0x10, 0x10, 0x04, 0x05, 0x14, 0x02, 0x08, 0x01, 0x20, 0xFF})
		for range b.Height {
			row := make([]byte, stride)
			if rapid.Bool().Draw(t, "inked") {
				row = rapid.SliceOfN(some, stride, stride).Draw(t, "row")
				row[0] &= 1
				row[stride-1] &= 0xFF << (stride*8 - width)
			}
			b.Pix = append(b.Pix, row...)
		}
		if err := b.check(width); err != nil {
			t.Fatal(err)
		}
		limit := rapid.IntRange(stride+bandHeader, 600).Draw(t, "limit")
		p, err := encode(b, limit)
		if err != nil {
			t.Skip(err) // no margin helps: see harmlessMargin
		}
		rows := 0
		for i, s := range p.steps {
			if rows += s.rows; s.rows > maxRows || len(s.data) > limit+4 { // 4: GS L before a row that fills it
				t.Fatalf("step %d has %d rows in %d bytes", i, s.rows, len(s.data))
			}
		}
		s := p.stream()
		for i := 1; i < len(s); i++ {
			if realTimePair(s[i-1], s[i]) {
				t.Fatalf("% X in the stream", s[i-1:i+1])
			}
		}
		if rows != b.Height || !bytes.Equal(printed(t, p, width), b.Pix) {
			t.Fatalf("%d rows of %d, or other dots", rows, b.Height)
		}
	})
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name string
		b    Bitmap
		want string
	}{
		{"nothing", Bitmap{}, "the page is empty"},
		{"no rows", Bitmap{Width: 8}, "the page is empty"},
		{"negative", Bitmap{Width: -8, Height: -1}, "the page is empty"},
		{"too wide", filled(584, 1, 0), "the page is 584 dots wide, the printer 576"},
		{"too long", filled(8, MaxHeight+1, 0), "the page is longer than 50000 rows"},
		{"bytes missing", Bitmap{Width: 576, Height: 2, Pix: make([]byte, 143)}, "the page has 143 bytes, not 2 rows of 72"},
		{"dots right of the page", Bitmap{Width: 9, Height: 2, Pix: []byte{0, 0x80, 0, 0x40}}, "row 1 has dots right of the page"},
		{"a real-time command at the edge", Bitmap{Width: 32, Height: 1, Pix: []byte{0xFF, 0x10, 0x14, 0x08}},
			"row 0 has dots at the left edge, and a real-time command for the printer among them"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, overPair, quick(ProcessID), printertest.Config{})
			err := r.p.Print(test.b, Cut)
			if err == nil || err.Error() != "printer: refused: nothing printed: "+test.want {
				t.Errorf("got %v", err)
			}
		})
	}
	r := newRig(t, overPair, quick(ProcessID), printertest.Config{})
	if fault, began := outcome(r.p.Print(filled(8, 1, 1), Ending(7))); fault != Refused || began {
		t.Error("an ending that does not exist")
	}
}
