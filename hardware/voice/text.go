package voice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many characters of an utterance are said; the rest is not.
// Read slowly in Chinese they take an hour.
const MaxText = 10_000

// clean makes text fit to be spoken: it has lines of words with single spaces
// between them, each with a letter or number in it, and nothing that espeak-ng takes for a command. Brackets are its
// phonemes ("[[h@]]"); angle brackets are markup where it is switched on.
func clean(text string) []string {
	var lines []string
	left := MaxText
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Join(strings.Fields(strings.Map(speakable, line)), " ")
		if n := utf8.RuneCountInString(line); n > left {
			line = string([]rune(line)[:left])
		}
		left -= utf8.RuneCountInString(line)
		if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			lines = append(lines, line)
		}
	}
	return lines
}

// speakable returns a character as it is said, a space for one that is not said,
// and −1 for one that is not there for the eye either.
func speakable(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r):
		return -1
	case r == utf8.RuneError, unicode.IsControl(r), strings.ContainsRune("<>[]", r), unicode.Is(unicode.Co, r):
		return ' '
	}
	return r
}

// A piece of an utterance is a recording, or text for espeak-ng.
type piece struct {
	text  string
	sound *sound
}

// split puts recordings in the place of lines that have one. The lines between
// are said together, each of them as a sentence.
func split(u Utterance, sounds recordings) []piece {
	var pieces []piece
	for _, line := range clean(u.Text) {
		if s := sounds[name(u.Language, line)]; s != nil {
			pieces = append(pieces, piece{sound: s})
			continue
		}
		if n := len(pieces); n > 0 && pieces[n-1].sound == nil {
			pieces[n-1].text += "\n\n" + line // an empty line ends a sentence
			continue
		}
		pieces = append(pieces, piece{text: line})
	}
	return pieces
}

// HasWords reports whether there is anything in a text to say.
func HasWords(text string) bool { return len(clean(text)) > 0 }
