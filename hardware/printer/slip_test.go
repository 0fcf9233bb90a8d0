package printer

import (
	"image"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// stationPage is a page as the station draws it.
func stationPage(t testing.TB, name string) Bitmap {
	t.Helper()
	f, err := os.Open("../../station/slip/raster/testdata/" + name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return bitmap(m)
}

func bitmap(m image.Image) Bitmap {
	b := Bitmap{Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}
	stride := (b.Width + 7) / 8
	b.Pix = make([]byte, stride*b.Height)
	for y := range b.Height {
		for x := range b.Width {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
				b.Pix[y*stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return b
}

// TestSlip prints the station's own pages over a serial port and over a device file,
// and reads the paper as a stranger would: zbarimg the codes, tesseract the words.
func TestSlip(t *testing.T) {
	const code = "referendum-v1:receipt:4bf5122f344554c5:1PY1-PK4G-1ZZ4-HNBN-PQD5-RRW0-8095-YSEV-1ZHY-4H4M-PXQA-K1J5-FPC6-~"
	words := []string{"全國性公民投票", "National referendum", "投票單", "Slip", "1. 第17案:您是否同意核四啟封商轉發電?",
		"Power Plant be unsealed and put into", "不同意", "Disagree", "paper not taken"}
	for _, way := range []string{overPTY, overFile} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			c := quick(ProcessID)
			c.HoldFeed = 160
			r := newRig(t, way, c, printertest.Config{})
			if err := r.print(stationPage(t, "slip"), Hold); err != nil {
				t.Fatal(err)
			}
			if n := len(r.e.Pieces()); n != 0 {
				t.Fatal("a slip that is held was cut")
			}
			if err := r.p.Cut(); err != nil {
				t.Fatal(err)
			}
			if err := r.print(stationPage(t, "receipt"), Cut); err != nil {
				t.Fatal(err)
			}
			pieces := r.e.Pieces()
			if len(pieces) != 2 {
				t.Fatalf("%d pieces", len(pieces))
			}
			if codes, err := printertest.ReadCodes(pieces[1].Image); err != nil || !slices.Equal(codes, []string{code}) {
				t.Errorf("codes on the receipt: %q, %v", codes, err)
			}
			text, err := printertest.ReadWords(pieces[0].Image, "chi_tra+eng")
			if err != nil {
				t.Fatal(err)
			}
			read, at := strings.Split(printertest.Fold(text), "\n"), 0
			for _, want := range words {
				i := slices.Index(read[at:], printertest.Fold(printertest.Normalise(want)))
				if i < 0 {
					t.Errorf("%q is not read, or not in its place, in:\n%s", want, text)
					continue
				}
				at += i + 1
			}
		})
	}
}

// tenQuestions is a slip of ten questions: the station's slip of two, five times.
func tenQuestions(t testing.TB) Bitmap {
	b := stationPage(t, "slip")
	b.Pix, b.Height = slices.Repeat(b.Pix, 5), 5*b.Height
	return b
}

func BenchmarkEncodeTenQuestions(b *testing.B) {
	page := tenQuestions(b)
	c := Config{Path: "x", Width: 576, Baud: 115200, Confirm: ProcessID}
	if err := c.complete(); err != nil {
		b.Fatal(err)
	}
	size := 0
	for b.Loop() {
		p, err := encode(page, c.stepLimit())
		if err != nil {
			b.Fatal(err)
		}
		size = len(p.stream())
	}
	b.ReportMetric(float64(size), "bytes")
}

// benchPrinter is a driver at an emulated printer that takes no time.
func benchPrinter(b *testing.B) (*printertest.Printer, *Printer) {
	b.Helper()
	e := printertest.New(printertest.Config{ProcessID: true, Roll: 1 << 40})
	port, err := printertest.OpenPort(e)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { port.Close() })
	p, err := Open(Config{Path: port.Path(), Baud: 115200, Width: 576, Confirm: ProcessID})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close() })
	return e, p
}

// BenchmarkPrintTenQuestions is from the call to the last process id, over a pty,
// which is quicker than any serial line, to a printer that takes no time.
func BenchmarkPrintTenQuestions(b *testing.B) {
	e, p := benchPrinter(b)
	page := tenQuestions(b)
	for b.Loop() {
		if err := p.Print(page, Cut); err != nil {
			b.Fatal(err)
		}
		e.Take()
	}
}

// BenchmarkFirstRow is from the call to the first row on paper: what a voter waits
// after confirming, beside the drawing of the page.
func BenchmarkFirstRow(b *testing.B) {
	e, p := benchPrinter(b)
	page := tenQuestions(b)
	for b.Loop() {
		first, done := make(chan struct{}), make(chan error)
		e.At(0, func() { close(first) })
		go func() { done <- p.Print(page, Cut) }()
		<-first
		b.StopTimer()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		e.Take()
		b.StartTimer()
	}
}
