package kioskui

import (
	"strings"
	"unicode"
)

// Punctuation that cannot begin a line, and that cannot end one.
const (
	notFirst = "，。、；：？！）」』】》〉〕］｝…‥・ー％,.;:?!)]}%’”—"
	notLast  = "（「『【《〈〔［｛([{‘“"
)

// A piece is what a line is not broken inside of: a word, or one Chinese
// character with its punctuation.
type piece struct {
	text         []rune
	width, space float32 // in ems; space is before it, and vanishes at a line's start
}

func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) ||
		(r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xffef)
}

func joins(a, b rune) bool {
	if strings.ContainsRune(notFirst, b) || strings.ContainsRune(notLast, a) {
		return true
	}
	return !wide(a) && !wide(b)
}

// wrap breaks a text into lines of at most width ems. A word longer than a line
// is broken where the line ends.
func (f *face) wrap(text string, width float32) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(f.clean(text), "\n") {
		lines = append(lines, f.fill(f.pieces(paragraph), width)...)
	}
	return lines
}

func (f *face) pieces(paragraph string) []piece {
	var all []piece
	var last rune // 0 after a space
	var space float32
	for _, r := range paragraph {
		a, _ := f.advance(r)
		if unicode.IsSpace(r) && r != '\u00a0' {
			space += a
			last = 0
			continue
		}
		if last != 0 && joins(last, r) {
			p := &all[len(all)-1]
			p.text, p.width = append(p.text, r), p.width+a
		} else {
			all = append(all, piece{[]rune{r}, a, space})
		}
		space, last = 0, r
	}
	return all
}

func (f *face) fill(pieces []piece, width float32) []string {
	var lines []string
	var line []rune
	var used float32
	end := func() {
		lines = append(lines, string(line))
		line, used = nil, 0
	}
	for _, p := range pieces {
		switch {
		case len(line) == 0:
		case used+p.space+p.width <= width:
			if p.space > 0 {
				line = append(line, ' ')
				used += p.space
			}
		default:
			end()
		}
		for _, r := range p.text {
			a, _ := f.advance(r)
			if used+a > width && len(line) > 0 && p.width > width {
				end()
			}
			line, used = append(line, r), used+a
		}
	}
	end()
	return lines
}

// balanced breaks a text into as few lines as wrap does, of lengths that are
// alike.
func (f *face) balanced(text string, width float32) []string {
	lines := f.wrap(text, width)
	if len(lines) < 2 || strings.Contains(text, "\n") {
		return lines
	}
	low, best := max(width/float32(len(lines)), f.longestWord(text)), lines // no word is broken for balance
	for w := width; w > low; w -= width / 40 {
		tried := f.wrap(text, w)
		if len(tried) > len(lines) || f.widest(tried) > w {
			break
		}
		best = tried
	}
	return best
}

func (f *face) widest(lines []string) float32 {
	var w float32
	for _, l := range lines {
		w = max(w, f.width([]rune(l)))
	}
	return w
}
