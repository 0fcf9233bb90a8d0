package printertest

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/image/draw"
	"golang.org/x/text/width"
)

// scale is how much a picture is enlarged for tesseract. Of all tried between 1 and
// 3, it had the fewest wrong characters in pages of 203 dots an inch and text of 24
// dots.
const scale = 1.3

// ReadWords returns the words in a picture of paper, as tesseract reads them, line
// by line from the top, normalised by Normalise. Languages are tesseract's:
// "chi_tra+eng". Each reads on its own, and the surest reading of each line is taken:
// in one run it takes Chinese characters for Latin letters. QR codes, rules and
// frames are removed before, and white on black is inverted.
func ReadWords(paper image.Image, languages string) (string, error) {
	g, err := grey(paper)
	if err != nil {
		return "", fmt.Errorf("reading words: %w", err)
	}
	invertBands(g)
	removeRules(g)
	removeCodes(g)
	picture := pgm(enlarge(g))
	names := strings.Split(languages, "+")
	type reading struct {
		lines []textLine
		err   error
	}
	readings := make(chan reading, len(names))
	for _, name := range names {
		go func() {
			lines, err := readLines(picture, name)
			readings <- reading{lines, err}
		}()
	}
	var all []textLine
	for range names {
		r := <-readings
		all, err = append(all, r.lines...), errors.Join(err, r.err)
	}
	if err != nil {
		return "", fmt.Errorf("reading words: %w", err)
	}
	return Normalise(merge(all)), nil
}

// A textLine is a line of text as one language reads it.
type textLine struct {
	top, bottom int
	text        string
	sure, chars float64 // sum of the confidences (0 to 100) of all characters, and their number
	chinese     int     // Chinese characters that were read surely
}

func (l *textLine) add(word string, sure float64) {
	const surely = 75
	for _, c := range word {
		if unicode.Is(unicode.Han, c) && sure >= surely {
			l.chinese++
		}
		l.sure += sure
		l.chars++
	}
	l.text += word + " "
}

// better reports whether l is the better reading of the same line: the one that is
// surer on the average. Readers of Latin letters see letters in Chinese characters,
// now and then surely; so a line in which several were read surely is Chinese.
func (l textLine) better(o textLine) bool {
	if a, b := l.chinese > 1, o.chinese > 1; a != b {
		return a
	}
	return l.sure*o.chars > o.sure*l.chars
}

// readLines runs tesseract: a page of one column, rows of text of any size.
func readLines(picture []byte, language string) ([]textLine, error) {
	debian := "tesseract-ocr and tesseract-ocr-" + strings.ReplaceAll(strings.ToLower(language), "_", "-")
	out, err := run(picture, debian, "tesseract", "-", "-", "-l", language, "--psm", "6", "tsv")
	if err != nil {
		return nil, fmt.Errorf("%w (Debian packages %s)", err, debian)
	}
	return parseLines(string(out))
}

// parseLines reads tesseract's table: level, page, block, paragraph, line, word,
// left, top, width, height, confidence, text. Level 4 is a line, 5 a word in it.
func parseLines(table string) ([]textLine, error) {
	var lines []textLine
	for i, row := range strings.Split(table, "\n") {
		f := strings.Split(strings.TrimRight(row, "\r"), "\t")
		if i == 0 || len(f) < 11 {
			continue
		}
		var n [11]float64
		for k := range n {
			v, err := strconv.ParseFloat(f[k], 64)
			if err != nil {
				return nil, fmt.Errorf("row %d of tesseract's table: %w", i+1, err)
			}
			n[k] = v
		}
		switch {
		case n[0] == 4:
			lines = append(lines, textLine{top: int(n[7]), bottom: int(n[7] + n[9])})
		case n[0] == 5 && len(lines) > 0 && len(f) > 11 && strings.TrimSpace(f[11]) != "":
			lines[len(lines)-1].add(f[11], n[10])
		}
	}
	return slices.DeleteFunc(lines, func(l textLine) bool { return l.chars == 0 }), nil
}

// merge takes the best reading of each place, from the top.
func merge(lines []textLine) string {
	slices.SortStableFunc(lines, func(a, b textLine) int { return cmp.Compare(a.top+a.bottom, b.top+b.bottom) })
	var text strings.Builder
	for len(lines) > 0 {
		first := lines[0]
		best := first
		lines = slices.DeleteFunc(lines, func(o textLine) bool {
			here := first.covers(o)
			if here && o.better(best) {
				best = o
			}
			return here
		})
		text.WriteString(best.text + "\n")
	}
	return text.String()
}

// covers reports whether the middle of one line lies in the other.
func (l textLine) covers(o textLine) bool {
	a, b := (l.top+l.bottom)/2, (o.top+o.bottom)/2
	return l.top <= b && b < l.bottom || o.top <= a && a < o.bottom
}

// Normalise makes two texts comparable: full-width forms become ASCII, white space
// beside a Chinese character or Chinese punctuation goes, any other becomes one
// space, and empty lines go.
func Normalise(text string) string {
	var out []string
	for line := range strings.SplitSeq(width.Fold.String(text), "\n") {
		if line = closeUp(strings.Join(strings.Fields(line), " ")); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// closeUp removes spaces beside Chinese characters and punctuation.
func closeUp(line string) string {
	var out []rune
	runes := []rune(line)
	for i, c := range runes {
		if c == ' ' && i > 0 && i+1 < len(runes) && (chinese(runes[i-1]) || chinese(runes[i+1])) {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

func chinese(c rune) bool {
	return unicode.Is(unicode.Han, c) || c >= 0x3000 && c <= 0x303F || c >= 0xFF00 && c <= 0xFFEF
}

// enlarge scales a picture for tesseract, and puts a margin around it.
func enlarge(g *image.Gray) *image.Gray {
	b := g.Bounds()
	big := image.NewGray(image.Rect(0, 0, int(float64(b.Dx())*scale), int(float64(b.Dy())*scale)))
	draw.CatmullRom.Scale(big, big.Bounds(), g, b, draw.Src, nil)
	return margin(big, 20)
}

// Fold makes characters equal that tesseract takes for each other in 24-dot text,
// as was seen; apply it to what was read and to what is expected.
func Fold(text string) string {
	return strings.NewReplacer("末", "未", "栗", "票", "飄", "票", "區", "匭", "友", "及", "太", "及",
		"O", "0", "l", "1", "I", "1", "Z", "2").Replace(text)
}
