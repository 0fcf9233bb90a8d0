package gallerytest

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/draw"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// ocrScale enlarges pictures for the reader of print, who expects paper.
const ocrScale = 2

// A word is one that a stranger has read in a picture, and where.
type word struct {
	text string
	sure float64 // 0 to 100
	at   image.Rectangle
}

// read has a picture read by somebody who knows nothing of its screen.
func read(t *testing.T, m image.Image, language string) []word {
	t.Helper()
	large := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx()*ocrScale, m.Bounds().Dy()*ocrScale))
	draw.CatmullRom.Scale(large, large.Bounds(), m, m.Bounds(), draw.Src, nil)
	var file bytes.Buffer
	if err := png.Encode(&file, large); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("tesseract", "stdin", "stdout", "-l", map[string]string{"zh-Hant": "chi_tra+eng", "en": "eng", "id": "eng"}[language], "--psm", "11", "tsv")
	c.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // more threads make it slower
	c.Stdin = &file
	out, err := c.Output()
	if err != nil {
		t.Fatalf("reading with tesseract: %v (Debian packages tesseract-ocr, tesseract-ocr-eng, tesseract-ocr-chi-tra)", err)
	}
	var words []word
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 12 || f[0] != "5" {
			continue
		}
		n := make([]int, 4)
		for i := range n {
			n[i], _ = strconv.Atoi(f[6+i])
		}
		sure, _ := strconv.ParseFloat(f[10], 64)
		at := image.Rect(n[0]/ocrScale, n[1]/ocrScale, (n[0]+n[2])/ocrScale, (n[1]+n[3])/ocrScale)
		words = append(words, word{strings.TrimSpace(f[11]), sure, at})
	}
	return words
}

// samplesToRead are one of each kind of screen. The reader mistakes
// large Chinese characters that stand alone: such screens are read in other
// languages.
func samplesToRead() []Picture {
	samples := map[string]struct {
		language string
		look     screen.Look
	}{
		"question": {"zh-Hant", screen.Look{}}, "review": {"en", screen.Look{Contrast: true}}, "deciding": {"id", screen.Look{Size: 1}},
		"done": {"id", screen.Look{}}, "refused-has-voted": {"en", screen.Look{Size: 2, Contrast: true}},
		"workers-unopened": {"zh-Hant", screen.Look{Contrast: true}}, "workers-suspended-printer": {"id", screen.Look{}},
	}
	var some []Picture
	for _, s := range Scenes() {
		if sample, is := samples[s.Name]; is {
			some = append(some, Picture{s, sample.language, displays[0][0], displays[0][1], sample.look})
		}
	}
	return some
}

// TestLegible has a stranger read screens: title and buttons come back, and
// every word that is read stands out from its ground, in the pixels, as much as
// it must.
func TestLegible(t *testing.T) {
	t.Parallel()
	a, seen, some := newArtist(t), 0, samplesToRead()
	if sparing {
		some = some[:2]
	}
	for _, p := range some {
		up, m := a.screen(p), a.draw(p)
		words := read(t, m, p.Language)
		expect(t, p, up.Title, words)
		for _, b := range up.Buttons {
			at, there := a.stages[[2]int{p.Width, p.Height}].Place(b.Press)
			if !there {
				t.Errorf("%s: the button %q is not there", p, b.Label)
				continue
			}
			expect(t, p, b.Label, read(t, paper(m, at), p.Language))
		}
		least := 10.0
		if p.Look.Contrast {
			least = 20
		}
		for _, w := range words {
			if w.sure < 80 || len([]rune(w.text)) < 2 {
				continue
			}
			seen++
			if c := contrastIn(m, w.at); c < least {
				t.Errorf("%s: %q has a contrast of %.1f:1", p, w.text, c)
			}
		}
	}
	if seen < 7*len(some) {
		t.Errorf("only %d words were read", seen)
	}
}

// expect reports words of which too little was read.
func expect(t *testing.T, p Picture, want string, words []word) {
	t.Helper()
	var all strings.Builder
	for _, w := range words {
		all.WriteString(w.text)
	}
	if got := share(letters(want), letters(all.String())); got < .8 {
		t.Errorf("%s: of %q only %.0f %% is read: %q", p, want, 100*got, all.String())
	}
}

// paper is a part of a picture as it would be printed: dark on white.
func paper(m image.Image, at image.Rectangle) image.Image {
	at = at.Inset(3) // without the line around a button
	out := image.NewGray(image.Rect(0, 0, at.Dx(), at.Dy()))
	draw.Draw(out, out.Bounds(), m, at.Min, draw.Src)
	if out.GrayAt(2, 2).Y < 128 {
		for i := range out.Pix {
			out.Pix[i] = 255 - out.Pix[i]
		}
	}
	return out
}

// letters leaves out what readers of print mistake most: spaces and signs.
func letters(s string) []rune {
	var all []rune
	for _, r := range strings.ToLower(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			all = append(all, r)
		}
	}
	return all
}

// share is how much of a text, by its pairs of characters, is in another one.
func share(want, in []rune) float64 {
	found, pairs := 0, max(1, len(want)-1)
	for i := range pairs {
		if strings.Contains(string(in), string(want[i:min(i+2, len(want))])) {
			found++
		}
	}
	return float64(found) / float64(pairs)
}

// contrastIn measures in the pixels: the most frequent colour is the ground, and
// the ink is what differs most from it, in at least a few pixels.
func contrastIn(m image.Image, at image.Rectangle) float64 {
	count := map[color.RGBA]int{}
	at = at.Inset(-1).Intersect(m.Bounds())
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			count[rgb(m.At(x, y))]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	most := 1.0
	for _, c := range all {
		if count[c] >= 3 {
			most = max(most, ratio(all[0], c))
		}
	}
	return most
}

// ratio is the contrast of two colours (WCAG 2.1, "contrast ratio").
func ratio(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		if s := float64(v) / 255; s > .04045 {
			return math.Pow((s+.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}
