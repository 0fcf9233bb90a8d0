package simulation

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/station/slip"
)

// openBox reads every slip that fell into the box, by eye: words, as a reader
// that knows nothing of the station finds them. Equal papers are read once.
// What it has read goes into the station's paper box, to be recounted.
func (h *hands) openBox() error {
	read := map[[32]byte]slip.Page{}
	for _, piece := range h.Booth.Box()[h.inBox:] {
		key := sha256.Sum256(piece.Image.Pix)
		page, known := read[key]
		if !known {
			var err error
			if page, err = h.readSlip(piece); err != nil {
				return fmt.Errorf("reading a slip: %w", err)
			}
			read[key] = page
		}
		if err := h.r.Papers[h.s.ID].Box.Drop(page); err != nil {
			return err
		}
	}
	return nil
}

// readSlip finds out what was chosen, from the picture of a slip.
func (h *hands) readSlip(piece printertest.Piece) (slip.Page, error) {
	words, err := printertest.ReadWords(piece.Image, "chi_tra+eng")
	if err != nil {
		return slip.Page{}, err
	}
	place, _ := h.r.Election.Station(h.s.ID)
	known, err := h.choiceWords()
	if err != nil {
		return slip.Page{}, err
	}
	var found [2][]int // in Chinese, in English
	for line := range strings.SplitSeq(words, "\n") {
		for language := range found {
			if option, ok := nearest(known[language], bare(line)); ok {
				found[language] = append(found[language], option)
			}
		}
	}
	questions := len(h.r.Election.Manifest.Questions)
	if len(found[0]) != questions || len(found[1]) != questions {
		return slip.Page{}, fmt.Errorf("%d choices in Chinese and %d in English on %d questions:\n%s", len(found[0]), len(found[1]), questions, words)
	}
	for q := range questions {
		if found[0][q] != found[1][q] {
			return slip.Page{}, fmt.Errorf("question %d says one thing in Chinese and another in English:\n%s", q+1, words)
		}
	}
	return slip.Slip(h.r.Election.Manifest, place, found[0])
}

// choiceWords are the words of a choice, by language and option; option 0 is
// a paper that was not taken.
func (h *hands) choiceWords() ([2]map[string]int, error) {
	place, _ := h.r.Election.Station(h.s.ID)
	all, err := readings(h.r.Election.Manifest, place)
	known := [2]map[string]int{{}, {}}
	for r, option := range all {
		for language, line := range strings.Split(r.text, "\n") {
			known[language][bare(line)] = option
		}
	}
	return known, err
}

// bare is a line without what readers of pictures lose.
func bare(line string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(line), " ", ""))
}

// nearest returns the only option whose words differ from a line in at most one
// symbol in three, and less than all others'.
func nearest(known map[string]int, line string) (option int, ok bool) {
	best, tie := 1<<30, false
	for words, o := range known {
		switch d := distance([]rune(words), []rune(line)); {
		case d < best:
			best, option, tie = d, o, false
		case d == best && o != option:
			tie = true
		}
	}
	return option, !tie && 3*best <= len([]rune(line)) && best < len([]rune(line))
}

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		last := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := last
			if x != y {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
