package raster

import (
	"strings"
	"unicode"
)

// A piece is what a line is not broken inside of: a Latin word, or one Chinese
// character with the punctuation that belongs to it.
type piece struct {
	text  []rune
	width int
	space int // width of the spaces before it, which vanish at a line's start
}

// Chinese punctuation that cannot begin a line, and that cannot end one.
const (
	notFirst = "，。、；：？！）」』】》〉〕］｝…‥・ー％,.;:?!)]}%’”—"
	notLast  = "（「『【《〈〔［｛([{‘“"
)

// wide reports whether a line may be broken before and after a character.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) ||
		(r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xffef)
}

// joins reports whether no break may come between two characters.
func joins(a, b rune) bool {
	if strings.ContainsRune(notFirst, b) || strings.ContainsRune(notLast, a) {
		return true
	}
	return !wide(a) && !wide(b)
}

// wrap breaks a text into lines of at most width dots. A word longer than a
// line is broken where the line ends.
func (s *size) wrap(text string, width int) ([][]rune, error) {
	var lines [][]rune
	for paragraph := range strings.SplitSeq(text, "\n") {
		pieces, err := s.pieces(paragraph)
		if err != nil {
			return nil, err
		}
		lines = append(lines, s.fill(pieces, width)...)
	}
	return lines, nil
}

func (s *size) pieces(paragraph string) ([]piece, error) {
	var pieces []piece
	var last rune // 0 after a space
	space := 0
	for _, r := range paragraph {
		g, err := s.glyph(r)
		if err != nil {
			return nil, err
		}
		if r == ' ' {
			space += g.advance
			last = 0
			continue
		}
		if last != 0 && joins(last, r) {
			p := &pieces[len(pieces)-1]
			p.text = append(p.text, r)
			p.width += g.advance
		} else {
			pieces = append(pieces, piece{[]rune{r}, g.advance, space})
		}
		space, last = 0, r
	}
	return pieces, nil
}

func (s *size) fill(pieces []piece, width int) [][]rune {
	lines := [][]rune{nil}
	used := 0
	for _, p := range pieces {
		line := &lines[len(lines)-1]
		if len(*line) > 0 && used+p.space+p.width > width {
			lines = append(lines, nil)
			line, used = &lines[len(lines)-1], 0
		}
		if len(*line) > 0 && p.space > 0 {
			spaces := p.space / s.glyphs[' '].advance
			*line = append(*line, []rune(strings.Repeat(" ", spaces))...)
			used += p.space
		}
		for _, r := range p.text {
			advance := s.glyphs[r].advance
			if used+advance > width && len(lines[len(lines)-1]) > 0 {
				lines, used = append(lines, nil), 0
			}
			last := len(lines) - 1
			lines[last] = append(lines[last], r)
			used += advance
		}
	}
	return lines
}

// measure returns the width of a line; its glyphs are in the cache.
func (s *size) measure(line []rune) int {
	w := 0
	for _, r := range line {
		w += s.glyphs[r].advance
	}
	return w
}
