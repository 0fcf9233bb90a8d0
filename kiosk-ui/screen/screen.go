// Package screen says what a screen shows, as data: words, answers and buttons
// from top to bottom, in one language. It is drawn by package kioskui, spoken
// by whoever reads it aloud, and made by package flow.
//
// It has no pictures, no places and no colours: one description serves the eye,
// the ear and two switches alike.
package screen

import (
	"slices"
	"strings"
)

// An ID names a screen for tests, golden images and the operators' manual. It
// is never shown.
type ID string

// A Party is whose screen it is.
type Party int

// The parties. Their screens look different from afar.
const (
	Voter Party = iota
	Workers
)

// A Mood is how a screen is meant; a shape and a word say it beside the colour.
type Mood int

// The moods.
const (
	Plain   Mood = iota
	Busy         // the machine works; nothing can be touched
	Done         // it is done
	Warning      // something needs the voter, or will need a poll worker
	Stopped      // nothing goes on before a poll worker has come
)

// A Screen is one screen. Everything in it is in its Language and ready to be
// shown: no word is looked up below this package.
type Screen struct {
	ID       ID
	Party    Party
	Mood     Mood
	Language string // BCP 47, such as "zh-Hant"
	Look     Look

	// Banner says that it is no live vote. It stands on every screen of such an
	// election, in a colour of its own, and is spoken first. "" in a live vote.
	Banner string

	Place string // the station's name; small, on every screen
	Step  string // where the voter is, such as "Question 2 of 4"; "" where it says nothing
	Title string

	// TitleLanguage is that of a Title in the manifest's words, BCP 47; "" is the
	// screen's.
	TitleLanguage string

	// Parts are shown below the title, and scroll where there is no room.
	Parts []Part

	// Buttons are always in sight, below the Parts. The first is the leading one.
	Buttons []Button

	// Tools are the small buttons in the top row: language, size of the text,
	// contrast, voice, help. They come last in the order of the focus.
	Tools []Button

	Cues Cues
}

// Cues are the words by which a screen is read aloud.
type Cues struct {
	Marked   string // after an option that is marked
	Button   string // before a button
	More     string // where the text goes on below; shown there as well
	Filled   string // after an entry: how many characters are in it
	Up, Down string // of the buttons that scroll

	Back, Shift, Space string // of the keys of an Entry that have no character
}

// A Look is how a person wants screens to be. The zero value is what every
// session begins with.
type Look struct {
	Size     int  // of the text: 0 to Sizes−1
	Contrast bool // 20:1 instead of 10:1
	Voice    Voice
}

// Sizes is how many sizes of text there are.
const Sizes = 4

// A Voice is how screens are read aloud.
type Voice struct {
	On     bool
	Rate   int // −2 (slow) to 2 (fast)
	Volume int // −2 (soft) to 2 (loud)
}

// A Part is something between the title and the buttons: a Text, Options,
// Facts, a Report or an Entry.
type Part interface{ part() }

// A Weight says how much a Text stands out.
type Weight int

// The weights.
const (
	Body  Weight = iota
	Lead         // what has to be read first
	Small        // notes
)

// A Text is a paragraph, or more of them, separated by line breaks.
type Text struct {
	Words    string
	Weight   Weight
	Language string // BCP 47; "" is the screen's
}

// Options are answers of which one can be marked, each with a circle for its
// mark. With Act none is kept: they are ways on and acts, drawn with an arrow.
type Options struct {
	Items []Option
	Act   bool
}

// An Option is one answer.
type Option struct {
	Press  string // what touching it presses
	Label  string
	Note   string // a second line; "" where there is none
	Key    rune   // the digit that presses it, or 0
	Marked bool   // shown by shape as well as by colour

	Language string // of the Label, BCP 47; "" is the screen's
}

// Facts are rows of a name and its value: choices on the review, counts.
type Facts struct{ Rows []Fact }

// A Fact is one row. With Press, it can be touched to change it, and Change is
// what its button says.
type Fact struct {
	Name, Value   string
	Press, Change string

	Language string // of Name, BCP 47; "" is the screen's
	Spoken   string // language of Value, BCP 47; "" is the screen's
}

// A Report is a list of things that are in order or not.
type Report struct{ Lines []Finding }

// A Finding is one line of a report.
type Finding struct {
	OK   bool
	Name string // of the part
	What string // what was found
	Do   string // what to do; "" where nothing
}

// An Entry takes what is typed: on its keys on the screen, and on a keyboard.
type Entry struct {
	Kind   EntryKind
	Label  string // what is asked for
	Filled int    // how many characters are in it
	Shown  string // what is in it; "" where it is secret: dots are shown instead
}

// An EntryKind says which keys an Entry has. Keys press "key:" and their
// character, such as "key:7"; the last one is taken back by "key:back".
type EntryKind int

// The kinds of entry.
const (
	Digits  EntryKind = iota // ten keys, in the order of a telephone
	Letters                  // letters and digits, as on a typewriter; who draws them knows of capital letters
)

// KeyPrefix begins what a key of an Entry presses; KeyBack takes back the last
// character.
const (
	KeyPrefix = "key:"
	KeyBack   = "key:back"
)

func (Text) part()    {}
func (Options) part() {}
func (Facts) part()   {}
func (Report) part()  {}
func (Entry) part()   {}

// A Button does something at once when it is pressed.
type Button struct {
	Press string // what it presses, such as "cast"
	Label string // verb noun, or an answer
	Role  Role
	Off   bool // shown, and cannot be pressed now: the Label says what comes first
}

// A Role is what a button is for: it sets its colour and place.
type Role int

// The roles.
const (
	Other Role = iota
	Next       // the way on
	Back       // the way back
	Grave      // what cannot be undone
)

// Offers reports whether something on the screen can be pressed by a name.
func (s Screen) Offers(press string) bool {
	if press == "" {
		return false
	}
	for _, b := range append(slices.Clone(s.Buttons), s.Tools...) {
		if b.Press == press && !b.Off {
			return true
		}
	}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case Options:
			if slices.ContainsFunc(p.Items, func(o Option) bool { return o.Press == press }) {
				return true
			}
		case Facts:
			if slices.ContainsFunc(p.Rows, func(f Fact) bool { return f.Press == press }) {
				return true
			}
		case Entry:
			if p.Takes(press) {
				return true
			}
		}
	}
	return false
}

// Takes reports whether a name is that of one of the Entry's keys.
func (e Entry) Takes(press string) bool {
	if press == KeyBack {
		return true
	}
	c, found := strings.CutPrefix(press, KeyPrefix)
	if !found || len(c) != 1 {
		return false
	}
	if e.Kind == Digits {
		return c[0] >= '0' && c[0] <= '9'
	}
	return c[0] >= ' ' && c[0] < 0x7F
}
