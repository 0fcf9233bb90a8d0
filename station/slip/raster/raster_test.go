package raster

import (
	"bytes"
	"errors"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/station/slip"
)

var update = flag.Bool("update", false, "write the golden files")

func sample(t testing.TB, name string) slip.Page {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := slip.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func encode(t testing.TB, b *Bitmap) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&w, b.Image()); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// TestGolden draws every kind of page, and compares dots.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d sample pages, %v", len(files), err)
	}
	r := New()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		b, err := r.Draw(sample(t, name))
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name+".png")
		if *update {
			if err := os.WriteFile(golden, encode(t, b), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, b, golden)
	}
}

func compare(t *testing.T, b *Bitmap, golden string) {
	t.Helper()
	f, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != b.Image().Bounds() {
		t.Errorf("%s: size %v instead of %v (go test -update rewrites it)", golden, b.Image().Bounds(), want.Bounds())
		return
	}
	wrong := 0
	for y := range b.Height {
		for x := range Width {
			if red, _, _, _ := want.At(x, y).RGBA(); (red == 0) != b.Black(x, y) {
				wrong++
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d dots differ (go test -update rewrites it)", golden, wrong)
	}
}

func BenchmarkReceipt(b *testing.B) {
	r, p := New(), sample(b, "receipt")
	for b.Loop() {
		if _, err := r.Draw(p); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMissing: a character without a glyph is found before the election, and
// never becomes a box.
func TestMissing(t *testing.T) {
	r := New()
	for name, c := range map[string]struct{ text, want string }{
		"plain":               {"公民投票 Referendum 2021 — ＡＢＣ ㄅㄆㄇ é ü 1/2\n", ""},
		"Big5, both levels":   {"一乙丁七龘齾籲鱻", ""},
		"of names and places": {"堃喆犇淼煊峯𥕢舘塭", ""},
		"Latin Extended":      {"Dvořák", "řá"[:2]},
		"emoji":               {"好😀", "😀"},
		"Hangul, twice":       {"한국한", "한국"},
		"Thai":                {"ก", "ก"},
		"private use":         {"\uE000", "\uE000"},
		"not a character":     {"\x00", "\x00"},
	} {
		if got := string(Missing(c.text)); got != c.want {
			t.Errorf("%s: missing %q, want %q", name, got, c.want)
		}
		if c.want == "" {
			continue
		}
		for _, b := range []slip.Block{{Kind: slip.Text, Text: c.text}, {Kind: slip.Heading, Text: c.text}, {Kind: slip.Mark, Text: c.text},
			{Kind: slip.Row, Label: "a", Text: c.text}, {Kind: slip.Choice, Number: 1, Label: "a", Text: c.text}} {
			_, err := r.Draw(slip.Page{Kind: slip.KindSlip, Blocks: []slip.Block{b}})
			text := "drawing block 1 of a slip: the font has no glyph for "
			if name == "not a character" {
				text = "drawing: page: block 1: a character that cannot be printed"
			}
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s in a %s: error %v", name, b.Kind, err)
			}
		}
	}
}

func TestDrawRefuses(t *testing.T) {
	page := func(b slip.Block) slip.Page {
		return slip.Page{Kind: slip.KindReceipt, Blocks: []slip.Block{b, {Kind: slip.Cut}}}
	}
	for name, c := range map[string]struct {
		page slip.Page
		want string
	}{
		"not a page":     {slip.Page{}, `drawing: page: no kind ""`},
		"too long":       {page(slip.Block{Kind: slip.Text, Text: strings.Repeat("\n", 5000)}), "drawing block 1 of a receipt: longer than 48000 dots"},
		"QR too large":   {page(slip.Block{Kind: slip.QR, Text: strings.Repeat("x", 1500)}), "drawing block 1 of a receipt: 1500 bytes do not fit into a QR code"},
		"group too wide": {page(slip.Block{Kind: slip.Code, Label: "c", Text: strings.Repeat("W", 40)}), "drawing block 1 of a receipt: a group of 1000 dots does not fit on the paper"},
	} {
		if _, err := New().Draw(c.page); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestManyAtOnce draws with one Renderer from many goroutines.
func TestManyAtOnce(t *testing.T) {
	r := New()
	want, err := New().Draw(sample(t, "receipt"))
	if err != nil {
		t.Fatal(err)
	}
	p := sample(t, "receipt")
	done := make(chan error)
	for range 8 {
		go func() {
			b, err := r.Draw(p)
			if err == nil && !bytes.Equal(b.Pix, want.Pix) {
				err = errors.New("the same page, drawn differently")
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkSlip describes nothing anew: it draws the sample slip, of two
// questions in two languages.
func BenchmarkSlip(b *testing.B) {
	r, p := New(), sample(b, "slip")
	for b.Loop() {
		if _, err := r.Draw(p); err != nil {
			b.Fatal(err)
		}
	}
}
