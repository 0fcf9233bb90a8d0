package printertest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// bundled is the font of the station's own pages: a printer has some font of its own.
func bundled(t testing.TB) font.Face {
	t.Helper()
	b, err := os.ReadFile("../../../internal/typeface/NotoSansCJKtc-Regular.subset.otf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := opentype.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 22, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		t.Fatal(err)
	}
	return face
}

// play prints a recorded stream, and returns the one piece of paper it makes, cut
// or hanging.
func play(t *testing.T, name string, c Config) Piece {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	p := New(c)
	defer p.Close()
	if _, err := p.Play(stream); err != nil {
		t.Fatal(err)
	}
	if u := p.Unknown(); len(u) > 0 {
		t.Errorf("the printer does not know %q", u)
	}
	pieces := p.Pieces()
	if held, ok := p.Held(); ok {
		pieces = append(pieces, held)
	}
	if len(pieces) != 1 {
		t.Fatalf("%d pieces", len(pieces))
	}
	return pieces[0]
}

// TestForeign prints what independent encoders send (testdata/README.md). The titles
// in Chinese are of double size, each dot a square of four: tesseract does not read
// them, so there only the decoded text is compared. What follows the text is a rule
// in a code page, which the printer does not know.
func TestForeign(t *testing.T) {
	const url = "https://example.org/s/3F9A-22C1"
	for _, test := range []struct {
		name     string
		encoding encoding.Encoding
		text     string   // as it was sent
		words    []string // as they are read on paper
		native   bool     // the printer itself made the code
	}{
		{"receiptline-big5.bin", traditionalchinese.Big5, "公民投票\n你的選擇不同意\n第17案核四Case 17", []string{"你的選擇不同意", "第17案核四Case 17"}, false},
		{"receiptline-gb18030.bin", simplifiedchinese.GB18030, "公民投票\n你的选择不同意\n第17案㐀镕Case 17", []string{"不同意", "Case 17"}, false},
		{"receiptline-generic.bin", nil, "Referendum\nYour choice Disagree\nQuestion Case 17", []string{"Referendum", "Your choice Disagree", "Question Case 17"}, false},
		{"encoder-raster.bin", nil, "Referendum 17\nYour choice: DISAGREE", []string{"Referendum 17", "Your choice: DISAGREE"}, true},
		{"encoder-column.bin", nil, "Referendum 17\nYour choice: DISAGREE", []string{"Referendum 17", "Your choice: DISAGREE"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			paper := play(t, test.name, Config{CutterGap: -1, Encoding: test.encoding, Face: bundled(t)})
			if text := Normalise(paper.Text); !strings.HasPrefix(text, test.text) {
				t.Errorf("decoded %q", text)
			}
			if made := slices.Equal(paper.QR, []string{url}); made != test.native {
				t.Errorf("codes made by the printer: %q", paper.QR)
			}
			if codes, err := ReadCodes(paper.Image); err != nil || !slices.Equal(codes, []string{url}) {
				t.Errorf("codes on paper: %q, %v", codes, err)
			}
			words, err := ReadWords(paper.Image, "chi_tra+eng")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.words {
				if !strings.Contains(words, want) {
					t.Errorf("%q is not read in:\n%s", want, words)
				}
			}
		})
	}
}

// The board of squares, sent as rows and as columns, is the same on paper.
func TestForeignPictures(t *testing.T) {
	for _, name := range []string{"encoder-raster.bin", "encoder-column.bin"} {
		paper := play(t, name, Config{CutterGap: -1}).Image
		found := 0
		for top := 0; top+32 <= paper.Rect.Dy(); top++ {
			same := true
			for i := 0; i < 64*32 && same; i++ {
				x, y := i%64, i/64
				same = paper.ColorIndexAt((576-64)/2+x, top+y) == byte((x>>3+y>>3)&1)
			}
			if same {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s: the picture is %d times on paper", name, found)
		}
	}
}
