package paper

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
)

var padding = strings.Repeat("公民投票之主文", 60)

var made = time.Date(2021, 12, 18, 8, 0, 0, 0, time.UTC)

func vote(words string) slip.Page {
	return slip.Page{Kind: slip.KindSlip, Blocks: []slip.Block{
		{Kind: slip.Heading, Text: "全國性公民投票"}, {Kind: slip.Text, Text: padding},
		{Kind: slip.Choice, Number: 1, Label: "第17案：您是否同意核四啟封商轉發電？", Text: words},
	}}
}

func receipt(code string) slip.Page {
	return slip.Page{Kind: slip.KindReceipt, Blocks: []slip.Block{{Kind: slip.QR, Text: code}, {Kind: slip.Cut}}}
}

func tape(kind string) slip.Page {
	return slip.Page{Kind: kind, Blocks: []slip.Block{{Kind: slip.Row, Label: "投入選票", Text: "0"}, {Kind: slip.Cut}}}
}

// TestPNG reads our PNG with the standard library.
func TestPNG(t *testing.T) {
	w := newPNGWriter()
	for extra, page := range []slip.Page{vote("同意"), receipt("a")} {
		b, err := raster.New().Draw(page)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := w.encode(b, extra)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() != raster.Width+extra || img.Bounds().Dy() != b.Height {
			t.Fatalf("size %v", img.Bounds())
		}
		for y := range b.Height {
			for x := range raster.Width + extra {
				if red, _, _, _ := img.At(x, y).RGBA(); (red == 0) != b.Black(x, y) {
					t.Fatalf("dot %d, %d differs", x, y)
				}
			}
		}
	}
}

func TestBoxRefuses(t *testing.T) {
	b := NewBox()
	for name, c := range map[string]struct {
		page slip.Page
		want string
	}{
		"receipt":   {receipt("x"), `dropping a "receipt" into the box: only slips go there`},
		"no blocks": {slip.Page{Kind: slip.KindSlip}, "dropping a slip into the box: page: 0 blocks, allowed are 1 to 512"},
	} {
		if err := b.Drop(c.page); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if b.Len() != 0 {
		t.Errorf("%d slips in the box", b.Len())
	}
}

// TestBoxForgetsOrder: two days with the same votes in another order leave the
// same box and the same file.
func TestBoxForgetsOrder(t *testing.T) {
	votes := []string{"同意", "不同意", "同意", "空白", "不同意", "同意"}
	var files [6][]byte
	for i := range files {
		b := NewBox()
		for _, v := range votes {
			if err := b.Drop(vote(v)); err != nil {
				t.Fatal(err)
			}
		}
		slices.Reverse(votes)
		slips, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		if len(slips) != 3 || b.Len() != 6 {
			t.Errorf("%d kinds of %d slips", len(slips), b.Len())
		}
		if files[i], err = Sheets(raster.New(), "test", slips, made); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		if !bytes.Equal(files[0], f) {
			t.Error("the order of the votes shows in slips.pdf, or chance does")
		}
	}
}

// TestWindow: a slip is in the box only when it was dropped, and a second one
// cannot be printed over it.
func TestWindow(t *testing.T) {
	p := New(raster.New(), 1)
	for _, err := range []error{p.Drop(), p.Void(), p.Print(vote("同意")), p.Void(), p.Print(vote("不同意")), p.Drop(), p.Drop()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p.Box.Len() != 1 || p.Voided != 1 {
		t.Errorf("%d slips in the box and %d voided", p.Box.Len(), p.Voided)
	}
	if err := p.Print(vote("同意")); err != nil {
		t.Fatal(err)
	}
	if err := p.Print(vote("同意")); err == nil || err.Error() != "printing a slip: there is one behind the window" {
		t.Errorf("second slip: error %v", err)
	}
	if err := p.Print(slip.Page{}); err == nil || err.Error() != `printing: page: no kind ""` {
		t.Errorf("no page: error %v", err)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	p := New(raster.New(), 2)
	for _, page := range []slip.Page{tape(slip.KindZeroTape), receipt("a"), receipt("b"), receipt("c"), tape(slip.KindClosing), vote("同意")} {
		if err := p.Print(page); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Drop(); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(dir, "station 1", made); err != nil {
		t.Fatal(err)
	}
	for file, pages := range map[string]int{"slips.pdf": 2, "tapes.pdf": 2, "receipts.pdf": 2} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("/Type /Page\n")); n != pages || !bytes.HasPrefix(b, []byte("%PDF-")) {
			t.Errorf("%s has %d pages instead of %d", file, n, pages)
		}
	}
	if err := p.Write(dir, "station 1", made); err == nil || !strings.HasPrefix(err.Error(), "writing slips.pdf: ") || !strings.Contains(err.Error(), "file exists") {
		t.Errorf("writing twice: error %v", err)
	}
	empty := t.TempDir()
	if err := New(raster.New(), 2).Write(empty, "station 1", made); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(empty); err != nil || len(files) != 0 {
		t.Errorf("no paper, but %d files, %v", len(files), err)
	}
}

// TestFullBox opens the box of a whole station: every slip is on a sheet, and a
// picture is in the file once for equal slips.
func TestFullBox(t *testing.T) {
	b := NewBox()
	for i := range 350 {
		if err := b.Drop(vote(fmt.Sprintf("選擇 %d", i%40))); err != nil {
			t.Fatal(err)
		}
	}
	slips, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := Sheets(raster.New(), "test", slips, made)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(pdf, []byte("/Subtype /Image")); n != 41 {
		t.Errorf("%d pictures for 40 different slips and one recount", n)
	}
	var drawn int
	l := &layout{f: newAlbum(raster.New(), made)}
	for range 350 {
		l.place(picture{"none", raster.Width, 400})
		if l.column < 1 || l.column > columns || l.y+l.tall > sheetHeight-sheetMargin {
			t.Fatalf("slip %d is not on the sheet", drawn)
		}
		drawn++
	}
}

func BenchmarkFullBox(b *testing.B) {
	box := NewBox()
	for i := range 350 {
		if err := box.Drop(vote(fmt.Sprintf("選擇 %d", i%256))); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		slips, err := box.Open()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Sheets(raster.New(), "test", slips, made); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRecount counts from the slips, question by question.
func TestRecount(t *testing.T) {
	b := NewBox()
	for answers, n := range map[[2]string]int{{"同意", "同意"}: 2, {"不同意", "同意"}: 3, {"同意", "未領取"}: 1} {
		p := slip.Page{Kind: slip.KindSlip, Blocks: []slip.Block{
			{Kind: slip.Choice, Number: 1, Label: "第17案", Text: answers[0]}, {Kind: slip.Choice, Number: 2, Label: "第18案", Text: answers[1]},
		}}
		for range n {
			if err := b.Drop(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	slips, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if slips[0].Count != 3 || slips[2].Count != 1 {
		t.Errorf("the most frequent slips do not come first: %v", slips)
	}
	got := fmt.Sprint(Recount(slips))
	if want := "[{1 第17案 [{不同意 3} {同意 3}]} {2 第18案 [{同意 5} {未領取 1}]}]"; got != want {
		t.Errorf("recounted %s, want %s", got, want)
	}
	for _, total := range Recount(slips) {
		if plain := total.page().Plain(); !strings.Contains(plain, "Σ: 6") {
			t.Errorf("a recount without its sum:\n%s", plain)
		}
	}
	if got := Recount(nil); len(got) != 0 {
		t.Errorf("an empty box: %v", got)
	}
}
